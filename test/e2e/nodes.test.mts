import { describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';

import { request } from 'undici';

import { SALES } from '../fakes/aurea.mts';
import { rowsOf } from '../fakes/crmCom.mts';
import { mapper, method, resourceLocator, showContact } from '../harness/parameters.mts';
import { credentialsFor, newCredential, newLogin } from '../harness/credentials.mts';
import { PACKAGE } from '../harness/package.mts';
import { taskOf } from '../harness/rest.mts';
import { secretsFoundIn } from '../harness/secrets.mts';
import { httpRequest, many, type Subject } from '../harness/workflows.mts';
import { isAtLeast } from '../harness/versions.mts';
import { errorOf, jsonOf, runNode, useHarness, VERSION } from './useHarness.mts';

const harness = useHarness();

const crmCom = async (
	parameters: object,
	credentialType: string,
	id: string,
	given?: object[],
	more: object = {},
) =>
	await runNode(
		harness,
		{
			type: `${PACKAGE}.crmCom`,
			parameters: {
				authentication: credentialType === 'crmComWebApiKeyApi' ? 'webApiKey' : 'userLogin',
				...parameters,
			},
			credentials: { [credentialType]: { id, name: '' } },
			...more,
		},
		given as never,
	);

const aurea = async (parameters: object, id: string, given?: object[]) =>
	await runNode(
		harness,
		{
			type: `${PACKAGE}.aureaCampaignManager`,
			parameters: parameters as never,
			credentials: { aureaLoginApi: { id, name: '' } },
		},
		given as never,
	);

describe('CRM.COM', () => {
	it.each([['crmComUserLoginApi'], ['crmComWebApiKeyApi']])(
		'gets one token for 200 items with %s and releases it',
		async (type) => {
			const id = await newCredential(harness, type);
			const got = await crmCom({ operation: 'getToken' }, type, id, many(200));
			expect(jsonOf(got)).toHaveLength(200);
			const tokens = new Set(jsonOf(got).map(({ token }) => String(token)));
			expect(tokens.size).toBe(1);
			expect(harness.fakes.calls.all).toHaveLength(1);
			const released = await crmCom({ operation: 'releaseToken' }, type, id, jsonOf(got));
			expect(jsonOf(released)).toHaveLength(200);
			expect(harness.fakes.crmCom.released).toContain([...tokens][0]);
			expect(harness.fakes.calls.all).toHaveLength(2);
		},
	);

	it('does everyday actions with one login: a list in pages, a record and a change', async () => {
		const type = 'crmComUserLoginApi';
		const id = await newCredential(harness, type);
		harness.fakes.crmCom.lists.set('payments/list', rowsOf(120, 'P'));
		const account = {
			accounts_receivable_identifier: resourceLocator('number', '={{ $json.number }}'),
		};
		const given = [{ number: '192' }];
		const payments = await crmCom(
			{ resource: 'payment', operation: 'getMany', ...account, returnAll: true },
			type,
			id,
			given,
		);
		expect(jsonOf(payments)).toHaveLength(120);
		const shown = await crmCom(
			{ resource: 'account', operation: 'get', ...account },
			type,
			id,
			given,
		);
		expect(jsonOf(shown)).toEqual([expect.objectContaining({ number: '192' })]);
		const [contact] = harness.fakes.crmCom.contacts;
		const changed = await crmCom(
			{
				resource: 'contact',
				operation: 'update',
				contact_information_identifier: resourceLocator('id', contact!.id),
				additionalFields: {
					title: 'Dr',
					category_identifier: resourceLocator('other', '=name={{ $json.number }}'),
				},
			},
			type,
			id,
			given,
		);
		expect(jsonOf(changed)).toEqual([{ success: true }]);
		const [sent] = harness.fakes.calls.of('contact_information/update');
		expect(JSON.parse(sent!.body)).toMatchObject({
			title: 'Dr',
			category_identifier: { name: '192' },
		});
		expect(harness.fakes.calls.count('authentication/token')).toBe(1);
	});

	it("shows the vendor's words, the next step and the item, but no secret", async () => {
		const login = newLogin(harness, 'crmComUserLoginApi');
		const id = await newCredential(harness, 'crmComUserLoginApi', {
			...login,
			password: 'refused-Pa55',
		});
		const execution = await crmCom({ operation: 'getToken' }, 'crmComUserLoginApi', id);
		expect(errorOf(execution)).toMatchObject({
			message: 'The user name or the password is wrong',
			description: expect.stringContaining(
				"check 'User Name', 'Password', 'Organisation' and 'Unit ID'",
			),
			context: { itemIndex: 0 },
		});
		expect(secretsFoundIn(execution.raw, ['refused-Pa55'])).toEqual([]);
	});

	it('continues with the other items when one login by expression fails', async () => {
		const [good, bad] = [
			newLogin(harness, 'crmComUserLoginApi'),
			{ ...newLogin(harness, 'crmComUserLoginApi'), password: 'refused-Pa55' },
		];
		const id = await newCredential(harness, 'crmComUserLoginApi', {
			username: '={{ $json.username }}',
			password: '={{ $json.password }}',
		});
		const execution = await crmCom(
			{ operation: 'getToken' },
			'crmComUserLoginApi',
			id,
			[good, bad, good],
			{ onError: 'continueRegularOutput' },
		);
		expect(jsonOf(execution)).toEqual([
			expect.objectContaining({ username: good['username'] }),
			{ error: expect.objectContaining({ message: 'The user name or the password is wrong' }) },
			expect.objectContaining({ username: good['username'] }),
		]);
	});
});

describe('Release Token', () => {
	it.each([
		['no token', {}, 'There is no token to release in this item'],
		['a token that has ended', { token: 'F'.repeat(32) }, 'The token is not valid'],
		[
			"another server's token",
			{ token: 'F'.repeat(32), serverUrl: 'https://other.example.com' },
			/The token of this item was issued by https:\/\/other\.example\.com/,
		],
	])('says what is wrong with %s', async (_what, given, message) => {
		const id = await newCredential(harness, 'crmComUserLoginApi');
		const { message: shown, context } = errorOf(
			await crmCom({ operation: 'releaseToken' }, 'crmComUserLoginApi', id, [given]),
		)!;
		if (typeof message === 'string') expect(shown).toBe(message);
		else expect(shown).toMatch(message);
		expect(context).toMatchObject({ itemIndex: 0 });
	});
});

describe('the error output', () => {
	const settings = { onError: 'continueErrorOutput' };

	async function outputsOf(subject: Subject, given: object[]) {
		const execution = await runNode(
			harness,
			{ ...subject, ...settings } as Subject,
			given as never,
		);
		expect(execution.status).toBe('success');
		const [good = [], bad = []] = taskOf(execution, 'Subject')!.data!['main']!.map(
			(items) => items ?? [],
		);
		const origins = (items: typeof good) =>
			items.map(
				({ pairedItem }) =>
					[pairedItem]
						.flat()
						.map((paired) => (typeof paired === 'object' ? paired.item : paired))[0],
			);
		return {
			good: origins(good),
			bad: origins(bad),
			errors: bad.map(({ json }) => (json['error'] as { message: string }).message),
		};
	}

	it.each([
		['Get Token', { operation: 'getToken' }],
		['Call Method', showContact],
	])(
		'sends the failed items of %s to the error output, each with its error',
		async (_name, parameters) => {
			const [good, bad] = [
				newLogin(harness, 'crmComUserLoginApi'),
				{ ...newLogin(harness, 'crmComUserLoginApi'), password: 'refused-Pa55' },
			];
			const id = await newCredential(harness, 'crmComUserLoginApi', {
				username: '={{ $json.username }}',
				password: '={{ $json.password }}',
			});
			const credentials = { crmComUserLoginApi: { id, name: '' } };
			const outputs = await outputsOf({ type: `${PACKAGE}.crmCom`, parameters, credentials }, [
				good,
				bad,
				good,
			]);
			expect(outputs).toEqual({
				good: [0, 2],
				bad: [1],
				errors: ['The user name or the password is wrong'],
			});
		},
	);

	it('sends inaccessible organizations of Switch Organization to the error output', async () => {
		const id = await newCredential(harness, 'aureaLoginApi');
		const given = [SALES, 'ffffffff-0000-0000-0000-000000000000', SALES].map((organizationUid) => ({
			organizationUid,
		}));
		const credentials = { aureaLoginApi: { id, name: '' } };
		const outputs = await outputsOf(
			{
				type: `${PACKAGE}.aureaCampaignManager`,
				parameters: { operation: 'switchOrganization' },
				credentials,
			},
			given,
		);
		expect(outputs).toMatchObject({
			good: [0, 2],
			bad: [1],
			errors: ['The login has no access to the organization ffffffff-0000-0000-0000-000000000000'],
		});
	});

	it('sends what the credential refuses to the error output of an HTTP Request node', async () => {
		const id = await newCredential(harness, 'crmComUserLoginApi');
		const own = `${harness.fakes.crmCom.url}/crmapi/rest/v2/contact_information/show?contact_information_identifier=number%3DCI000111`;
		const given = [own, 'https://other.example.com/', own].map((url) => ({ url }));
		const outputs = await outputsOf(
			httpRequest('crmComUserLoginApi', id, { url: '={{ $json.url }}' }),
			given,
		);
		expect(outputs).toMatchObject({
			good: [0, 2],
			bad: [1],
			errors: [expect.stringContaining('but the request goes to https://other.example.com')],
		});
	});
});

describe('Call Method', () => {
	const type = 'crmComUserLoginApi';
	const show = (value: string) => ({
		...showContact,
		parameters: mapper({ contact_information_identifier: value }),
	});
	const tokens = () => [...harness.fakes.crmCom.sessions.keys()];

	it('shares the credential session with HTTP Request nodes and shows no token', async () => {
		const id = await newCredential(harness, type);
		const execution = await crmCom(show('number=CI000111'), type, id, many(200));
		expect(jsonOf(execution)).toHaveLength(200);
		const url = `${harness.fakes.crmCom.url}/crmapi/rest/v2/contact_information/show?contact_information_identifier=number%3DCI000111`;
		await runNode(harness, httpRequest(type, id, { url }));
		expect(harness.fakes.calls.counts()).toEqual({
			'authentication/token': 1,
			'contact_information/show': 201,
		});
		expect(secretsFoundIn(execution.raw, tokens())).toEqual([]);
	});

	it('fails only the item that CRM.COM rejects', async () => {
		const id = await newCredential(harness, type);
		const given = ['CI000111', 'CI9'].map((number) => ({ number }));
		const execution = await crmCom(show('=number={{ $json.number }}'), type, id, given, {
			onError: 'continueRegularOutput',
		});
		expect(jsonOf(execution).map(({ error, number }) => error ?? number)).toEqual([
			'CI000111',
			expect.objectContaining({ message: 'The contact information was not found' }),
		]);
	});

	it('renews once for concurrent requests when CRM.COM has ended the session', async () => {
		const id = await newCredential(harness, type);
		await crmCom(show('number=CI000111'), type, id);
		await sleep(61_000);
		harness.fakes.crmCom.endAllSessions();
		harness.fakes.calls.clear();
		const execution = await crmCom(show('number=CI000111'), type, id, many(50));
		expect(errorOf(execution)).toBeUndefined();
		expect(harness.fakes.calls.count('authentication/token')).toBe(1);
		expect(harness.fakes.calls.count('contact_information/show')).toBeLessThanOrEqual(55);
	});

	it('reads 10,000 rows page by page', async () => {
		harness.fakes.crmCom.lists.set('currencies/list', rowsOf(10_000));
		const id = await newCredential(harness, type);
		const execution = await crmCom(
			{
				operation: 'getMany',
				method: method('GET currencies/list'),
				returnAll: true,
				options: { pageSize: 1000 },
			},
			type,
			id,
		);
		expect(jsonOf(execution)).toHaveLength(10_000);
		// Ten pages, the empty one, and those requested ahead.
		expect(harness.fakes.calls.count('currencies/list')).toBeLessThanOrEqual(11 + 4);
	});
});

describe('the form of a method', () => {
	const ask = async <Answer,>(kind: string, path: string, methodName: string, more: object) =>
		await harness.rest.send<Answer>('POST', `/rest/dynamic-node-parameters/${kind}`, {
			nodeTypeAndVersion: { name: `${PACKAGE}.crmCom`, version: 1 },
			path: `parameters.${path}`,
			methodName,
			credentials: {},
			...more,
		});

	it('lists methods by words, without a credential and without a request', async () => {
		const { results } = await ask<{ results: Array<{ value: string }> }>(
			'resource-locator-results',
			'method',
			'searchMethods',
			{ filter: 'payments of an account', currentNodeParameters: {} },
		);
		expect(results.map(({ value }) => value)).toContain('GET payments/list');
		expect(harness.fakes.calls.all).toEqual([]);
	});

	it.each([
		['callMethod', 'GET payments/list', ['accounts_receivable_identifier', 'fields_set']],
		['callMethod', 'GET currencies/list', ['life_cycle_state', 'number_of_results', 'offset']],
		['getMany', 'GET currencies/list', ['life_cycle_state', 'fields_set']],
		['callMethod', 'not a method', []],
	])('offers in %s the documented parameters of %j', async (operation, name, expected) => {
		const { fields } = await ask<{ fields: Array<{ id: string; required: boolean }> }>(
			'resource-mapper-fields',
			'parameters',
			'getParameters',
			{ currentNodeParameters: { operation, method: method(name) } },
		);
		const names = fields.map(({ id }) => id);
		expect(names).toEqual(expect.arrayContaining(expected));
		if (expected.length === 0) expect(names).toEqual([]);
		if (operation === 'getMany') expect(names).not.toContain('offset');
		expect(fields.find(({ id }) => id === 'accounts_receivable_identifier')?.required ?? true).toBe(
			true,
		);
	});
});

describe('Aurea Campaign Manager', () => {
	it('lists organizations, switches to them and gets tokens', async () => {
		const id = await newCredential(harness, 'aureaLoginApi');
		const listed = await aurea({ operation: 'listOrganizations', returnAll: true }, id);
		expect(jsonOf(listed)).toHaveLength(4);
		const switched = await aurea({ operation: 'switchOrganization' }, id, jsonOf(listed));
		expect(new Set(jsonOf(switched).map(({ token }) => token)).size).toBe(4);
		const got = await aurea(
			{ operation: 'getToken', organization: resourceLocator('uid', SALES) },
			id,
		);
		expect(jsonOf(got)[0]).toMatchObject({ organizationName: 'Sales2', siteId: null });
		expect(harness.fakes.calls.counts()).toEqual({ sessions: 3, 'sessions/switch': 5 });
	});

	it.each([
		[
			'a wrong password',
			{ operation: 'getToken' },
			{ password: 'refused-Pa55' },
			{},
			'Invalid username or password',
		],
		[
			'a wrong password',
			{ operation: 'listOrganizations' },
			{ password: 'refused-Pa55' },
			{},
			'Invalid username or password',
		],
		[
			'a wrong password',
			{ operation: 'switchOrganization' },
			{ password: 'refused-Pa55' },
			{ organizationUid: SALES },
			'Invalid username or password',
		],
		[
			'an organization of another login',
			{
				operation: 'getToken',
				organization: resourceLocator('uid', 'ffffffff-0000-0000-0000-000000000000'),
			},
			{},
			{},
			/organization/,
		],
		[
			'no organization',
			{ operation: 'switchOrganization' },
			{},
			{},
			"The expression in 'Organization' returns nothing for this item",
		],
		[
			'a token that has ended',
			{ operation: 'switchOrganization', tokenSource: 'input' },
			{},
			{ organizationUid: SALES, token: '00000000-0000-0000-0000-000000000000' },
			/token/i,
		],
	])('says what is wrong with %s, in %j', async (_what, parameters, login, given, message) => {
		const id = await newCredential(harness, 'aureaLoginApi', login);
		const execution = await aurea(parameters, id, [given]);
		const { message: shown, description } = errorOf(execution)!;
		expect(shown).toMatch(message);
		expect(description).toBeTruthy();
		expect(secretsFoundIn(execution.raw, ['refused-Pa55'])).toEqual([]);
	});

	const searchOrganizations = async (id: string) =>
		await harness.rest.send<{ results: { name: string; value: string }[] }>(
			'POST',
			'/rest/dynamic-node-parameters/resource-locator-results',
			{
				nodeTypeAndVersion: { name: `${PACKAGE}.aureaCampaignManager`, version: 1 },
				path: 'parameters.organization',
				methodName: 'searchOrganizations',
				currentNodeParameters: {},
				credentials: { aureaLoginApi: { id, name: '' } },
				filter: 'sales',
			},
		);

	it('searches the organizations for the picker', async () => {
		const { results } = await searchOrganizations(await newCredential(harness, 'aureaLoginApi'));
		expect(results).toEqual([expect.objectContaining({ name: 'Sales2', value: SALES })]);
	});

	it('searches them for a credential whose organization is an expression, from n8n 2 on', async () => {
		const id = await newCredential(harness, 'aureaLoginApi', {
			organizationUid: '={{ $json.organizationUid }}',
		});
		const search = searchOrganizations(id);
		if (isAtLeast(VERSION, '2.35')) {
			expect((await search).results).toHaveLength(1);
		} else {
			await expect(search).rejects.toThrow();
		}
	});
});

describe("a credential's test", () => {
	it.each([['crmComUserLoginApi'], ['crmComWebApiKeyApi'], ['aureaLoginApi']])(
		'tests %s truthfully, whether it is saved or not',
		async (type) => {
			const { name, data } = credentialsFor(harness.fakes)[type]!;
			const good = { ...data, ...newLogin(harness, type) };
			const secret = type === 'crmComWebApiKeyApi' ? 'webApiKey' : 'password';
			const bad = { ...good, [secret]: 'refused-Pa55' };
			const rejection = {
				crmComUserLoginApi: 'The user name or the password is wrong. ',
				crmComWebApiKeyApi: 'The Web API key is wrong. ',
				aureaLoginApi: 'Invalid username or password. ',
			}[type]!;
			const rejected = { status: 'Error', message: expect.stringContaining(rejection) };
			expect(await harness.rest.testCredential({ name, type, data: good })).toEqual({
				status: 'OK',
				message: 'Connection successful!',
			});
			expect(await harness.rest.testCredential({ name, type, data: bad })).toEqual(rejected);
			const id = await harness.rest.createCredential(name, type, good);
			expect(await harness.rest.testCredential({ id, name, type, data: good })).toMatchObject({
				status: 'OK',
			});
			harness.fakes.crmCom.users.forEach(
				(user) => user.username === good['username'] && (user.password = 'changed'),
			);
			harness.fakes.aurea.users.forEach(
				(user) => user.username === good['username'] && (user.password = 'changed'),
			);
			harness.fakes.crmCom.keys.forEach(
				(entry) => entry.key === good['webApiKey'] && (entry.key = 'changed'),
			);
			expect(await harness.rest.testCredential({ id, name, type, data: good })).toEqual(rejected);
		},
	);

	it.each([
		[{ organisation: 'NOPE' }, 'Organisation NOPE does not exist'],
		[{ unit: '55' }, 'The user does not belong to this unit'],
		[{ serverUrl: 'crm.example.com' }, "'Server URL' is not an http(s) address"],
		[
			{ serverUrl: 'https://no.such.host.invalid' },
			'no.such.host.invalid is a host that does not exist',
		],
	])('explains %j in its own sentence', async (changes, message) => {
		const { name, data } = credentialsFor(harness.fakes)['crmComUserLoginApi']!;
		const pressed = await harness.rest.testCredential({
			name,
			type: 'crmComUserLoginApi',
			data: { ...data, ...changes },
		});
		expect(pressed.status).toBe('Error');
		expect(pressed.message.split('. ')[0]).toBe(message);
	});
});

describe("n8n's editor", () => {
	it.each([
		['crmCom', 'webApi/getToken'],
		['crmCom', 'webApi/releaseToken'],
		['aureaCampaignManager', 'getToken'],
		['aureaCampaignManager', 'listOrganizations'],
		['aureaCampaignManager', 'switchOrganization'],
	])('serves the output schema of %s, %s', async (node, operation) => {
		const { statusCode, body } = await request(
			`${harness.n8n.url}/schemas/${PACKAGE}.${node}/1.0.0/${operation}.json`,
		);
		expect(statusCode).toBe(200);
		expect(await body.json()).toMatchObject({ type: 'object', properties: expect.any(Object) });
	});
});
