import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';

import {
	readList,
	readWholeList,
	type Page,
	type Pagination,
} from '../../nodes/CrmCom/pagination.ts';
import { ApiError } from '../../nodes/shared/errors.ts';
import { Slots } from '../../nodes/CrmCom/readAhead.ts';
import { findLastRows, findRows, isEmpty } from '../../nodes/CrmCom/rows.ts';
import { rejectedBy, thrownBy } from './failures.mts';

const FAR = 2_000_000_000;
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

/** Reads a list from a server that heeds the page, or from another one. */
async function read(
	rows: readonly unknown[],
	paging: Pagination,
	answer: (page: Page) => readonly unknown[] = ({ number_of_results: wanted, offset }) =>
		rows.slice(offset, offset + wanted),
) {
	const asked: Array<[size: number, offset: number]> = [];
	const list = await readList(paging, async (page) => {
		// A mutant that reads endlessly would fill the memory.
		if (page === undefined || asked.length > 2_000) throw new Error('It reads without end');
		asked.push([page.number_of_results, page.offset]);
		return answer(page);
	});
	const { rows: found, isCut, doubt } = list;
	return { rows: found, isWhole: !isCut && doubt === undefined, asked };
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
		expect((await read(numbers(9), { limit: 2, pageSize: 2 })).isWhole).toBe(false);
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

	it('treats pages that share a row as different ones', async () => {
		const rows = [1, 2, 1, 3];
		const { asked } = await read(rows, { limit: Infinity, pageSize: 2 });
		// After a full page, the page after an empty one is read, too.
		expect(asked.map(([, offset]) => offset)).toEqual([0, 2, 4, 6]);
	});

	it('makes up no row if a server rejects the question beyond the end (P13)', async () => {
		const server =
			(failure: Error) =>
			({ offset }: Page) => {
				if (offset === FAR) throw failure;
				return [1, 1];
			};
		const busy = new ApiError('Too busy', { advice: '', reason: 'rejected' });
		expect(await rejectedBy(read([], { limit: 9, pageSize: 2 }, server(busy)))).toMatchObject({
			message:
				'The server returned the same rows for two pages, and it is not clear whether these are all',
			description: expect.stringMatching(
				/^The list cannot be read page by page\. Use the operation/,
			),
		});
		for (const failure of [new ApiError('Gone', { advice: '' }), new TypeError('Oops')])
			await expect(read([], { limit: 9, pageSize: 2 }, server(failure))).rejects.toBe(failure);
	});

	it('treats a first page larger than requested as the whole list if the second is the same', async () => {
		const whole = async (limit: number) =>
			await read(numbers(9), { limit, pageSize: 2 }, () => numbers(9));
		expect(await whole(Infinity)).toEqual({
			rows: numbers(9),
			isWhole: true,
			asked: [
				[2, 0],
				[2, 9],
				[2, FAR],
			],
		});
		expect(await whole(5)).toEqual({ rows: numbers(5), isWhole: false, asked: [[2, 0]] });
		// There may be more: a server that heeds the offset looks the same.
		expect(await whole(9)).toMatchObject({ isWhole: false });
	});

	it('requests all rows at once when the server ignores the offset and the page was full', async () => {
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
		// The last pages look alike, so the repetition does not reveal the list's end.
		[[1, 2, ...numbers(20).map(() => 0)], 2],
	])(
		'gives up when a server repeats its last page beyond the end: %j, %d at once',
		async (rows, pageSize) => {
			const server = ({ number_of_results: wanted, offset }: Page) => {
				const start = Math.min(offset, rows.length - pageSize);
				return rows.slice(start, start + wanted);
			};
			const reading = read([], { limit: Infinity, pageSize }, server);
			expect((await rejectedBy(reading)).message).toMatch(
				/^The server returned the same rows for two/,
			);
		},
	);

	it('gives up when other rows come from beyond the end', async () => {
		const server = ({ offset }: Page) => (offset === FAR ? [3, 4] : [1, 2]);
		expect((await rejectedBy(read([], { limit: Infinity, pageSize: 2 }, server))).message).toMatch(
			/^The server returned the same rows for two pages, and it is not clear/,
		);
	});

	it('gives up a list of more than a million rows', async () => {
		let next = 0;
		const endless = ({ number_of_results: wanted }: Page) => {
			// A mutant that reads on would exceed the size of an array.
			if (next > 2_000_000) throw new Error('It reads without end');
			return Array.from({ length: wanted }, () => next++);
		};
		expect(
			await rejectedBy(read([], { limit: Infinity, pageSize: 100_000 }, endless)),
		).toMatchObject({
			message: 'The list has not ended after 1000000 rows',
			description: expect.stringMatching(/^Turn off 'Return All' and set 'Limit'\./),
		});
		expect(next).toBe(1_100_000);
		const all = numbers(1_000_001);
		const most = await readWholeList(Infinity, async () => all.slice(1));
		expect(most.rows).toHaveLength(1_000_000);
		expect((await readWholeList(3, async () => [1, 2, 3])).isCut).toBe(false);
		expect((await rejectedBy(readWholeList(Infinity, async () => all))).message).toMatch(
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
		expect(await rejectedBy(reading)).toMatchObject({ name: 'AbortError' });
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
				// A server that answers beyond the end cannot be read: an error says so, unless the limit came first.
				if (list.status === 'rejected') return expect(kind).toBe('clamped');
				const { rows: found, isWhole } = list.value;
				// Nothing tells these from a server that has returned all rows: the list is not called whole.
				const isUnclear = kind === 'capped, no offset' || kind === 'clamped';
				const isRight = JSON.stringify(found) === JSON.stringify(rows.slice(0, limit));
				expect(isRight || (isUnclear && !isWhole)).toBe(true);
				if (found.length < rows.length) expect(isWhole).toBe(false);
				return undefined;
			}),
			{ numRuns: Number(process.env['PROPERTY_RUNS'] ?? 300) },
		);
	});
});

