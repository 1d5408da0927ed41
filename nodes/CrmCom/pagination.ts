import { ApiError, InputError } from '../shared/errors';
import { isJsonObject } from '../shared/jsonObject';
import { settle } from '../shared/settle';
import { endAt, FAR_OFFSET } from './listEnd';
import { ReadAhead, type Rows, type Slots } from './readAhead';

/** The parameters of one page: list methods take these two; the offset counts rows (documented). */
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

/** Reads a page, or the whole list by one call without page parameters. */
export type ReadPage = (page: Page | undefined) => Promise<Rows>;

export interface Pagination {
	/** Maximum number of rows to read. */
	readonly limit: number;
	/** How many rows to request at once. */
	readonly pageSize: number;
	/** Free requests for reading pages ahead; without it, pages are read one by one. */
	readonly slots?: Slots | undefined;
	/** Aborted when the user stops the execution. */
	readonly signal?: AbortSignal | undefined;
}

/** The rows of a list, up to the limit. */
export interface List {
	readonly rows: Rows;
	/** Whether the limit may have cut it off. */
	readonly isCut: boolean;
	/** Why it may be incomplete or wrong, as a sentence. */
	readonly doubt?: string | undefined;
}

/** A list with more rows than this is treated as endless. */
const MAX_ROWS = 1_000_000;

const OFFSET_IGNORED =
	'The server ignores the parameters of a page, so it is not certain that it has returned all rows';
const OFFSET_REFUSED =
	'The server refuses to return the rows after these, so the list is not whole';
const END_UNREADABLE =
	'The server failed behind an empty page, so it is not certain that it has returned all rows';
const ROWS_FILTERED =
	'The server leaves rows out of its pages, so it is not certain that it has returned all rows';
const ROWS_TWICE =
	'Two pages of the server overlap, so some rows may be there twice. They are as the server returned them';

/**
 * Reads a list page by page until it ends or reaches the limit. The offset advances by the rows received, so
 * that a server that caps its pages is read completely.
 *
 * A server may ignore both parameters and return all rows at once, or ignore only the offset: then the second
 * page is the same as the first.
 *
 * @throws InputError for a list without end, and for pages that contradict each other
 */
export async function readList(
	{ limit, pageSize, slots, signal }: Pagination,
	readPage: ReadPage,
): Promise<List> {
	const ask = async (size: number, offset: number) => {
		signal?.throwIfAborted();
		return await readPage({ number_of_results: size, offset });
	};
	const ahead = new ReadAhead({ limit, slots, ask });
	const rows: unknown[] = [];
	let doubt: string | undefined;
	let previous: Rows = [];
	let isOffsetKnown = false;
	for (let offset = 0; rows.length < limit; ) {
		const size = Math.min(pageSize, limit - rows.length);
		const asked = await settle(ahead.page(size, offset));
		if (asked.status === 'rejected') {
			// A page of one row could not show what follows. A larger one than before might be refused.
			const end = await endAt(asked.reason, offset, async (at) => await ask(Math.max(size, 2), at));
			if (end === undefined) throw asked.reason;
			if (end === 'refused') doubt = OFFSET_REFUSED;
			return { rows, isCut: false, doubt };
		}
		const page = asked.value;
		if (page.length === 0) {
			// After a full page, the end is rare, and a page that was filtered to nothing looks the same.
			const isFull = previous.length >= size;
			const next = isFull ? await settle(ahead.page(size, offset + size)) : undefined;
			const isFiltered = next?.status === 'fulfilled' && next.value.length > 0;
			if (next?.status === 'rejected' && !isRejection(next.reason)) doubt ??= END_UNREADABLE;
			if (!isFiltered) return { rows, isCut: false, doubt };
			doubt = ROWS_FILTERED;
			offset += size;
			if (offset > MAX_ROWS) throw endlessList();
			continue;
		}
		if (!isOffsetKnown && startsWith(previous, page)) {
			const beyond = await askBeyond(ask, size);
			if (beyond.length > 0) {
				const isFirst = rows.length === previous.length && startsWith(previous, beyond);
				if (!isFirst) throw unclearList();
				// Larger than requested: the server ignores both parameters.
				if (previous.length > pageSize) return cutOff(previous, limit);
				return await readAtOnce(previous, limit, pageSize, ask);
			}
			isOffsetKnown = true;
		} else if (overlaps(previous, page)) doubt ??= ROWS_TWICE;
		if (page.length === size || page.length === previous.length) ahead.expect(page.length);
		previous = page;
		offset += page.length;
		for (const row of page.slice(0, limit - rows.length)) rows.push(row);
		if (rows.length > MAX_ROWS) throw endlessList();
	}
	return { rows, isCut: true, doubt };
}

