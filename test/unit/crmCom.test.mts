import { describe, expect, it, jest } from '@jest/globals';
import type { IHttpRequestOptions } from 'n8n-workflow';

import { userLogin, userLoginSessions, webApiKey } from '../../nodes/CrmCom/auth.ts';
import { searchMethods } from '../../nodes/CrmCom/listSearch.ts';
import { requestWithSession } from '../../nodes/CrmCom/sessionRequest.ts';
import { paginate, findRows, type Page, type Pagination } from '../../nodes/CrmCom/pagination.ts';
import { callApi, parseMethodPath } from '../../nodes/CrmCom/api.ts';
import { now as moment } from '../../nodes/shared/session/clock.ts';
import { errorOf, thrownBy } from './errorOf.mts';

const SERVER = 'https://crm.example.com/crmapi/rest/v2';
let identities = 0;

describe('a rejection by the vendor', () => {
	const rejectionOf = async (status: object, statusCode = 200) =>
		await errorOf(
			callApi(
				{ httpRequest: async () => ({ statusCode, headers: {}, body: { status } }) },
				{ method: 'GET', url: `${SERVER}/x`, ignoreSslIssues: false, secrets: ['s3cret'] },
				{ method: 'Get Token', advice: 'Check the login' },
			),
		);

	it.each([
		[{ code: 'NO', message: 'Said' }, 'Said', "Check the login<br>CRM.COM's code: NO"],
		[
			{ code: 'NO', message: 'Said', description: 'Explained' },
			'Said',
			"Check the login. Explained<br>CRM.COM's code: NO",
		],
		[
			{ code: 'NO', message: '', description: 'Explained' },
			'Explained',
			"Check the login<br>CRM.COM's code: NO",
		],
		[
			{ code: 'NO', message: 'Same', description: 'Same' },
			'Same',
			"Check the login<br>CRM.COM's code: NO",
		],
		[
			{ code: 'NO', message: 7, description: null },
			'CRM.COM rejected Get Token without saying why',
			"Check the login<br>CRM.COM's code: NO",
		],
		[
			{ code: 's3cret', message: 'of s3cret', description: 's3cret' },
			'of ***',
			"Check the login. ***<br>CRM.COM's code: ***",
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
});

describe('the path of a method', () => {
	it.each([
		['contact_information/show'],
		['  /contact_information/show/ '],
		['///contact_information/show//'],
		['https://crm.example.com/crmapi/rest/v2/contact_information/show'],
		['/crmapi/rest/v2//contact_information/show'],
		['crmapi/rest/v2/contact_information/show'],
	])('reads the method path from %s', (typed) =>
		expect(parseMethodPath(typed)).toBe('contact_information/show'),
	);

	it.each([[''], [' '], [undefined], [7], ['//']])(
		'reports %j as an empty method path',
		(typed) => {
			expect(thrownBy(() => parseMethodPath(typed))).toMatchObject({
				message: "'Web API Method' is empty",
				description: expect.stringMatching(
					/^Enter it as shown in the CRM.COM documentation, e\.g\./,
				),
			});
		},
	);

	it.each([['show'], ['a/../b'], ['a/b?c=d'], ['a//b'], ['a/b#c'], ['a b/c'], ['a/%2e%2e/b']])(
		'refuses %s as a method path',
		(typed) => {
			expect(thrownBy(() => parseMethodPath(typed)).message).toBe(
				"'Web API Method' is not the path of a method",
			);
		},
	);

	it('refuses a very long path without delay', () => {
		const typed = [
			`${'/'.repeat(1_000_000)}x`,
			`a/${'b'.repeat(499)}`,
			`a${'/'.repeat(1_000_000)}b`,
		];
		for (const path of typed)
			expect(thrownBy(() => parseMethodPath(path)).message).toMatch(/^'Web API Method' is/);
	});

	it('refuses the path of an authentication method', () => {
		for (const path of ['Authentication/token', 'v2/authentication/token/release'])
			expect(thrownBy(() => parseMethodPath(path)).message).toContain('cannot be called with');
		expect(thrownBy(() => parseMethodPath('authentication/token'))).toMatchObject({
			message: "authentication/token cannot be called with the credential's own session",
			description:
				'Use the operations Get Token and Release Token, whose tokens belong to the workflow',
		});
	});

	it('finds a method in the list by any part of its path', async () => {
		const all = await searchMethods.call({} as never);
		expect(all.results).toHaveLength(5);
		expect((await searchMethods.call({} as never, ' SHOW ')).results).toEqual([
			{ name: 'accounts_receivable/show (GET)', value: 'accounts_receivable/show' },
			{ name: 'contact_information/show (GET)', value: 'contact_information/show' },
			{ name: 'subscriptions/show (GET)', value: 'subscriptions/show' },
		]);
	});
});

describe('the rows of an answer', () => {
	it.each([
		[[1, 2], '', [1, 2]],
		[{ total: 2, contacts: [1, 2] }, '', [1, 2]],
		[{ a: [1], b: [2] }, 'b', [2]],
		[{ contacts: [] }, '', []],
	])('finds the rows of %j, named %j', (data, name, rows) =>
		expect(findRows(data, name)).toEqual(rows),
	);

	it.each([
		[
			{ a: [1], b: [2] },
			'',
			'The response has no list, or more than one',
			"It has a, b: enter one of them in the option 'List Field'",
		],
		[
			{ a: [1], b: [2] },
			'c',
			'The response has no list c',
			"It has a, b: enter one of them in the option 'List Field'",
		],
		[
			{ a: 1 },
			'',
			'The response has no list, or more than one',
			"Set 'Output' to One Item to see what it has",
		],
		[null, 'a', 'The response has no list a', "Set 'Output' to One Item to see what it has"],
		[[1], 'a', 'The response has no list a', "Set 'Output' to One Item to see what it has"],
		[
			'words',
			'',
			'The response has no list, or more than one',
			"Set 'Output' to One Item to see what it has",
		],
	])('finds no rows in %j, named %j, and says why', (data, name, message, description) =>
		expect(thrownBy(() => findRows(data, name))).toMatchObject({ message, description }),
	);
});

describe('pages', () => {
	const list = (count: number) => Array.from({ length: count }, (_, index) => index);
	/** Reads a list of so many rows from a server that heeds the page, or not. */
	async function read(
		count: number,
		limit: number,
		size: number,
		answer: (page: Page) => unknown[] = ({ number_of_results: wanted, offset }) =>
			list(count).slice(offset, offset + wanted),
		paging: Partial<Pagination> = {},
	) {
		const asked: Page[] = [];
		const rows = await paginate({ limit, pageSize: size, ...paging }, async (page) => {
			asked.push(page);
			// A mutant that reads without end would fill the memory.
			if (asked.length > 1_000) throw new Error('It reads without end');
			return answer(page);
		});
		return {
			rows: rows.length,
			asked: asked.map(({ number_of_results, offset }) => [number_of_results, offset]),
		};
	}

	it('stops reading at a short page, an empty page or the limit', async () => {
		expect(await read(5, Infinity, 2)).toEqual({
			rows: 5,
			asked: [
				[2, 0],
				[2, 2],
				[2, 4],
			],
		});
		expect(await read(4, Infinity, 2)).toEqual({
			rows: 4,
			asked: [
				[2, 0],
				[2, 2],
				[2, 4],
			],
		});
		expect(await read(9, 3, 2)).toEqual({
			rows: 3,
			asked: [
				[2, 0],
				[1, 2],
			],
		});
		expect(await read(9, 2, 5)).toEqual({ rows: 2, asked: [[2, 0]] });
		expect(await read(0, Infinity, 2)).toEqual({ rows: 0, asked: [[2, 0]] });
	});

	it('fails when a server repeats a page, even as a shorter last page', async () => {
		const refused = {
			message:
				'The server returned the same rows for two pages, so the list cannot be read page by page',
			description: expect.stringMatching(/^The method may not support the offset parameter/),
		};
		expect(await errorOf(read(9, Infinity, 2, () => [1, 2]))).toMatchObject(refused);
		expect(
			await errorOf(read(9, 3, 2, ({ number_of_results: wanted }) => list(wanted))),
		).toMatchObject(refused);
	});

	it('stops when a server returns all rows at once', async () => {
		expect(await read(9, Infinity, 2, () => list(9))).toEqual({
			rows: 9,
			asked: [
				[2, 0],
				[2, 9],
			],
		});
		expect(await read(9, Infinity, 2, ({ offset }) => list(9).slice(offset))).toEqual({
			rows: 9,
			asked: [
				[2, 0],
				[2, 9],
			],
		});
	});

	it('stops at a short page even when it repeats the start of the page before', async () => {
		const equal = ({ number_of_results: wanted, offset }: Page) =>
			Array.from({ length: Math.min(wanted, 5 - offset) }, () => ({ status: 'ACTIVE' }));
		expect(await read(5, Infinity, 3, equal)).toEqual({
			rows: 5,
			asked: [
				[3, 0],
				[3, 3],
			],
		});
	});

	it('fails after a million rows unless the limit is higher', async () => {
		let asked = 0;
		const endless = async (limit: number) =>
			await paginate({ limit, pageSize: 100_000 }, async ({ number_of_results: wanted }) =>
				asked > 3_000_000
					? Promise.reject(new Error('It reads without end'))
					: Array.from({ length: wanted }, () => ++asked),
			);
		expect(await errorOf(endless(Infinity))).toMatchObject({
			message: 'The list has not ended after 1000000 rows',
			description: expect.stringMatching(/^Turn off 'Return All' and set 'Limit'/),
		});
		expect(asked).toBe(1_000_000);
		expect(await endless(1_000_001)).toHaveLength(1_000_001);
	});

	it('stops reading when the execution is stopped', async () => {
		const stop = new AbortController();
		let asked = 0;
		const reading = paginate({ limit: Infinity, pageSize: 1, signal: stop.signal }, async () => {
			if (++asked === 3) stop.abort();
			return [asked];
		});
		expect(await errorOf(reading)).toMatchObject({ name: 'AbortError' });
		expect(asked).toBe(3);
	});

	it('cuts the rows at the limit when the server returns more than requested', async () => {
		expect(await read(9, 3, 2, ({ offset }) => list(7).map((row) => row + offset))).toEqual({
			rows: 3,
			asked: [[2, 0]],
		});
		expect(await read(9, 5, 3, ({ offset }) => (offset === 0 ? [1, 2, 3] : [4, 5, 6]))).toEqual({
			rows: 5,
			asked: [
				[3, 0],
				[2, 3],
			],
		});
	});

	it('stops at an empty second page', async () => {
		expect(await read(9, Infinity, 2, ({ offset }) => (offset === 0 ? [1, 2] : []))).toEqual({
			rows: 2,
			asked: [
				[2, 0],
				[2, 2],
			],
		});
	});
});

describe('a call with the session of the credential', () => {
	const method = {
		httpMethod: 'GET',
		path: 'contact_information/show',
		parameters: {},
		timeoutMs: 1_000,
		renewSession: true,
	} as const;
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

	/** Calls with a server whose logins give TOKEN-1, TOKEN-2 and so on. */
	function server(answer: (request: IHttpRequestOptions) => unknown, password = 'p') {
		const credentials = {
			serverUrl: 'https://crm.example.com',
			username: `own${++identities}`,
			password,
			organisation: 'o',
		};
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
			requests,
			logins: () => logins,
			failLogins: (failure: unknown) => {
				loginFailure = failure;
			},
			login: async () => await userLoginSessions.get(http, credentials),
			expire: async () =>
				userLoginSessions.invalidate(
					credentials,
					await userLoginSessions.get(http, credentials),
					'expired',
				),
			call: async (changes: object = {}) =>
				await requestWithSession(http, userLoginSessions, credentials, { ...method, ...changes }),
		};
	}

	it('sends GET parameters as text and omits null and undefined', async () => {
		const { call: ask, requests } = server(() => ok({}));
		await ask({ parameters: { a: 1, b: { c: 'd' }, e: null, f: undefined, g: '', h: false } });
		await ask({ parameters: '{"n":12345678901234567890,"e":null,"s":"x y","t":"null"}' });
		await ask({ parameters: { at: new Date(0) } });
		const queries = requests.map(({ url }) =>
			[...new URL(url).searchParams].map((pair) => pair.join('=')),
		);
		expect(queries).toEqual([
			['a=1', 'b={"c":"d"}', 'g=', 'h=false', 'token=TOKEN-1'],
			['n=12345678901234567890', 's=x y', 't=null', 'token=TOKEN-1'],
			['at=1970-01-01T00:00:00.000Z', 'token=TOKEN-1'],
		]);
	});

	it('puts the token into the body of a POST and nowhere else', async () => {
		const { call: ask, requests } = server(() => ok({}));
		await ask({ httpMethod: 'POST', parameters: { a: 1, token: 'mine' } });
		await ask({ httpMethod: 'POST', parameters: '{"n":12345678901234567890}' });
		expect(requests.map(({ body, url }) => [body, url])).toEqual([
			['{"a":1,"token":"TOKEN-1"}', `${SERVER}/contact_information/show`],
			['{"token":"TOKEN-1","n":12345678901234567890}', `${SERVER}/contact_information/show`],
		]);
	});

	it('masks the token in the data, the response and the error', async () => {
		const { call: ask } = server(() => ok({ 'TOKEN-1': ['TOKEN-1', 7, null], text: 'of TOKEN-1' }));
		expect(await ask()).toEqual({
			data: { '***': ['***', 7, null], text: 'of ***' },
			response: {
				status: 200,
				headers: { 'x-a': '***' },
				body: { status: { code: 'OK' }, data: { '***': ['***', 7, null], text: 'of ***' } },
			},
		});
		const refused = server(() => no);
		expect(await errorOf(refused.call())).toMatchObject({
			message: 'No to ***',
			description: "Check the parameters of the method<br>CRM.COM's code: NO",
		});
	});

	const said = (status: object, statusCode = 200) => ({
		statusCode,
		headers: {},
		body: { status },
	});

	/** A session of a given age, and what becomes of a call that it fails with, and of the next call. */
	async function failUnder(
		{ ageMs, ...changes }: { ageMs: number; httpMethod?: string; renewSession?: boolean },
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
		['GET', OLD, 'HTTP 503', { statusCode: 503, headers: {}, body: '' }, kept],
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
	])(
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
		['ACCESSTOKENEXPIREDERROR'],
	])('treats the code %s as being about the session (P3)', async (code) => {
		expect(await failUnder({ ageMs: 0 }, said({ code }))).toEqual(repeated);
	});

	it('replaces the session without repeating the call when Renew Session is off (P3)', async () => {
		expect(await failUnder({ ageMs: OLD, renewSession: false }, EXPIRED)).toEqual(renewedForNext);
	});

	it('shows the first error and keeps the session when the new login fails (P2)', async () => {
		let now = Date.now();
		jest.spyOn(Date, 'now').mockImplementation(() => now);
		const down = { statusCode: 503, headers: {}, body: '' };
		const busy = said({ code: 'BUSY', message: 'Busy' });
		for (const atLogin of [down, busy]) {
			let isGood = true;
			const { call: ask, failLogins } = server(() =>
				isGood ? ok('good') : said({ code: 'GONE', message: 'Not found' }),
			);
			await ask();
			now += OLD;
			failLogins(atLogin);
			isGood = false;
			expect((await errorOf(ask())).message).toBe('Not found');
			isGood = true;
			expect((await ask()).data).toBe('good');
		}
	});

	it('shows the rejected login when the session is known to have expired (P2)', async () => {
		const { call: ask, failLogins } = server(() => EXPIRED);
		failLogins(undefined);
		await errorOf(ask());
		const other = server(() => ({ statusCode: 401, headers: {}, body: '' }));
		await other.login();
		other.failLogins(said({ code: 'NO', message: 'Wrong password' }));
		expect((await errorOf(other.call())).message).toBe('Wrong password');
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
		expect((await errorOf(vendor.call())).message).toBe('Not found');
	});

	it('remembers for an hour that a code is about the call (P4)', async () => {
		let now = Date.now();
		jest.spyOn(Date, 'now').mockImplementation(() => now);
		const { call: ask, logins } = server(() => said({ code: 'GONE' }));
		await errorOf(ask());
		for (let minutes = 2; minutes <= 58; minutes += 2) {
			now += 2 * 60_000;
			await errorOf(ask());
		}
		expect(logins()).toBe(1);
		now += 2 * 60_000;
		await errorOf(ask());
		now += 2 * 60_000;
		await errorOf(ask());
		expect(logins()).toBe(2);
	});

	it('learns that a code is about the session and then renews a young one too (P4)', async () => {
		let now = Date.now();
		jest.spyOn(Date, 'now').mockImplementation(() => now);
		let ended = '';
		const { call: ask, logins } = server(({ url }) =>
			url.includes(`token=${ended}`) && ended !== '' ? said({ code: 'CODE7' }) : ok('good'),
		);
		await ask();
		now += OLD;
		ended = 'TOKEN-1';
		expect((await ask()).data).toBe('good');
		// Now it is known, so a young session that ends is replaced, too.
		ended = 'TOKEN-2';
		expect((await ask()).data).toBe('good');
		expect(logins()).toBe(3);
	});

	it('leaves data as it is, also where it holds the password (P13)', async () => {
		const data = { name: 'Lovelace', note: 'S3cret-Pa55', year: 2024, text: '2024' };
		for (const password of ['Lovelace', '2024', 'S3cret-Pa55'])
			expect((await server(() => ok(data), password).call()).data).toEqual(data);
	});

	it('masks the password and the token in a rejection that repeats them', async () => {
		const message = 'Not with S3cret-Pa55, but TOKEN-1';
		const refused = server(() => said({ code: 'NO', message }), 'S3cret-Pa55');
		expect((await errorOf(refused.call())).message).toBe('Not with ***, but ***');
	});
});

