import { describe, expect, it } from '@jest/globals';

import { FAR_OFFSET, endAt } from '../../nodes/CrmCom/listEnd.ts';
import { ApiError } from '../../nodes/shared/errors.ts';

const no = (vendorCode: string, httpStatus?: number) =>
	new ApiError('No', { advice: '', vendorCode, httpStatus, reason: 'rejected' });

describe('an error at an offset', () => {
	/** What it says if the server answers so far beyond it, and from the last row on. */
	const meaningOf = async (error: unknown, far: unknown, last: unknown = [1], at = 100) =>
		await endAt(error, at, async (offset) => {
			expect([FAR_OFFSET, 99]).toContain(offset);
			const answer = offset === FAR_OFFSET ? far : last;
			if (answer instanceof Error) throw answer;
			return answer as unknown[];
		});

	it('is the end if the same code comes far beyond it, and the last row comes alone', async () => {
		expect(await meaningOf(no('END'), no('END'))).toBe('ended');
	});

	it('is no end if rows come behind the last one (P13)', async () => {
		expect(await meaningOf(no('END'), no('END'), [1, 2])).toBe('refused');
	});

	it('is no end at the beginning', async () => {
		expect(await meaningOf(no('END'), no('END'), [1], 0)).toBeUndefined();
	});

	it.each([
		['another code comes far beyond it', no('END'), no('OTHER'), [1]],
		['rows come far beyond it', no('END'), [1], [1]],
		['no rows come far beyond it', no('END'), [], [1]],
		['the last row does not come any more', no('END'), no('END'), []],
		['the error comes for the last row, too', no('END'), no('END'), no('END')],
		['it has no code', new ApiError('No', { advice: '' }), new ApiError('No', { advice: '' }), [1]],
		['it names the session', no('SESSIONEXPIRED'), no('SESSIONEXPIRED'), [1]],
		['the server has a problem', no('END', 500), no('END', 500), [1]],
		['the server is busy', no('END', 429), no('END', 429), [1]],
		['the user may not', no('END', 403), no('END', 403), [1]],
	])('is not the end if %s', async (_what, error, far, last) => {
		expect(await meaningOf(error, far, last)).toBeUndefined();
	});
});
