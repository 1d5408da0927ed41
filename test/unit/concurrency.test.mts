import { describe, expect, it } from '@jest/globals';

import { mapWithConcurrency } from '../../nodes/shared/concurrency.ts';

describe('concurrent work', () => {
	it('keeps the order and the concurrency limit and starts no work after a failure', async () => {
		let [now, most] = [0, 0];
		const begun: number[] = [];
		const work = async (index: number) => {
			begun.push(index);
			most = Math.max(most, ++now);
			await new Promise((resolve) => setTimeout(resolve, (7 * index) % 5));
			now -= 1;
			return index * 2;
		};
		expect(await mapWithConcurrency(20, 3, work)).toEqual(
			Array.from({ length: 20 }, (_, index) => index * 2),
		);
		expect(most).toBe(3);
		begun.length = 0;
		const failing = mapWithConcurrency(20, 2, async (index) => {
			await work(index);
			if (index >= 3) throw new Error(`item ${index}`);
			return index;
		});
		await expect(failing).rejects.toThrow('item 3');
		expect(begun.length).toBeLessThanOrEqual(5);
	});

	it('throws the failure of the first item, whichever failed first', async () => {
		const all = mapWithConcurrency(3, 3, async (index) => {
			await new Promise((resolve) => setTimeout(resolve, 10 - index * 5));
			throw new Error(`item ${index}`);
		});
		await expect(all).rejects.toThrow(/^item 0$/);
	});

	it('throws the first failure of 10,000 concurrent items', async () => {
		const [first, other] = [new Error('the first'), new Error('another')];
		const all = mapWithConcurrency(
			10_000,
			10_000,
			async (index) => await Promise.reject(index === 0 ? first : other),
		);
		await expect(all).rejects.toBe(first);
	});
});
