import { InputError } from '../shared/errors';
import { isJsonObject } from '../shared/input';
import { toDisplayText } from '../shared/redact';

/** The parameters of one page: list methods take these two (documented); the offset counts rows (assumed). */
export interface Page {
	readonly number_of_results: number;
	readonly offset: number;
}

export interface Pagination {
	/** How many rows at the most. */
	readonly limit: number;
	/** How many rows to ask for at once. */
	readonly pageSize: number;
	/** Aborted when the user stops the execution. */
	readonly signal?: AbortSignal | undefined;
}

/** A list that has not ended after so many rows is thought to have no end. */
const MAX_ROWS = 1_000_000;

/**
 * Reads a list page by page until it has ended or the limit is reached. It ends with a page that is
 * short or empty. A server that knows neither of the two parameters gives all rows at once, and then
 * the same again.
 *
 * @throws InputError where the server gives the same full page again, or pages without end
 */
export async function paginate(
	{ limit, pageSize, signal }: Pagination,
	readPage: (page: Page) => Promise<readonly unknown[]>,
): Promise<unknown[]> {
	const rows: unknown[] = [];
	let previous: readonly unknown[] = [];
	while (rows.length < limit) {
		signal?.throwIfAborted();
		if (limit === Infinity && rows.length >= MAX_ROWS) throw endlessList();
		const size = Math.min(pageSize, limit - rows.length);
		const page = await readPage({ number_of_results: size, offset: rows.length });
		// A short page ends the list whatever is in it.
		if (page.length >= size && startsWith(previous, page)) {
			if (page.length > size) break;
			throw samePage();
		}
		previous = page;
		for (const row of page.slice(0, limit - rows.length)) rows.push(row);
		if (page.length < size) break;
	}
	return rows;
}

/** Whether a page begins as another does: the last page may be smaller than those before. */
function startsWith(previous: readonly unknown[], page: readonly unknown[]): boolean {
	return (
		previous.length >= page.length &&
		JSON.stringify(previous.slice(0, page.length)) === JSON.stringify(page)
	);
}

function samePage(): InputError {
	return new InputError(
		'The server returned the same rows for two pages, so the list cannot be read page by page',
		"The method may not support the offset parameter. Set 'Output' to One Item per Row, or set 'Page Size' higher than the number of rows",
	);
}

function endlessList(): InputError {
	return new InputError(
		`The list has not ended after ${MAX_ROWS} rows`,
		"Turn off 'Return All' and set 'Limit'. A list never ends if its method does not support the offset parameter",
	);
}

/**
 * The rows in a response's data: the list of that name, or else the only list that there is.
 *
 * @throws InputError where there is none or more than one, naming those that there are
 */
export function findRows(data: unknown, name: string): readonly unknown[] {
	if (name === '' && Array.isArray(data)) return data;
	const lists = Object.entries(isJsonObject(data) ? data : {}).filter(
		(member): member is [string, unknown[]] => Array.isArray(member[1]),
	);
	const [found, another] = name === '' ? lists : lists.filter(([other]) => other === name);
	if (found !== undefined && another === undefined) return found[1];
	const names = toDisplayText(lists.map(([other]) => other).join(', '), []);
	throw new InputError(
		name === '' ? 'The response has no list, or more than one' : `The response has no list ${name}`,
		names === ''
			? "Set 'Output' to One Item to see what it has"
			: `It has ${names}: enter one of them in the option 'List Field'`,
	);
}