describe('a list of an odd server (P13)', () => {
	const records = (count: number) => numbers(count).map((index) => ({ id: `r${index}` }));
	const no = (vendorCode: string, more: object = {}) =>
		new ApiError('No', { advice: '', reason: 'rejected', vendorCode, ...more });
	const all = { limit: Infinity, pageSize: 10 };

	it('reads a server whose pages are larger than requested', async () => {
		const server = ({ offset }: Page) => records(500).slice(offset, offset + 50);
		expect(await read([], all, server)).toMatchObject({ rows: records(500), isWhole: true });
		expect((await read([], { ...all, limit: 100 }, server)).isWhole).toBe(false);
	});

	it.each([
		['one like the first of the page before', [...numbers(400), 200], 200],
		['alike', numbers(500).map(() => 1), 50],
		['alike after the first page', [...numbers(50), ...numbers(100).map(() => 1)], 50],
	])('loses no rows of such a server if they are %s', async (_kind, rows, size) => {
		const server = ({ offset }: Page) => rows.slice(offset, offset + size);
		expect(await read([], all, server)).toMatchObject({ rows, isWhole: true });
	});

	it('does not take an offset that the server refuses for the end of the list (P13)', async () => {
		const limited = (page: Page) => {
			// It has a maximum page size, too.
			if (page.offset >= 100 || page.number_of_results > 50)
				throw new ApiError('No', { advice: '', vendorCode: 'OFFSET' });
			return numbers(300).slice(page.offset, page.offset + page.number_of_results);
		};
		for (const pageSize of [1, 50]) {
			const list = await readList(
				{ limit: Infinity, pageSize },
				async (page) => await Promise.resolve(limited(page!)),
			);
			expect(list).toMatchObject({
				rows: numbers(100),
				doubt: 'The server refuses to return the rows after these, so the list is not whole',
			});
		}
	});

	it('doubts a list if the server was busy behind an empty page (P13)', async () => {
		const busy = new ApiError('Busy', { advice: '', httpStatus: 503, reason: 'rejected' });
		const { doubt } = await readList({ limit: Infinity, pageSize: 2 }, async (page) => {
			if (page!.offset > 2) throw busy;
			return page!.offset === 0 ? [1, 2] : [];
		});
		expect(doubt).toMatch(/^The server failed behind an empty page/);
	});

	it.each([[3], [10], [101]])('ends %d rows with an error beyond the end', async (count) => {
		const server = ({ offset, number_of_results: wanted }: Page) => {
			if (offset >= count) throw no('OFFSET');
			return records(count).slice(offset, offset + wanted);
		};
		expect(await read([], all, server)).toMatchObject({ rows: records(count), isWhole: true });
	});

	it.each([
		['another code far beyond', (offset: number) => no(offset > 100 ? 'FAR' : 'OFFSET')],
		['no code', () => new ApiError('No', { advice: '', reason: 'rejected', httpStatus: 400 })],
		['HTTP 401', () => no('A', { httpStatus: 401 })],
		['HTTP 403', () => no('A', { httpStatus: 403 })],
		['HTTP 429', () => no('A', { httpStatus: 429 })],
		['HTTP 500', () => no('A', { httpStatus: 500 })],
		['a code of the session', () => no('COM.CRM.SESSIONEXPIREDEXCEPTION')],
		['no answer', () => new ApiError('Down', { advice: '', reason: 'unavailable' })],
	])('does not take %s for the end', async (_what, failure) => {
		const server = ({ offset, number_of_results: wanted }: Page) => {
			if (offset >= 20) throw failure(offset);
			return records(20).slice(offset, offset + wanted);
		};
		const error = await rejectedBy(read([], all, server));
		expect(error.message).toBe(failure(20).message);
	});

	it('does not take an error for the end if nothing works any more', async () => {
		let calls = 0;
		const server = ({ offset, number_of_results: wanted }: Page) => {
			if (++calls > 1) throw no('LICENCE');
			return records(20).slice(offset, offset + wanted);
		};
		expect((await rejectedBy(read([], all, server))).message).toBe('No');
	});

	it('continues after a page that a filter has emptied, and says that rows may be missing', async () => {
		const isKept = ({ id }: { id: string }) => !/^r1\d$/.test(id);
		const server = ({ offset, number_of_results: wanted }: Page) =>
			records(40)
				.slice(offset, offset + wanted)
				.filter(isKept);
		expect(await read([], all, server)).toMatchObject({
			rows: records(40).filter(isKept),
			isWhole: false,
		});
	});

	it('says that rows may be missing if the server fails after an empty page', async () => {
		const list = await readList({ limit: Infinity, pageSize: 10 }, async (page) => {
			const { offset } = page!;
			if (offset === 20) throw new ApiError('Busy', { advice: '', reason: 'unclear' });
			return offset === 0 ? numbers(10) : [];
		});
		expect(list).toMatchObject({
			isCut: false,
			doubt: expect.stringMatching(/^The server failed/),
		});
	});

	it('gives up a list whose empty pages never end', async () => {
		const seen = new Set([1000]);
		const endless = readList({ limit: Infinity, pageSize: 1000 }, async (page) => {
			const { offset } = page!;
			if (seen.has(offset)) return [];
			seen.add(offset);
			return numbers(1000).map((index) => offset + index);
		});
		await expect(endless).rejects.toThrow();
	});

	it('says that rows may be duplicated if pages overlap', async () => {
		const server = ({ offset, number_of_results: wanted }: Page) =>
			records(40)
				.slice(offset, offset + wanted)
				.filter(({ id }) => !id.endsWith('3'));
		expect((await read([], all, server)).isWhole).toBe(false);
	});

	it('says so even if all rows of the pages are one record', async () => {
		const rows = numbers(7).map(() => ({ id: 1 }));
		expect(await read(rows, { limit: Infinity, pageSize: 2 })).toMatchObject({
			rows,
			isWhole: false,
		});
	});

	it.each([['id'], ['number']])(
		'recognizes records by their %s although another field changes',
		async (field) => {
			let calls = 0;
			const server = () => numbers(10).map((index) => ({ [field]: index, readAt: ++calls }));
			const list = await read([], all, server);
			expect(list.rows).toHaveLength(10);
			expect(list.isWhole).toBe(false);
		},
	);
});

