import { describe, expect, it } from '@jest/globals';

import { nameByField } from '../../nodes/CrmCom/identifiers.ts';

describe('nameByField', () => {
	it.each([
		['192', 'number=192'],
		[192, 'number=192'],
		[['192'], 'number=192'],
		[{ number: '192', id: 'A' }, 'number=192'],
		[{ number: 192 }, 'number=192'],
		['id=A', 'id=A'],
		['"192"', 'number=192'],
	])('names a record by its number: %j', (value, expected) =>
		expect(nameByField(value, 'number')).toBe(expected),
	);

	it.each([[Number.NaN], [1.5], [12345678901234567890], [false], [['1', '2']], [{ id: 'A' }]])(
		'leaves %p to the checks of every parameter',
		(value) => expect(nameByField(value, 'number')).toBe(value),
	);

	it.each([[Number.NaN], [false], [12345678901234567890]])(
		'leaves %p within a row to these checks, too',
		(number) => expect(nameByField({ number }, 'number')).toBe(number),
	);
});