describe('attaching a token', () => {
	const { attach } = userLogin;
	const put = (path: string) =>
		attach({ url: SERVER + path, method: 'GET' }, new URL(SERVER + path), {
			token: 'T',
			receivedAt: moment(),
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
		['/Authentication/token'],
	])('refuses to send the session of the credential to %s', (path) => {
		expect(thrownBy(() => put(path))).toMatchObject({
			message: "Authentication methods cannot be called with the credential's own session",
			description: expect.stringMatching(/^It is shared by everyone who uses the credential/),
		});
	});

	it('attaches the token to a method with a similar path', () =>
		expect(put('/authentications/show').qs).toEqual({ token: 'T' }));
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
	expect(await errorOf(webApiKey.login({ httpRequest }, credentials, {}))).toMatchObject({
		message: "'Unit ID' is not the ID of a unit",
	});
	expect(httpRequest).not.toHaveBeenCalled();
});

it('ignores spaces around login fields, except the password, in the cache key', () => {
	const fields = { serverUrl: SERVER, username: 'u', password: 'p', organisation: 'o', unit: '1' };
	const { cacheKey: identity } = userLogin;
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
	expect(webApiKey.cacheKey({ serverUrl: SERVER, webApiKey: ' k ' })).toBe(
		webApiKey.cacheKey({ serverUrl: SERVER, webApiKey: 'k' }),
	);
});

