import { describe, expect, it } from '@jest/globals';
import { rowsOf } from '../fakes/crmCom.mts';
import { setTimeout as sleep } from 'node:timers/promises';

import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { CURRENT, SALES } from '../fakes/aurea.mts';
import { method, showContact } from '../harness/parameters.mts';
import { newCredential, newLogin } from '../harness/credentials.mts';
import { PACKAGE } from '../harness/package.mts';
import { secretsFoundIn, secretsOf, writtenBy } from '../harness/secrets.mts';
import { isAtLeast } from '../harness/versions.mts';
import { taskOf } from '../harness/rest.mts';
import { httpRequest, inARow, many, nodeOf, workflowOf } from '../harness/workflows.mts';
import { errorOf, jsonOf, runNode, useHarness, VERSION } from './useHarness.mts';

const harness = useHarness({ N8N_LOG_LEVEL: 'debug' });
const USER = 'crmComUserLoginApi';
const AUREA = 'aureaLoginApi';
const LOGIN = 'authentication/token';
const SHOW = 'contact_information/show';
const CREATE = 'contact_information/create';
const LISTS = '{orgUid}/lists';

const crmCom = (path: string) => `${harness.fakes.crmCom.url}/crmapi/rest/v2/${path}`;
const lists = () => `${harness.fakes.aurea.url}/${CURRENT}/lists/`;
const show = (): INodeParameters => ({
	url: `${crmCom(SHOW)}?contact_information_identifier=number%3DCI000111`,
});
const json = (body: string) => ({
	method: 'POST',
	sendBody: true,
	specifyBody: 'json',
	jsonBody: body,
});

/** Runs an HTTP Request node with the credential; checks first that the record holds no secret. */
async function send(
	type: string,
	id: string,
	parameters: INodeParameters,
	given?: IDataObject[],
	more: object = {},
) {
	const execution = await runNode(harness, httpRequest(type, id, parameters, more), given);
	expect(secretsFoundIn(execution.raw, secretsOf(harness.fakes))).toEqual([]);
	return execution;
}

/** The versions of the HTTP Request node that this n8n has. */
const HTTP_REQUEST_VERSIONS = [
	3,
	4,
	4.1,
	4.2,
	4.3,
	...(isAtLeast(VERSION, '2.35') ? [4.4, 4.5] : []),
];
/** Before 2.34, no second send is requested: n8n would write resolved expressions into the credential. */
const SENDS_AGAIN = isAtLeast(VERSION, '2.34');

const tokenIn = (url: string) => new URL(url, 'http://vendor').searchParams.get('token');

describe('one login for concurrent requests', () => {
	it.each(HTTP_REQUEST_VERSIONS.map((typeVersion) => [typeVersion]))(
		'serves 200 items of an HTTP Request node %d with one login',
		async (typeVersion) => {
			const id = await newCredential(harness, USER);
			const execution = await send(USER, id, show(), many(200), { typeVersion });
			expect(jsonOf(execution)).toHaveLength(200);
			expect(harness.fakes.calls.counts()).toEqual({ [LOGIN]: 1, [SHOW]: 200 });
		},
	);

	it('serves ten concurrent workflows with one login although the vendor is slow', async () => {
		const id = await newCredential(harness, USER);
		harness.fakes.faults.plan(LOGIN, { kind: 'slow', milliseconds: 2_000 });
		// One after the other: n8n 1.x mixes up concurrent SQLite transactions.
		const workflows: string[] = [];
		for (let index = 0; index < 10; index++)
			workflows.push(
				await harness.rest.createWorkflow(workflowOf(httpRequest(USER, id, show()), many(5))),
			);
		for (const { raw } of await Promise.all(
			workflows.map(async (workflow) => await harness.rest.run(workflow, 'Start')),
		)) {
			expect(secretsFoundIn(raw, secretsOf(harness.fakes))).toEqual([]);
		}
		expect(harness.fakes.calls.counts()).toEqual({ [LOGIN]: 1, [SHOW]: 50 });
	});

	it('logs in once with batching', async () => {
		const id = await newCredential(harness, USER);
		const batching = { batching: { batch: { batchSize: 5, batchInterval: 20 } } };
		await send(USER, id, { ...show(), options: batching }, many(20));
		expect(harness.fakes.calls.counts()).toEqual({ [LOGIN]: 1, [SHOW]: 20 });
	});
});

