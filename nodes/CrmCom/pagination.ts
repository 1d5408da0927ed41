import { ApiError, InputError } from '../shared/errors';
import { settle } from '../shared/settle';

/** The parameters of one page: list methods take these two; the offset is that of a row (documented). */
export interface Page {
	readonly number_of_results: number;
	readonly offset: number;
}

/** The names of these two, which the node sets. */
const PAGE_PARAMETERS: readonly string[] = ['number_of_results', 'offset'] satisfies Array<
	keyof Page
>;

export function isPageParameter(name: string): boolean {
	return PAGE_PARAMETERS.includes(name);
}

/** Reads a page, or the whole list by one call without parameters of a page. */
export type ReadPage = (page: Page | undefined) => Promise<readonly unknown[]>;

export interface Pagination {
	/** Maximum number of rows to read. */
	readonly limit: number;
	/** How many rows to ask for at once. */
	readonly pageSize: number;
	/** Aborted when the user stops the execution. */
	readonly signal?: AbortSignal | undefined;
}

/** The rows of a list, up to the limit. */
export interface List {
	readonly rows: readonly unknown[];
	/** False if there may be more rows: beyond the limit, or since the server ignores the offset. */
	readonly isWhole: boolean;
}

/** A list that has not ended after so many rows is thought to have no end. */
const MAX_ROWS = 1_000_000;

/** An offset beyond the end of every list, which a Java `int` still holds. */
const FAR_OFFSET = 2_000_000_000;

/**
 * Reads a list page by page until an empty page or the limit. The offset advances by the rows that
 * came, so that a server which caps its pages is read whole.
 *
 * A server may know neither of the two parameters, and returns all rows at once: then the first page
 * is larger than requested, or the second is the same as the first.
 *
 * @throws InputError for a list without end, and for pages that contradict each other
 */
export async function readList(
	{ limit, pageSize, signal }: Pagination,
	readPage: ReadPage,
): Promise<List> {
	const rows: unknown[] = [];
	let previous: readonly unknown[] = [];
	let isOffsetKnown = false;
	const ask = async (size: number, offset: number) => {
		signal?.throwIfAborted();
		return await readPage({ number_of_results: size, offset });
	};
	const askBeyond = async (size: number) => {
		const asked = await settle(ask(size, FAR_OFFSET));
		if (asked.status === 'fulfilled') return asked.value;
		// Whether it rejects the offset or is busy, no code says.
		const isRejected =
			asked.reason instanceof ApiError &&
			asked.reason.reason === 'rejected' &&
			!asked.reason.isHiccup;
		throw isRejected ? unclearList() : asked.reason;
	};
	while (rows.length < limit) {
		const size = Math.min(pageSize, limit - rows.length);
		const page = await ask(size, rows.length);
		if (page.length === 0) return { rows, isWhole: true };
		if (rows.length === 0 && page.length > size) return cutOff(page, limit);
		if (!isOffsetKnown && startsWith(previous, page)) {
			const beyond = await askBeyond(size);
			if (beyond.length > 0) {
				const isFirst = rows.length === previous.length && startsWith(previous, beyond);
				if (!isFirst) throw unclearList();
				// The offset does not count: each page is the first.
				return await readAtOnce(previous, limit, pageSize, ask);
			}
			isOffsetKnown = true;
		}
		previous = page;
		for (const row of page.slice(0, limit - rows.length)) rows.push(row);
		if (rows.length > MAX_ROWS) throw endlessList();
	}
	return { rows, isWhole: false };
}

/** The list of a method that has no pages. */
export async function readWholeList(limit: number, readPage: ReadPage): Promise<List> {
	return cutOff(await readPage(undefined), limit);
}

/**
 * The list of a server that ignores the offset: its first page, or more if it returns more. Whether
 * these are all rows cannot be known.
 */
async function readAtOnce(
	first: readonly unknown[],
	limit: number,
	pageSize: number,
	ask: (size: number, offset: number) => Promise<readonly unknown[]>,
): Promise<List> {
	const isFull = first.length >= pageSize;
	const { rows } = cutOff(isFull ? await ask(Math.min(limit, MAX_ROWS), 0) : first, limit);
	return { rows, isWhole: false };
}

function cutOff(rows: readonly unknown[], limit: number): List {
	if (rows.length > MAX_ROWS) throw endlessList();
	return { rows: rows.slice(0, limit), isWhole: rows.length <= limit };
}

/** Whether a page begins as another does: the last page may be smaller than those before. */
function startsWith(previous: readonly unknown[], page: readonly unknown[]): boolean {
	return page.every((row, index) => JSON.stringify(row) === JSON.stringify(previous[index]));
}

function unclearList(): InputError {
	return new InputError(
		'The server returned the same rows for two pages, and it is not clear whether these are all',
		"The list cannot be read page by page. Use the operation Call Method, with the parameters of a page under 'Additional Parameters'",
	);
}

function endlessList(): InputError {
	return new InputError(
		`The list has not ended after ${MAX_ROWS} rows`,
		"Turn off 'Return All' and set 'Limit'. A list never ends if its method does not support the offset parameter",
	);
}
