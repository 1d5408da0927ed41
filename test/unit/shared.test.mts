import { describe, expect, it } from '@jest/globals';

import { mapBounded, Shared } from '../../nodes/shared/items.ts';
import { presentable } from '../../nodes/shared/redact.ts';

describe('a text that may be shown', () => {
	it.each([
		['hunter2 is wrong', ['hunter2'], '*** is wrong'],
		['p%20w%22', ['p w"'], '***'],
		['{"p":"a\\"bcd"}', ['a"bcd'], '{"p":"***"}'],
		[`Basic ${Buffer.from('KEY-123:').toString('base64')}`, ['KEY-123'], 'Basic ***'],
		['abcdef abc', ['abc', 'abcdef'], '*** ***'],
		['unit 1 of 11', ['1'], 'unit *** of 11'],
		['two\r\nlines\u0007 \u2028', [], 'two lines'],
		['x'.repeat(600), [], `${'x'.repeat(499)}…`],
		['as it is', [''], 'as it is'],
		['half \ud800 a pair', ['\ud800x'], 'half \ud800 a pair'],
		['a.c abc', ['a.c'], '*** abc'],
	])('%s', (text, secrets, shown) => expect(presentable(text, secrets)).toBe(shown));
});

describe('many at once', () => {
	it('keeps the order and the bound, and begins none after a failure', async () => {
		let [now, most] = [0, 0];
		const begun: number[] = [];
		const work = async (index: number) => {
			begun.push(index);
			most = Math.max(most, ++now);
			await new Promise((resolve) => setTimeout(resolve, (7 * index) % 5));
			now -= 1;
			return index * 2;
		};
		expect(await mapBounded(20, 3, work)).toEqual(Array.from({ length: 20 }, (_, index) => index * 2));
		expect(most).toBe(3);
		begun.length = 0;
		const failing = mapBounded(20, 2, async (index) => {
			await work(index);
			if (index >= 3) throw new Error(`item ${index}`);
			return index;
		});
		await expect(failing).rejects.toThrow('item 3');
		expect(begun.length).toBeLessThanOrEqual(5);
	});

	it.each([[0], [Number.NaN], [-1], [0.5]])('does one at a time for a bound of %d', async (bound) => {
		expect(await mapBounded(3, bound, async (index) => index)).toEqual([0, 1, 2]);
	});

	it('makes a thing once for each key', async () => {
		const shared = new Shared<number>();
		let made = 0;
		const make = async () => ++made;
		expect(await Promise.all([shared.get('a', make), shared.get('b', make), shared.get('a', make)])).toEqual([1, 2, 1]);
	});
});
