import { describe, expect, it } from '@jest/globals';

import { FAR_OFFSET, isEndOfList } from '../../nodes/CrmCom/listEnd.ts';
import { ApiError } from '../../nodes/shared/errors.ts';

const no = (vendorCode: string, httpStatus?: number) =>
	new ApiError('No', { advice: '', vendorCode, httpStatus, reason: 'rejected' });

describe('an error at an offset', () => {
	/** Whether it is the end of a server that answers so far beyond it, and where there were rows. */
	const isEnd = async (error: unknown, far: unknown, before: unknown = [1]) =>
		await isEndOfList(error, 100, async (offset) => {
			const answer = offset === FAR_OFFSET ? far : before;
			if (answer instanceof Error) throw answer;
			return answer as unknown[];
		});

	it('is the end if the same code comes far beyond it, and rows still come before', async () => {
		expect(await isEnd(no('END'), no('END'))).toBe(true);
	});

	it.each([
		['another code comes far beyond it', no('END'), no('OTHER'), [1]],
		['rows come far beyond it', no('END'), [1], [1]],
		['no rows come far beyond it', no('END'), [], [1]],
		['no rows come before any more', no('END'), no('END'), []],
		['the error comes before, too', no('END'), no('END'), no('END')],
		['it has no code', new ApiError('No', { advice: '' }), new ApiError('No', { advice: '' }), [1]],
		['it names the session', no('SESSIONEXPIRED'), no('SESSIONEXPIRED'), [1]],
		['the server has a problem', no('END', 500), no('END', 500), [1]],
		['the server is busy', no('END', 429), no('END', 429), [1]],
		['the user may not', no('END', 403), no('END', 403), [1]],
	])('is not the end if %s', async (_what, error, far, before) => {
		expect(await isEnd(error, far, before)).toBe(false);
	});
});
