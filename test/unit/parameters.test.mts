import { describe, expect, it } from '@jest/globals';
import type { IExecuteFunctions } from 'n8n-workflow';

import type { MethodParameter } from '../../nodes/CrmCom/catalogue.ts';
import { type Method } from '../../nodes/CrmCom/method.ts';
import { readMethodParameters } from '../../nodes/CrmCom/methodParameters.ts';
import { adviseOnParameters, withPage } from '../../nodes/CrmCom/parameters.ts';
import { readMembers, writeMembers } from '../../nodes/shared/jsonText.ts';
import { documentedMethod } from './documentedMethod.mts';
import { thrownBy } from './failures.mts';

const types = ['string', 'number', 'boolean', 'list', 'identifier', 'json', 'date'] as const;
const byType = types.map((type): MethodParameter => ({ name: `a_${type}`, type }));
const post = documentedMethod('POST', byType);
const get = documentedMethod('GET', byType);

/** Reads the parameters of an item whose fields have these values. */
function read(
	method: Method,
	fields: Record<string, unknown>,
	item: object = {},
	saved: object = {},
	type = 'crmCom',
): string {
	const context = {
		getNodeParameter: (name: string, _index: number, fallback: unknown) =>
			Object.hasOwn(fields, name) ? fields[name] : fallback,
		getInputData: () => [{ json: item }],
		getNode: () => ({ type, parameters: saved }),
	};
	return writeMembers(readMethodParameters(context as unknown as IExecuteFunctions, 0, method));
}

const json = (jsonParameters: unknown) => read(post, { specifyParameters: 'json', jsonParameters });
const mapped = (value: unknown, method = post) => read(method, { parameters: { value } });

