/** What sessions promise if the vendor is ambiguous. The numbers are those of docs/architecture.md. */
import { describe, expect, it } from '@jest/globals';

import { CURRENT } from '../fakes/aurea.mts';
import { mapper, method, resourceLocator } from '../harness/parameters.mts';
import {
	advanceClock,
	aureaCredential,
	expectAbsent,
	items,
	outputOf,
	keyCredential,
	MINUTE,
	useEngine,
	userCredential,
} from './useEngine.mts';

const harness = useEngine();
const LOGIN = 'authentication/token';
const SHOW = 'contact_information/show';
const CREATE = 'contact_information/create';
const CONTINUE = { onError: 'continueRegularOutput' } as const;

type Credential = { type: string; data: object };

const runCrmCom = async (parameters: object, more: object = {}) =>
	await harness.runCrmCom(parameters, more);

const show = async (number = 'CI000111', more: object = {}) =>
	await runCrmCom(
		{
			operation: 'callMethod',
			method: method(`GET ${SHOW}`),
			parameters: mapper({ contact_information_identifier: `number=${number}` }),
		},
		more,
	);

const create = async (more: object = {}) =>
	await runCrmCom(
		{
			operation: 'callMethod',
			method: method(`POST ${CREATE}`),
			specifyParameters: 'json',
			jsonParameters: '{"type":"PERSON"}',
		},
		more,
	);

/** One request, as the HTTP Request node sends it. */
const httpRequest = async (credential: Credential, request: object, more: object = {}) =>
	await harness.engine.run({
		node: 'request',
		parameters: { credentialType: credential.type, request: request as never },
		credential: credential as never,
		...more,
	});

const logins = () => harness.fakes.calls.count(LOGIN);
const envelope = (code: string, message: string, status = 200) =>
	({ kind: 'status', status, body: { status: { code, message } } }) as const;

describe('sending a POST once (P1)', () => {
	it.each([
		['The card token has expired'],
		['unauthorised transaction'],
		['Unknown session type'],
		['Contact "Invalid Token Ltd" was saved, but its account was not'],
	])('sends a failed POST once when the vendor says: %s', async (message) => {
		await create();
		advanceClock(5 * MINUTE);
		harness.fakes.faults.plan(CREATE, envelope('X.FAILEDEXCEPTION', message), 1);
		const { error } = await create();
		expect(error?.message).toBe(message);
		expect(harness.fakes.calls.count(CREATE)).toBe(2);
	});

	it('repeats a POST after HTTP 401', async () => {
		await create();
		harness.fakes.faults.plan(CREATE, { kind: 'status', status: 401 }, 1);
		expect((await create()).error).toBeUndefined();
		expect(harness.fakes.calls.counts()).toEqual({ [LOGIN]: 2, [CREATE]: 3 });
	});

	it.each([[401], [403]] as const)(
		'sends a POST to Aurea once when HTTP %d means that the user has no right to lists',
		async (status) => {
			harness.fakes.aurea.listsDeniedBy = status;
			harness.fakes.faults.plan('{orgUid}/attributes', { kind: 'status', status: 500 });
			const credential = aureaCredential(harness.fakes);
			const url = `${harness.fakes.aurea.url}/${CURRENT}/attributes/`;
			for (let time = 0; time < 3; time++) {
				await httpRequest(credential, { url, method: 'POST', body: { name: 'x' } });
			}
			expect(harness.fakes.calls.count('{orgUid}/attributes')).toBe(3);
			// The question proved to say nothing, so it is not asked for each failure.
			expect(harness.fakes.calls.counts()).toMatchObject({ sessions: 2, '{orgUid}/lists': 2 });
		},
	);

	it('sends a POST to Aurea once when the new session is in another organization', async () => {
		const user = harness.fakes.aurea.users[0]!;
		const credential = aureaCredential(harness.fakes);
		const url = `${harness.fakes.aurea.url}/${CURRENT}/attributes/`;
		harness.fakes.faults.plan('{orgUid}/attributes', { kind: 'status', status: 500 });
		harness.fakes.faults.plan('{orgUid}/lists', { kind: 'status', status: 403 }, 1);
		await httpRequest(credential, { url: `${harness.fakes.aurea.url}/${CURRENT}/none/` });
		user.currentUid = user.organizations[0]!.uid;
		await httpRequest(credential, { url, method: 'POST', body: { name: 'x' } });
		expect(harness.fakes.calls.count('{orgUid}/attributes')).toBe(1);
	});

	it('does not advise a retry after a failed POST', async () => {
		harness.fakes.faults.plan(CREATE, { kind: 'status', status: 503 });
		const { error } = await create();
		expect(error?.description).not.toMatch(/retry/i);
	});
});