describe('reading ahead', () => {
	/** Reads a list from a slow server. */
	async function readAhead(
		count: number,
		{ limit = Infinity, pageSize = 10, slots = 5, cap = Infinity } = {},
		answer: (page: Page, rows: readonly unknown[]) => readonly unknown[] = (_page, rows) => rows,
	) {
		let [now, most] = [0, 0];
		const asked: number[] = [];
		const list = await readList({ limit, pageSize, slots: new Slots(slots, 1) }, async (page) => {
			const { offset, number_of_results: wanted } = page!;
			asked.push(offset);
			most = Math.max(most, ++now);
			await new Promise((resolve) => setTimeout(resolve, 2 + (offset % 3)));
			now -= 1;
			const size = Math.min(wanted, cap);
			return answer(page!, numbers(count).slice(offset, offset + size));
		});
		return { ...list, asked, most };
	}

	it('asks for one, two, four and then five pages at once, in order', async () => {
		const { rows, asked, most } = await readAhead(200);
		expect(rows).toEqual(numbers(200));
		expect(most).toBe(5);
		expect(asked.length).toBeLessThanOrEqual(21 + 4);
		expect(asked.slice(0, 4)).toEqual([0, 10, 20, 30]);
	});

	it.each([
		[1, 1],
		[3, 3],
		[20, 5],
	])('sends with %d free requests at most %d at once', async (slots, most) => {
		expect((await readAhead(200, { slots })).most).toBe(most);
	});

	it('reads a short list one by one', async () => {
		expect((await readAhead(15)).asked).toEqual([0, 10, 15]);
	});

	it('never asks beyond the limit', async () => {
		const { rows, asked } = await readAhead(200, { limit: 95 });
		expect(rows).toEqual(numbers(95));
		expect(Math.max(...asked)).toBe(90);
	});

	it('reads a server that caps its pages ahead, too', async () => {
		const { rows, most } = await readAhead(200, { cap: 7 });
		expect(rows).toEqual(numbers(200));
		expect(most).toBe(5);
	});

	it.each([
		['that is no answer of the vendor', new Error('Only one at a time')],
		['with a code', new ApiError('No', { advice: '', vendorCode: 'NO', reason: 'rejected' })],
		['with HTTP 500', new ApiError('No', { advice: '', httpStatus: 500 })],
	])('retries a page alone after an error %s, and then reads one by one', async (_what, error) => {
		let [now, mostAfter, times] = [0, 0, 0];
		const asked: number[] = [];
		const { rows } = await readList(
			{ limit: Infinity, pageSize: 10, slots: new Slots(5, 1) },
			async (page) => {
				const { offset } = page!;
				asked.push(offset);
				now += 1;
				if (offset === 100) times += 1;
				if (times > 1) mostAfter = Math.max(mostAfter, now);
				await new Promise((resolve) => setTimeout(resolve, 2));
				now -= 1;
				if (offset === 100 && times === 1) throw error;
				return numbers(300).slice(offset, offset + 10);
			},
		);
		expect(rows).toEqual(numbers(300));
		expect(asked.filter((offset) => offset === 100)).toHaveLength(2);
		expect(mostAfter).toBe(1);
	});

	it.each([
		['a hiccup', { reason: 'unavailable' }],
		['a busy server', { httpStatus: 503, vendorCode: 'BUSY' }],
		['a timeout', {}],
	] as const)('does not retry a page after %s (P15)', async (_what, details) => {
		let times = 0;
		const reading = readAhead(300, {}, ({ offset }, page) => {
			if (offset !== 100) return page;
			times += 1;
			throw new ApiError('Broken', { advice: '', ...details });
		});
		expect((await rejectedBy(reading)).message).toBe('Broken');
		expect(times).toBe(1);
	});

	it('asks ahead for no row beyond the limit', async () => {
		const asked: Page[] = [];
		await readList({ limit: 100, pageSize: 10, slots: new Slots(5, 1) }, async (page) => {
			asked.push(page!);
			await new Promise((resolve) => setTimeout(resolve, 1));
			return numbers(300).slice(page!.offset, page!.offset + page!.number_of_results);
		});
		expect(asked.map(({ offset }) => offset)).not.toContain(100);
		const cut: Page[] = [];
		await readList({ limit: 95, pageSize: 10, slots: new Slots(5, 1) }, async (page) => {
			cut.push(page!);
			await new Promise((resolve) => setTimeout(resolve, 1));
			return numbers(300).slice(page!.offset, page!.offset + page!.number_of_results);
		});
		expect(cut.find(({ offset }) => offset === 90)).toEqual({ offset: 90, number_of_results: 5 });
	});

	it('retries a page once no other request is pending', async () => {
		let underWay = 0;
		const list = await readList(
			{ limit: Infinity, pageSize: 10, slots: new Slots(5, 1) },
			async (page) => {
				const { offset } = page!;
				// A server that serves one request of a session at a time.
				if (underWay++ > 0) {
					underWay -= 1;
					throw new ApiError('One at a time', {
						advice: '',
						vendorCode: 'BUSY',
						reason: 'rejected',
					});
				}
				await new Promise((resolve) => setTimeout(resolve, 3));
				underWay -= 1;
				return numbers(200).slice(offset, offset + 10);
			},
		);
		expect(list.rows).toEqual(numbers(200));
	});

	it("leaves the items' slots to the items", () => {
		const slots = new Slots(5, 6);
		expect(slots.tryTake()).toBe(false);
		slots.endItem();
		expect(slots.tryTake()).toBe(false);
		slots.endItem();
		expect([slots.tryTake(), slots.tryTake()]).toEqual([true, false]);
		slots.release();
		expect(slots.tryTake()).toBe(true);
	});

	it('throws the error of a page that fails again', async () => {
		const reading = readAhead(300, {}, ({ offset }, page) => {
			if (offset === 100) throw new Error('Broken');
			return page;
		});
		expect((await rejectedBy(reading)).message).toBe('Broken');
	});

	it('goes on ahead after a page that is shorter than the others', async () => {
		const { most } = await readAhead(44, { limit: 44 }, ({ offset }, page) =>
			offset === 10 ? page.slice(0, 4) : page,
		);
		expect(most).toBe(2);
	});

	it('discards pages requested at wrong offsets', async () => {
		// One page is shorter than the others.
		const { rows } = await readAhead(300, {}, ({ offset }, page) =>
			offset === 50 ? page.slice(0, 4) : page,
		);
		expect(rows).toEqual(numbers(300));
	});

	it('reads the same rows as one by one, whatever the server does (P13)', async () => {
		const server = fc.record({
			count: fc.integer({ min: 0, max: 120 }),
			pageSize: fc.integer({ min: 1, max: 12 }),
			limit: fc.oneof(fc.constant(Infinity), fc.integer({ min: 1, max: 130 })),
			cap: fc.integer({ min: 1, max: 12 }),
			kind: fc.constantFrom('capped', 'whole', 'no offset', 'larger', 'error', 'filtered', 'short'),
			slots: fc.integer({ min: 1, max: 6 }),
		});
		await fc.assert(
			fc.asyncProperty(server, async ({ count, pageSize, limit, cap, kind, slots }) => {
				const records = numbers(count).map((index) => ({ id: index }));
				const answer = async (page: Page | undefined) => {
					await Promise.resolve();
					const { offset, number_of_results: wanted } = page!;
					if (kind === 'whole') return records;
					if (kind === 'no offset') return records.slice(0, wanted);
					if (kind === 'larger') return records.slice(offset, offset + 12);
					if (kind === 'error' && offset >= count)
						throw new ApiError('End', { advice: '', reason: 'rejected', vendorCode: 'END' });
					const found = records.slice(offset, offset + Math.min(wanted, cap));
					if (kind === 'filtered') return found.filter(({ id }) => id % 7 !== 3);
					return kind === 'short' && offset % 3 === 1 ? found.slice(0, 1) : found;
				};
				const [alone] = await Promise.allSettled([readList({ limit, pageSize }, answer)]);
				const [ahead] = await Promise.allSettled([
					readList({ limit, pageSize, slots: new Slots(slots, 1) }, answer),
				]);
				expect(ahead).toEqual(alone);
				if (alone.status === 'rejected') return;
				const { rows, doubt } = alone.value;
				const isRight = JSON.stringify(rows) === JSON.stringify(records.slice(0, limit));
				expect(isRight || doubt !== undefined || kind === 'filtered').toBe(true);
			}),
			{ numRuns: Number(process.env['PROPERTY_RUNS'] ?? 300) / 2 },
		);
	});
});

