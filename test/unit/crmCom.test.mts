import { describe, expect, it, jest } from '@jest/globals';
import type { IHttpRequestOptions } from 'n8n-workflow';

import { userLogin, userLoginSessions, webApiKey } from '../../nodes/CrmCom/auth.ts';
import type { HttpMethod } from '../../nodes/shared/http.ts';
import { createMethod } from '../../nodes/CrmCom/method.ts';
import { readMembers } from '../../nodes/shared/jsonText.ts';
import { requestWithSession, type MethodRequest } from '../../nodes/CrmCom/sessionRequest.ts';
import { callApi } from '../../nodes/CrmCom/api.ts';
import { now as moment } from '../../nodes/shared/session/clock.ts';
import { documentedMethod } from './documentedMethod.mts';
import { rejectedBy, thrownBy } from './failures.mts';

const SERVER = 'https://crm.example.com/crmapi/rest/v2';
let identities = 0;

describe('a rejection by the vendor', () => {
	const rejectionOf = async (status: object, statusCode = 200) =>
		await rejectedBy(
			callApi(
				{ httpRequest: async () => ({ statusCode, headers: {}, body: { status } }) },
				{ method: 'GET', url: `${SERVER}/x`, ignoreSslIssues: false, secrets: ['s3cret'] },
				{ method: 'Get Token', advice: 'Check the login' },
			),
		);

	it.each([
		[{ code: 'NO', message: 'Said' }, 'Said', 'Check the login<br>Code: NO'],
		[
			{ code: 'NO', message: 'Said', description: 'Explained' },
			'Said',
			'Check the login. Explained<br>Code: NO',
		],
		[
			{ code: 'NO', message: '', description: 'Explained' },
			'Explained',
			'Check the login<br>Code: NO',
		],
		[{ code: 'NO', message: 'Same', description: 'Same' }, 'Same', 'Check the login<br>Code: NO'],
		[
			{ code: 'NO', message: 7, description: null },
			'CRM.COM rejected Get Token without saying why',
			'Check the login<br>Code: NO',
		],
		[
			{ code: 's3cret', message: 'of s3cret', description: 's3cret' },
			'of ***',
			'Check the login. ***<br>Code: ***',
		],
	])('shows the words of the vendor for the status %j', async (status, message, description) => {
		expect(await rejectionOf(status)).toMatchObject({ message, description, reason: 'rejected' });
	});

	it('reports the HTTP status only when it is an error', async () => {
		expect((await rejectionOf({ code: 'NO' })).httpStatus).toBeUndefined();
		expect(await rejectionOf({ code: 'NO' }, 403)).toMatchObject({
			httpStatus: 403,
			reason: 'rejected',
		});
		// The vendor itself said no, whatever the status (P6).
		expect(await rejectionOf({ code: 'NO' }, 503)).toMatchObject({
			httpStatus: 503,
			reason: 'rejected',
		});
	});

	it.each([
		['NO', 200, false],
		['NO', 404, false],
		['NO', 408, true],
		['NO', 500, true],
		// Success that an HTTP status denies.
		['OK', 300, true],
		['OK', 404, true],
	])('tells for %s with HTTP %d whether the work may be done: %j (P1)', async (...answer) => {
		const [code, status, mayBeDone] = answer;
		expect(await rejectionOf({ code }, status)).toMatchObject({ mayBeDone });
	});
});

