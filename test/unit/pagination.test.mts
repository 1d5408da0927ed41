import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';

import {
	readList,
	readWholeList,
	type Page,
	type Pagination,
} from '../../nodes/CrmCom/pagination.ts';
import { ApiError } from '../../nodes/shared/errors.ts';
import { findRows, isEmpty } from '../../nodes/CrmCom/rows.ts';
import { errorOf, thrownBy } from './errorOf.mts';

const FAR = 2_000_000_000;
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

/** Reads a list from a server that heeds the page, or answers otherwise. */
async function read(
	rows: readonly unknown[],
	paging: Pagination,
	answer: (page: Page) => readonly unknown[] = ({ number_of_results: wanted, offset }) =>
		rows.slice(offset, offset + wanted),
) {
	const asked: Array<[size: number, offset: number]> = [];
	const list = await readList(paging, async (page) => {
		// A mutant that reads without end would fill the memory.
		if (page === undefined || asked.length > 2_000) throw new Error('It reads without end');
		asked.push([page.number_of_results, page.offset]);
		return answer(page);
	});
	return { ...list, asked };
}

describe('readList', () => {
	it('reads to an empty page or the limit', async () => {
		expect(await read(numbers(5), { limit: Infinity, pageSize: 2 })).toEqual({
			rows: numbers(5),
			isWhole: true,
			asked: [
				[2, 0],
				[2, 2],
				[2, 4],
				[2, 5],
			],
		});
		expect(await read(numbers(9), { limit: 3, pageSize: 2 })).toEqual({
			rows: numbers(3),
			isWhole: false,
			asked: [
				[2, 0],
				[1, 2],
			],
		});
		expect(await read([], { limit: 3, pageSize: 2 })).toEqual({
			rows: [],
			isWhole: true,
			asked: [[2, 0]],
		});
	});

	it('asks once beyond the end when two pages are the same', async () => {
		const alike = numbers(7).map(() => ({ a: 1 }));
		expect(await read(alike, { limit: Infinity, pageSize: 2 })).toEqual({
			rows: alike,
			isWhole: true,
			asked: [
				[2, 0],
				[2, 2],
				[2, FAR],
				[2, 4],
				[2, 6],
				[2, 7],
			],
		});
	});

	it('takes pages that share a row for different ones', async () => {
		const rows = [1, 2, 1, 3];
		const { asked } = await read(rows, { limit: Infinity, pageSize: 2 });
		expect(asked.map(([, offset]) => offset)).toEqual([0, 2, 4]);
	});

	it('makes up no row where a server rejects the question beyond the end (P13)', async () => {
		const server =
			(failure: Error) =>
			({ offset }: Page) => {
				if (offset === FAR) throw failure;
				return [1, 1];
			};
		const busy = new ApiError('Too busy', { advice: '', reason: 'rejected' });
		expect(await errorOf(read([], { limit: 9, pageSize: 2 }, server(busy)))).toMatchObject({
			message:
				'The server returned the same rows for two pages, and it is not clear whether these are all',
			description: expect.stringMatching(
				/^The list cannot be read page by page\. Use the operation/,
			),
		});
		for (const failure of [new ApiError('Gone', { advice: '' }), new TypeError('Oops')])
			await expect(read([], { limit: 9, pageSize: 2 }, server(failure))).rejects.toBe(failure);
	});

	it('takes a first page that is larger than asked for as the whole list', async () => {
		const whole = async (limit: number) =>
			await read(numbers(9), { limit, pageSize: 2 }, () => numbers(9));
		expect(await whole(Infinity)).toEqual({ rows: numbers(9), isWhole: true, asked: [[2, 0]] });
		expect(await whole(5)).toEqual({ rows: numbers(5), isWhole: false, asked: [[2, 0]] });
		expect(await whole(9)).toMatchObject({ isWhole: true });
	});

	it('asks for all rows at once when the offset does not count and the page was full', async () => {
		const server = ({ number_of_results: wanted }: Page) => numbers(9).slice(0, wanted);
		expect(await read([], { limit: Infinity, pageSize: 2 }, server)).toEqual({
			rows: numbers(9),
			isWhole: false,
			asked: [
				[2, 0],
				[2, 2],
				[2, FAR],
				[1_000_000, 0],
			],
		});
		expect(await read([], { limit: 3, pageSize: 2 }, server)).toEqual({
			rows: numbers(3),
			isWhole: false,
			asked: [
				[2, 0],
				[1, 2],
				[1, FAR],
				[3, 0],
			],
		});
		expect(await read([], { limit: Infinity, pageSize: 20 }, server)).toMatchObject({
			rows: numbers(9),
			asked: [
				[20, 0],
				[20, 9],
				[20, FAR],
			],
		});
	});

	it.each([
		[numbers(9), 4],
		// The last pages look alike, so that the repetition does not show where the list ends.
		[[1, 2, ...numbers(20).map(() => 0)], 2],
	])(
		'gives up when a server repeats its last page beyond the end: %j, %d at once',
		async (rows, pageSize) => {
			const server = ({ number_of_results: wanted, offset }: Page) => {
				const start = Math.min(offset, rows.length - pageSize);
				return rows.slice(start, start + wanted);
			};
			const reading = read([], { limit: Infinity, pageSize }, server);
			expect((await errorOf(reading)).message).toMatch(
				/^The server returned the same rows for two/,
			);
		},
	);

	it('gives up when other rows come from beyond the end', async () => {
		const server = ({ offset }: Page) => (offset === FAR ? [3, 4] : [1, 2]);
		expect((await errorOf(read([], { limit: Infinity, pageSize: 2 }, server))).message).toMatch(
			/^The server returned the same rows for two pages, and it is not clear/,
		);
	});

	it('gives up a list of more than a million rows', async () => {
		let next = 0;
		const endless = ({ number_of_results: wanted }: Page) => {
			// A mutant that reads on would need more memory than an array can have.
			if (next > 2_000_000) throw new Error('It reads without end');
			return Array.from({ length: wanted }, () => next++);
		};
		expect(await errorOf(read([], { limit: Infinity, pageSize: 100_000 }, endless))).toMatchObject({
			message: 'The list has not ended after 1000000 rows',
			description: expect.stringMatching(/^Turn off 'Return All' and set 'Limit'\./),
		});
		expect(next).toBe(1_100_000);
		const all = numbers(1_000_001);
		const most = await readWholeList(Infinity, async () => all.slice(1));
		expect(most.rows).toHaveLength(1_000_000);
		expect((await errorOf(readWholeList(Infinity, async () => all))).message).toMatch(
			/has not ended/,
		);
	});

	it('cuts a later page at the limit', async () => {
		const server = ({ offset }: Page) => (offset === 0 ? [1, 2, 3] : [4, 5, 6]);
		expect((await read([], { limit: 5, pageSize: 3 }, server)).rows).toEqual([1, 2, 3, 4, 5]);
	});

	it('stops reading when the execution is stopped (P8)', async () => {
		const stop = new AbortController();
		let asked = 0;
		const reading = readList({ limit: Infinity, pageSize: 1, signal: stop.signal }, async () => {
			if (++asked === 3) stop.abort();
			return [asked];
		});
		expect(await errorOf(reading)).toMatchObject({ name: 'AbortError' });
		expect(asked).toBe(3);
	});

	it('loses no row and makes up none, whatever the server does with the page (P13)', async () => {
		const server = fc.record({
			rows: fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 40 }),
			pageSize: fc.integer({ min: 1, max: 12 }),
			limit: fc.oneof(fc.constant(Infinity), fc.integer({ min: 1, max: 45 })),
			cap: fc.integer({ min: 1, max: 12 }),
			kind: fc.constantFrom('capped', 'whole', 'no offset', 'capped, no offset', 'clamped'),
		});
		await fc.assert(
			fc.asyncProperty(server, async ({ rows, pageSize, limit, cap, kind }) => {
				const [list] = await Promise.allSettled([
					read(rows, { pageSize, limit }, ({ number_of_results: wanted, offset }) => {
						if (kind === 'whole') return rows;
						if (kind === 'no offset') return rows.slice(0, wanted);
						if (kind === 'capped, no offset') return rows.slice(0, Math.min(wanted, cap));
						const start = kind === 'clamped' ? Math.min(offset, rows.length - 1) : offset;
						return rows.slice(Math.max(0, start), Math.max(0, start) + Math.min(wanted, cap));
					}),
				]);
				// A server that answers beyond the end cannot be read: it says so, or the limit came first.
				if (list.status === 'rejected') return expect(kind).toBe('clamped');
				const { rows: found, isWhole } = list.value;
				// Nothing tells these from a server that has returned all rows: they are not called whole.
				const isUnclear = kind === 'capped, no offset' || kind === 'clamped';
				const isRight = JSON.stringify(found) === JSON.stringify(rows.slice(0, limit));
				expect(isRight || (isUnclear && !isWhole)).toBe(true);
				if (found.length < rows.length) expect(isWhole).toBe(false);
				return undefined;
			}),
			{ numRuns: 5_000 },
		);
	});
});

