import { describe, expect, it } from '@jest/globals';
import type { IExecuteFunctions } from 'n8n-workflow';

import {
	assertAlternative,
	assertContent,
	readActionFields,
} from '../../nodes/CrmCom/actionParameters.ts';
import { createMethod } from '../../nodes/CrmCom/method.ts';
import { documentedMethod } from './documentedMethod.mts';
import { thrownBy } from './failures.mts';

const action = { value: 'update', name: 'Update', action: 'Update it', method: 'POST a/update' };

const method = documentedMethod('POST', [
	{ name: 'account_identifier', type: 'identifier', mandatory: true },
	{ name: 'address_set', type: 'json' },
	{ name: 'title', type: 'string' },
]);

/** Reads the fields of an item. */
function read(fields: Record<string, unknown>) {
	const context = {
		getNodeParameter: (name: string, _item: number, fallback: unknown) => fields[name] ?? fallback,
	} as unknown as IExecuteFunctions;
	return readActionFields(context, 0, action, method);
}

describe('the fields of an action', () => {
	it('are read where they are shown, as they are', () => {
		const given = read({
			account_identifier: 'number=192',
			title: 'not here',
			additionalFields: { title: 'Dr', address_set: '{"a":1}' },
		});
		expect(given).toEqual([
			['account_identifier', 'number=192'],
			['address_set', '{"a":1}'],
			['title', 'Dr'],
		]);
	});

	it('are absent if they were left out', () => {
		expect(read({}).map(([, value]) => value || undefined)).toEqual([
			undefined,
			undefined,
			undefined,
		]);
		expect(read({ additionalFields: 'x' })[2]).toEqual(['title', undefined]);
	});

	it.each([[''], ['  '], [' {"a":1} '], ['[1]'], [{ a: 1 }], [undefined]])(
		'accept %j as JSON',
		(value) => expect(read({ additionalFields: { address_set: value } })[1]?.[1]).toEqual(value),
	);

	it.each([['{"a":'], ['a: 1']])('reject %j as JSON before anything is sent', (value) => {
		expect(thrownBy(() => read({ additionalFields: { address_set: value } }))).toMatchObject({
			message: "'Address' (address_set) is not valid JSON",
			advice: 'Nothing was sent. Write it as in { "name": "value" }',
		});
	});

	it('reject a record that is named by a field which is not offered', () => {
		const record = { __rl: true, mode: 'color', value: 'red' };
		expect(thrownBy(() => read({ account_identifier: record }))).toMatchObject({
			message: expect.stringContaining('is named by a field that is not in its list'),
			advice: 'Nothing was sent. Choose how to name it again',
		});
	});
});

describe('alternatives', () => {
	const alternatives = documentedMethod('POST', [
		{ name: 'email_address', type: 'string', mandatory: null, alternative: true },
		{ name: 'phone', type: 'string', mandatory: null, alternative: true },
		{ name: 'title', type: 'string', mandatory: null },
	]);

	it('need one of them, whatever else is given', () => {
		for (const parameters of [new Map(), new Map([['title', '"Dr"']])])
			expect(thrownBy(() => assertAlternative(action, alternatives, parameters))).toMatchObject({
				message: "One of these is needed: 'Email Address' (email_address), 'Phone' (phone)",
				advice:
					'Nothing was sent. Fill one in. If it is an expression, check what it returns for this item',
			});
		expect(() =>
			assertAlternative(action, alternatives, new Map([['phone', '"1"']])),
		).not.toThrow();
	});

	it('are not needed of a method that has none, or is not documented', () => {
		for (const none of [method, createMethod('POST', 'not/known')])
			expect(() => assertAlternative(action, none, new Map())).not.toThrow();
	});
});

it('names the alternative that is in sight first', () => {
	const record = { name: 'account_identifier', type: 'identifier', mandatory: null } as const;
	const email = { name: 'email', type: 'string', mandatory: null } as const;
	const both = documentedMethod('GET', [
		{ ...record, alternative: true },
		{ ...email, alternative: true },
	]);
	const shown = { ...action, shown: ['email'] };
	expect(thrownBy(() => assertAlternative(shown, both, new Map())).message).toBe(
		"One of these is needed: 'Email' (email), 'Account' (account_identifier)",
	);
});

describe('a change without content', () => {
	const at = (path: string) => ({ ...method, path });
	const record = new Map([['account_identifier', '"number=192"']]);

	it.each([
		['an update of which only the record is given', 'a/update', record],
		['an update whose other fields are null', 'a/update', new Map([...record, ['title', 'null']])],
		['a new record without a field', 'a/create', new Map()],
	])('is not sent: %s', (_what, path, parameters) =>
		expect(thrownBy(() => assertContent(at(path), parameters))).toMatchObject({
			message: `There is nothing to ${path.slice(2)}: all fields are empty`,
			advice:
				'Nothing was sent. Fill one in. If it is an expression, check what it returns for this item',
		}),
	);

	it.each([
		['an update with a field', 'a/update', new Map([...record, ['title', '"Dr"']])],
		['an update with a field that is not documented', 'a/update', new Map([['x', '1']])],
		['a new record that belongs to another', 'a/create', record],
		['another change', 'a/cancel', new Map()],
	])('is sent otherwise: %s', (_what, path, parameters) =>
		expect(() => assertContent(at(path), parameters)).not.toThrow(),
	);

	it('is not assumed of a method that is not documented', () =>
		expect(() => assertContent(createMethod('POST', 'not/known/update'), record)).not.toThrow());
});