describe('a call with the session of the credential', () => {
	const methodOf = (httpMethod: HttpMethod) => createMethod(httpMethod, 'contact_information/show');
	const request: MethodRequest = {
		method: methodOf('GET'),
		parameters: new Map(),
		timeoutMs: 1_000,
		renewSession: true,
	};
	const ok = (data: unknown) => ({
		statusCode: 200,
		headers: { 'x-a': 'TOKEN-1' },
		body: { status: { code: 'OK' }, data },
	});
	const no = {
		statusCode: 200,
		headers: {},
		body: { status: { code: 'NO', message: 'No to TOKEN-1' } },
	};

	type Changes = Partial<Omit<MethodRequest, 'parameters'>> & {
		httpMethod?: HttpMethod;
		/** As JSON. */
		parameters?: string;
	};

	/** Calls with a server whose logins give TOKEN-1, TOKEN-2 and so on. */
	function server(
		answer: (request: IHttpRequestOptions) => unknown,
		password = 'p',
		more: object = {},
	) {
		const credentials = {
			serverUrl: 'https://crm.example.com',
			username: `own${++identities}`,
			password,
			organisation: 'o',
			...more,
		};
		const account = userLogin.read(credentials);
		const requests: IHttpRequestOptions[] = [];
		let logins = 0;
		let loginFailure: unknown;
		const http = {
			httpRequest: async (request: IHttpRequestOptions) => {
				if (request.url.endsWith('authentication/token'))
					return loginFailure ?? ok({ token: `TOKEN-${++logins}` });
				requests.push(request);
				return answer(request);
			},
		};
		return {
			credentials,
			requests,
			logins: () => logins,
			failLogins: (failure: unknown) => {
				loginFailure = failure;
			},
			login: async () => await userLoginSessions.get(http, account),
			expire: async () =>
				userLoginSessions.invalidate(
					account,
					await userLoginSessions.get(http, account),
					'expired',
					'a test',
				),
			call: async ({ httpMethod = 'GET', parameters = '{}', ...changes }: Changes = {}) =>
				await requestWithSession(http, userLoginSessions, account, {
					...request,
					method: methodOf(httpMethod),
					parameters: readMembers(parameters),
					...changes,
				}),
		};
	}

	it('sends GET parameters as text and omits null', async () => {
		const { call: ask, requests } = server(() => ok({}));
		await ask({ parameters: '{"a":1,"b":{"c":"d"},"e":null,"g":"","h":false}' });
		await ask({ parameters: '{"n":12345678901234567890,"e":null,"s":"x y","t":"null"}' });
		const queries = requests.map(({ url }) =>
			[...new URL(url).searchParams].map((pair) => pair.join('=')),
		);
		expect(queries).toEqual([
			['a=1', 'b={"c":"d"}', 'g=', 'h=false', 'token=TOKEN-1'],
			['n=12345678901234567890', 's=x y', 't=null', 'token=TOKEN-1'],
		]);
	});

	it('puts the token into the body of a POST and nowhere else', async () => {
		const { call: ask, requests } = server(() => ok({}));
		await ask({ httpMethod: 'POST', parameters: '{"a":1,"token":"mine"}' });
		await ask({ httpMethod: 'POST', parameters: '{"n":12345678901234567890}' });
		expect(requests.map(({ body, url }) => [body, url])).toEqual([
			['{"a":1,"token":"TOKEN-1"}', `${SERVER}/contact_information/show`],
			['{"n":12345678901234567890,"token":"TOKEN-1"}', `${SERVER}/contact_information/show`],
		]);
	});

	it('masks the token in the data, the response and the error', async () => {
		const { call: ask } = server(() => ok({ 'TOKEN-1': ['TOKEN-1', 7, null], text: 'of TOKEN-1' }));
		expect(await ask()).toEqual({
			data: { '***': ['***', 7, null], text: 'of ***' },
			message: '',
			response: {
				status: 200,
				headers: { 'x-a': '***' },
				body: { status: { code: 'OK' }, data: { '***': ['***', 7, null], text: 'of ***' } },
			},
		});
		const refused = server(() => no);
		expect(await rejectedBy(refused.call())).toMatchObject({
			message: 'No to ***',
			description: 'Check the parameters of the method<br>Code: NO',
		});
	});

	const said = (status: object, statusCode = 200) => ({
		statusCode,
		headers: {},
		body: { status },
	});

	/** How a call that fails in a session of a given age ends, and the next call. */
	async function failUnder(
		{ ageMs, ...changes }: { ageMs: number; httpMethod?: HttpMethod; renewSession?: boolean },
		failure: unknown,
	) {
		let now = Date.now();
		jest.spyOn(Date, 'now').mockImplementation(() => now);
		let isOver = false;
		const {
			call: ask,
			logins,
			requests,
		} = server(({ url, body }) =>
			isOver && `${url}${String(body)}`.includes('TOKEN-1') ? failure : ok('new'),
		);
		await ask(changes);
		[now, isOver] = [now + ageMs, true];
		const [first] = await Promise.allSettled([ask(changes)]);
		const sent = requests.length - 1;
		const [next] = await Promise.allSettled([ask(changes)]);
		return { first: first.status, sent, next: next.status, logins: logins() };
	}

	const OLD = 60_000;
	const YOUNG = 59_000;
	const EXPIRED = said({ code: 'COM.CRM.SESSIONEXPIREDEXCEPTION' });
	const repeated = { first: 'fulfilled', sent: 2, next: 'fulfilled', logins: 2 };
	const renewedForNext = { first: 'rejected', sent: 1, next: 'fulfilled', logins: 2 };
	const kept = { first: 'rejected', sent: 1, next: 'rejected', logins: 1 };

	it.each([
		['GET', OLD, 'any code of CRM.COM', said({ code: 'ANY' }), repeated],
		['GET', OLD, 'any code with HTTP 500', said({ code: 'ANY' }, 500), repeated],
		['GET', YOUNG, 'any code of CRM.COM', said({ code: 'ANY' }), kept],
		['GET', OLD, 'HTTP 404', { statusCode: 404, headers: {}, body: '' }, kept],
		['GET', OLD, 'HTTP 403', { statusCode: 403, headers: {}, body: '' }, repeated],
		['GET', 0, 'a code about the session', EXPIRED, repeated],
		['GET', 0, 'HTTP 401', { statusCode: 401, headers: {}, body: '' }, repeated],
		['POST', 0, 'HTTP 401', { statusCode: 401, headers: {}, body: '' }, repeated],
		['POST', 0, 'a code about the session', EXPIRED, renewedForNext],
		['POST', OLD, 'any code of CRM.COM', said({ code: 'ANY' }), renewedForNext],
		['POST', YOUNG, 'any code of CRM.COM', said({ code: 'ANY' }), kept],
		['POST', YOUNG, 'words', said({ code: 'NO', message: 'Unknown session type' }), kept],
		['POST', YOUNG, 'words', said({ code: 'NO', message: 'unauthorised transaction' }), kept],
		['POST', YOUNG, 'a card', said({ code: 'X.CARDTOKENEXPIREDEXCEPTION' }), kept],
	] as const)(
		'decides whether to renew after a %s, %d ms into the session, fails with %s (P1, P3)',
		async (httpMethod, ageMs, _what, failure, outcome) => {
			expect(await failUnder({ httpMethod, ageMs }, failure)).toEqual(outcome);
		},
	);

	it.each([
		['X.INVALIDTOKENEXCEPTION'],
		['COM.CRM.EXCEPTION.SECURITY.SESSIONEXPIREDEXCEPTION'],
		['Token_Expired'],
		['SESSION_NOT_FOUND'],
		['NOT_AUTHENTICATED'],
		['Unauthorized'],
		['AUTHENTICATIONTOKENEXPIREDERROR'],
	])('treats the code %s as being about the session (P3)', async (code) => {
		expect(await failUnder({ ageMs: 0 }, said({ code }))).toEqual(repeated);
	});

	it.each([
		['POST', true, 'since a POST is not sent twice'],
		['GET', false, "since 'Retry If Session Has Ended' is off"],
	] as const)(
		'says why a %s was not repeated when the session has ended, with Retry If Session Has Ended %s (P1)',
		async (httpMethod, renewSession, why) => {
			const { call: ask } = server(() => EXPIRED);
			expect(await rejectedBy(ask({ httpMethod, renewSession }))).toMatchObject({
				vendorCode: 'COM.CRM.SESSIONEXPIREDEXCEPTION',
				reason: 'unclear',
				advice: `The session has ended. The next call logs in, but this one was not repeated, ${why}`,
			});
			const doubted = server(() => said({ code: 'ANY' }));
			let now = Date.now();
			jest.spyOn(Date, 'now').mockImplementation(() => now);
			await doubted.login();
			now += OLD;
			expect((await rejectedBy(doubted.call({ httpMethod, renewSession }))).description).toMatch(
				/^Check the parameters/,
			);
		},
	);

	it('says why a method whose verb was inferred was not repeated (P1)', async () => {
		const { documentation, ...rest } = documentedMethod('POST', []);
		const method = { ...rest, documentation: { ...documentation!, unconfirmed: 'verb' as const } };
		const { call: ask } = server(() => EXPIRED);
		expect(await rejectedBy(ask({ method }))).toMatchObject({
			advice:
				'The session has ended. The next call logs in, but this one was not repeated, since it is not certain that the method only reads',
		});
	});

	it('says that the session has ended, even if its successor has too, and after too many that the node waits (P9)', async () => {
		const { call: ask } = server(() => ({ statusCode: 401, headers: {}, body: '' }));
		for (const httpMethod of ['POST', 'GET'] as const)
			expect((await rejectedBy(ask({ httpMethod }))).description).toBe(
				httpMethod === 'POST'
					? 'The session has ended. The next call logs in, but this one was not repeated, since a new session has ended, too'
					: 'The session has ended. The server has ended several sessions within a minute, so the node waits before it logs in again',
			);
	});

	it('does not count failures in a valid session as renewals (P9)', async () => {
		let answer: unknown = said({ code: 'ANY' });
		const { call: ask, logins } = server(() => answer);
		for (let time = 0; time < 3; time++) await rejectedBy(ask());
		expect(logins()).toBe(1);
		answer = EXPIRED;
		await rejectedBy(ask({ httpMethod: 'POST' }));
		answer = ok('good');
		await ask();
		expect(logins()).toBe(2);
	});

	it.each([
		[true, true],
		[undefined, false],
	])('with Ignore SSL Issues %s, skips the check of the certificate: %s', async (on, skips) => {
		const { call: ask, requests } = server(() => ok({}), 'p', { ignoreSslIssues: on });
		await ask();
		expect(requests[0]).toMatchObject({ skipSslCertificateValidation: skips });
	});

	it('replaces the session without repeating the call when Retry If Session Has Ended is off (P3)', async () => {
		expect(await failUnder({ ageMs: OLD, renewSession: false }, EXPIRED)).toEqual(renewedForNext);
	});

	it('shows the first error and keeps the session when the new login fails (P2)', async () => {
		let now = Date.now();
		jest.spyOn(Date, 'now').mockImplementation(() => now);
		const down = { statusCode: 503, headers: {}, body: '' };
		const busy = said({ code: 'BUSY', message: 'Busy' });
		for (const atLogin of [down, busy]) {
			let isGood = true;
			const {
				call: ask,
				failLogins,
				requests,
			} = server(() => (isGood ? ok('good') : said({ code: 'GONE', message: 'Not found' })));
			await ask();
			now += OLD;
			failLogins(atLogin);
			isGood = false;
			expect((await rejectedBy(ask())).message).toBe('Not found');
			// It is not sent again in the session that was kept.
			expect(requests).toHaveLength(2);
			isGood = true;
			expect((await ask()).data).toBe('good');
		}
	});

	it('shows the rejected login when the session is known to have expired (P2)', async () => {
		const { call: ask, failLogins } = server(() => EXPIRED);
		failLogins(undefined);
		await rejectedBy(ask());
		const other = server(() => ({ statusCode: 401, headers: {}, body: '' }));
		await other.login();
		other.failLogins(said({ code: 'NO', message: 'Wrong password' }));
		expect((await rejectedBy(other.call())).message).toBe('Wrong password');
	});

	it('shows the first error when another call has invalidated the session meanwhile (P2)', async () => {
		let now = Date.now();
		jest.spyOn(Date, 'now').mockImplementation(() => now);
		const vendor = server(async () => {
			await vendor.expire();
			return said({ code: 'GONE', message: 'Not found' });
		});
		await vendor.login();
		now += OLD;
		vendor.failLogins({ statusCode: 503, headers: {}, body: '' });
		expect((await rejectedBy(vendor.call())).message).toBe('Not found');
	});

	it('learns from calls which codes are about calls (P4)', async () => {
		let now = Date.now();
		jest.spyOn(Date, 'now').mockImplementation(() => now);
		const { call: ask, logins } = server(({ url }) =>
			url.includes('id=good') ? ok('good') : said({ code: 'GONE' }),
		);
		for (let minutes = 0; minutes < 58; minutes += 2) {
			await rejectedBy(ask());
			await ask({ parameters: '{"id":"good"}' });
			now += 2 * 60_000 - 1;
			await ask({ parameters: '{"id":"good"}' });
			now += 1;
		}
		expect(logins()).toBe(1);
	});

	it('believes a code that names the session in the repeat, too (P3, P4)', async () => {
		let isDown = true;
		const { call: ask, logins } = server(() => (isDown ? EXPIRED : ok('good')));
		await rejectedBy(ask());
		isDown = false;
		expect((await ask()).data).toBe('good');
		// The first, one for the repeat, and one for the next call.
		expect(logins()).toBe(3);
	});

	it('leaves data as it is, even if it holds the password (P13)', async () => {
		const data = { name: 'Lovelace', note: 'S3cret-Pa55', year: 2024, text: '2024' };
		for (const password of ['Lovelace', '2024', 'S3cret-Pa55'])
			expect((await server(() => ok(data), password).call()).data).toEqual(data);
	});

	it('masks the password and the token in a rejection that repeats them', async () => {
		const message = 'Not with S3cret-Pa55, but TOKEN-1';
		const refused = server(() => said({ code: 'NO', message }), 'S3cret-Pa55');
		expect((await rejectedBy(refused.call())).message).toBe('Not with ***, but ***');
	});
});