describe('readMethodParameters', () => {
	it.each([
		[{ a_string: '7' }, '{"a_string":"7"}'],
		[{ a_string: 7 }, '{"a_string":"7"}'],
		[{ a_string: { b: 1 } }, '{"a_string":{"b":1}}'],
		[{ a_number: '7' }, '{"a_number":7}'],
		[{ a_number: ' -7.50e+2 ' }, '{"a_number":-7.50e+2}'],
		[{ a_number: '12345678901234567890' }, '{"a_number":12345678901234567890}'],
		[{ a_number: '007' }, '{"a_number":"007"}'],
		[{ a_number: 'seven' }, '{"a_number":"seven"}'],
		[{ a_number: 7 }, '{"a_number":7}'],
		[{ a_boolean: 'true' }, '{"a_boolean":true}'],
		[{ a_boolean: 'false' }, '{"a_boolean":false}'],
		[{ a_boolean: false }, '{"a_boolean":false}'],
		[{ a_boolean: '1' }, '{"a_boolean":"1"}'],
		[{ a_boolean: 'untrue' }, '{"a_boolean":"untrue"}'],
		[{ a_boolean: 'trueish' }, '{"a_boolean":"trueish"}'],
		[{ a_date: '2026' }, '{"a_date":"2026"}'],
		[{ a_date: 2026 }, '{"a_date":"2026"}'],
		[{ a_list: 'a,b' }, '{"a_list":"a,b"}'],
		[{ a_list: ['a', 'b'] }, '{"a_list":"a,b"}'],
		[{ a_json: '[{"a":12345678901234567890}]' }, '{"a_json":[{"a":12345678901234567890}]}'],
		[{ a_json: '{"a":' }, '{"a_json":"{\\"a\\":"}'],
		[{ a_json: 'words' }, '{"a_json":"words"}'],
		[{ a_json: [1] }, '{"a_json":[1]}'],
		[{ a_identifier: 'number=a=b' }, '{"a_identifier":{"number":"a=b"}}'],
		[{ a_identifier: ' number = 7 ' }, '{"a_identifier":{"number":"7"}}'],
		[{ a_identifier: 'number="7"' }, '{"a_identifier":{"number":"7"}}'],
		[{ a_identifier: { number: 7 } }, '{"a_identifier":{"number":7}}'],
		[{ a_identifier: '{"number":"a=b"}' }, '{"a_identifier":{"number":"a=b"}}'],
		[{ a_identifier: { a: 1, b: 2 } }, '{"a_identifier":{"a":1,"b":2}}'],
		[{ x_identifier: ['number=1'] }, '{"x_identifier":["number=1"]}'],
		[{ a_list: [{ b: 1 }] }, '{"a_list":[{"b":1}]}'],
		[{ a_list: ['a', { b: 1 }] }, '{"a_list":["a",{"b":1}]}'],
		[{ a_number: true }, '{"a_number":true}'],
		[{ a_json: 7 }, '{"a_json":7}'],
		[{ x_identifier: 'plain' }, '{"x_identifier":"plain"}'],
		[
			{ other: 7, more: 'a', none: '', nothing: null, zero: 0, no: false },
			'{"other":7,"more":"a","zero":0,"no":false}',
		],
		[{ at: new Date(0) }, '{"at":"1970-01-01T00:00:00.000Z"}'],
		[null, '{}'],
		[[], '{}'],
		['x', '{}'],
	])('reads %j for a POST', (value, expected) => expect(mapped(value)).toBe(expected));

	it.each([
		[{ a_identifier: 'number=a=b' }, '{"a_identifier":"number=a=b"}'],
		[{ a_identifier: { number: 7 } }, '{"a_identifier":"number=7"}'],
		[{ a_identifier: { a: 1, b: 2 } }, '{"a_identifier":"{\\"a\\":1,\\"b\\":2}"}'],
		[{ a_identifier: { a: { b: 1 } } }, '{"a_identifier":"{\\"a\\":{\\"b\\":1}}"}'],
		[{ a_identifier: ' number = 7 ' }, '{"a_identifier":"number=7"}'],
		[{ a_identifier: 'name=a\nb' }, '{"a_identifier":"name=a\\nb"}'],
		[{ a_identifier: ' {"number":"7"} ' }, '{"a_identifier":"number=7"}'],
		[{ a_identifier: '{"number":"7"}' }, '{"a_identifier":"number=7"}'],
	])('reads the identifier %j for a GET', (value, expected) =>
		expect(mapped(value, get)).toBe(expected),
	);

	it.each([
		['=7'],
		['number='],
		[' = '],
		['number=  '],
		[{}],
		[{ number: undefined }],
		[{ number: null }],
		[{ number: '' }],
		['{"number":""}'],
		[{ ' ': '7' }],
		[{ number: ' ' }],
	])('rejects the identifier %j as incomplete', (value) =>
		expect(thrownBy(() => mapped({ a_identifier: value }))).toMatchObject({
			message: "'a_identifier' is not complete",
			description: expect.stringMatching(/^Write it as in number=192\. If it is an expression/),
		}),
	);

	it.each([[Number.NaN], [new Date('x')], [() => 1]])('sends no %s', (value) => {
		for (const name of ['a_string', 'a_number', 'other'])
			expect(thrownBy(() => mapped({ [name]: value }))).toMatchObject({
				message: `The value of '${name}' cannot be sent`,
				description: expect.stringMatching(
					/^Nothing was sent\. If it is an expression, check what it returns for this item/,
				),
			});
	});

	it('sends no number that has lost its last digits', () => {
		for (const value of [2 ** 53, -(2 ** 53), 1e21]) {
			const refused = {
				message: "The value of 'number' cannot be sent",
				description: expect.stringMatching(/A long number has to be text$/),
			};
			expect(thrownBy(() => mapped({ number: value }))).toMatchObject(refused);
			expect(thrownBy(() => mapped({ a_identifier: { number: value } }))).toMatchObject(refused);
			expect(thrownBy(() => json({ number: value }))).toMatchObject(refused);
		}
		expect(json({ number: 2 ** 53 - 1, amount: -7.25 })).toBe(
			'{"number":9007199254740991,"amount":-7.25}',
		);
	});

	it('reads a long text that is not an identifier without delay', () => {
		// With quadratic work, this would take hours.
		expect(thrownBy(() => mapped({ a_identifier: 'x'.repeat(3_000_000) })).message).toBe(
			"'A' (a_identifier) needs the name of a field in front of its value",
		);
	});

	it('sends no null for a number that an expression could not compute', () => {
		const refused = (run: () => unknown) => thrownBy(run).message;
		for (const value of [Number.NaN, Infinity, -Infinity]) {
			expect(refused(() => mapped({ other: [{ part: value }] }))).toBe(
				"The value of 'part' cannot be sent",
			);
			expect(refused(() => json({ credit_limit: value }))).toBe(
				"The value of 'credit_limit' cannot be sent",
			);
		}
	});

	it('sends no null for a date or an entry that an expression could not compute', () => {
		for (const [part, name] of [
			[{ date_of_birth: new Date('31.12.1999') }, 'date_of_birth'],
			[{ phones: [undefined] }, '0'],
		] as const) {
			const message = `The value of '${name}' cannot be sent`;
			expect(thrownBy(() => json(part)).message).toBe(message);
			expect(thrownBy(() => mapped({ other: part })).message).toBe(message);
		}
		expect(thrownBy(() => json(new Date('x'))).message).toBe("The value of 'JSON' cannot be sent");
		const sendable = { at: new Date(0), none: null, list: [null], absent: undefined };
		expect(json(sendable)).toBe('{"at":"1970-01-01T00:00:00.000Z","none":null,"list":[null]}');
	});

	it('ignores an empty array for a list or an identifier, and an empty entry', () => {
		const both = documentedMethod('GET', [
			{ name: 'fields_set', type: 'list' },
			{ name: 'a_identifier', type: 'identifier' },
		]);
		for (const nothing of [[], [null], ['', undefined]])
			expect(mapped({ fields_set: nothing, a_identifier: nothing }, both)).toBe('{}');
		expect(mapped({ fields_set: ['id', null, '', 'number'] }, both)).toBe(
			'{"fields_set":"id,number"}',
		);
		expect(mapped({ other: [] }, both)).toBe('{"other":[]}');
	});

	it('converts a documented identifier whatever its name, and without spaces around it', () => {
		const identifier = documentedMethod('POST', [{ name: 'record', type: 'identifier' }]);
		expect(mapped({ record: ' number=1 ' }, identifier)).toBe('{"record":{"number":"1"}}');
		const inGet = documentedMethod('GET', [{ name: 'record', type: 'identifier' }]);
		expect(mapped({ record: ' number = 1=2 ' }, inGet)).toBe('{"record":"number=1=2"}');
	});

	it.each([
		[
			'x_identifier',
			'by id, number',
			'Write number=CI7, or name it by id. By expression: number={{ $json.number }}',
		],
		[
			'x_identifier',
			'the owner',
			'Write it with the field that names the record, such as number=CI7 or id=…. By expression: number={{ $json.number }}',
		],
		[
			'type_identifier',
			undefined,
			'Write it with the field that names the record, such as number=CI7 or id=…. By expression: number={{ $json.number }}',
		],
		[
			'job_identifier',
			undefined,
			'Write number=CI7, or name it by id. By expression: number={{ $json.number }}',
		],
		[
			'transfer_to_accounts_receivable_identifier',
			undefined,
			'Write number=CI7, or name it by id, name. By expression: number={{ $json.number }}',
		],
		[
			'currency_identifier',
			undefined,
			'Write code=CI7, or name it by id. By expression: code={{ $json.code }}',
		],
		[
			'contact_information_identifier',
			undefined,
			'Write id_number=CI7, or name it by id, passport_number, social_security_number, vat_registration_number, registration_number. By expression: id_number={{ $json.id_number }}',
		],
		[
			'ad_hoc_job_identifier',
			'only drafts',
			'Write number=CI7, or name it by id. By expression: number={{ $json.number }}',
		],
		[
			'wallet_identifier',
			'only where payment by wallet funds is enabled',
			'Write number=CI7, or name it by id. By expression: number={{ $json.number }}',
		],
		[
			'access_token_identifier',
			'by authentication_code, or identifier with pass_code',
			'Write authentication_code=…, or name it by pass_code. By expression: authentication_code={{ $json.authentication_code }}. If it is an expression, check what it returns for this item',
		],
	])('says how %s (%s) is written', (name, note, description) => {
		const method = documentedMethod('GET', [
			{ name, type: 'identifier', mandatory: true, ...(note === undefined ? {} : { note }) },
		]);
		expect(thrownBy(() => mapped({ [name]: 'CI7' }, method))).toMatchObject({
			message: expect.stringContaining(`(${name}) needs the name of a field in front of its value`),
			description,
		});
	});

	it('takes 32 hexadecimal characters for an ID', () => {
		const id = '93EE9CB4D8D82B91815EE58DE7E209F8';
		expect(mapped({ a_identifier: id }, get)).toBe(`{"a_identifier":"id=${id}"}`);
		expect(mapped({ a_identifier: id.toLowerCase() })).toBe(
			`{"a_identifier":{"id":"${id.toLowerCase()}"}}`,
		);
		for (const other of [id.slice(1), `${id}0`, id.replace('9', 'G')])
			expect(thrownBy(() => mapped({ a_identifier: other })).message).toMatch(/needs the name/);
	});

	it('ignores rows without a name, of another form or without a value', () => {
		const rows = [
			{ name: ' a ', value: 1 },
			{ name: '', value: 2 },
			{ value: 3 },
			'x',
			{ name: 'b' },
		];
		expect(read(post, { 'additionalParameters.parameter': rows })).toBe('{"a":1}');
		expect(read(post, { 'additionalParameters.parameter': 'x' })).toBe('{}');
	});

	it.each([
		['Invalid DateTime'],
		[' Invalid DateTime '],
		['number=J1 }}'],
		['x}}'],
		['{{ a }} }}'],
		['Paid by [object Object]'],
	])('does not send %j, which an expression has left behind', (value) => {
		for (const name of ['a_string', 'a_identifier', 'other'])
			expect(thrownBy(() => mapped({ [name]: value })).message).toBe(
				`The value of '${name}' cannot be sent`,
			);
	});

	it('sends no invalid date within a value, nor one that names a record', () => {
		expect(thrownBy(() => mapped({ a_json: { from: ['Invalid DateTime'] } })).message).toBe(
			"The value of '0' cannot be sent",
		);
		expect(thrownBy(() => mapped({ a_identifier: 'id_number = Invalid DateTime' })).message).toBe(
			"The value of 'a_identifier' cannot be sent",
		);
		const given = { specifyParameters: 'json', jsonParameters: { from: 'Invalid DateTime' } };
		expect(thrownBy(() => read(post, given)).message).toBe("The value of 'from' cannot be sent");
	});

	it.each([
		['{"a":{"b":1}}'],
		['{{ a }}'],
		['a { b } }'],
		['{"a":"}}}}"}'],
		['On Invalid DateTime'],
		['Invalid DateTime in the report'],
	])('sends %j, which may be intended', (value) =>
		expect(mapped({ a_string: value })).toBe(JSON.stringify({ a_string: value })),
	);

	it('uses the id of a row that is given as an identifier', () => {
		const row = { name: 'Ada', id: 'A1', nothing: null, more: { id: 'x' } };
		expect(mapped({ a_identifier: row })).toBe('{"a_identifier":{"id":"A1"}}');
		expect(mapped({ a_identifier: row }, get)).toBe('{"a_identifier":"id=A1"}');
		expect(mapped({ a_identifier: { id: 7, number: '1' } })).toBe('{"a_identifier":{"id":7}}');
		expect(mapped({ a_identifier: { id: { a: 1 }, number: '1' } })).toBe(
			'{"a_identifier":{"id":{"a":1},"number":"1"}}',
		);
	});

	it.each([
		[{ a_list: '["id","number"]' }, '{"a_list":"id,number"}'],
		[{ a_list: '[{"id":1}]' }, '{"a_list":"[{\\"id\\":1}]"}'],
		[{ a_identifier: '"number=192"' }, '{"a_identifier":{"number":"192"}}'],
		[{ a_identifier: "'number=192'" }, '{"a_identifier":{"number":"192"}}'],
		[{ a_boolean: 'True' }, '{"a_boolean":true}'],
		[{ a_boolean: 'FALSE' }, '{"a_boolean":false}'],
	])('understands %j, as models write it', (value, text) => {
		expect(mapped(value)).toBe(text);
	});

	it('refuses an expression that returns nothing as JSON', () => {
		const saved = { jsonParameters: '={{ $json.none }}' };
		for (const nothing of ['', ' ', null, undefined]) {
			const fields = { specifyParameters: 'json', jsonParameters: nothing };
			expect(thrownBy(() => read(post, fields, {}, saved))).toMatchObject({
				message: "The expression in 'JSON' returns nothing for this item",
				description: expect.stringContaining('let it return {}'),
			});
			// A model's parameter is an expression, which the model knows nothing of.
			expect(thrownBy(() => read(post, fields, {}, saved, 'crmComTool'))).toMatchObject({
				message: "'JSON' is empty",
				description: 'Nothing was sent. Without parameters, write {}',
			});
		}
		const fields = { specifyParameters: 'json', jsonParameters: '{}' };
		expect(read(post, fields, {}, saved)).toBe('{}');
	});

	it('reads JSON as it is, or nothing', () => {
		for (const empty of ['', '  ', null, undefined]) expect(json(empty)).toBe('{}');
		expect(json(' {"b" : 1.0, "a":{ "c":12345678901234567890 }}')).toBe(
			'{"b":1.0,"a":{ "c":12345678901234567890 }}',
		);
		expect(json({ a: 1 })).toBe('{"a":1}');
		for (const invalid of ['[]', '{"a":', 7, true, [], new Date(0)])
			expect(thrownBy(() => json(invalid))).toMatchObject({
				message: "'JSON' is not a valid JSON object",
				description: 'Write it as in { "name": "value" }',
			});
	});

	it('takes nothing from the input item for a method that is not documented', () =>
		expect(
			thrownBy(() => read({ ...post, documentation: undefined }, { specifyParameters: 'input' })),
		).toMatchObject({
			message:
				'The parameters of POST a/b are not documented, so none can be taken from the input item',
			description: "Set 'Specify Parameters' to Using Fields Below or Using JSON",
		}));

	it('sends JSON under Undocumented Parameters as JSON, and any other text as text', () => {
		const rows = [
			{ name: 'object', value: '{"a":[1]}' },
			{ name: 'number', value: '7' },
			{ name: 'text', value: '[unpaid]' },
		];
		expect(read(post, { 'additionalParameters.parameter': rows })).toBe(
			'{"object":{"a":[1]},"number":"7","text":"[unpaid]"}',
		);
	});

	it('ignores a row of Undocumented Parameters without a name', () => {
		const rows = [{ name: ' ', value: '1' }, { value: '2' }, 'words', { name: ' b ', value: '3' }];
		expect(read(post, { 'additionalParameters.parameter': rows })).toBe('{"b":"3"}');
		expect(read(post, { 'additionalParameters.parameter': 'words' })).toBe('{}');
	});

	it('says what to do about a parameter that is given twice, or is the token', () => {
		const rows = (...names: string[]) => ({
			'additionalParameters.parameter': names.map((name) => ({ name, value: 1 })),
		});
		expect(thrownBy(() => read(post, rows('a', 'a')))).toMatchObject({
			message: "The parameter 'a' is given twice",
			description: 'Remove one of the two',
		});
		expect(thrownBy(() => read(post, rows('token')))).toMatchObject({
			message: "The parameter 'token' cannot be set",
			description: 'Remove it: the credential logs in by itself',
		});
	});

	it('reads from the input item the fields that are chosen, and all without a choice', () => {
		const item = { a_string: 'x', a_number: '7' };
		const input = (inputFields: unknown) =>
			read(post, { specifyParameters: 'input', inputFields }, item);
		expect(input(['a_number'])).toBe('{"a_number":7}');
		expect(input('a_number, a_string')).toBe('{"a_string":"x","a_number":7}');
		for (const none of [[], undefined, null, '']) {
			expect(input(none)).toBe('{"a_string":"x","a_number":7}');
		}
		const error = thrownBy(() => input(['S3cret-Pa55']));
		expect(error.message).toBe("'Fields to Send' has a name that the method does not take");
		// What an expression has returned may be a secret (P11).
		expect(JSON.stringify(error)).not.toContain('S3cret-Pa55');
	});

	it("reads only the input item's own fields", () => {
		const named = documentedMethod('GET', [
			{ name: 'constructor', type: 'string' },
			{ name: 'a', type: 'string' },
		]);
		expect(read(named, { specifyParameters: 'input' }, { a: 'x', b: 'y' })).toBe('{"a":"x"}');
	});
});

