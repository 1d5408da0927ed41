import { ApiError } from '../shared/errors';
import { settle } from '../shared/settle';
import type { Rows } from './readAhead';
import { namesSession } from './sessionState';

/** An offset beyond the end of every list, which a Java `int` still holds. */
export const FAR_OFFSET = 2_000_000_000;

/** Statuses of a vendor's "no" that is not about the offset. */
const OTHER_STATUSES: readonly number[] = [401, 403, 429];

/**
 * What an error at an offset says of the list: that it has ended, that the server refuses the rows from there
 * on, or nothing (undefined). It says something if the same code comes far beyond the end, and the last row
 * can still be read: alone, or with rows that the server refuses. That servers answer so is assumed.
 *
 * @param ask asks for a page at an offset
 */
export async function endAt(
	error: unknown,
	offset: number,
	ask: (offset: number) => Promise<Rows>,
): Promise<'ended' | 'refused' | undefined> {
	const code = endCode(error);
	if (code === undefined || offset === 0) return undefined;
	const far = await settle(ask(FAR_OFFSET));
	if (far.status === 'fulfilled' || endCode(far.reason) !== code) return undefined;
	const last = await settle(ask(offset - 1));
	if (last.status === 'rejected' || last.value.length === 0) return undefined;
	return last.value.length === 1 ? 'ended' : 'refused';
}

/** The code by which an error may say that there are no more rows. */
function endCode(error: unknown): string | undefined {
	if (!(error instanceof ApiError) || error.vendorCode === undefined) return undefined;
	const { httpStatus = 200, vendorCode } = error;
	const isOther = httpStatus >= 500 || OTHER_STATUSES.includes(httpStatus);
	return isOther || namesSession(vendorCode) ? undefined : vendorCode;
}
