import { describe, expect, it } from '@jest/globals';

import {
	CATALOGUE,
	findMethods,
	methodName,
	suggestMethods,
} from '../../nodes/CrmCom/catalogue.ts';
import { searchListMethods, searchMethods } from '../../nodes/CrmCom/listSearch.ts';
import { adviseOnMethod, createMethod } from '../../nodes/CrmCom/method.ts';
import { isCertainlyRead, parseMethod } from '../../nodes/CrmCom/methodInput.ts';
import { HOSTILE_PATHS } from './hostilePaths.mts';
import { thrownBy } from './failures.mts';

const SERVER = 'https://crm.example.com/crmapi/rest/v2';
const SHOW = 'contact_information/show';

describe('parseMethod', () => {
	it.each([
		[`GET ${SHOW}`],
		[`  get   ${SHOW} `],
		[SHOW],
		[`/${SHOW}//`],
		[`/crmapi/rest/v2/${SHOW}`],
		[`crmapi/rest/v2/${SHOW}`],
		[`${SERVER}/${SHOW}`],
		[`GET ${SERVER}/${SHOW}/`],
		[`${SERVER}///${SHOW}///`],
		[`HTTPS://CRM.example.com:443/crmapi/rest/v2/./x/../${SHOW}`],
	])('reads %s', (typed) =>
		expect(parseMethod(typed, SERVER)).toMatchObject({
			httpMethod: 'GET',
			path: SHOW,
			documentation: { summary: expect.any(String) },
		}),
	);

	it('reads a method that is not documented, with a verb', () =>
		expect(parseMethod('POST a/b_c/d', SERVER)).toEqual({
			isRead: false,
			isRepeatable: false,
			parametersIn: 'body',
			httpMethod: 'POST',
			path: 'a/b_c/d',
			documentation: undefined,
		}));

	it('reads a verb at the beginning only', () => {
		for (const typed of ['payments get list', 'a/b GET c/d', 'get', 'POST', 'getpayments/list'])
			expect(() => parseMethod(typed, SERVER)).toThrow(/^'Method' (is not a method|does not say)/);
	});

	it('reads a path of up to 500 characters in a text of up to 2,000', () => {
		const path = (length: number) => `a/${'b'.repeat(length - 2)}`;
		expect(parseMethod(`GET ${path(500)}`, SERVER).path).toHaveLength(500);
		expect(() => parseMethod(`GET ${path(501)}`, SERVER)).toThrow(/is not a method/);
		const long = (length: number) => `GET ${SHOW}`.padEnd(length, '/');
		expect(parseMethod(long(2_000), SERVER).path).toBe(SHOW);
		expect(() => parseMethod(long(2_001), SERVER)).toThrow(/is not a method/);
	});

	it.each([[''], [' '], [undefined], [null], [7], [{}]])('reports %j as empty', (typed) =>
		expect(thrownBy(() => parseMethod(typed, SERVER)).message).toBe("'Method' is empty"),
	);

	it.each([
		['https://ada@crm.example.com/crmapi/rest/v2'],
		['https://:secret@crm.example.com/crmapi/rest/v2'],
		['https://other.example.com/crmapi/rest/v2'],
		['s3+ftp://crm.example.com/crmapi/rest/v2'],
	])('sends nothing to %s (P10)', (base) =>
		expect(thrownBy(() => parseMethod(`GET ${base}/${SHOW}`, SERVER))).toMatchObject({
			message: "'Method' is a URL on a different server than the credential's",
			description: expect.stringMatching(/^Nothing was sent\. .*https:\/\/crm\.example\.com/),
		}),
	);

	it.each([['authentication/token'], ['POST organisation/set_session_settings']])(
		'leads from %s to the operations with tokens of their own',
		(typed) =>
			expect(thrownBy(() => parseMethod(typed, SERVER)).description).toBe(
				'Use the operations Get Token and Release Token, whose tokens belong to the workflow',
			),
	);

	it.each(HOSTILE_PATHS)('lets %.60j lead nowhere else (P10)', (path) => {
		for (const typed of [
			path,
			`GET ${path}`,
			`POST /${path}`,
			`GET ${SERVER}/${path}`,
			`${SERVER}${path}`,
		])
			expect(thrownBy(() => parseMethod(typed, SERVER)).message.length).toBeLessThan(200);
	});

	it("keeps a server's other path", () => {
		const server = 'https://proxy.example/crm/api';
		expect(parseMethod(`GET ${server}/a/b`, server).path).toBe('a/b');
		expect(
			thrownBy(() => parseMethod('GET https://proxy.example/crm/a/b', server)).message,
		).toContain('a different server');
	});

	it('asks for the verb when the documentation has none or both', () => {
		expect(thrownBy(() => parseMethod('payment/list', SERVER))).toMatchObject({
			message: "'Method' does not say whether payment/list is a GET or a POST",
			description: expect.stringMatching(
				/Enter GET payment\/list or POST payment\/list. Similar ones are GET payments\/list/,
			),
		});
		expect(thrownBy(() => parseMethod('subscriptions/list', SERVER)).description).toBe(
			'The documentation has both. Enter GET subscriptions/list or POST subscriptions/list',
		);
	});
});