describe('findLastRows', () => {
	const row = { id: '1', number: 'P1', amount: 7 };
	const firstPage = (name: string) =>
		({ '': [row], payments: { payments: [row] } })[name] ?? { account: { payments: [row] } };

	it.each([
		[[row], '', [row]],
		[row, '', [row]],
		[{ id: '2', number: 'P2' }, '', [{ id: '2', number: 'P2' }]],
		[
			{ id: '2', number: 'P2', parts_set: [{ a: 1 }] },
			'',
			[{ id: '2', number: 'P2', parts_set: [{ a: 1 }] }],
		],
		[{ payments: row, total: 101 }, '', [row]],
		[{ payments: [row], total: 101 }, 'payments', [row]],
		[{ account: { payments: [row] }, total: 101 }, 'account.payments', [row]],
		[{ account: { payments: row }, total: 101 }, 'account.payments', [row]],
		[{ account: { payments: null }, total: 101 }, 'account.payments', []],
		[{ account: { id: '3', number: 'A3' }, payments: [row] }, 'payments', [row]],
		[{ account: { id: '3', number: 'A3' }, payments: [row] }, '', [row]],
		[{ account: { id: '3', number: 'A3' }, payments: row }, 'payments', [row]],
		[{ payments: null, total: 101 }, 'payments', []],
		[{ total: 101 }, '', []],
		[{ id: '2' }, '', []],
		[{}, '', []],
		[null, '', []],
	])('finds the rows of %j, named %j', (data, name, rows) =>
		expect(findLastRows(data, name, firstPage(name))).toEqual(rows),
	);

	it('takes no record for a row that has only half of its fields', () =>
		expect(findLastRows({ id: '2', total: 1 }, '', [{ id: '1', number: 'P1' }])).toEqual([]));

	it.each(['', 'jobs'])(
		'takes no object around a list for a row, if the list is named %j',
		(name) => {
			const around = (jobs: readonly unknown[]) => ({ id: 'A', number: '1', jobs });
			const first = around([{ id: 'J1', number: '1' }]);
			expect(findLastRows(around([]), name, first)).toEqual([]);
			expect(findLastRows(around([{ id: 'J2' }]), name, first)).toEqual([{ id: 'J2' }]);
		},
	);

	it('finds no row if the first page had none to compare', () => {
		expect(findLastRows({ a: 1 }, '', [])).toEqual([]);
		expect(findLastRows({ a: 1 }, '', [7])).toEqual([]);
	});
});

