import { describe, expect, it } from '@jest/globals';

import { HOSTILE_PATHS } from '../unit/hostilePaths.mts';
import { CURRENT, SALES } from '../fakes/aurea.mts';
import {
	addUser,
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

type Credential = { type: string; data: object };

const base = () => `${harness.fakes.crmCom.url}/crmapi/rest/v2`;
const show = () => ({ url: `${base()}/${SHOW}?contact_information_identifier=number%3DCI000111` });
const create = (more: object = {}) => ({
	url: `${base()}/${CREATE}`,
	method: 'POST',
	body: { type: 'PERSON', first_name: 'Grace' },
	...more,
});
const lists = (more: object = {}) => ({
	url: `${harness.fakes.aurea.url}/${CURRENT}/lists/`,
	...more,
});

/** Requests with a credential, as the HTTP Request node sends them. */
const send = async (credential: Credential, request: object, count = 1, more: object = {}) =>
	await harness.engine.run({
		node: 'request',
		parameters: { credentialType: credential.type, request: request as never },
		credential: credential as never,
		items: items(count),
		...more,
	});

const logins = () => harness.fakes.calls.count(LOGIN);

describe('one login for concurrent requests', () => {
	it('serves 200 items with one login and writes nothing back', async () => {
		const credential = userCredential(harness.fakes);
		const { writes } = harness.engine.credentials;
		const outcome = await send(credential, show(), 200);
		expect(outcome.items).toHaveLength(200);
		expect(harness.fakes.calls.counts()).toEqual({ [LOGIN]: 1, [SHOW]: 200 });
		expect(harness.engine.credentials.writes).toBe(writes);
		expectAbsent(outcome.record, ...harness.fakes.crmCom.sessions.keys());
	});

	it('shares one login among concurrent workflows even when the vendor is slow', async () => {
		harness.fakes.faults.plan(LOGIN, { kind: 'slow', milliseconds: 300 });
		const credential = userCredential(harness.fakes);
		await Promise.all(Array.from({ length: 10 }, async () => await send(credential, show(), 5)));
		expect(harness.fakes.calls.counts()).toEqual({ [LOGIN]: 1, [SHOW]: 50 });
	});

	it('retries an unavailable login once, shares the failure and soon logs in again (P7)', async () => {
		const credential = userCredential(harness.fakes);
		harness.fakes.faults.plan(LOGIN, { kind: 'status', status: 503 }, 2);
		const failed = await send(credential, show(), 50);
		expect(failed.error?.message).toMatch(/answered HTTP 503$/);
		expect(logins()).toBe(2);
		advanceClock(1_000);
		expect((await send(credential, show(), 2)).error).toBeUndefined();
	});

	it('logs in once for requests of the helpers for nodes', async () => {
		const outcome = await harness.engine.run({
			node: 'request',
			parameters: { helper: 'new', credentialType: 'crmComUserLoginApi', request: show() },
			credential: userCredential(harness.fakes),
			items: items(3),
		});
		expect(outcome.items).toHaveLength(3);
		expect(harness.fakes.calls.counts()).toEqual({ [LOGIN]: 1, [SHOW]: 3 });
	});
});

describe('renewal before expiry', () => {
	it.each([
		['user login', userCredential, LOGIN, 58, 2],
		['Web API key', keyCredential, 'authentication/web_api_key/token', 118, 2],
	] as const)(
		'renews a session by %s within its documented lifetime',
		async (_kind, make, login, minutes, more) => {
			const credential = make(harness.fakes);
			await send(credential, show());
			advanceClock(minutes * MINUTE);
			await send(credential, show());
			expect(harness.fakes.calls.count(login)).toBe(1);
			advanceClock(more * MINUTE);
			expect((await send(credential, show(), 20)).error).toBeUndefined();
			expect(harness.fakes.calls.count(login)).toBe(2);
			expect(harness.fakes.calls.of(SHOW).every(({ outcome }) => outcome === 'OK')).toBe(true);
		},
	);

	it("trusts a JWT's lifetime whatever the vendor's clock says", async () => {
		Object.assign(harness.fakes.crmCom, { release: 'R12', jwtLifetime: 600 });
		// Seven hours behind ours, permanently.
		harness.fakes.clock.advance(-7 * 60 * MINUTE);
		const credential = userCredential(harness.fakes);
		await send(credential, show());
		advanceClock(8 * MINUTE);
		await send(credential, show());
		expect(logins()).toBe(1);
		advanceClock(1.5 * MINUTE);
		await send(credential, show());
		expect(logins()).toBe(2);
		expect(harness.fakes.calls.of(SHOW).every(({ outcome }) => outcome === 'OK')).toBe(true);
	});

	it.each([[{ exp: '1' }], [{ exp: '99999999999' }], [{ exp: undefined }], [{ iat: 'x' }]])(
		'falls back to the documented lifetime when the claims are absurd: %j',
		async (claims) => {
			Object.assign(harness.fakes.crmCom, { release: 'R12', jwtClaims: claims });
			const credential = userCredential(harness.fakes);
			await send(credential, show());
			advanceClock(50 * MINUTE);
			await send(credential, show());
			expect(logins()).toBe(1);
			advanceClock(10 * MINUTE);
			await send(credential, show());
			expect(logins()).toBe(2);
		},
	);

	it('renews an Aurea session after half an hour', async () => {
		const credential = aureaCredential(harness.fakes);
		await send(credential, lists());
		advanceClock(31 * MINUTE);
		await send(credential, lists());
		expect(harness.fakes.calls.count('sessions')).toBe(2);
	});
});

describe('a session bound to its identity', () => {
	it.each([['password'], ['unit'], ['username']])(
		'logs in again after the %s has changed',
		async (field) => {
			const credential = userCredential(harness.fakes);
			await send(credential, show());
			const other = addUser(harness.fakes);
			const changed = { password: 'other-Pa55', unit: '1', username: other.username }[field]!;
			const outcome = await send(userCredential(harness.fakes, { [field]: changed }), show());
			expect(logins()).toBe(2);
			if (field === 'password')
				expect(outcome.error?.message).toBe('The user name or the password is wrong');
		},
	);

	it('never mixes two identities given by expressions', async () => {
		const users = [addUser(harness.fakes), addUser(harness.fakes)];
		const outcome = await harness.engine.run({
			node: 'request',
			parameters: { credentialType: 'crmComUserLoginApi', request: show() },
			credential: userCredential(harness.fakes, {
				username: '={{ $json.username }}',
				password: '={{ $json.password }}',
			}),
			items: items(40, (index) => ({ ...users[index % 2]!, units: [] })),
		});
		expect(outcome.error).toBeUndefined();
		expect(logins()).toBe(2);
		const used = harness.fakes.calls
			.of(SHOW)
			.map(({ url }) => new URL(url, 'http://v').searchParams.get('token')!);
		const owners = used.map((token) => harness.fakes.crmCom.sessions.get(token)!.user.username);
		expect(
			users.map(({ username }) => owners.filter((owner) => owner === username).length),
		).toEqual([20, 20]);
		expect(harness.engine.credentials.saved.get('credential')).toMatchObject({
			username: '={{ $json.username }}',
		});
	});
});

describe('a rejected login', () => {
	it('logs in once for 200 items with Retry On Fail and reports the rejection in each', async () => {
		const credential = userCredential(harness.fakes, { password: 'wrong-Pa55' });
		const outcome = await send(credential, show(), 200, {
			settings: {
				retryOnFail: true,
				maxTries: 3,
				waitBetweenTries: 0,
				onError: 'continueRegularOutput',
			},
		});
		expect(outputOf(outcome)).toEqual(
			items(200, () => ({ error: 'The user name or the password is wrong' })),
		);
		expect(harness.fakes.calls.counts()).toEqual({ [LOGIN]: 1 });
		expect((await send(userCredential(harness.fakes), show())).error).toBeUndefined();
	});

	it('repeats a rejected login after one minute and then after five', async () => {
		const credential = userCredential(harness.fakes, { password: 'wrong-Pa55' });
		const asks = async (milliseconds: number) => {
			advanceClock(milliseconds);
			await send(credential, show());
			return logins();
		};
		expect(await asks(0)).toBe(1);
		expect(await asks(0.9 * MINUTE)).toBe(1);
		expect(await asks(0.2 * MINUTE)).toBe(2);
		expect(await asks(4.5 * MINUTE)).toBe(2);
		expect(await asks(0.6 * MINUTE)).toBe(3);
	});
});

describe('a failing request', () => {
	it('does not repeat a failed request while its session is young', async () => {
		for (const request of [show(), create()]) {
			harness.fakes.calls.clear();
			harness.fakes.faults.plan('*', { kind: 'slow', milliseconds: 0 }, 0);
			harness.fakes.faults.plan(request.url.includes(CREATE) ? CREATE : SHOW, {
				kind: 'status',
				status: 500,
			});
			const outcome = await send(userCredential(harness.fakes), request, 10);
			expect(outcome.error).toBeDefined();
			// Each GET is asked once whether the session is to blame: what one has found out says nothing of another.
			expect(harness.fakes.calls.all.filter(({ name }) => name !== LOGIN)).toHaveLength(
				request.url.includes(CREATE) ? 10 : 20,
			);
			expect(logins()).toBeLessThanOrEqual(1);
		}
	});

	it('repeats a GET but not a POST after it renews an older CRM.COM session', async () => {
		const credential = userCredential(harness.fakes);
		await send(credential, show());
		advanceClock(10 * MINUTE);
		harness.fakes.faults.plan(SHOW, { kind: 'status', status: 401 }, 2);
		expect((await send(credential, show())).error).toBeUndefined();
		// The GET, the question whether the session has ended, and the GET again.
		expect(harness.fakes.calls.counts()).toEqual({ [LOGIN]: 2, [SHOW]: 4 });
		advanceClock(10 * MINUTE);
		harness.fakes.faults.plan(CREATE, { kind: 'status', status: 500 }, 1);
		expect((await send(credential, create())).error).toBeDefined();
		expect(harness.fakes.calls.counts()).toEqual({ [LOGIN]: 2, [SHOW]: 4, [CREATE]: 1 });
		expect((await send(credential, create())).error).toBeUndefined();
		expect(harness.fakes.calls.counts()).toEqual({ [LOGIN]: 3, [SHOW]: 4, [CREATE]: 2 });
	});

	it('renews an expired Aurea session once for concurrent requests, which then succeed', async () => {
		const credential = aureaCredential(harness.fakes);
		await send(credential, lists());
		harness.fakes.aurea.endAllSessions();
		harness.fakes.calls.clear();
		const outcome = await send(
			credential,
			lists({ method: 'POST', body: { mailingListName: 'News' } }),
			30,
		);
		expect(outcome.error).toBeUndefined();
		expect(harness.fakes.aurea.lists).toHaveLength(31);
		// 30 rejected, one question, one login, the same question, 30 again.
		expect(harness.fakes.calls.counts()).toEqual({ sessions: 1, '{orgUid}/lists': 62 });
	});

	it('checks a valid Aurea session once for concurrent requests and resends nothing', async () => {
		const credential = aureaCredential(harness.fakes);
		const url = `${harness.fakes.aurea.url}/${CURRENT}/attributes/`;
		harness.fakes.faults.plan('{orgUid}/attributes', { kind: 'status', status: 500 });
		const outcome = await send(credential, { url, method: 'POST', body: { name: 'x' } }, 30);
		expect(outcome.error).toBeDefined();
		expect(harness.fakes.calls.counts()).toEqual({
			sessions: 1,
			'{orgUid}/attributes': 30,
			'{orgUid}/lists': 1,
		});
	});

	it('replaces a session that expired during slow requests', async () => {
		const credential = aureaCredential(harness.fakes);
		await send(credential, lists());
		harness.fakes.faults.plan('{orgUid}/lists', { kind: 'status', status: 500 }, 1);
		const first = send(credential, lists());
		harness.fakes.faults.plan('{orgUid}/attributes', { kind: 'slow', milliseconds: 900 });
		const url = lists().url.replace('lists', 'attributes');
		const slow = send(credential, { url, method: 'POST', body: { name: 'x' } }, 9);
		await first;
		harness.fakes.aurea.endAllSessions();
		expect((await slow).error).toBeUndefined();
		expect(harness.fakes.calls.count('sessions')).toBe(2);
	});

	it('keeps the session after a failed request of the older helper in the newer form', async () => {
		const credential = userCredential(harness.fakes);
		harness.fakes.faults.plan(CREATE, { kind: 'status', status: 500 });
		for (let time = 0; time < 2; time++) await send(credential, create({ inNewerForm: true }));
		expect(harness.fakes.calls.counts()).toEqual({ [LOGIN]: 1, [CREATE]: 2 });
	});

	it('logs in once when the vendor accepts the login but returns no token', async () => {
		harness.fakes.crmCom.tokenInstead = { value: null };
		const credential = userCredential(harness.fakes);
		for (let round = 0; round < 3; round++) {
			expect((await send(credential, show(), 5)).error?.message).toMatch(
				/accepted the login but returned no token/,
			);
			advanceClock(1_000);
		}
		expect(logins()).toBe(1);
	});

	it('logs in at most twice a minute when every token is rejected', async () => {
		harness.fakes.aurea.rejectsEveryToken = true;
		const credential = aureaCredential(harness.fakes);
		for (let round = 0; round < 5; round++) await send(credential, lists(), 5);
		expect(harness.fakes.calls.count('sessions')).toBe(2);
	});
});

describe('the attached token', () => {
	it.each([
		['another host', 'http://127.0.0.2:9/crmapi/rest/v2/x'],
		['a look-alike', 'http://127.0.0.1.example.com/crmapi/rest/v2/x'],
		['user-info', 'http://127.0.0.1:80@evil.example.com/crmapi/rest/v2/x'],
	])('refuses %s before sending anything and names both servers', async (_what, url) => {
		const outcome = await send(userCredential(harness.fakes), { url });
		expect(outcome.error?.message).toContain(`This credential is for ${base()}`);
		expect(outcome.error?.message).toContain(new URL(url).host);
		expect(harness.fakes.calls.all).toEqual([]);
	});

	it.each([
		['/crmapi/rest/v2/../v3/x'],
		['/crmapi/rest/v2/%2e%2e/x'],
		['/crmapi/rest/v2/..%2f..%2fx'],
		['/crmapi/rest/v22/x'],
		['/crmapi/rest/v2/..;/x'],
		['/'],
	])('refuses the path %s of the same host', async (path) => {
		const outcome = await send(userCredential(harness.fakes), {
			url: harness.fakes.crmCom.url + path,
		});
		expect(outcome.error?.message).toContain('This credential is for');
		expect(harness.fakes.calls.all.filter(({ name }) => name !== LOGIN)).toEqual([]);
	});

	it('puts the token into the query of a GET in place of any other', async () => {
		await send(userCredential(harness.fakes), {
			url: `${show().url}&token=stale`,
			qs: { token: 'stale' },
		});
		const { searchParams } = new URL(harness.fakes.calls.of(SHOW)[0]!.url, 'http://v');
		expect(searchParams.getAll('token')).toEqual([...harness.fakes.crmCom.sessions.keys()]);
	});

	it('puts the token into the JSON body of a POST and keeps the rest of its text', async () => {
		const credential = userCredential(harness.fakes);
		await send(credential, create());
		const body = '{ "type":"PERSON", "balance": 12345678901234567890, "token" : "stale" }';
		await send(
			credential,
			create({ body, json: false, headers: { 'content-type': 'application/json' } }),
		);
		const [token] = harness.fakes.crmCom.sessions.keys();
		const [first, second] = harness.fakes.calls.of(CREATE);
		expect(JSON.parse(first!.body)).toEqual({ type: 'PERSON', first_name: 'Grace', token });
		expect(second!.body).toBe(
			`{ "type":"PERSON", "balance": 12345678901234567890, "token" :"${token}" }`,
		);
		expect(second!.url).not.toContain('token');
	});

	it.each([
		['a form', { form: { a: 'b' }, body: undefined, json: false }],
		['an array', { body: [1] }],
		['other text', { body: 'plain', json: false, headers: { 'content-type': 'text/plain' } }],
	])('puts the token into the query of a POST with %s', async (_what, more) => {
		await send(userCredential(harness.fakes), create(more));
		const [token] = harness.fakes.crmCom.sessions.keys();
		const [call] = harness.fakes.calls.of(CREATE);
		expect(new URL(call!.url, 'http://v').searchParams.get('token')).toBe(token);
		expect(call!.body).not.toContain(token);
	});

	it('puts the token into the header of an Aurea request', async () => {
		await send(aureaCredential(harness.fakes), lists({ headers: { 'x-lhq-token': 'stale' } }));
		const [token] = harness.fakes.aurea.sessions.keys();
		expect(harness.fakes.calls.of('{orgUid}/lists')[0]!.headers['x-lhq-token']).toBe(token);
	});

	it("never releases the credential's own session", async () => {
		const credential = userCredential(harness.fakes);
		const url = `${base()}/authentication/token/release`;
		const outcome = await send(credential, {
			url,
			method: 'POST',
			body: { token: 'a token of mine' },
		});
		expect(outcome.error?.message).toBe(
			"Methods that make, end or change a session cannot be called with the credential's own session",
		);
		expect(harness.fakes.crmCom.liveSessions()).toBe(1);
		expect(harness.fakes.calls.counts()).toEqual({ [LOGIN]: 1 });
	});

	it("does not mistake a node's request for a credential test", async () => {
		const request = {
			baseURL: `${base()}/contact_information`,
			url: 'create',
			method: 'POST',
			body: { type: 'PERSON' },
		};
		const outcome = await harness.engine.run({
			node: 'request',
			parameters: {
				helper: 'new',
				credentialType: 'crmComUserLoginApi',
				request: request,
			},
			credential: userCredential(harness.fakes),
		});
		expect(outcome.error).toBeUndefined();
		expect(harness.fakes.calls.counts()).toEqual({ [LOGIN]: 1, [CREATE]: 1 });
	});

	it('does not carry the token anywhere in a redirect (P10)', async () => {
		const { port } = new URL(harness.fakes.crmCom.url);
		const elsewhere = [
			`http://localhost:${port}/stolen`,
			'/stolen',
			`${harness.fakes.aurea.url}/x/lists/`,
		];
		for (const status of [301, 302, 307, 308]) {
			for (const location of elsewhere) {
				harness.fakes.calls.clear();
				harness.fakes.faults.plan('{orgUid}/lists', { kind: 'redirect', status, location }, 1);
				const outcome = await send(aureaCredential(harness.fakes), lists());
				expect(outcome.error?.message).toContain(String(status));
				expect(harness.fakes.calls.all.filter(({ url }) => url.includes('/stolen'))).toEqual([]);
				expect(harness.fakes.calls.count('{orgUid}/lists')).toBeLessThanOrEqual(2);
			}
		}
	});
});

describe('a hostile path in an HTTP Request node', () => {
	it('sends no token out of the API or to an authentication method (P10)', async () => {
		const credential = userCredential(harness.fakes);
		const base = `${harness.fakes.crmCom.url}/crmapi/rest/v2`;
		for (const [path] of HOSTILE_PATHS.filter(([{ length }]) => length < 10_000)) {
			for (const url of [path, `${base}/${path}`, base + path]) await send(credential, { url });
		}
		const [token = ''] = harness.fakes.crmCom.sessions.keys();
		const withToken = harness.fakes.calls.all.filter(({ url }) => url.includes(token));
		expect(withToken.length).toBeGreaterThan(5);
		for (const { url } of withToken) {
			const { pathname } = new URL(url, 'http://vendor');
			expect(pathname).toMatch(/^\/crmapi\/rest\/v2\//);
			expect(decodeURIComponent(decodeURIComponent(pathname))).not.toMatch(/authentication|\.\./i);
		}
		expect(logins()).toBe(1);
	}, 60_000);
});

describe('{orgUid} in the URL of a request to Aurea', () => {
	const request = () => ({ url: `${harness.fakes.aurea.url}/{orgUid}/lists/` });
	const organizationsAsked = () =>
		harness.fakes.calls.of('{orgUid}/lists').map(({ url }) => url.split('/')[1]);

	it('stands for the organization that the session is in', async () => {
		expect((await send(aureaCredential(harness.fakes), request())).error).toBeUndefined();
		const sales = aureaCredential(harness.fakes, { organizationUid: SALES });
		expect((await send(sales, request())).error).toBeUndefined();
		expect(organizationsAsked()).toEqual([CURRENT, SALES]);
	});

	it('stands for the organization on a second send, too', async () => {
		const credential = aureaCredential(harness.fakes);
		await send(credential, request());
		harness.fakes.aurea.endAllSessions();
		expect((await send(credential, request())).error).toBeUndefined();
		expect(new Set(organizationsAsked())).toEqual(new Set([CURRENT]));
	});

	it('is an error before sending when the login does not say which organization it is in', async () => {
		harness.fakes.faults.plan('sessions', {
			kind: 'status',
			status: 201,
			body: { token: 'A-token-of-Aurea' },
		});
		const outcome = await send(aureaCredential(harness.fakes), request());
		expect(outcome.error?.message).toMatch(/^\{orgUid\} in the URL cannot be filled in/);
		expect(organizationsAsked()).toEqual([]);
	});

	it('is left unchanged in a query or as part of a segment', async () => {
		const url = `${harness.fakes.aurea.url}/${CURRENT}/lists/?a={orgUid}&b=x{orgUid}`;
		await send(aureaCredential(harness.fakes), { url });
		expect(decodeURIComponent(harness.fakes.calls.of('{orgUid}/lists')[0]!.url)).toContain(
			'a={orgUid}&b=x{orgUid}',
		);
	});
});

describe('an Aurea credential with an organization', () => {
	it('logs in and switches, and repeats both when it renews the session', async () => {
		const credential = aureaCredential(harness.fakes, { organizationUid: SALES });
		const request = { url: `${harness.fakes.aurea.url}/${SALES}/lists/` };
		expect((await send(credential, request, 10)).error).toBeUndefined();
		advanceClock(31 * MINUTE);
		expect((await send(credential, request, 10)).error).toBeUndefined();
		expect(harness.fakes.calls.counts()).toEqual({
			sessions: 2,
			'sessions/switch': 2,
			'{orgUid}/lists': 20,
		});
	});

	it('keeps one session for each organization that an expression names', async () => {
		const credential = aureaCredential(harness.fakes, { organizationUid: '={{ $json.uid }}' });
		const rows = items(12, (index) => ({ uid: [SALES, CURRENT][index % 2] }));
		const outcome = await harness.engine.run({
			node: 'request',
			parameters: {
				credentialType: credential.type,
				request: `={{ { "url": "${harness.fakes.aurea.url}/" + $json.uid + "/lists/" } }}`,
			},
			credential,
			items: rows,
		});
		expect(outcome.error).toBeUndefined();
		expect(harness.fakes.calls.counts()).toEqual({
			sessions: 2,
			'sessions/switch': 1,
			'{orgUid}/lists': 12,
		});
	});

	it('names the accessible organizations and logs in once', async () => {
		const outcome = await send(
			aureaCredential(harness.fakes, { organizationUid: 'no-such' }),
			lists(),
			20,
		);
		expect(outcome.error).toMatchObject({
			message: 'The login has no access to the organization no-such',
			description: expect.stringContaining(`Sales2 (${SALES})`),
		});
		expect(harness.fakes.calls.counts()).toEqual({ sessions: 1 });
	});
});