describe('attaching a token', () => {
	const { attach } = userLogin;
	const put = (path: string) =>
		attach({ url: SERVER + path, method: 'GET' }, new URL(SERVER + path), {
			token: 'T',
			receivedAt: moment(),
			lifetimeMs: 3_540_000,
		});

	it.each([
		['/authentication/token/release'],
		['/authentication/token/release//'],
		['/authentication/token/%72elease'],
		['/authentication/token/release;x=1'],
		['/authentication;a/token/release'],
		['/authentication/token/release%2F'],
		['/authentication/token/Release'],
		['/%61uthentication/token/release'],
		['/%25%36%31uthentication/token/release'],
		['/authentication%25%32ftoken/release'],
		['/Authentication/token'],
		['/organisation/set_session_settings'],
		['/Organisation/set_session_settings/;x'],
		['/organisation//set_session_settings//'],
		['/organisation;x/%73et_session_settings%2F'],
	])('refuses to send the session of the credential to %s', (path) => {
		expect(thrownBy(() => put(path))).toMatchObject({
			message:
				"Methods that make, end or change a session cannot be called with the credential's own session",
			description: expect.stringMatching(/^It is shared by everyone who uses the credential/),
		});
	});

	it('attaches the token to a method with a similar path', () =>
		expect(
			['/authentications/show', '/organisation/set_session_settings_of/show'].map(
				(path) => put(path).qs,
			),
		).toEqual([{ token: 'T' }, { token: 'T' }]));
});