describe('isCertainlyRead', () => {
	it.each([
		['GET a/b', true],
		['post a/b', false],
		[SHOW, true],
		[` ${SHOW} `, true],
		[`/crmapi/rest/v2/${SHOW}/`, true],
		['contact_information/create', false],
		['subscriptions/list', false],
		['not/known', false],
		[undefined, false],
		[{ mode: 'list', value: 'GET a/b' }, true],
		[{ mode: 'name', value: '={{ $json.method }}' }, false],
		['=GET {{ $json.path }}', true],
		['=POST {{ $json.path }}', false],
		['=GET{{ $json.path }}', false],
		[`GET ${'a'.repeat(3_000_000)}`, true],
	])('says of %.40j: %j', (saved, expected) => expect(isCertainlyRead(saved)).toBe(expected));
});

describe('adviseOn', () => {
	it('names the documented verb, or similar methods, or nothing', () => {
		const adviceFor = (name: string) => adviseOnMethod(parseMethod(name, SERVER));
		expect(adviceFor(`GET ${SHOW}`)).toBe('');
		expect(adviceFor(`POST ${SHOW}`)).toBe(`. It is documented as GET ${SHOW}`);
		expect(adviceFor('GET service_requests/list')).toBe(
			'. No public page says its verb: it may be POST service_requests/list',
		);
		expect(adviceFor('GET payment/list')).toBe(
			'. payment/list is not among the documented methods that this node knows. Similar ones are GET payments/list, POST payments/post',
		);
		expect(adviceFor('GET something/quite_different')).toBe(
			'. something/quite_different is not among the documented methods that this node knows',
		);
	});
});