describe('renewal', () => {
	it('renews a session between runs before its token expires', async () => {
		Object.assign(harness.fakes.crmCom, { release: 'R12', jwtLifetime: 12 });
		const id = await newCredential(harness, USER);
		await send(USER, id, show(), many(3));
		await send(USER, id, show(), many(3));
		expect(harness.fakes.calls.count(LOGIN)).toBe(1);
		await sleep(11_000);
		await send(USER, id, show(), many(3));
		Object.assign(harness.fakes.crmCom, { release: 'R11', jwtLifetime: 7_200 });
		expect(harness.fakes.calls.count(LOGIN)).toBe(2);
		expect(harness.fakes.calls.of(SHOW).every(({ outcome }) => outcome === 'OK')).toBe(true);
	});

	it('renews once for concurrent requests when Aurea has ended the session', async () => {
		const id = await newCredential(harness, AUREA);
		await send(AUREA, id, { url: lists() });
		harness.fakes.aurea.endAllSessions();
		harness.fakes.calls.clear();
		const parameters = { url: lists(), ...json('{"mailingListName":"News"}') };
		const succeeded = async () => {
			const execution = await send(AUREA, id, parameters, many(20), {
				onError: 'continueRegularOutput',
			});
			return jsonOf(execution).filter(({ error }) => error === undefined).length;
		};
		const atOnce = await succeeded();
		if (SENDS_AGAIN) expect(atOnce).toBe(20);
		else expect(atOnce).toBeLessThan(20);
		expect(await succeeded()).toBe(20);
		expect(harness.fakes.calls.count('sessions')).toBe(1);
		const calls = harness.fakes.calls.of(LISTS);
		expect(
			calls.filter(({ method, outcome }) => method === 'POST' && outcome === 'OK'),
		).toHaveLength(atOnce + 20);
		// At most 20 refused, one question, 20 again; and then the second 20.
		expect(calls.length).toBeLessThanOrEqual(61);
	});

	it('logs in at most twice when every token is rejected', async () => {
		const id = await newCredential(harness, AUREA);
		harness.fakes.aurea.rejectsEveryToken = true;
		for (let run = 0; run < 3; run++)
			expect(errorOf(await send(AUREA, id, { url: lists() }, many(5)))).toBeDefined();
		harness.fakes.aurea.rejectsEveryToken = false;
		expect(harness.fakes.calls.count('sessions')).toBe(2);
	});
});

describe('a session bound to its identity', () => {
	it('logs in again when the credential is edited', async () => {
		const [first, second] = [newLogin(harness, USER), newLogin(harness, USER)];
		const id = await newCredential(harness, USER, first);
		await send(USER, id, show());
		const data = { serverUrl: harness.fakes.crmCom.url, organisation: 'CRMDEMO', ...second };
		await harness.rest.updateCredential(id, 'edited', USER, data);
		await send(USER, id, show());
		const [before, after] = harness.fakes.calls
			.of(SHOW)
			.map(({ url }) => harness.fakes.crmCom.sessions.get(tokenIn(url)!)!.user.username);
		expect([before, after]).toEqual([first['username'], second['username']]);
	});

	it('never mixes two identities given by expressions', async () => {
		const pair = [newLogin(harness, USER), newLogin(harness, USER)];
		const id = await newCredential(harness, USER, {
			username: '={{ $json.username }}',
			password: '={{ $json.password }}',
		});
		const given = Array.from({ length: 20 }, (_, index) => ({
			username: pair[index % 2]!['username']!,
			password: pair[index % 2]!['password']!,
		}));
		// These items contain passwords on purpose, so this record is not searched for them.
		await runNode(harness, httpRequest(USER, id, show()), given);
		expect(harness.fakes.calls.counts()).toEqual({ [LOGIN]: 2, [SHOW]: 20 });
		const owners = harness.fakes.calls
			.of(SHOW)
			.map(({ url }) => harness.fakes.crmCom.sessions.get(tokenIn(url)!)!.user.username);
		expect(pair.map(({ username }) => owners.filter((owner) => owner === username).length)).toEqual(
			[10, 10],
		);
	});
});

