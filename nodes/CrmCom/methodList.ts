import { ApiError } from '../shared/errors';
import { settle } from '../shared/settle';
import type { Method } from './method';
import { readList, readWholeList, type List, type Pagination, type ReadPage } from './pagination';

const VERB_INFERRED =
	'No public page says whether this method is a GET, so it was called once and without pages, and it is not certain that it has returned all rows';
const PAGES_REJECTED =
	'The server rejects the parameters of a page, so it is not certain that it has returned all rows';

/**
 * Reads the list of a method that only reads, as the method allows: in pages, or whole.
 *
 * @throws ApiError, InputError
 */
export async function readMethodList(
	{ isRepeatable, documentation }: Method,
	readPage: ReadPage,
	pagination: Pagination,
): Promise<List> {
	if (documentation?.isPaged === false) return await readWholeList(pagination.limit, readPage);
	if (documentation?.unconfirmed === 'verb') {
		const list = await readWholeList(pagination.limit, readPage);
		return { doubt: VERB_INFERRED, ...list };
	}
	const paged = await readPages(readPage, pagination);
	if (!(paged instanceof ApiError)) return paged;
	const error = namingPageSize(paged, pagination.pageSize);
	// The server has rejected the first page. Before R13, most lists have no pages (documented).
	if (!isRepeatable) throw error;
	const whole = await settle(readWholeList(pagination.limit, readPage));
	if (whole.status === 'rejected') throw error;
	// If the server was only busy, this was its default page, not the list: so ask for pages again.
	const again = await readPages(readPage, pagination);
	if (!(again instanceof ApiError)) return again;
	const hint = error === paged ? '' : ". If it allows smaller pages, lower the option 'Page Size'";
	return { ...whole.value, doubt: `${PAGES_REJECTED}${hint}` };
}

/** The user may never have set the size that the server rejects. */
function namingPageSize(error: ApiError, pageSize: number): ApiError {
	const words = `${error.message} ${error.advice}`;
	const isAboutSize =
		/number_of_results/i.test(words) || new RegExp(`(?<!\\d)${pageSize}(?!\\d)`).test(words);
	if (!isAboutSize) return error;
	const advice = `The node asks for ${pageSize} rows at once. If that is too many, lower the option 'Page Size'. ${error.advice}`;
	return error.with({ advice });
}

/** Reads a list in pages. @returns the error if the server rejects the first page */
async function readPages(readPage: ReadPage, pagination: Pagination): Promise<List | ApiError> {
	let hasBegun = false;
	const paged = await settle(
		readList(pagination, async (page) => {
			const rows = await readPage(page);
			hasBegun = true;
			return rows;
		}),
	);
	if (paged.status === 'fulfilled') return paged.value;
	const error: unknown = paged.reason;
	const isRejected = error instanceof ApiError && error.reason === 'rejected' && !error.isHiccup;
	if (isRejected && !hasBegun) return error;
	throw error;
}