describe('a session of unknown state (P2)', () => {
	it.each([
		['is unavailable', { kind: 'status', status: 503 } as const],
		['says "busy" in an envelope', envelope('BUSY', 'Busy')],
	])('keeps an unknown session when the new login %s', async (_what, atLogin) => {
		await show();
		advanceClock(5 * MINUTE);
		harness.fakes.faults.plan(LOGIN, atLogin);
		const { error } = await show('CI9');
		expect(error?.message).toBe('The contact information was not found');
		expect((await show()).error).toBeUndefined();
		expect((await show()).error).toBeUndefined();
	});
});

describe('an expired session (P3)', () => {
	it.each([[200], [401], [404], [500], [503]])(
		'replaces an expired session that CRM.COM reports in an envelope with HTTP %d',
		async (status) => {
			await show();
			harness.fakes.crmCom.errorStatus = status;
			harness.fakes.crmCom.endAllSessions();
			expect((await show('CI000111', { items: items(5) })).error).toBeUndefined();
			expect(logins()).toBe(2);
		},
	);

	it('replaces a session that a Test has ended on a server with one session per user', async () => {
		harness.fakes.crmCom.oneSessionPerUser = true;
		await show();
		const { type, data } = userCredential(harness.fakes);
		expect(await harness.engine.testCredential(type, data)).toBe('OK');
		expect((await show('CI000111', { items: items(20), settings: CONTINUE })).items).toEqual(
			items(20, () =>
				expect.objectContaining({
					json: expect.not.objectContaining({ error: expect.anything() }),
				}),
			),
		);
		expect((await show()).error).toBeUndefined();
		expect(logins()).toBe(3);
	});

	it('replaces a session that Get Token has ended on a server with one session per user', async () => {
		harness.fakes.crmCom.oneSessionPerUser = true;
		await create();
		const outcome = await runCrmCom({ operation: 'getToken' });
		expect(outcome.error).toBeUndefined();
		expect((await create()).error).toBeUndefined();
		expect(logins()).toBe(3);
	});

	it('doubts the session of Aurea after a login of an operation, which may have ended it', async () => {
		const url = `${harness.fakes.aurea.url}/${CURRENT}/lists/`;
		const credential = aureaCredential(harness.fakes);
		const post = async () =>
			await httpRequest(credential, { method: 'POST', url, body: { mailingListName: 'x' } });
		for (const operation of ['getToken', 'listOrganizations', 'switchOrganization']) {
			await post();
			const before = harness.fakes.calls.count('sessions');
			const organization = { __rl: true, mode: 'uid', value: CURRENT };
			const outcome = await harness.runAurea({ operation, organization });
			expect(outcome.error).toBeUndefined();
			expect((await post()).error).toBeUndefined();
			expect(harness.fakes.calls.count('sessions')).toBe(before + 2);
		}
	});

	it('repeats a GET of HTTP Request after the check finds the session expired', async () => {
		const url = `${harness.fakes.crmCom.url}/crmapi/rest/v2/${SHOW}?contact_information_identifier=number%3DCI000111`;
		const credential = userCredential(harness.fakes);
		await httpRequest(credential, { url });
		harness.fakes.crmCom.errorStatus = 500;
		harness.fakes.crmCom.endAllSessions();
		expect((await httpRequest(credential, { url })).error).toBeUndefined();
		expect(harness.fakes.calls.counts()).toEqual({ [LOGIN]: 2, [SHOW]: 4 });
	});

	it('replaces a session that a gateway rejects by HTTP 403 within a minute (HTTP Request)', async () => {
		const url = `${harness.fakes.crmCom.url}/crmapi/rest/v2/${SHOW}?contact_information_identifier=number%3DCI000111`;
		const credential = userCredential(harness.fakes);
		await httpRequest(credential, { url });
		const [token] = harness.fakes.crmCom.sessions.keys();
		advanceClock(5 * MINUTE);
		harness.fakes.faults.plan(SHOW, { kind: 'html', status: 403 }, Infinity, ({ url: sent }) =>
			sent.includes(token!),
		);
		expect((await httpRequest(credential, { url })).error).toBeDefined();
		expect((await httpRequest(credential, { url })).error).toBeUndefined();
		expect(logins()).toBe(2);
	});

	it.each([
		['405', { kind: 'status', status: 405 }],
		['404', { kind: 'status', status: 404 }],
		['a redirect', { kind: 'redirect', status: 302, location: '/' }],
	] as const)(
		'replaces an ended session of Aurea whose question is answered by %s',
		async (_what, answer) => {
			const credential = aureaCredential(harness.fakes);
			const url = `${harness.fakes.aurea.url}/${CURRENT}/attributes/`;
			const post = { url, method: 'POST', body: { name: 'x' } };
			await httpRequest(credential, post);
			harness.fakes.faults.plan('{orgUid}/lists', answer);
			harness.fakes.aurea.endAllSessions();
			advanceClock(MINUTE);
			let failed = 0;
			for (let time = 0; time < 20; time++) {
				if ((await httpRequest(credential, post)).error !== undefined) failed += 1;
			}
			expect(failed).toBe(1);
			expect(harness.fakes.calls.counts()).toMatchObject({ sessions: 2 });
		},
	);

	it('keeps other methods working when one method always answers 401', async () => {
		harness.fakes.faults.plan(CREATE, { kind: 'status', status: 401 });
		for (let round = 0; round < 10; round++) {
			await create();
			expect((await show()).error).toBeUndefined();
			advanceClock(10_000);
		}
		// The first, and two in each of the two minutes.
		expect(logins()).toBeLessThanOrEqual(5);
	});
});