it("uses each item's organization and continues when one of them fails", async () => {
	const organizations = harness.fakes.aurea.users[0]!.organizations;
	const login = newLogin(harness, AUREA);
	const id = await newCredential(harness, AUREA, {
		...login,
		organizationUid: '={{ $json.organizationUid }}',
	});
	const credentials = { [AUREA]: { id, name: AUREA } };
	const list = {
		type: `${PACKAGE}.aureaCampaignManager`,
		parameters: { operation: 'listOrganizations', returnAll: true },
		credentials,
	};
	const request = httpRequest(
		AUREA,
		id,
		{ url: `=${harness.fakes.aurea.url}/{{ $json.organizationUid }}/lists/` },
		{ onError: 'continueErrorOutput' },
	);
	harness.fakes.faults.plan(
		'sessions/switch',
		{ kind: 'status', status: 403, body: { message: 'Not here' } },
		1,
	);
	const workflow = {
		...workflowOf(request),
		nodes: [
			nodeOf('Start', { type: 'n8n-nodes-base.manualTrigger', parameters: {} }),
			nodeOf('List', list),
			nodeOf('Subject', request),
		],
		connections: inARow('Start', 'List', 'Subject'),
	};
	const execution = await harness.rest.run(await harness.rest.createWorkflow(workflow), 'Start');
	expect(secretsFoundIn(execution.raw, secretsOf(harness.fakes))).toEqual([]);
	const [, failed] = taskOf(execution, 'Subject')!.data!['main']!;
	expect(failed).toHaveLength(1);
	expect(JSON.stringify(failed![0]!.json)).toContain('Not here');
	expect(harness.fakes.calls.counts()).toMatchObject({
		sessions: 1 + organizations.length,
		[LISTS]: organizations.length - 1,
	});
	const asked = harness.fakes.calls
		.of(LISTS)
		.map(({ url, headers }) => [
			url.split('/')[1],
			harness.fakes.aurea.sessions.get(String(headers['x-lhq-token']))?.organizationUid,
		]);
	expect(asked.filter(([of, inside]) => of !== inside)).toEqual([]);
});

describe('a rejected login', () => {
	it('logs in once for 200 items with Retry On Fail and reports the rejection in each', async () => {
		const login = newLogin(harness, USER);
		const id = await newCredential(harness, USER, { ...login, password: 'refused-Pa55' });
		const settings = {
			retryOnFail: true,
			maxTries: 3,
			waitBetweenTries: 0,
			onError: 'continueRegularOutput',
		};
		const execution = await send(USER, id, show(), many(200), settings);
		expect(harness.fakes.calls.counts()).toEqual({ [LOGIN]: 1 });
		for (const { error } of jsonOf(execution))
			expect(JSON.stringify(error)).toContain('The user name or the password is wrong');
		const data = { serverUrl: harness.fakes.crmCom.url, organisation: 'CRMDEMO', ...login };
		await harness.rest.updateCredential(id, 'corrected', USER, data);
		expect(errorOf(await send(USER, id, show()))).toBeUndefined();
	});

	it('says what to do instead of only "Authorization failed"', async () => {
		const id = await newCredential(harness, USER, { password: 'refused-Pa55' });
		expect(errorOf(await send(USER, id, show()))).toMatchObject({
			message: 'The user name or the password is wrong',
			description: expect.stringContaining(
				"check 'User Name', 'Password', 'Organisation' and 'Unit ID'",
			),
		});
	});
});

describe('a credential that was imported with a session in it', () => {
	it('logs in despite an imported session, or says what to do on an older n8n', async () => {
		const id = await newCredential(harness, USER, { sessionToken: 'old' });
		const error = errorOf(await send(USER, id, show()));
		if (SENDS_AGAIN) expect(error).toBeUndefined();
		else expect(error?.message).toBe('This credential was stored with a session in it');
		expect(harness.fakes.calls.counts()).toEqual(SENDS_AGAIN ? { [LOGIN]: 1, [SHOW]: 1 } : {});
	});
});

describe('a failing request', () => {
	it.each([[404], [500]])(
		'sends a failing request of a valid session once after HTTP %d',
		async (status) => {
			const id = await newCredential(harness, USER);
			harness.fakes.faults.plan(CREATE, { kind: 'status', status });
			harness.fakes.faults.plan(SHOW, { kind: 'status', status });
			await send(USER, id, { url: crmCom(CREATE), ...json('{"type":"PERSON"}') }, many(10));
			await send(USER, id, show(), many(10));
			// Each GET is asked once whether the session is to blame.
			expect(harness.fakes.calls.counts()).toEqual({ [LOGIN]: 1, [CREATE]: 10, [SHOW]: 20 });
		},
	);

	it('sends a failing Aurea request once and shares the check of its valid session', async () => {
		const id = await newCredential(harness, AUREA);
		harness.fakes.faults.plan('{orgUid}/attributes', { kind: 'status', status: 500 });
		const url = lists().replace('lists', 'attributes');
		await send(AUREA, id, { url, ...json('{"name":"a"}') }, many(20));
		const { [LISTS]: questions, ...others } = harness.fakes.calls.counts();
		expect(others).toEqual({ sessions: 1, '{orgUid}/attributes': 20 });
		// One for each half second in which n8n is still sending.
		expect(questions).toBeLessThanOrEqual(4);
	});

	it('sends a request once when it times out', async () => {
		const id = await newCredential(harness, USER);
		harness.fakes.faults.plan(CREATE, { kind: 'hang' });
		await send(USER, id, {
			url: crmCom(CREATE),
			...json('{"type":"PERSON"}'),
			options: { timeout: 500 },
		});
		expect(harness.fakes.calls.counts()).toEqual({ [LOGIN]: 1, [CREATE]: 1 });
	});

	it('leaves a failed request to the workflow when Never Error is on', async () => {
		const id = await newCredential(harness, USER);
		harness.fakes.faults.plan(SHOW, { kind: 'status', status: 401, body: { no: true } });
		const execution = await send(USER, id, {
			...show(),
			options: { response: { response: { neverError: true } } },
		});
		expect(jsonOf(execution)).toEqual([{ no: true }]);
		expect(harness.fakes.calls.counts()).toEqual({ [LOGIN]: 1, [SHOW]: 1 });
	});
});

