import { describe, expect, it } from '@jest/globals';

import { isTrue, toPositiveInteger } from '../../nodes/shared/input.ts';

it.each([
	[true, true],
	['true', true],
	[' True ', true],
	[false, false],
	['false', false],
	['', false],
	[1, false],
	['yes', false],
	[undefined, false],
	[null, false],
])('tells whether the switch %j is on: %j', (value, on) => expect(isTrue(value)).toBe(on));

describe('a number that was typed', () => {
	it.each([
		[1, 1],
		['7', 7],
		[' 50 ', 50],
		[2 ** 53 - 1, 2 ** 53 - 1],
	])('reads %j as a number', (value, number) =>
		expect(toPositiveInteger(value, 'Limit')).toBe(number),
	);

	it.each([
		[0],
		[-1],
		[1.5],
		['1.5'],
		['many'],
		[''],
		[' '],
		[null],
		[undefined],
		[true],
		[[5]],
		[Number.NaN],
		[Infinity],
		[2 ** 53],
	])('refuses %j and names the field', (value) => {
		const refused = expect.objectContaining({
			message: "'Limit' must be a whole number of at least 1",
			description: expect.stringMatching(/^If it is an expression/),
		});
		expect(() => toPositiveInteger(value, 'Limit')).toThrow(refused);
	});
});
