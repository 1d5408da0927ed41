import { InputFailure } from '../shared/errors';
import { isRecord } from '../shared/records';

/** The parameters of one page: list methods take these two (documented); the offset counts rows (assumed). */
export interface Page {
	readonly number_of_results: number;
	readonly offset: number;
}

/**
 * Reads a list page by page, keeping no page but the last, until it has ended or the limit is
 * reached. A list ends with a page that is short or empty, or that is the same as the one before: a
 * server that does not know the offset gives that for ever.
 *
 * @param limit how many rows at the most
 * @param pageSize how many rows to ask for at once
 */
export async function readPages(
	limit: number,
	pageSize: number,
	read: (page: Page) => Promise<readonly unknown[]>,
): Promise<unknown[]> {
	const rows: unknown[] = [];
	let before = '';
	while (rows.length < limit) {
		const size = Math.min(pageSize, limit - rows.length);
		const page = await read({ number_of_results: size, offset: rows.length });
		const text = JSON.stringify(page);
		if (page.length === 0 || text === before) break;
		before = text;
		for (const row of page.slice(0, limit - rows.length)) rows.push(row);
		if (page.length < size) break;
	}
	return rows;
}

/**
 * The rows in an answer's data: the list of that name, or else the only list that there is.
 *
 * @throws InputFailure where there is none or more than one, naming those that there are
 */
export function rowsOf(data: unknown, name: string): readonly unknown[] {
	if (name === '' && Array.isArray(data)) return data;
	const lists = Object.entries(isRecord(data) ? data : {}).filter(
		(member): member is [string, unknown[]] => Array.isArray(member[1]),
	);
	const [found, another] = name === '' ? lists : lists.filter(([other]) => other === name);
	if (found !== undefined && another === undefined) return found[1];
	const names = lists.map(([other]) => other).join(', ');
	throw new InputFailure(
		name === '' ? 'The answer has no list, or more than one' : `The answer has no list ${name}`,
		names === '' ? 'Set Output to One Item to see what it has' : `It has ${names}: name one in the option List Field`,
	);
}