/** Whether the vendor has said no, and was not only busy. */
function isRejection(error: unknown): boolean {
	return error instanceof ApiError && error.reason === 'rejected' && !error.isHiccup;
}

/** The list of a method that has no pages. */
export async function readWholeList(limit: number, readPage: ReadPage): Promise<List> {
	return cutOff(await readPage(undefined), limit);
}

/** What a server answers far beyond the end: nothing, if it heeds the offset. */
async function askBeyond(
	ask: (size: number, offset: number) => Promise<Rows>,
	size: number,
): Promise<Rows> {
	const asked = await settle(ask(size, FAR_OFFSET));
	if (asked.status === 'fulfilled') return asked.value;
	// No code says whether it rejects the offset or is busy.
	throw isRejection(asked.reason) ? unclearList() : asked.reason;
}

/** The list of a server that ignores the offset: its first page, or more if it returns more. */
async function readAtOnce(
	first: Rows,
	limit: number,
	pageSize: number,
	ask: (size: number, offset: number) => Promise<Rows>,
): Promise<List> {
	const isFull = first.length >= pageSize;
	const { rows } = cutOff(isFull ? await ask(Math.min(limit, MAX_ROWS), 0) : first, limit);
	return { rows, isCut: false, doubt: OFFSET_IGNORED };
}

function cutOff(rows: Rows, limit: number): List {
	if (rows.length > MAX_ROWS) throw endlessList();
	return { rows: rows.slice(0, limit), isCut: rows.length > limit };
}

/** Whether a page begins like another: the last page may be smaller than those before. */
function startsWith(previous: Rows, page: Rows): boolean {
	return page.every((row, index) => isSameRow(row, previous[index]));
}

/** Whether a page begins with the last records of another. */
function overlaps(previous: Rows, page: Rows): boolean {
	const [first] = page;
	const start = previous.findIndex((row) => recordKey(row) !== undefined && isSameRow(row, first));
	return start >= 0 && startsWith(page, previous.slice(start));
}

/** Records are compared by `id` or `number`: their other fields may have changed meanwhile. */
function isSameRow(a: unknown, b: unknown): boolean {
	const [record, other] = [recordKey(a), recordKey(b)];
	if (record !== undefined && other !== undefined) return record === other;
	return JSON.stringify(a) === JSON.stringify(b);
}

/** What identifies a record, or undefined if a row has no such field. */
function recordKey(row: unknown): string | undefined {
	if (!isJsonObject(row)) return undefined;
	const name = row['id'] ?? row['number'];
	return typeof name === 'string' || typeof name === 'number' ? String(name) : undefined;
}

function unclearList(): InputError {
	return new InputError(
		'The server returned the same rows for two pages, and it is not clear whether these are all',
		"The list cannot be read page by page. Use the operation Call Method, with the parameters of a page under 'Undocumented Parameters'",
	);
}

function endlessList(): InputError {
	return new InputError(
		`The list has not ended after ${MAX_ROWS} rows`,
		"Turn off 'Return All' and set 'Limit'. A list never ends if its method does not support the offset parameter",
	);
}
