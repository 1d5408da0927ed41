import { ApiError } from '../shared/errors';
import { settle } from '../shared/settle';
import type { Rows } from './readAhead';
import { namesSession } from './sessionState';

/** An offset beyond the end of every list, which a Java `int` still holds. */
export const FAR_OFFSET = 2_000_000_000;

/** Statuses of a vendor's "no" that is not about the offset. */
const OTHER_STATUSES: readonly number[] = [401, 403, 429];

/**
 * Whether an error means that the list has ended: the same code comes far beyond the end, and an offset
 * that worked still works. That servers answer so is assumed.
 *
 * @param ask asks for a page at an offset
 * @param workedAt an offset at which there were rows
 */
export async function isEndOfList(
	error: unknown,
	workedAt: number,
	ask: (offset: number) => Promise<Rows>,
): Promise<boolean> {
	const code = endCode(error);
	if (code === undefined) return false;
	const far = await settle(ask(FAR_OFFSET));
	if (far.status === 'fulfilled' || endCode(far.reason) !== code) return false;
	const again = await settle(ask(workedAt));
	return again.status === 'fulfilled' && again.value.length > 0;
}

/** The code by which an error may say that there are no more rows. */
function endCode(error: unknown): string | undefined {
	if (!(error instanceof ApiError) || error.vendorCode === undefined) return undefined;
	const { httpStatus = 200, vendorCode } = error;
	const isOther = httpStatus >= 500 || OTHER_STATUSES.includes(httpStatus);
	return isOther || namesSession(vendorCode) ? undefined : vendorCode;
}
