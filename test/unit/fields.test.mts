import { describe, expect, it } from '@jest/globals';

import { readConcurrency, readLimit } from '../../nodes/shared/fields.ts';

describe('the fields Return All and Limit', () => {
	const contextOf = (parameters: Record<string, unknown>) =>
		({
			getNodeParameter: (name: string, _item: number, fallback: unknown) =>
				parameters[name] ?? fallback,
		}) as never;

	it.each([
		[{ returnAll: true }, Infinity],
		[{ returnAll: 'true', limit: 3 }, Infinity],
		[{ returnAll: false, limit: 3 }, 3],
		[{ returnAll: 'false', limit: '3' }, 3],
		[{}, 50],
	])('reads %j as a limit of %j', (parameters, limit) =>
		expect(readLimit(contextOf(parameters), 0)).toBe(limit),
	);

	it('names Limit when its value is wrong', () =>
		expect(() => readLimit(contextOf({ limit: 'x' }), 0)).toThrow(/^'Limit' must/));
});

describe('the option Parallel Requests', () => {
	it.each([
		[7, 7],
		['7', 7],
		[7.9, 7],
		[0, undefined],
		[Number.NaN, undefined],
		[-1, 1],
		[0.5, undefined],
		['many', undefined],
		[undefined, undefined],
	])('reads a concurrency of %j as %j', (given, bound) => {
		const context = {
			getNodeParameter: (_name: string, _item: number, fallback: unknown) => given ?? fallback,
		} as never;
		expect(readConcurrency(context)).toBe(bound);
	});

	it('has no concurrency when it cannot be read', () => {
		const context = {
			getNodeParameter: () => {
				throw new Error('The expression fails');
			},
		} as never;
		expect(readConcurrency(context)).toBeUndefined();
	});
});