describe('what was learned about codes (P4)', () => {
	const NOT_FOUND = 'The contact information was not found';

	it('makes no login for failing lookups while the session serves other calls', async () => {
		await show();
		for (let time = 0; time < 20; time++) {
			expect((await show('CI9')).error?.message).toBe(NOT_FOUND);
			expect((await show()).error).toBeUndefined();
			advanceClock(2 * MINUTE);
			await show();
		}
		expect(logins()).toBe(1);
	});

	it('finds or creates 180 records in an hour with two logins', async () => {
		for (let time = 0; time < 180; time++) {
			expect((await show(`NEW${time}`)).error?.message).toBe(NOT_FOUND);
			expect((await create()).error).toBeUndefined();
			advanceClock(20_000);
		}
		// The second is due to the session's lifetime.
		expect(logins()).toBe(2);
	});

	it('makes at most one login a minute if all calls are failing lookups', async () => {
		for (let time = 0; time < 180; time++) {
			await show('CI9');
			advanceClock(20_000);
		}
		expect(logins()).toBeLessThanOrEqual(60);
	});

	it('does not take a record that exists in the repeat as proof about the code', async () => {
		await show();
		advanceClock(2 * MINUTE);
		harness.fakes.faults.plan(SHOW, envelope('X.NOTFOUNDEXCEPTION', 'Not found'), 1);
		expect((await show()).error).toBeUndefined();
		expect(logins()).toBe(2);
		harness.fakes.faults.plan(SHOW, envelope('X.NOTFOUNDEXCEPTION', 'Not found'), 5);
		for (let time = 0; time < 5; time++) expect((await show()).error).toBeDefined();
		expect(logins()).toBe(2);
	});

	it.each([
		['COM.CRM.EXCEPTION.SECURITY.SESSIONEXPIREDEXCEPTION', 0],
		['COM.CRM.EXCEPTION.GENERALEXCEPTION', 1],
	])('recovers after two sessions that ended immediately with %s', async (code, minutes) => {
		await show();
		advanceClock(5 * MINUTE);
		harness.fakes.crmCom.endAllSessions();
		// The next session, too, ends before its first call: another process has logged in.
		harness.fakes.faults.plan(SHOW, envelope(code, 'Your session has expired'), 2);
		expect((await show()).error?.message).toBe('Your session has expired');
		harness.fakes.crmCom.sessionCode = code;
		harness.fakes.crmCom.endAllSessions();
		advanceClock(minutes * MINUTE);
		for (let time = 0; time < 10; time++) expect((await show()).error).toBeUndefined();
		expect(logins()).toBe(3);
	});

	it('replaces an ended session of a server with one code for everything after a minute', async () => {
		Object.assign(harness.fakes.crmCom, { sessionCode: 'GENERAL', notFoundCode: 'GENERAL' });
		await show();
		await show('CI9');
		await show();
		harness.fakes.crmCom.endAllSessions();
		for (let seconds = 0; seconds <= 60; seconds += 20) {
			await show();
			advanceClock(20_000);
		}
		for (let time = 0; time < 5; time++) expect((await show()).error).toBeUndefined();
		expect(logins()).toBe(2);
	});
});