describe('findRows', () => {
	it.each([
		[[1, 2], '', [1, 2]],
		[{ total: 2, contacts: [1, 2] }, '', [1, 2]],
		[{ a: [1], b: [2] }, 'b', [2]],
		[{ contacts: [] }, '', []],
		[{ contacts: [1], total: 0 }, '', [1]],
		[{}, '', []],
		[{ payments: null, total: 0 }, '', []],
		[{ payments: '', more: {}, total: 0 }, 'payments', []],
		[{ account: '192', payments: null }, 'payments', []],
		[{ account: '192', payments: { id: 1 } }, 'payments', [{ id: 1 }]],
		[{ account: { payments: [1] } }, 'account.payments', [1]],
		[{ account: { payments: { set: [1] } } }, 'account.payments.set', [1]],
		[{ 'account.payments': [1], account: { payments: [2] } }, 'account.payments', [1]],
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
			"It has a, b: enter one of them in the option 'Field to Split Out'",
		],
		[
			{ a: [1], b: [2] },
			'c',
			'The response has no list c',
			"It has a, b: enter one of them in the option 'Field to Split Out'",
		],
		[
			{ a: 1 },
			'',
			'The response has no list, or more than one',
			"Use the operation Call Method without 'Field to Split Out' to see what the response has",
		],
		[
			{ a: { b: [1] }, c: [1] },
			'a.c',
			'The response has no list a.c',
			"It has c: enter one of them in the option 'Field to Split Out'",
		],
		[
			{ account: null, total: 3 },
			'account.payments',
			'The response has no list account.payments',
			"Use the operation Call Method without 'Field to Split Out' to see what the response has",
		],
		[
			[1],
			'a',
			'The response has no list a',
			"Use the operation Call Method without 'Field to Split Out' to see what the response has",
		],
		[
			'words',
			'',
			'The response has no list, or more than one',
			"Use the operation Call Method without 'Field to Split Out' to see what the response has",
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