describe('a parameter that is missing', () => {
	const needy = documentedMethod('POST', [
		{ name: 'a', type: 'string', mandatory: true },
		{ name: 'b', type: 'string', mandatory: true },
		{ name: 'c', type: 'string', mandatory: null },
	]);

	it('is reported before anything is sent, with all that is missing', () => {
		expect(thrownBy(() => mapped({ c: '1' }, needy))).toMatchObject({
			message: "POST a/b needs 'A' (a), 'B' (b)",
			description: expect.stringMatching(
				/^Nothing was sent\. Add what is missing to the parameters/,
			),
		});
		expect(thrownBy(() => mapped({ a: '1' }, needy)).message).toBe("POST a/b needs 'B' (b)");
		expect(mapped({ a: '1', b: '2' }, needy)).toBe('{"a":"1","b":"2"}');
		expect(mapped({}, { ...needy, documentation: undefined })).toBe('{}');
	});

	it('is not reported in JSON, which is sent as it is', () => {
		const fields = { specifyParameters: 'json', jsonParameters: '{"c":1}' };
		expect(read(needy, fields)).toBe('{"c":1}');
	});

	it("is named in the advice of the vendor's error if it is only mandatory in some cases", () => {
		const choice = documentedMethod('GET', [
			{ name: 'a', type: 'string', mandatory: null },
			{ name: 'b', type: 'string', mandatory: null },
		]);
		expect(adviseOnParameters(choice, readMembers('{"c":1}'))).toMatch(
			/some of these: 'A' \(a\), 'B' \(b\)$/,
		);
		expect(adviseOnParameters(choice, readMembers('{"b":1}'))).toBe('');
		expect(adviseOnParameters(needy, readMembers('{"a":1}'))).toBe(
			". Depending on the case, the documentation may want some of these: 'C' (c)",
		);
		expect(adviseOnParameters(needy, readMembers('{"c":1}'))).toBe('');
		expect(adviseOnParameters(post, readMembers('{}'))).toBe('');
	});
});