describe('a rejected login (P6)', () => {
	it.each([[200], [401], [404], [500], [503]])(
		'does not repeat a login rejected in an envelope with HTTP %d',
		async (status) => {
			harness.fakes.crmCom.errorStatus = status;
			const credential = userCredential(harness.fakes, { password: 'wrong-Pa55' });
			for (let time = 0; time < 10; time++) {
				const { error } = await show('CI000111', { credential });
				expect(error?.message).toBe('The user name or the password is wrong');
				advanceClock(1_000);
			}
			expect(logins()).toBe(1);
		},
	);

	it('accepts " OK " as a successful login', async () => {
		harness.fakes.faults.plan(
			LOGIN,
			{ kind: 'status', status: 200, body: { status: { code: ' OK ' }, data: { token: 'T' } } },
			1,
		);
		const { error, items: found } = await runCrmCom({ operation: 'getToken' });
		expect(error).toBeUndefined();
		expect(found[0]!.json['token']).toBe('T');
	});

	it('does not repeat a login answered with a web page', async () => {
		harness.fakes.faults.plan(LOGIN, { kind: 'html' });
		for (let time = 0; time < 5; time++) {
			expect((await show()).error?.message).toContain('answered with a web page');
			advanceClock(1_000);
		}
		expect(logins()).toBe(1);
	});

	it('ends the backoff of Aurea after a good Test, also for an operation with an organization', async () => {
		const user = harness.fakes.aurea.users[0]!;
		const credential = aureaCredential(harness.fakes);
		const getToken = async () =>
			await harness.runAurea(
				{
					operation: 'getToken',
					organization: resourceLocator('uid', user.organizations[0]!.uid),
				},
				{ credential },
			);
		user.locked = true;
		expect((await getToken()).error?.message).toBe('The account is locked');
		user.locked = false;
		expect(await harness.engine.testCredential(credential.type, credential.data)).toBe('OK');
		expect((await getToken()).error).toBeUndefined();
	});

	it('tries one wrong password once for 100 organizations', async () => {
		const credential = aureaCredential(harness.fakes, {
			password: 'wrong-Pa55',
			organizationUid: '={{ $json.uid }}',
		});
		const uids = items(100, (index) => ({ uid: `org-${index}` }));
		const url = `${harness.fakes.aurea.url}/x/lists/`;
		await httpRequest(credential, { url }, { items: uids, settings: CONTINUE });
		expect(harness.fakes.calls.counts()).toEqual({ sessions: 1 });
	});
});