it.each([
	['Head Office'],
	['9D2F6A1B0C3E4D5F8A7B6C5D4E3F2A1'],
	['={{ $json.unit }}'],
	['../1'],
	['1'.repeat(1_000_000) + 'x'],
])('rejects the unit %.20j without a login', async (unit) => {
	const httpRequest = jest.fn(async () => undefined);
	const credentials = { serverUrl: SERVER, webApiKey: 'k', unit };
	expect(await rejectedBy(webApiKey.read(credentials).logIn({ httpRequest }, {}))).toMatchObject({
		message: "'Unit ID' is not the ID of a unit",
		description: expect.stringMatching(/^An ID has 32 characters of 0 to 9 and A to F/),
	});
	expect(httpRequest).not.toHaveBeenCalled();
});

describe.each([
	[
		userLogin,
		{ username: 'User Name', password: 'Password', organisation: 'Organisation' },
		"If the login itself is wrong, check 'User Name', 'Password', 'Organisation' and 'Unit ID'",
	],
	[
		webApiKey,
		{ webApiKey: 'Web API Key' },
		"If the login itself is wrong, check 'Web API Key', which must be a systemic key, and 'Unit ID'",
	],
])('the fields of a login', ({ credentialType, read }, labels, advice) => {
	const filled = Object.fromEntries(Object.keys(labels).map((name) => [name, `${name}-1`]));
	const logIn = async (changes: object) => {
		const status = { code: 'NO', message: 'Said' };
		const httpRequest = jest.fn(async () => ({ statusCode: 200, headers: {}, body: { status } }));
		const account = read({ serverUrl: SERVER, ...filled, ...changes });
		const error = await rejectedBy(account.logIn({ httpRequest }, {}));
		return { error, sent: httpRequest.mock.calls.length };
	};

	it.each(Object.entries(labels))(
		`are named as in the editor if one is empty: ${credentialType}, %s`,
		async (name, label) => {
			const { error, sent } = await logIn({ [name]: '' });
			expect(error.message).toBe(`'${label}' is empty in the credential`);
			expect(sent).toBe(0);
		},
	);

	it(`are what to check after a rejection: ${credentialType}`, async () => {
		const { error, sent } = await logIn({});
		expect(error.message).toBe('Said');
		expect(error.description).toContain(advice);
		expect(sent).toBe(1);
	});
});