describe('findRows', () => {
	it.each([
		[[1, 2], '', [1, 2]],
		[{ total: 2, contacts: [1, 2] }, '', [1, 2]],
		[{ a: [1], b: [2] }, 'b', [2]],
		[{ contacts: [] }, '', []],
		[{}, '', []],
		[null, 'a', []],
		[undefined, '', []],
	])('finds the rows of %j, named %j', (data, name, rows) =>
		expect(findRows(data, name)).toEqual(rows),
	);

	it.each([
		[
			{ a: [1], b: [2] },
			'',
			'The response has no list, or more than one',
			"It has a, b: enter one of them in the option 'List Field'",
		],
		[
			{ a: [1], b: [2] },
			'c',
			'The response has no list c',
			"It has a, b: enter one of them in the option 'List Field'",
		],
		[
			{ a: 1 },
			'',
			'The response has no list, or more than one',
			"Use the operation Call Method without 'List Field' to see what the response has",
		],
		[
			[1],
			'a',
			'The response has no list a',
			"Use the operation Call Method without 'List Field' to see what the response has",
		],
		[
			'words',
			'',
			'The response has no list, or more than one',
			"Use the operation Call Method without 'List Field' to see what the response has",
		],
	])('finds no rows in %j, named %j, and says why', (data, name, message, description) =>
		expect(thrownBy(() => findRows(data, name))).toMatchObject({ message, description }),
	);
});

it.each([
	[{}, true],
	[[], true],
	['', true],
	[null, true],
	[undefined, true],
	[0, false],
	['a', false],
	[[1], false],
	[{ a: 1 }, false],
])('isEmpty says of %j: %j', (data, expected) => expect(isEmpty(data)).toBe(expected));