describe('a brief outage (P7)', () => {
	it('retries a login that answers 503 once', async () => {
		harness.fakes.faults.plan(LOGIN, { kind: 'status', status: 503 }, 1);
		const outcome = await show('CI000111', { items: items(200) });
		expect(outcome.error).toBeUndefined();
		expect(harness.fakes.calls.counts()).toEqual({ [LOGIN]: 2, [SHOW]: 200 });
	});

	it('retries an Aurea switch that answers 503 once', async () => {
		harness.fakes.faults.plan('sessions/switch', { kind: 'status', status: 503 }, 1);
		const [organization] = harness.fakes.aurea.users[0]!.organizations;
		const { error } = await harness.runAurea({
			operation: 'getToken',
			organization: resourceLocator('uid', organization!.uid),
		});
		expect(error).toBeUndefined();
		expect(harness.fakes.calls.counts()).toEqual({ sessions: 1, 'sessions/switch': 2 });
	});

	it('retries a login whose connection is reset once', async () => {
		harness.fakes.faults.plan('authentication/web_api_key/token', { kind: 'reset' }, 1);
		const credential = keyCredential(harness.fakes);
		const outcome = await runCrmCom(
			{ operation: 'getToken', authentication: 'webApiKey', options: { separateLogins: true } },
			{ credential, items: items(50) },
		);
		expect(outcome.items).toHaveLength(50);
	});
});

describe('an execution after Stop (P8)', () => {
	const slow = { kind: 'slow', milliseconds: 150 } as const;
	const stopAfter = (milliseconds: number) => ({
		onStart: (stop: () => void) => void setTimeout(stop, milliseconds),
	});
	const settle = async () => await new Promise((resolve) => setTimeout(resolve, 700));

	it('sends no request when stopped during a slow login', async () => {
		harness.fakes.faults.plan(LOGIN, slow);
		await create(stopAfter(50));
		await settle();
		expect(harness.fakes.calls.counts()).toEqual({ [LOGIN]: 1 });
	});

	it('does not repeat a request when stopped during a renewal', async () => {
		await create();
		harness.fakes.faults.plan(CREATE, { kind: 'status', status: 401 }, 1);
		harness.fakes.faults.plan(LOGIN, slow);
		await create(stopAfter(60));
		await settle();
		expect(harness.fakes.calls.counts()).toEqual({ [LOGIN]: 2, [CREATE]: 2 });
	});

	it('sends no switch when stopped during a login to Aurea', async () => {
		harness.fakes.faults.plan('sessions', slow);
		const [organization] = harness.fakes.aurea.users[0]!.organizations;
		await harness.runAurea(
			{
				operation: 'getToken',
				organization: resourceLocator('uid', organization!.uid),
			},
			stopAfter(50),
		);
		await settle();
		expect(harness.fakes.calls.counts()).toEqual({ sessions: 1 });
	});

	it('does not retry a login after Stop unless another execution waits for it', async () => {
		harness.fakes.faults.plan(LOGIN, { kind: 'status', status: 503 }, 1);
		await create(stopAfter(50));
		await settle();
		expect(harness.fakes.calls.counts()).toEqual({ [LOGIN]: 1 });
		harness.fakes.faults.plan(LOGIN, { kind: 'status', status: 503 }, 1);
		const [, other] = await Promise.all([create(stopAfter(50)), show()]);
		await settle();
		expect(other.error).toBeUndefined();
		expect(harness.fakes.calls.counts()).toEqual({ [LOGIN]: 3, [SHOW]: 1 });
	});
});

describe('a credential that was stored with a session', () => {
	it('logs in despite a stored session and lets n8n empty the field', async () => {
		const credential = userCredential(harness.fakes, { sessionToken: 'old' });
		const url = `${harness.fakes.crmCom.url}/crmapi/rest/v2/${SHOW}?contact_information_identifier=number%3DCI000111`;
		const outcome = await httpRequest(credential, { url });
		expect(outputOf(outcome)[0]).toMatchObject({ answer: { data: { number: 'CI000111' } } });
		expect(harness.engine.credentials.saved.get('credential')).toMatchObject({ sessionToken: '' });
		expectAbsent(outcome.record, ...harness.fakes.crmCom.sessions.keys());
	});
});

describe('a Test', () => {
	it('logs in once and shows the words of the vendor', async () => {
		await show();
		harness.fakes.faults.plan(LOGIN, envelope('NO', 'Closed for today'));
		const { type, data } = userCredential(harness.fakes);
		expect(await harness.engine.testCredential(type, data)).toMatch(/^Closed for today\. /);
		expect(logins()).toBe(2);
		expect((await show()).error).toBeUndefined();
	});
});