it('ignores spaces around login fields, except the password, in the cache key', () => {
	const fields = { serverUrl: SERVER, username: 'u', password: 'p', organisation: 'o', unit: '1' };
	const identity = (own: object) => userLogin.read(own as never).key;
	expect(
		identity({
			...fields,
			username: ' u',
			organisation: 'o ',
			unit: ' 1 ',
			ignoreSslIssues: 'no',
		}),
	).toBe(identity(fields));
	expect(identity({ ...fields, password: 'p ' })).not.toBe(identity(fields));
	expect(webApiKey.read({ serverUrl: SERVER, webApiKey: ' k ' }).key).toBe(
		webApiKey.read({ serverUrl: SERVER, webApiKey: 'k' }).key,
	);
});

it('checks a session with the SSL setting of its credential and masks the token (P11)', async () => {
	const target = new URL(`${SERVER}/a/b`);
	const failed = {
		request: { url: target.href, qs: { token: 'TOKEN-one' } },
		target,
		isRead: true,
		isSingleUse: false,
		timeoutMs: 1_000,
	};
	const login = { token: 'TOKEN-one', receivedAt: moment(), lifetimeMs: 3_540_000 };
	const httpRequest = jest.fn(async (_options: IHttpRequestOptions) =>
		Promise.reject(new Error('Blocked: TOKEN-one')),
	);
	const ask = async (ignoreSslIssues: boolean) =>
		await rejectedBy(
			webApiKey
				.read({ serverUrl: SERVER, webApiKey: 'k', ignoreSslIssues })
				.checkSession({ httpRequest }, login, failed)!,
		);
	expect((await ask(true)).message).toBe(
		'n8n did not send the request to crm.example.com: Blocked: ***',
	);
	await ask(false);
	expect(
		httpRequest.mock.calls.map(([{ skipSslCertificateValidation, timeout }]) => [
			skipSslCertificateValidation,
			timeout,
		]),
	).toEqual([
		[true, 1_000],
		[false, 1_000],
	]);
});