describe('where the token goes', () => {
	const fields = { parameters: [{ name: 'type', value: 'PERSON' }] };

	it.each([
		['JSON by fields', { sendBody: true, bodyParameters: fields }, 'body'],
		['JSON as text', json('{"type":"PERSON"}'), 'body'],
		[
			'raw JSON',
			{
				sendBody: true,
				contentType: 'raw',
				rawContentType: 'application/json',
				body: '{"n":12345678901234567890}',
			},
			'body',
		],
		['no body', { sendBody: false }, 'body'],
		['a form', { sendBody: true, contentType: 'form-urlencoded', bodyParameters: fields }, 'query'],
		[
			'a multipart form',
			{ sendBody: true, contentType: 'multipart-form-data', bodyParameters: fields },
			'query',
		],
		[
			'raw text',
			{ sendBody: true, contentType: 'raw', rawContentType: 'text/plain', body: 'type=PERSON' },
			'query',
		],
		['a file', { sendBody: true, contentType: 'binaryData', inputDataFieldName: 'data' }, 'query'],
	])('puts the token into the right place of a POST with %s', async (_what, parameters, place) => {
		const id = await newCredential(harness, USER);
		const execution = await send(USER, id, {
			url: crmCom(CREATE),
			method: 'POST',
			...parameters,
		});
		expect(errorOf(execution)).toBeUndefined();
		const [call] = harness.fakes.calls.of(CREATE);
		const token = [...harness.fakes.crmCom.sessions.keys()].at(-1)!;
		expect(call!.outcome).toBe('OK');
		expect(tokenIn(call!.url)).toBe(place === 'query' ? token : null);
		expect(call!.body.includes(token)).toBe(place === 'body');
		if (call!.body.includes('"n"'))
			expect(call!.body).toBe(`{"token":"${token}","n":12345678901234567890}`);
	});

	it.each([
		['https://crm.example.com/crmapi/rest/v2/x'],
		['http://127.0.0.1:80@evil.invalid/crmapi/rest/v2/x'],
		['http://127.0.0.1.nip.invalid/crmapi/rest/v2/x'],
	])('sends no token to %s', async (url) => {
		const id = await newCredential(harness, USER);
		const { message } = errorOf(await send(USER, id, { url }))!;
		expect(message).toContain(`This credential is for ${harness.fakes.crmCom.url}`);
		expect(message).toContain(new URL(url).hostname);
		expect(harness.fakes.calls.counts()).toEqual({});
	});

	it.each([[301], [302], [307], [308]])(
		'sends no token anywhere after a redirect %d (P10)',
		async (status) => {
			const { port } = new URL(harness.fakes.aurea.url);
			const locations = [`http://localhost:${port}/stolen/x`, '/stolen/x'];
			for (const type of [AUREA, USER]) {
				const id = await newCredential(harness, type);
				const [name, url] = type === AUREA ? [LISTS, lists()] : [CREATE, crmCom(CREATE)];
				for (const location of locations) {
					harness.fakes.faults.plan(name, { kind: 'redirect', status, location }, 1);
					const request = { url, ...json('{"type":"PERSON"}') };
					const error = errorOf(await send(type, id, request));
					expect(JSON.stringify(error)).toContain(String(status));
				}
			}
			expect(harness.fakes.calls.all.filter(({ url }) => url.includes('stolen'))).toEqual([]);
		},
	);

	it.each([
		['JSON that is cut', { kind: 'text', text: '{"status":{"code":"O', type: 'application/json' }],
		['an answer that stops half-way', { kind: 'stall' }],
		['a connection that breaks in the answer', { kind: 'cut' }],
		[
			'broken compression',
			{
				kind: 'reshape',
				change: () => ({ bytes: 'no gzip', headers: { 'Content-Encoding': 'gzip' } }),
			},
		],
	] as const)(
		'keeps the token out of the record of a request that ends with %s',
		async (_what, fault) => {
			for (const type of [USER, AUREA]) {
				const id = await newCredential(harness, type);
				const [name, url] =
					type === USER
						? [SHOW, crmCom(SHOW)]
						: ['{orgUid}/attributes', lists().replace('lists', 'attributes')];
				harness.fakes.faults.plan(name, fault);
				// Every record is searched for the token.
				expect(errorOf(await send(type, id, { url, options: { timeout: 1_000 } }))).toBeDefined();
			}
		},
	);

	it('sends the token for every page when the answer itself ends the pagination', async () => {
		harness.fakes.crmCom.lists.set('currencies/list', rowsOf(5));
		const id = await newCredential(harness, USER);
		const pagination = {
			pagination: {
				paginationMode: 'updateAParameterInEachRequest',
				parameters: {
					parameters: [{ type: 'qs', name: 'offset', value: '={{ $pageCount * 2 }}' }],
				},
				paginationCompleteWhen: 'other',
				completeExpression: '={{ $response.body.data.length < 2 }}',
			},
		};
		const execution = await send(USER, id, {
			url: `${crmCom('currencies/list')}?number_of_results=2`,
			options: { pagination },
		});
		expect(errorOf(execution)).toBeUndefined();
		expect(jsonOf(execution).map(({ data }) => (data as object[]).length)).toEqual([2, 2, 1]);
		expect(harness.fakes.calls.counts()).toEqual({ [LOGIN]: 1, 'currencies/list': 3 });
	});

	it('sends the token for every page of a paginated request', async () => {
		const id = await newCredential(harness, USER);
		const pagination = {
			pagination: {
				paginationMode: 'updateAParameterInEachRequest',
				parameters: { parameters: [{ type: 'qs', name: 'offset', value: '={{ $pageCount }}' }] },
				limitPagesFetched: true,
				maxRequests: 3,
				paginationCompleteWhen: 'receiveSpecificStatusCodes',
				statusCodesWhenComplete: '404',
			},
		};
		const execution = await send(USER, id, { ...show(), options: { pagination } });
		expect(errorOf(execution)).toBeUndefined();
		expect(harness.fakes.calls.counts()).toEqual({ [LOGIN]: 1, [SHOW]: 3 });
		expect(harness.fakes.calls.of(SHOW).every(({ outcome }) => outcome === 'OK')).toBe(true);
	});
});