describe('the catalogue', () => {
	const all = CATALOGUE;

	it('has complete lines, sorted, each method once', () => {
		expect(all).toHaveLength(265);
		const keys = all.map(({ path, httpMethod }) => `${path} ${httpMethod}`);
		expect(new Set(keys).size).toBe(keys.length);
		for (const { path, httpMethod, summary, isList, isPaged, parameters, source } of all) {
			expect(path).toMatch(/^[a-z_]+(\/[a-z_]+)+$/);
			expect(['GET', 'POST']).toContain(httpMethod);
			expect(summary).toMatch(/^[A-Z].{5,}[^.]$/);
			expect(typeof isList).toBe('boolean');
			expect([true, false, null]).toContain(isPaged);
			expect(source).toMatch(/^https:\/\//);
			expect(new Set(parameters.map(({ name }) => name)).size).toBe(parameters.length);
			for (const { name, type, mandatory } of parameters) {
				expect(name).toMatch(/^[a-z_\d]+$/);
				expect(['string', 'number', 'boolean', 'list', 'identifier', 'json', 'date']).toContain(
					type,
				);
				expect([true, null, undefined]).toContain(mandatory);
			}
		}
	});

	it('is sorted by path in its file', async () => {
		const { default: lines } = (await import('../../nodes/CrmCom/methods.json')) as unknown as {
			default: Array<{ path: string; httpMethod: string }>;
		};
		const keys = lines.map(({ path, httpMethod }) => `${path} ${httpMethod}`);
		expect(keys).toEqual([...keys].sort());
	});

	it('offers nothing that gives out tokens, was never implemented or takes files', () => {
		const excluded =
			/^(authentication|usage_authorisation)\/|^attachments\/add$|accept_consent$|set_session_settings$/;
		expect(all.filter(({ path }) => excluded.test(path))).toEqual([]);
		expect(
			all.flatMap(({ parameters }) => parameters).filter(({ name }) => name === 'token'),
		).toEqual([]);
	});

	it('has each parameter of a range', () => {
		const names = findMethods('invoices/write_off')[0]!.parameters.map(({ name }) => name);
		expect(names).toEqual(expect.arrayContaining(['udf_string_1', 'udf_string_8', 'udf_float_4']));
	});

	it.each([
		['POST vouchers/purchase_evoucher', 'use_funds_from'],
		['POST customer_events/purchases/create', 'accounts_receivable_identifier'],
		['POST customer_events/purchases/preview', 'accounts_receivable_identifier'],
		['GET jobs/configuration/cancellation_reasons/list', 'job_type_identifier'],
		['POST subscriptions/change_subscription_distribution', 'business_classification_code'],
		['POST usage_authorisations/create', 'accounts_receivable_identifier'],
		['GET payments/get_latest', 'accounts_receivable_identifier'],
	])('does not say of %s that %s is mandatory in every release', (name, parameter) => {
		const found = all.find((method) => methodName(method) === name)!;
		expect(found.parameters.find((known) => known.name === parameter)?.mandatory).toBeNull();
	});

	it('has the values of an enumeration, unless its list is incomplete', () => {
		const valuesOf = (name: string, parameter: string) =>
			all
				.find((method) => methodName(method) === name)!
				.parameters.find((known) => known.name === parameter)!.values;
		expect(valuesOf('POST contact_information/create', 'type')).toEqual(['PERSON', 'COMPANY']);
		expect(valuesOf('GET segmentation/list', 'entity')).toBeUndefined();
	});

	it('marks what was inferred as unconfirmed, and repeats no method with an inferred verb', () => {
		const unconfirmed = all.filter((method) => method.unconfirmed !== undefined);
		expect(unconfirmed).toHaveLength(19);
		for (const { httpMethod, path, unconfirmed: what } of unconfirmed)
			expect(createMethod(httpMethod, path).isRepeatable).toBe(
				what === 'path' && httpMethod === 'GET',
			);
	});

	it('suggests the methods with the most similar spelling, nearest first', () => {
		expect(suggestMethods('payments/lost')[0]).toBe('GET payments/list');
		expect(suggestMethods('ayments/list')[0]).toBe('GET payments/list');
		expect(suggestMethods('contact_information/shwo')[0]).toBe('GET contact_information/show');
		expect(suggestMethods('jobs/all_scopes/get_due')).toEqual([
			'GET jobs/all_scopes/get_draft',
			'GET jobs/all_scopes/get_overdue',
		]);
	});

	it('counts each letter that is inserted, left out or replaced', () => {
		const isSuggested = (path: string) => suggestMethods(path).includes('GET payments/list');
		expect(isSuggested('xxxxpayments/list')).toBe(true);
		expect(isSuggested('xxxxxyments/list')).toBe(false);
		expect(isSuggested('yments/list')).toBe(true);
		expect(isSuggested('ments/listx')).toBe(false);
	});

	it('suggests nothing with a very different spelling', () => {
		expect(suggestMethods('x/y')).toEqual([]);
		expect(suggestMethods('x'.repeat(500))).toEqual([]);
	});
});

describe('the list of methods', () => {
	const search = async (text?: string) => (await searchMethods.call({} as never, text)).results;

	it('offers a typed undocumented method first, with both verbs if none is typed', async () => {
		const first = async (text: string, count: number) =>
			(await search(text)).slice(0, count).map(({ name, value }) => ({ name, value }));
		expect(await first('payments/xyz', 2)).toEqual([
			{ name: 'GET payments/xyz (not documented)', value: 'GET payments/xyz' },
			{ name: 'POST payments/xyz (not documented)', value: 'POST payments/xyz' },
		]);
		expect(await first(' post payments/xyz ', 1)).toEqual([
			{ name: 'POST payments/xyz (not documented)', value: 'POST payments/xyz' },
		]);
		// Also with the base path, as in the vendor's documentation.
		for (const text of ['/crmapi/rest/v2/payments/list', 'payments/list/'])
			expect((await first(text, 9)).map(({ name }) => name)).not.toContainEqual(
				expect.stringContaining('not documented'),
			);
		expect((await first('get   /zzq/xxq/yyq', 1)).map(({ value }) => value)).toEqual([
			'GET zzq/xxq/yyq',
		]);
		expect(await first('GET payments/list', 1)).toEqual([
			{ name: expect.stringMatching(/^GET payments\/list – /), value: 'GET payments/list' },
		]);
		// A method documented with one verb is not offered with the other.
		for (const text of [
			'contact_information/show',
			'POST contact_information/show',
			'nothing like this',
			'x y/z',
			'a/b?c',
			'a//b',
			'get',
		])
			expect((await search(text)).filter(({ name }) => name.includes('not documented'))).toEqual(
				[],
			);
	});

	it('offers no undocumented POST as a list, since it would not be read', async () => {
		const searchLists = async (text: string) =>
			(await searchListMethods.call({} as never, text)).results.map(({ value }) => value);
		expect((await searchLists('payments/xyz'))[0]).toBe('GET payments/xyz');
		for (const text of ['post payments/xyz', 'contact_information/show'])
			expect(await searchLists(text)).not.toContain(text);
	});

	it('offers no method about sessions', async () => {
		for (const text of ['authentication/token', 'organisation/set_session_settings'])
			expect((await search(text)).filter(({ value }) => String(value).endsWith(text))).toEqual([]);
	});

	it('marks what is deprecated', async () => {
		const names = (await search('access_tokens/configuration')).map(({ name }) => name);
		expect(names).toContainEqual(
			expect.stringMatching(
				/^GET access_tokens\/configuration\/classifications\/list \(deprecated\) – /,
			),
		);
	});

	it('offers list methods only to Get Many', async () => {
		const { results } = await searchListMethods.call({} as never);
		expect(results.length).toBeGreaterThan(50);
		expect(results.map(({ value }) => value)).not.toContain(`GET ${SHOW}`);
	});
});
