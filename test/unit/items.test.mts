import { describe, expect, it } from '@jest/globals';

import { outputItem } from '../../nodes/shared/items.ts';

describe('an output item', () => {
	const binary = { data: { data: '', mimeType: 'text/plain' } };
	const contextOf = (...items: object[]) => ({ getInputData: () => items }) as never;

	it('adds input fields and files only on request and lets its own fields win', () => {
		const context = contextOf({ json: { a: 1, b: 1 }, binary });
		expect(outputItem(context, 0, { b: 2 }, false)).toEqual({ json: { b: 2 } });
		expect(outputItem(context, 0, { b: 2 }, true)).toEqual({ json: { a: 1, b: 2 }, binary });
		expect(Object.keys(outputItem(contextOf({ json: { a: 1 } }), 0, { b: 2 }, true))).toEqual([
			'json',
		]);
		expect(outputItem(contextOf(), 0, { b: 2 }, true)).toEqual({ json: { b: 2 } });
	});
});