it('checks a session with the SSL setting of its credential and masks the token (P11)', async () => {
	const target = new URL(`${SERVER}/a/b`);
	const failed = { request: { url: target.href, qs: { token: 'TOKEN-one' } }, target, isGet: true };
	const login = { token: 'TOKEN-one', receivedAt: moment() };
	const httpRequest = jest.fn(async (_options: IHttpRequestOptions) =>
		Promise.reject(new Error('Blocked: TOKEN-one')),
	);
	const ask = async (ignoreSslIssues: boolean) =>
		await errorOf(
			webApiKey.checkSession(
				{ httpRequest },
				{ serverUrl: SERVER, webApiKey: 'k', ignoreSslIssues },
				login,
				failed,
			),
		);
	expect((await ask(true)).message).toBe('crm.example.com could not be reached: Blocked: ***');
	await ask(false);
	expect(
		httpRequest.mock.calls.map(
			([{ skipSslCertificateValidation }]) => skipSslCertificateValidation,
		),
	).toEqual([true, false]);
});

it('checks the certificate unless the user turns that off, under a separate cache key (P5)', async () => {
	const fields = { serverUrl: SERVER, webApiKey: 'k' };
	const { cacheKey, getToken } = webApiKey;
	expect(cacheKey({ ...fields, ignoreSslIssues: true })).not.toBe(
		cacheKey({ ...fields, ignoreSslIssues: false }),
	);
	const optionsFor = async (more: object) => {
		const httpRequest = jest.fn(async (_options: IHttpRequestOptions) => ({
			statusCode: 200,
			headers: {},
			body: { status: { code: 'OK' }, data: { token: 'T' } },
		}));
		await getToken({ httpRequest }, { ...fields, ...more }, {});
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
