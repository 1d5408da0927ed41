import { describe, expect, it, jest } from '@jest/globals';
import type { IHttpRequestOptions } from 'n8n-workflow';

import { userLogin, webApiKey } from '../../nodes/CrmCom/auth.ts';
import { parseMethodPath, searchMethods } from '../../nodes/CrmCom/listSearch.ts';
import { requestWithSession } from '../../nodes/CrmCom/sessionRequest.ts';
import { paginate, findRows, type Page, type Pagination } from '../../nodes/CrmCom/pagination.ts';
import { call } from '../../nodes/CrmCom/api.ts';
import { now as moment } from '../../nodes/shared/session/moment.ts';
import { failureOf, thrownBy } from './errorOf.mts';

const SERVER = 'https://crm.example.com/crmapi/rest/v2';
let identities = 0;

describe("the vendor's no", () => {
	const refusalOf = async (status: object, statusCode = 200) =>
		await failureOf(
			call(
				{ httpRequest: async () => ({ statusCode, headers: {}, body: { status } }) },
				{ method: 'GET', url: `${SERVER}/x`, ignoreSslIssues: false, secrets: ['s3cret'] },
				{ method: 'Get Token', advice: 'Check the login' },
			),
		);

	it.each([
		[{ code: 'NO', message: 'Said' }, 'Said', "Check the login. CRM.COM's code: NO"],
		[
			{ code: 'NO', message: 'Said', description: 'Explained' },
			'Said',
			"Check the login. Explained. CRM.COM's code: NO",
		],
		[
			{ code: 'NO', message: '', description: 'Explained' },
			'Explained',
			"Check the login. CRM.COM's code: NO",
		],
		[
			{ code: 'NO', message: 'Same', description: 'Same' },
			'Same',
			"Check the login. CRM.COM's code: NO",
		],
		[
			{ code: 'NO', message: 7, description: null },
			'CRM.COM refused Get Token without saying why',
			"Check the login. CRM.COM's code: NO",
		],
		[
			{ code: 's3cret', message: 'of s3cret', description: 's3cret' },
			'of ***',
			"Check the login. ***. CRM.COM's code: ***",
		],
	])('%j is told in its own words', async (status, message, description) => {
		expect(await refusalOf(status)).toMatchObject({ message, description, refused: true });
	});

	it('has an HTTP status only where that says something', async () => {
		expect((await refusalOf({ code: 'NO' })).httpStatus).toBeUndefined();
		expect(await refusalOf({ code: 'NO' }, 403)).toMatchObject({ httpStatus: 403, refused: true });
		expect(await refusalOf({ code: 'NO' }, 503)).toMatchObject({ httpStatus: 503, refused: false });
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
	])('is read from %s', (typed) => expect(parseMethodPath(typed)).toBe('contact_information/show'));

	it.each([[''], [' '], [undefined], [7], ['//']])('is missing in %j', (typed) => {
		expect(thrownBy(() => parseMethodPath(typed))).toMatchObject({
			message: 'Web API Method is empty',
			description: expect.stringMatching(/^Type it as in the documentation of CRM.COM, such as/),
		});
	});

	it.each([['show'], ['a/../b'], ['a/b?c=d'], ['a//b'], ['a/b#c'], ['a b/c'], ['a/%2e%2e/b']])(
		'is not %s',
		(typed) => {
			expect(thrownBy(() => parseMethodPath(typed)).message).toBe(
				'Web API Method is not the path of a method',
			);
		},
	);

	it('is not a very long one, and that is found without delay', () => {
		const typed = [
			`${'/'.repeat(1_000_000)}x`,
			`a/${'b'.repeat(499)}`,
			`a${'/'.repeat(1_000_000)}b`,
		];
		for (const path of typed)
			expect(thrownBy(() => parseMethodPath(path)).message).toMatch(/^Web API Method is/);
	});

	it('is not that of a login', () => {
		for (const path of ['Authentication/token', 'v2/authentication/token/release'])
			expect(thrownBy(() => parseMethodPath(path)).message).toContain('is not called with');
		expect(thrownBy(() => parseMethodPath('authentication/token'))).toMatchObject({
			message: "authentication/token is not called with the credential's own session",
			description:
				'Use the operations Get Token and Release Token, whose tokens belong to the workflow',
		});
	});

	it('is found in the list by any part of it', async () => {
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
	])('of %j, named %j', (data, name, rows) => expect(findRows(data, name)).toEqual(rows));

	it.each([
		[
			{ a: [1], b: [2] },
			'',
			'The answer has no list, or more than one',
			'It has a, b: name one in the option List Field',
		],
		[
			{ a: [1], b: [2] },
			'c',
			'The answer has no list c',
			'It has a, b: name one in the option List Field',
		],
		[
			{ a: 1 },
			'',
			'The answer has no list, or more than one',
			'Set Output to One Item to see what it has',
		],
		[null, 'a', 'The answer has no list a', 'Set Output to One Item to see what it has'],
		[[1], 'a', 'The answer has no list a', 'Set Output to One Item to see what it has'],
		[
			'words',
			'',
			'The answer has no list, or more than one',
			'Set Output to One Item to see what it has',
		],
	])('of %j, named %j, are none', (data, name, message, description) =>
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
			return answer(page);
		});
		return {
			rows: rows.length,
			asked: asked.map(({ number_of_results, offset }) => [number_of_results, offset]),
		};
	}

	it('end with a short one, an empty one or the limit', async () => {
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

	it('are refused where a server gives the same again and again, also in a smaller last page', async () => {
		const refused = {
			message:
				'The server gave the same rows for two pages, so the list cannot be read page by page',
			description: expect.stringMatching(/^The method may not know the parameter offset/),
		};
		expect(await failureOf(read(9, Infinity, 2, () => [1, 2]))).toMatchObject(refused);
		expect(
			await failureOf(read(9, 3, 2, ({ number_of_results: wanted }) => list(wanted))),
		).toMatchObject(refused);
	});

	it('end where a server knows neither parameter and gives all rows each time', async () => {
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

	it('end with a short one also where that is like the beginning of the one before', async () => {
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

	it('are not read without end', async () => {
		let asked = 0;
		const endless = async (limit: number) =>
			await paginate({ limit, pageSize: 100_000 }, async ({ number_of_results: wanted }) =>
				Array.from({ length: wanted }, () => ++asked),
			);
		expect(await failureOf(endless(Infinity))).toMatchObject({
			message: 'The list has not ended after 1000000 rows',
			description: expect.stringMatching(/^Turn Return All off and set a Limit/),
		});
		expect(asked).toBe(1_000_000);
		expect(await endless(1_000_001)).toHaveLength(1_000_001);
	});

	it('are not read on when somebody stops the execution', async () => {
		const stop = new AbortController();
		let asked = 0;
		const reading = paginate({ limit: Infinity, pageSize: 1, cancelled: stop.signal }, async () => {
			if (++asked === 3) stop.abort();
			return [asked];
		});
		expect(await failureOf(reading)).toMatchObject({ name: 'AbortError' });
		expect(asked).toBe(3);
	});

	it('are cut at the limit where a server gives more than it was asked for', async () => {
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

	it('of which the first is empty, though it was asked for nothing, end', async () => {
		expect(await read(9, Infinity, 2, ({ offset }) => (offset === 0 ? [1, 2] : []))).toEqual({
			rows: 2,
			asked: [
				[2, 0],
				[2, 2],
			],
		});
	});
});

describe('a call with the own session', () => {
	const method = {
		httpMethod: 'GET',
		path: 'contact_information/show',
		parameters: {},
		deadline: 1_000,
		renews: true,
	} as const;
	const ok = (data: unknown) => ({
		statusCode: 200,
		headers: { 'x-a': 'T1' },
		body: { status: { code: 'OK' }, data },
	});
	const no = {
		statusCode: 200,
		headers: {},
		body: { status: { code: 'NO', message: 'No to T1' } },
	};

	/** Calls with a server whose logins give T1, T2 and so on. */
	function server(answer: (request: IHttpRequestOptions) => unknown) {
		const credentials = {
			serverUrl: 'https://crm.example.com',
			username: `own${++identities}`,
			password: 'p',
			organisation: 'o',
		};
		const requests: IHttpRequestOptions[] = [];
		let logins = 0;
		const http = {
			httpRequest: async (request: IHttpRequestOptions) => {
				if (request.url.endsWith('authentication/token')) return ok({ token: `T${++logins}` });
				requests.push(request);
				return answer(request);
			},
		};
		return {
			requests,
			logins: () => logins,
			call: async (changes: object = {}) =>
				await requestWithSession(http, userLogin, credentials, { ...method, ...changes }),
		};
	}

	it('sends the parameters of a GET as text, and leaves out what is nothing', async () => {
		const { call: ask, requests } = server(() => ok({}));
		await ask({ parameters: { a: 1, b: { c: 'd' }, e: null, f: undefined, g: '', h: false } });
		await ask({ parameters: '{"n":12345678901234567890,"e":null,"s":"x y","t":"null"}' });
		await ask({ parameters: { at: new Date(0) } });
		const queries = requests.map(({ url }) =>
			[...new URL(url).searchParams].map((pair) => pair.join('=')),
		);
		expect(queries).toEqual([
			['a=1', 'b={"c":"d"}', 'g=', 'h=false', 'token=T1'],
			['n=12345678901234567890', 's=x y', 't=null', 'token=T1'],
			['at=1970-01-01T00:00:00.000Z', 'token=T1'],
		]);
	});

	it('puts the token into the body of a POST, and into no place else', async () => {
		const { call: ask, requests } = server(() => ok({}));
		await ask({ httpMethod: 'POST', parameters: { a: 1, token: 'mine' } });
		await ask({ httpMethod: 'POST', parameters: '{"n":12345678901234567890}' });
		expect(requests.map(({ body, url }) => [body, url])).toEqual([
			['{"a":1,"token":"T1"}', `${SERVER}/contact_information/show`],
			['{"token":"T1","n":12345678901234567890}', `${SERVER}/contact_information/show`],
		]);
	});

	it('shows the token nowhere in what comes back', async () => {
		const { call: ask } = server(() => ok({ T1: ['T1', 7, null], text: 'of T1' }));
		expect(await ask()).toEqual({
			data: { '***': ['***', 7, null], text: 'of ***' },
			answer: {
				status: 200,
				headers: { 'x-a': '***' },
				body: { status: { code: 'OK' }, data: { '***': ['***', 7, null], text: 'of ***' } },
			},
		});
		const refused = server(() => no);
		expect(await failureOf(refused.call())).toMatchObject({
			message: 'No to ***',
			description: "Check the parameters of the method. CRM.COM's code: NO",
		});
	});

	it('is repeated with a new session where an old one is refused, and only then', async () => {
		let now = Date.now();
		jest.spyOn(Date, 'now').mockImplementation(() => now);
		const {
			call: ask,
			logins,
			requests,
		} = server(({ url }) => (url.includes('token=T1') && now > 0 ? no : ok('new')));
		await failureOf(ask());
		expect(logins()).toBe(1);
		now += 60_000;
		await failureOf(ask({ renews: false }));
		expect(logins()).toBe(1);
		expect((await ask()).data).toBe('new');
		expect([logins(), requests.length]).toEqual([2, 4]);
	});

	const said = (status: object, statusCode = 200) => ({
		statusCode,
		headers: {},
		body: { status },
	});

	it.each([
		['GET', said({ code: 'PARTIALLY_DONE', message: 'Half' }), true],
		['POST', said({ code: 'PARTIALLY_DONE', message: 'Half' }), false],
		['POST', said({ code: 'NO', message: 'The card has expired' }), false],
		['POST', said({ code: 'NO', message: 'Half' }, 409), false],
		['POST', { statusCode: 499, headers: {}, body: '' }, false],
		['POST', said({ code: 'COM.CRM.SESSIONEXPIREDEXCEPTION' }), true],
		['POST', said({ code: 'NO', message: 'You are not authenticated' }), true],
		['POST', said({ code: 'NO', message: '', description: 'Unknown token' }), true],
		['POST', said({ code: 'X.INVALIDTOKENEXCEPTION' }), true],
		['POST', said({ code: 'NO', message: 'The token is not valid' }), true],
		[
			'POST',
			said({
				code: 'NO',
				message: "Contact 'Recording Session Ltd' was created, its account was not",
			}),
			false,
		],
		['POST', said({ code: 'NO', message: null, description: 7 }), false],
		['POST', { statusCode: 401, headers: {}, body: '' }, true],
	])(
		'by %s that is refused with %j is repeated: %j, and the next has a new session',
		async (httpMethod, refused, repeats) => {
			let now = Date.now();
			jest.spyOn(Date, 'now').mockImplementation(() => now);
			let isOver = false;
			const {
				call: ask,
				logins,
				requests,
			} = server(({ url, body }) =>
				isOver && `${url}${String(body)}`.includes('T1') ? refused : ok('new'),
			);
			await ask({ httpMethod });
			[now, isOver] = [now + 60_000, true];
			if (repeats) expect((await ask({ httpMethod })).data).toBe('new');
			else await failureOf(ask({ httpMethod }));
			expect([logins(), requests.length]).toEqual(repeats ? [2, 3] : [1, 2]);
			expect((await ask({ httpMethod })).data).toBe('new');
			expect(logins()).toBe(2);
		},
	);

	it('decides that by the words of CRM.COM, and not by the name of the method', async () => {
		let now = Date.now();
		jest.spyOn(Date, 'now').mockImplementation(() => now);
		const refused = server(() => said({ code: 'ERR_7', message: null }));
		for (const path of ['payment_tokens/create', 'sessions/expired']) {
			await failureOf(refused.call({ httpMethod: 'POST', path }));
			now += 60_000;
			refused.requests.length = 0;
			await failureOf(refused.call({ httpMethod: 'POST', path }));
			expect(refused.requests).toHaveLength(1);
		}
	});

	it('puts the password out in no data either', async () => {
		const { call: ask } = server(() => ok({ note: 'with my-password', pin: 7 }));
		expect((await ask()).data).toEqual({ note: 'with my-password', pin: 7 });
		const { call: another } = server(() => ok({ note: 'of p' }));
		expect((await another()).data).toEqual({ note: 'of ***' });
	});

	it('masks the password, too, where a refusal repeats it', async () => {
		const refused = server(() => said({ code: 'NO', message: 'Not with p, but T1' }));
		expect((await failureOf(refused.call())).message).toBe('Not with ***, but ***');
	});

	it('is not repeated after another failure', async () => {
		let now = Date.now();
		jest.spyOn(Date, 'now').mockImplementation(() => now);
		const {
			call: ask,
			logins,
			requests,
		} = server(() => ({ statusCode: 503, headers: {}, body: '' }));
		await failureOf(ask());
		now += 60_000;
		expect(await failureOf(ask())).toMatchObject({ httpStatus: 503 });
		expect([logins(), requests.length]).toEqual([1, 2]);
		const broken = server(() => {
			throw Object.assign(new TypeError('A mistake'), { refused: true });
		});
		await failureOf(broken.call());
		now += 60_000;
		await failureOf(broken.call());
		expect(broken.logins()).toBe(1);
	});
});

describe('attaching', () => {
	const { attach } = userLogin.sessions.kind;
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
	])('refuses to send the own session to %s', (path) => {
		expect(thrownBy(() => put(path))).toMatchObject({
			message: "Methods of authentication are not called with the credential's own session",
			description: expect.stringMatching(/^It is shared by all who use the credential/),
		});
	});

	it('refuses no other method', () =>
		expect(put('/authentications/show').qs).toEqual({ token: 'T' }));
});

it('is one identity however its fields are spaced, but for the password', () => {
	const fields = { serverUrl: SERVER, username: 'u', password: 'p', organisation: 'o', unit: '1' };
	const { identity } = userLogin.sessions.kind;
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
	expect(webApiKey.sessions.kind.identity({ serverUrl: SERVER, webApiKey: ' k ' })).toBe(
		webApiKey.sessions.kind.identity({ serverUrl: SERVER, webApiKey: 'k' }),
	);
});

it('is asked with the certificate unchecked only where the user wants that, and that is another identity', () => {
	const fields = { serverUrl: SERVER, webApiKey: 'k' };
	const { identity, loginRequest } = webApiKey.sessions.kind;
	expect(identity({ ...fields, ignoreSslIssues: true })).not.toBe(
		identity({ ...fields, ignoreSslIssues: false }),
	);
	expect(loginRequest({ ...fields, ignoreSslIssues: true }).skipSslCertificateValidation).toBe(
		true,
	);
	for (const text of ['false', '', 0, 'no'])
		expect(loginRequest({ ...fields, ignoreSslIssues: text }).skipSslCertificateValidation).toBe(
			false,
		);
	expect(loginRequest({ ...fields, ignoreSslIssues: ' True ' }).skipSslCertificateValidation).toBe(
		true,
	);
	expect(loginRequest(fields)).toMatchObject({ skipSslCertificateValidation: false, body: '{}' });
});