it('checks the certificate unless the user turns that off, under a separate cache key (P5)', async () => {
	const fields = { serverUrl: SERVER, webApiKey: 'k' };
	const keyOf = (ignoreSslIssues: boolean) => webApiKey.read({ ...fields, ignoreSslIssues }).key;
	expect(keyOf(true)).not.toBe(keyOf(false));
	const optionsFor = async (more: object) => {
		const httpRequest = jest.fn(async (_options: IHttpRequestOptions) => ({
			statusCode: 200,
			headers: {},
			body: { status: { code: 'OK' }, data: { token: 'T' } },
		}));
		await webApiKey.read({ ...fields, ...more }).getToken({ httpRequest }, {});
		return httpRequest.mock.calls[0]![0];
	};
	for (const ignoreSslIssues of ['false', '', 0, 'no', undefined])
		expect(await optionsFor({ ignoreSslIssues })).toMatchObject({
			skipSslCertificateValidation: false,
			body: '{}',
		});
	for (const ignoreSslIssues of [true, ' True '])
		expect((await optionsFor({ ignoreSslIssues })).skipSslCertificateValidation).toBe(true);
});

it('doubts a session after a login for somebody else only if it was sent (P2)', async () => {
	const fields = { serverUrl: 'https://crm.example.com', organisation: 'O', password: 'p' };
	const { read } = userLoginSessions.strategy;
	const account = read({ ...fields, username: 'doubted' });
	let logins = 0;
	const http = {
		httpRequest: async () => ({
			statusCode: 200,
			headers: {},
			body: { status: { code: 'OK' }, data: { token: `TOKEN-${++logins}` } },
		}),
	};
	const getToken = async (unit: string) =>
		await userLoginSessions.logInSeparately(
			account,
			{},
			async (context) =>
				await read({ ...fields, username: 'doubted', unit }).getToken(http, context),
		);
	const tokenInUse = async () => (await userLoginSessions.get(http, account)).login.token;
	expect(await tokenInUse()).toBe('TOKEN-1');
	await rejectedBy(getToken('not a unit'));
	expect(await tokenInUse()).toBe('TOKEN-1');
	await getToken('7');
	expect(await tokenInUse()).toBe('TOKEN-3');
});