describe('data at rest', () => {
	it('writes no token to the database or the debug log, even for failed requests', async () => {
		const id = await newCredential(harness, USER, { unit: '1' });
		const aurea = await newCredential(harness, AUREA, {
			organizationUid: SALES,
		});
		await send(USER, id, show());
		harness.fakes.faults.plan(CREATE, { kind: 'status', status: 500, body: { no: true } });
		await send(USER, id, { url: crmCom(CREATE), ...json('{"type":"PERSON"}') });
		await send(AUREA, aurea, { url: lists() });
		for (const name of [`GET ${SHOW}`, 'GET no/such', `POST ${CREATE}`]) {
			const parameters = { ...showContact, method: method(name) } as INodeParameters;
			const { raw } = await runNode(harness, {
				type: `${PACKAGE}.crmCom`,
				parameters,
				credentials: { [USER]: { id, name: '' } },
			});
			expect(secretsFoundIn(raw, secretsOf(harness.fakes))).toEqual([]);
		}
		await sleep(1_000);
		const written = writtenBy(harness);
		expect(written.length).toBeGreaterThan(100_000);
		expect(secretsFoundIn(written, [CURRENT])).toEqual([CURRENT]);
		const tokens = [
			...harness.fakes.crmCom.sessions.keys(),
			...harness.fakes.aurea.sessions.keys(),
		];
		expect(tokens.length).toBeGreaterThanOrEqual(3);
		expect(secretsFoundIn(written, tokens)).toEqual([]);
		expect(
			secretsFoundIn(
				written,
				secretsOf(harness.fakes).filter((secret) => !secret.startsWith('own-Pa55')),
			),
		).toEqual([]);
	});

	it('gives no token to the browser or an export', async () => {
		const id = await newCredential(harness, USER);
		await send(USER, id, show());
		const { data } = await harness.rest.send<{ data: IDataObject }>(
			'GET',
			`/rest/credentials/${id}?includeData=true`,
		);
		expect(data['sessionToken'] ?? '').toBe('');
		expect(secretsFoundIn(JSON.stringify(data), secretsOf(harness.fakes))).toEqual([]);
	});
});
