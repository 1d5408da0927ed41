import { describe, expect, it } from '@jest/globals';

import { identifierToJson, nameByField } from '../../nodes/CrmCom/identifiers.ts';
import { documentedMethod } from './documentedMethod.mts';
import { thrownBy } from './failures.mts';

describe('nameByField', () => {
	it.each([
		['192', 'number=192'],
		[192, 'number=192'],
		[['192'], 'number=192'],
		[{ number: '192', id: 'A' }, 'number=192'],
		[{ number: 192 }, 'number=192'],
		[{ number: 'a=b' }, 'number=a=b'],
		['1a=b', 'number=1a=b'],
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

	it.each([[null], [{ id: 'A' }]])('leaves a row whose field is %j as it is', (number) => {
		const row = { number };
		expect(nameByField(row, 'number')).toBe(row);
	});

	it.each([
		['name=Ada', 'name=Ada'],
		['Name  = Ada', 'Name  = Ada'],
		['names=2', 'name=names=2'],
		['a name=b', 'name=a name=b'],
	])('lets a name have an equals sign of its own: %j', (value, expected) =>
		expect(nameByField(value, 'name')).toBe(expected),
	);
});

describe('an identifier without a field', () => {
	const errorOf = (value: string, name: string, note?: string) => {
		const parameter = { name, type: 'identifier', mandatory: true, ...(note && { note }) } as const;
		return thrownBy(() =>
			identifierToJson(name, value, parameter, documentedMethod('GET', [parameter])),
		);
	};

	it.each([
		['192', 'by number', 'Write number=192. '],
		['192', 'by number or code', 'Write number=192, or name it by code. '],
		['192', undefined, 'Write it with the field that names the record, such as number=192 or id=…'],
		['19 2', 'by number', 'Write number=…. '],
		[':192', 'by number', 'Write number=…. '],
		['192:', 'by number', 'Write number=…. '],
		['undefined', 'by number', 'Write number=…. '],
	])('is answered with what to write: %j (%s)', (value, note, advice) => {
		const { description } = errorOf(value, 'type_identifier', note);
		expect(description).toContain(advice);
		expect(description?.includes('check what it returns')).toBe(advice.includes('=…. '));
	});

	it('is not repeated where it is a secret code (P11)', () => {
		const { description } = errorOf('c0de', 'old_access_token_identifier');
		expect(description).not.toContain('c0de');
		expect(description).toContain('=…');
	});
});

it('takes the quotes off an identifier, also among blanks', () => {
	const method = documentedMethod('GET', []);
	expect(identifierToJson('a', ' "number=192" ', undefined, method)).toBe('"number=192"');
});
