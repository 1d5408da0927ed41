import { describe, expect, it } from '@jest/globals';

import { BoundedMap } from '../../nodes/shared/boundedMap.ts';

describe('a bounded map', () => {
	const fill = (map: BoundedMap<string>, ...keys: string[]) =>
		keys.map((key) => map.getOrCreate(key, () => key));

	it('evicts the least recently used entry when it is full', () => {
		const map = new BoundedMap<string>(2);
		fill(map, 'a', 'b', 'a', 'c');
		expect(['a', 'b', 'c'].map((key) => map.peek(key))).toEqual(['a', undefined, 'c']);
	});

	it('creates a value only for a key that has none', () => {
		const map = new BoundedMap<string>(2);
		map.getOrCreate('a', () => 'first');
		expect(map.getOrCreate('a', () => 'second')).toBe('first');
	});

	it('does not count a peek as a use', () => {
		const map = new BoundedMap<string>(2);
		fill(map, 'a', 'b');
		map.peek('a');
		fill(map, 'c');
		expect(map.peek('a')).toBeUndefined();
	});

	it('evicts an entry in use only when there is no other', () => {
		const map = new BoundedMap<string>(2, (value) => value === 'a');
		fill(map, 'a', 'b', 'c');
		expect(['a', 'b', 'c'].map((key) => map.peek(key))).toEqual(['a', undefined, 'c']);
		const busy = new BoundedMap<string>(2, () => true);
		fill(busy, 'a', 'b', 'c');
		expect(['a', 'b', 'c'].map((key) => busy.peek(key))).toEqual([undefined, 'b', 'c']);
	});
});