it('sends only values of the method that an expression has chosen', () => {
	const fields = { parameters: { value: { a_string: 'x', of_another: 'y' } } };
	expect(read(post, fields, {}, { method: { mode: 'name', value: '={{ $json.method }}' } })).toBe(
		'{"a_string":"x"}',
	);
	expect(read(post, fields, {}, { method: { mode: 'name', value: 'POST a/b' } })).toBe(
		'{"a_string":"x","of_another":"y"}',
	);
	// Of a method that is not documented, it is not known which these are.
	const unknown = { ...post, documentation: undefined };
	for (const type of ['crmCom', 'crmComTool'])
		expect(read(unknown, fields, {}, { method: '={{ $json.method }}' }, type)).toBe(
			'{"a_string":"x","of_another":"y"}',
		);
});

it('withPage sets both parameters of a page as numbers', () =>
	expect(
		writeMembers(withPage(readMembers('{"a":"b"}'), { number_of_results: 5, offset: 10 })),
	).toBe('{"a":"b","number_of_results":5,"offset":10}'));

describe('identifiers that a model writes', () => {
	const account: MethodParameter = {
		name: 'accounts_receivable_identifier',
		type: 'identifier',
		mandatory: true,
	};
	const inTool = (value: unknown, record = account) => {
		const method = documentedMethod('GET', [record, ...byType]);
		const parameters = { value: { [record.name]: value, a_string: '192' } };
		const sent = JSON.parse(read(method, { parameters }, {}, {}, 'crmComTool')) as Record<
			string,
			string
		>;
		expect(sent['a_string']).toBe('192');
		return sent[record.name];
	};

	it.each([
		['192', 'number=192'],
		[192, 'number=192'],
		['number=192', 'number=192'],
		['id=7', 'id=7'],
		['{"number":"192"}', 'number=192'],
		[{ number: '192' }, 'number=192'],
		['93EE9CB4D8D82B91815EE58DE7E209F8', 'id=93EE9CB4D8D82B91815EE58DE7E209F8'],
		[' 93EE9CB4D8D82B91815EE58DE7E209F8 ', 'id=93EE9CB4D8D82B91815EE58DE7E209F8'],
	])('are understood: %j', (value, sent) => expect(inTool(value)).toBe(sent));

	it('need the name of a field where it is not known which one people mean', () =>
		expect(thrownBy(() => inTool('192', { ...account, name: 'type_identifier' })).message).toBe(
			"'Type' (type_identifier) needs the name of a field in front of its value",
		));
});
