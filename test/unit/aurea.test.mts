import { describe, expect, it, jest } from '@jest/globals';
import type { ApiError } from '../../nodes/shared/errors.ts';
import type { HttpClient } from '../../nodes/shared/http.ts';
import type { IHttpRequestOptions } from 'n8n-workflow';

import { aureaSessions } from '../../nodes/AureaCampaignManager/auth.ts';
import { readOrganization } from '../../nodes/AureaCampaignManager/fields.ts';
import {
	resolveOrganization,
	withOrganization,
} from '../../nodes/AureaCampaignManager/organizations.ts';
import { searchOrganizations } from '../../nodes/AureaCampaignManager/listSearch.ts';
import {
	statusOfLists,
	assertUid,
	requestLogin,
	loginRequest,
	readServerUrl,
	switchToOrganization,
} from '../../nodes/AureaCampaignManager/api.ts';
import type { LoginResponse } from '../../nodes/AureaCampaignManager/responses.ts';
import { now } from '../../nodes/shared/session/clock.ts';
import { rejectedBy, thrownBy } from './failures.mts';
import { useFakeClock } from './fakeClock.mts';

const SERVER = 'https://api.example.com';
const answering = (statusCode: number, body: unknown) => ({
	httpRequest: jest.fn(async (_request: IHttpRequestOptions) => ({
		statusCode,
		headers: {},
		body,
	})),
});

describe('a login', () => {
	const open = async (statusCode: number, body: unknown) =>
		await requestLogin(answering(statusCode, body), loginRequest(SERVER, 'user', 's3cret'));

	it('checks the certificate and masks the password in a rejected login', async () => {
		expect(loginRequest(SERVER, 'user', 's3cret')).toMatchObject({
			ignoreSslIssues: false,
			url: `${SERVER}/sessions`,
			body: { username: 'user', password: 's3cret' },
		});
		expect(await rejectedBy(open(401, { message: 's3cret is wrong' }))).toMatchObject({
			message: '*** is wrong',
			description:
				"Check 'User Name' and 'Password' in the credential (HTTP 401 from api.example.com)",
			reason: 'rejected',
		});
	});

	it('treats HTTP 400 as a failed login even when it carries a token', async () => {
		expect(await rejectedBy(open(400, { token: 'T' }))).toMatchObject({ httpStatus: 400 });
		expect(await rejectedBy(open(200, 'words'))).toMatchObject({
			message:
				'api.example.com answered with text instead of a response from the Aurea Campaign Manager API',
		});
	});

	it('treats a redirect as a rejection (P6)', async () => {
		for (const status of [300, 302])
			expect(await rejectedBy(open(status, { token: 'T' }))).toMatchObject({ reason: 'rejected' });
	});

	it('rejects the login of a locked account although the server accepts it', async () => {
		expect(await rejectedBy(open(201, { token: 'T', locked: true }))).toMatchObject({
			message: 'The account is locked',
			description: 'Unlock it in Aurea Campaign Manager, or ask Aurea Support to do so',
			reason: 'rejected',
		});
		expect((await open(201, { token: 'T', locked: 'true' })).token).toBe('T');
	});

	it('returns each field of the right type and null for all others', async () => {
		const org = { lhqOrgUid: 'u', name: 'One', siteId: 7, farmUrl: 'https://farm' };
		expect((await open(201, { token: 'T', org })).current).toEqual({
			uid: 'u',
			name: 'One',
			siteId: 7,
			farmUrl: 'https://farm',
		});
		expect(
			(await open(201, { token: 'T', org: { siteId: '7', name: 7, farmUrl: null } })).current,
		).toEqual({ uid: null, name: null, siteId: null, farmUrl: null });
		expect((await open(201, { token: 'T', org: 'u' })).current.uid).toBeNull();
		const opened = await open(201, {
			token: 'T',
			sessionId: 's',
			userName: 'n',
			email: 'e',
			roleName: 'r',
			firstTimeLogin: true,
			resetPassword: true,
		});
		expect(opened).toMatchObject({
			sessionId: 's',
			userName: 'n',
			email: 'e',
			roleName: 'r',
			organizations: null,
			warning:
				'Aurea Campaign Manager asks for a new password and is waiting for the first login of this user',
		});
		expect((await open(201, { token: 'T', firstTimeLogin: 'yes' })).warning).toBeNull();
	});

	it('lists only the organizations that have a UID', async () => {
		const entries = [
			{ uid: 'a', name: 'A', isAdmin: true, workGroupId: 1 },
			{ uid: 'b', isAdmin: 'yes', workGroupId: Infinity },
			{ uid: 11 },
			{ uid: 'c', isAdmin: 'true' },
			{ uid: 'd', isAdmin: 1 },
			{ uid: 'e', isAdmin: '0' },
			{ uid: 'f', isAdmin: false },
			{ name: 'none' },
			{ uid: '' },
			null,
			'words',
			['x'],
		];
		expect((await open(201, { token: 'T', lhqOrganizations: entries })).organizations).toEqual([
			{ uid: 'a', name: 'A', isAdmin: true, workGroupId: 1 },
			{ uid: 'b', name: null, isAdmin: null, workGroupId: null },
			{ uid: '11', name: null, isAdmin: null, workGroupId: null },
			{ uid: 'c', name: null, isAdmin: true, workGroupId: null },
			{ uid: 'd', name: null, isAdmin: true, workGroupId: null },
			{ uid: 'e', name: null, isAdmin: false, workGroupId: null },
			{ uid: 'f', name: null, isAdmin: false, workGroupId: null },
		]);
		expect((await open(201, { token: 'T', lhqOrganizations: { a: 1 } })).organizations).toBeNull();
	});
});

it('ignores spaces around user name and organization UID, but not password, in the cache key', () => {
	const fields = { serverUrl: SERVER, username: 'u', password: 'p', organizationUid: 'o' };
	const identity = (own: object) => aureaSessions.strategy.read(own as never).key;
	expect(identity({ ...fields, username: ' u ', organizationUid: 'o\n' })).toBe(identity(fields));
	expect(identity({ ...fields, password: ' p' })).not.toBe(identity(fields));
});

it('names the accessible organizations in a description of bounded length', () => {
	const organizations = Array.from({ length: 12 }, (_, index) => ({
		uid: `u${index}`,
		name: 'n\n'.repeat(5_000),
		isAdmin: null,
		workGroupId: null,
	}));
	const { description = '' } = thrownBy(() =>
		resolveOrganization({ organizations, current: {} } as never, 'x'),
	);
	expect(description).toMatch(/^It has access to n n n.+ and 2 more$/);
	expect(description.length).toBeLessThan(10 * 510);
});

describe('a switch', () => {
	it('sends a GET for the organization with the token and checks the certificate', async () => {
		const http = answering(200, { token: 'T2', userSession: { a: 1 } });
		expect(
			await switchToOrganization(http, {
				serverUrl: SERVER,
				token: 'T1',
				organizationUid: 'a b/c',
				secrets: [],
				advice: '',
			}),
		).toMatchObject({ token: 'T2', sessionId: null, userSession: { a: 1 } });
		expect(http.httpRequest.mock.calls[0]![0]).toMatchObject({
			method: 'GET',
			url: `${SERVER}/sessions/switch/a%20b%2Fc`,
			headers: { 'X-LHQ-TOKEN': 'T1' },
			skipSslCertificateValidation: false,
		});
	});

	it('says what to check when a switch fails, without showing the token', async () => {
		const failing = async (statusCode: number, body: unknown) =>
			await rejectedBy(
				switchToOrganization(answering(statusCode, body), {
					serverUrl: SERVER,
					token: 'TOKEN-1',
					organizationUid: 'org',
					secrets: ['S3cret-Pa55'],
					advice: 'Do this',
				}),
			);
		expect(await failing(403, { message: 'Not with TOKEN-1 of S3cret-Pa55' })).toMatchObject({
			message: 'Not with *** of ***',
			description: 'Do this (HTTP 403 from api.example.com)',
		});
		expect(await failing(404, '')).toMatchObject({
			description:
				'Check the organization: the server knows none with the UID org (HTTP 404 from api.example.com)',
			reason: 'rejected',
		});
		expect(await failing(400, { token: 'T2' })).toMatchObject({ httpStatus: 400 });
		expect(await failing(500, '')).toMatchObject({ httpStatus: 500, reason: 'unclear' });
		expect(await failing(200, [])).toMatchObject({
			message: expect.stringContaining('answered with other JSON'),
			reason: 'rejected',
		});
		for (const status of [300, 302])
			expect(await failing(status, { token: 'T2' })).toMatchObject({
				httpStatus: status,
				reason: 'rejected',
			});
	});

	it('masks all secrets in the result of a switch except the new token', async () => {
		const sent = {
			serverUrl: SERVER,
			token: 'old token 1'.replaceAll(' ', '-'),
			organizationUid: 'org',
			secrets: ['my password'],
			advice: '',
		};
		const userSession = {
			names: ['old-token-1', 'new-token-2', 'my password', 'mine'],
			'new-token-2': 'my%20password',
		};
		const switched = await switchToOrganization(
			answering(200, { token: 'new-token-2', sessionId: 'old-token-1', userSession }),
			sent,
		);
		expect(switched).toMatchObject({
			token: 'new-token-2',
			sessionId: '***',
			userSession: { names: ['***', '***', '***', 'mine'], '***': '***' },
		});
		expect(switched.wholeResponse()).toMatchObject({
			token: 'new-token-2',
			userSession: { names: ['***', 'new-token-2', '***', 'mine'] },
		});
	});

	it.each([
		['', 'T1'],
		['.', 'T1'],
		['..', 'T1'],
		['half \ud800', 'T1'],
	])(
		'refuses to switch to the organization UID %j without sending a request',
		async (uid, token) => {
			const http = answering(200, {});
			expect(
				await rejectedBy(
					switchToOrganization(http, {
						serverUrl: SERVER,
						token,
						organizationUid: uid,
						secrets: [],
						advice: '',
					}),
				),
			).toMatchObject({
				message: 'The organization is missing or is not a UID',
				description:
					"Choose it from the list, or enter the UID that List Organizations returns as 'organizationUid'",
			});
			expect(http.httpRequest).not.toHaveBeenCalled();
		},
	);

	it.each([[''], [' T'], ['T '], ['a\r\nb'], ['é']])(
		'refuses to switch with the token %j without sending a request',
		async (token) => {
			const http = answering(200, {});
			expect(
				await rejectedBy(
					switchToOrganization(http, {
						serverUrl: SERVER,
						token,
						organizationUid: 'org',
						secrets: [],
						advice: '',
					}),
				),
			).toMatchObject({
				message: 'The token is empty or not valid',
				description:
					"Use the field 'token' of Get Token or Switch Organization, as in {{ $json.token }}",
			});
			expect(http.httpRequest).not.toHaveBeenCalled();
		},
	);

	it.each([['...'], ['x'.repeat(200)]])('accepts %s as a UID', (uid) =>
		expect(() => assertUid(uid)).not.toThrow(),
	);

	it('refuses a UID of more than 200 characters', () =>
		expect(() => assertUid('x'.repeat(201))).toThrow(/is not a UID$/));
});

describe('the check whether a session has ended', () => {
	const clock = useFakeClock();
	const session = (organizationUid: string | null = 'o/1') => ({
		token: 'T1',
		receivedAt: now(),
		lifetimeMs: 3_540_000,
		organizationUid,
		warning: null,
	});
	const { checkSession, confirmRenewal } = aureaSessions.strategy.read({ serverUrl: SERVER });
	const check = async (status: number, login = session()) =>
		(await checkSession(answering(status, {}), login, { timeoutMs: 1_000 } as never)) ?? 'unasked';
	const confirm = async (status: number, login = session(), previous = session()) =>
		await confirmRenewal!(answering(status, {}), login, previous, 1_000);
	const lists = { serverUrl: SERVER, token: 'T1', organizationUid: 'o/1', timeoutMs: 1_000 };
	const young = () => session();
	const old = () => {
		const { wall, steady } = now();
		return { ...session(), receivedAt: { wall: wall - 60_000, steady } };
	};

	it('requests the lists of the organization with a GET', async () => {
		const http = answering(200, {});
		expect(await statusOfLists(http, lists)).toBe(200);
		expect(http.httpRequest.mock.calls[0]![0]).toMatchObject({
			method: 'GET',
			url: `${SERVER}/o%2F1/lists/`,
			headers: { 'X-LHQ-TOKEN': 'T1' },
			skipSslCertificateValidation: false,
			timeout: 1_000,
		});
	});

	it.each([
		[401, 'denied', 'denied'],
		[403, 'denied', 'denied'],
		[200, 'valid', 'valid'],
		[300, 'valid', 'unknown'],
		[302, 'valid', 'unknown'],
		[400, 'valid', 'unknown'],
		[404, 'valid', 'unknown'],
		[405, 'valid', 'unknown'],
		[500, 'valid', 'unknown'],
	])(
		'takes HTTP %d to mean: %s for a young session, %s for an older one (P1)',
		async (status, ofYoung, ofOld) => {
			expect(await check(status, young())).toBe(ofYoung);
			expect(await check(status, old())).toBe(ofOld);
		},
	);

	it.each([
		[200, true],
		[300, false],
		[302, false],
		[400, true],
		[404, true],
		[499, true],
		[408, false],
		[425, false],
		[429, false],
		[401, false],
		[403, false],
		[500, false],
		[503, false],
	])('takes HTTP %d under the new session as proof of expiry: %j (P1)', async (status, isProof) => {
		expect(await confirm(status)).toBe(isProof);
	});

	it('shares the answer among failures at the same time and for half a second after it', async () => {
		const login = session();
		const http = answering(200, {});
		const ask = async () => await checkSession(http, login, { timeoutMs: 1_000 } as never);
		expect(await Promise.all([ask(), ask()])).toEqual(['valid', 'valid']);
		for (const [ms, questions] of [
			[499, 1],
			[1, 2],
		] as const) {
			clock.advance(ms);
			await ask();
			expect(http.httpRequest).toHaveBeenCalledTimes(questions);
		}
	});

	it('draws no conclusion when the check is inconclusive or the organization is unknown', async () => {
		const login = session();
		await confirm(403, login);
		expect(await check(401, login)).toBe('unasked');
		// Nothing is stuck: the right may be given meanwhile.
		await confirm(200, login);
		expect(await check(401, login)).toBe('denied');
		expect(await check(401, session(null))).toBe('unasked');
		expect(await confirm(200, session(null))).toBe(false);
		expect(await confirm(200, session(null), session(null))).toBe(false);
		// The answer to a different question proves nothing.
		expect(await confirm(200, session('other'))).toBe(false);
	});

	it('masks the token in the error when nobody answers', async () => {
		const http = { httpRequest: async () => await Promise.reject(new Error('Blocked: TOKEN-one')) };
		expect((await rejectedBy(statusOfLists(http, { ...lists, token: 'TOKEN-one' }))).message).toBe(
			'n8n did not send the request to api.example.com: Blocked: ***',
		);
	});
});

describe('the organizations of a login', () => {
	const opened = (organizations: object[] | null) =>
		({ organizations, current: { uid: 'now' } }) as unknown as LoginResponse;
	const many = (count: number) =>
		Array.from({ length: count }, (_, index) => ({
			uid: `u${index}`,
			name: index === 0 ? null : `N${index}`,
		}));
	const rejectionOf = (organizations: object[]) =>
		thrownBy(() => resolveOrganization(opened(organizations), 'x'));

	it('names the first ten organizations when the wanted one is not among them', () => {
		expect(rejectionOf(many(2))).toMatchObject({
			message: 'The login has no access to the organization x',
			description: 'It has access to ? (u0), N1 (u1)',
			reason: 'rejected',
		});
		expect(rejectionOf(many(10)).description).toMatch(/N9 \(u9\)$/);
		expect(rejectionOf(many(12)).description).toMatch(
			/^It has access to \? \(u0\), .*N9 \(u9\) and 2 more$/,
		);
		expect(rejectionOf([]).description).toBe(
			'It has no access to any organization. Ask whoever manages the account to add it to one',
		);
	});

	it('accepts an organization that is listed, or any when no list is known', () => {
		expect(resolveOrganization(opened(many(3)), 'u2')).toBe('u2');
		expect(resolveOrganization(opened(null), 'x')).toBe('x');
		expect(resolveOrganization(opened(many(3)), 'now')).toBe('now');
	});

	it('finds an organization whatever the case of its UID, an exact match first', () => {
		expect(resolveOrganization(opened(many(3)), 'U2')).toBe('u2');
		expect(resolveOrganization(opened([{ uid: 'ab' }, { uid: 'AB' }]), 'AB')).toBe('AB');
		expect(resolveOrganization(opened(null), 'NOW')).toBe('now');
	});

	const pickerOf = (username: string, body: object) => {
		const http = answering(201, { token: 'T', ...body });
		return {
			http,
			search: async (filter?: string) =>
				(
					await searchOrganizations.call(
						{
							helpers: http,
							getCredentials: async () => ({ serverUrl: SERVER, username, password: 'p' }),
						} as never,
						filter,
					)
				).results,
		};
	};

	it('finds organizations by name or UID, sorts them by name and logs in once', async () => {
		const { http, search } = pickerOf('picker', {
			lhqOrganizations: [
				{ uid: 'u-2', name: 'Beta' },
				{ uid: 'u-3' },
				{ uid: 'u-1', name: 'alpha' },
			],
		});
		expect((await search()).map(({ name }) => name)).toEqual(['alpha', 'Beta', 'u-3']);
		expect(await search(' BETA ')).toEqual([{ name: 'Beta', value: 'u-2', description: 'u-2' }]);
		expect((await search('U-3')).map(({ value }) => value)).toEqual(['u-3']);
		expect(await search('nobody')).toEqual([]);
		expect(http.httpRequest).toHaveBeenCalledTimes(1);
	});

	it('says why there are no organizations to search', async () => {
		const without = pickerOf('without', {});
		// Also at the next keystroke, without another login.
		for (const typed of ['', 's', 'sa'])
			expect(await rejectedBy(without.search(typed))).toMatchObject({
				message: 'The response to the login has no list of organizations',
			});
		expect(without.http.httpRequest).toHaveBeenCalledTimes(1);
		expect(await rejectedBy(pickerOf('empty', { lhqOrganizations: [] }).search())).toMatchObject({
			message: 'The login has no access to any organization',
			description: 'Ask whoever manages the account to add it to one',
		});
	});
});

describe("a credential's own login", () => {
	const getToken = async (fields: object, http: HttpClient) =>
		await aureaSessions.strategy.read(fields as never).getToken(http, {});

	it('names a required field that is empty and sends nothing', async () => {
		const http = answering(201, { token: 'T' });
		const fields = { serverUrl: SERVER, username: 'u', password: 'p' };
		expect((await rejectedBy(getToken({ ...fields, username: ' ' }, http))).message).toBe(
			"'User Name' is empty in the credential",
		);
		expect((await rejectedBy(getToken({ ...fields, password: '' }, http))).message).toBe(
			"'Password' is empty in the credential",
		);
		expect(http.httpRequest).not.toHaveBeenCalled();
	});

	it('does not take a switch whose first answer was lost for a rejected login (P6)', async () => {
		const fields = { serverUrl: SERVER, username: 'lost', password: 'p', organizationUid: 'b' };
		let switches = 0;
		const http = {
			httpRequest: jest.fn(async ({ url }: IHttpRequestOptions) => {
				if (url.endsWith('/sessions'))
					return {
						statusCode: 201,
						headers: {},
						body: { token: 'T', org: { lhqOrgUid: 'a' }, lhqOrganizations: [{ uid: 'b' }] },
					};
				// The first one has ended the token, and was not answered.
				if (++switches === 1) throw Object.assign(new Error('reset'), { code: 'ECONNRESET' });
				return { statusCode: 401, headers: {}, body: { message: 'The token is not valid' } };
			}),
		};
		const logIn = async () => await rejectedBy(getToken(fields, http));
		expect(await logIn()).toMatchObject({
			message: 'api.example.com closed the connection before it answered',
			reason: 'unavailable',
		});
		expect(switches).toBe(2);
	});

	it.each([
		['that could not be sent', Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })],
		['that was one too many', { statusCode: 429, headers: {}, body: '' }],
	])('remembers that a switch was rejected after a first one %s (P6)', async (what, hiccup) => {
		const fields = { serverUrl: SERVER, username: what, password: 'p', organizationUid: 'b' };
		const answers = [hiccup, { statusCode: 403, headers: {}, body: { message: 'Not allowed' } }];
		const http = {
			httpRequest: jest.fn(async ({ url }: IHttpRequestOptions) => {
				const body = { token: 'T', org: { lhqOrgUid: 'a' }, lhqOrganizations: [{ uid: 'b' }] };
				if (url.endsWith('/sessions')) return { statusCode: 201, headers: {}, body };
				const answer = answers.shift();
				if (answer instanceof Error) throw answer;
				return answer;
			}),
		};
		const logIn = async () => await rejectedBy(getToken(fields, http));
		for (const isRepeated of [false, true]) {
			const { message, advice } = (await logIn()) as ApiError;
			expect([message, /n8n waits/.test(advice)]).toEqual(['Not allowed', isRepeated]);
		}
		expect(http.httpRequest).toHaveBeenCalledTimes(3);
	});

	it.each([
		['a test', true],
		['a login', false],
	])('remembers a rejected switch after %s that could not log in (P6)', async (what, isTest) => {
		const fields = { serverUrl: SERVER, username: what, password: 'p', organizationUid: 'b' };
		let isBusy = false;
		const switches = jest.fn(() => ({ statusCode: 403, headers: {}, body: {} }));
		const http = {
			httpRequest: async ({ url }: IHttpRequestOptions) => {
				if (!url.endsWith('/sessions')) return switches();
				if (isBusy) throw Object.assign(new Error('reset'), { code: 'ECONNRESET' });
				const body = { token: 'T', org: { lhqOrgUid: 'a' }, lhqOrganizations: [{ uid: 'b' }] };
				return { statusCode: 201, headers: {}, body };
			},
		};
		const wall = jest.spyOn(Date, 'now');
		const steady = jest.spyOn(performance, 'now');
		const start = now();
		const logInAt = async (seconds: number, context = {}) => {
			wall.mockReturnValue(start.wall + seconds * 1_000);
			steady.mockReturnValue(start.steady + seconds * 1_000);
			const account = aureaSessions.strategy.read(fields);
			return (await rejectedBy(account.getToken(http, context))) as ApiError;
		};
		await logInAt(0);
		isBusy = true;
		// Only a test asks before the wait is over.
		expect((await logInAt(isTest ? 1 : 61, { isTest })).message).toContain('closed the connection');
		isBusy = false;
		if (isTest) {
			expect((await logInAt(3)).advice).toContain('n8n waits');
			expect(switches).toHaveBeenCalledTimes(1);
			return;
		}
		// The second rejection still counts as the second: a wait of five minutes follows.
		await logInAt(63);
		expect((await logInAt(62 + 240)).advice).toContain('n8n waits');
		expect(switches).toHaveBeenCalledTimes(2);
	});

	it('reports a warning of the vendor with the next step, and nothing without one', () => {
		const { warning } = aureaSessions.strategy;
		const session = {
			token: 'T',
			receivedAt: now(),
			lifetimeMs: 3_540_000,
			organizationUid: null,
		};
		expect(warning!({ ...session, warning: null })).toBeUndefined();
		expect(warning!({ ...session, warning: 'It asks' })).toMatchObject({
			message: 'It asks',
			description: 'Sign in to its website once and follow the instructions, then test again',
		});
	});

	it('leaves the organization out of the login key, but not the user name', () => {
		const fields = { serverUrl: SERVER, username: 'u', password: 'p' };
		const loginKey = (own: object) => aureaSessions.strategy.read(own as never).loginKey;
		expect(loginKey(fields)).toBe(loginKey({ ...fields, organizationUid: 'x' }));
		expect(loginKey(fields)).not.toBe(loginKey({ ...fields, username: 'v' }));
	});
});

it('suggests an example address when the scheme is missing', () => {
	expect(() => readServerUrl('api.example.com')).toThrow(
		expect.objectContaining({
			description: expect.stringContaining('such as https://api.cam.aurea.com'),
		}),
	);
	expect(readServerUrl('https://gate.example.com/sessions/x/y')).toBe(
		'https://gate.example.com/sessions/x/y',
	);
});

describe('the organization of an item', () => {
	const read = (value: unknown, saved: unknown) =>
		readOrganization(
			{
				getNodeParameter: () => value,
				getNode: () => ({ parameters: { organization: saved } }),
			} as never,
			0,
		);

	it.each([
		[' org ', '={{ $json.uid }}', 'org'],
		[undefined, '', ''],
		[null, { mode: 'list', value: '' }, ''],
		[' ', { mode: 'uid', value: 7 }, ''],
		['', undefined, ''],
	])('reads %j, saved as %j, as %j', (value, saved, organizationUid) =>
		expect(read(value, saved)).toBe(organizationUid),
	);

	it.each([['={{ $json.none }}'], [{ mode: 'uid', value: '={{ $json.none }}' }]])(
		'refuses an empty value if %j was saved',
		(saved) =>
			expect(() => read(undefined, saved)).toThrow(
				expect.objectContaining({
					message: "The expression in 'Organization' returns nothing for this item",
					description:
						"Check what it returns. To use the organization that the login opens, leave 'Organization' empty",
				}),
			),
	);
});

it('says how to name the organization in a URL if the login does not', () =>
	expect(() => withOrganization({}, new URL(`${SERVER}/{orgUid}/lists/`), null)).toThrow(
		expect.objectContaining({
			message: expect.stringMatching(/^\{orgUid\} in the URL cannot be filled in/),
			description:
				"Put the organization's UID into the URL, or set 'Organization UID' in the credential",
		}),
	));

describe('names in braces in the path', () => {
	const filledIn = (path: string) =>
		String(withOrganization({ url: '' }, new URL(SERVER + path), 'own').url).replace(SERVER, '');

	it.each([
		['/{orgUid}/lists/'],
		['/{{orgUid}}/lists/'],
		['/{{ orgUid }}/lists/'],
		['/{organizationUid}/lists/'],
		['/{{OrganizationUID}}/lists/'],
		['/%7BorgUid%7D/lists/'],
		['/%7B%7B%20%20orgUid%20%20%7D%7D/lists/'],
	])('%s is the organization of the session', (path) => expect(filledIn(path)).toBe('/own/lists/'));

	it('is filled in at the end, too', () => expect(filledIn('/lists/{orgUid}')).toBe('/lists/own'));

	it.each([
		['/{listId}/lists/', 'listId'],
		['/{orgUid}/lists/{{ listId }}', 'listId'],
		['/x{orgUid}/lists', 'orgUid'],
		['/{orgUid}x/lists', 'orgUid'],
		['/own/{{  listId  }}', 'listId'],
	])('%s is not sent', (path, name) =>
		expect(() => filledIn(path)).toThrow(
			expect.objectContaining({
				message: `{${name}} in the URL is not filled in`,
				description: expect.stringMatching(/^Only \{orgUid\} is filled in/),
			}),
		),
	);

	it.each([['/own/lists/'], ['/own/{}/1'], ['/own/%7B%22a%22:1%7D']])(
		'%s is sent as it is',
		(path) => {
			const request = { url: SERVER + path };
			expect(withOrganization(request, new URL(request.url), 'own')).toBe(request);
		},
	);
});

it.each([['/sessions'], ['/sessions/switch/org'], ['/%73essions/'], ['/x/../SESSIONS;a/switch']])(
	"does not send the credential's session to %s, which could end it",
	(path) =>
		expect(() =>
			aureaSessions.strategy.attach({}, new URL(SERVER + path), {
				token: 'T',
				receivedAt: now(),
				lifetimeMs: 3_540_000,
				organizationUid: null,
				warning: null,
			}),
		).toThrow(
			expect.objectContaining({
				message:
					"Calls that make or switch a session cannot be sent with the credential's own session",
				description: expect.stringMatching(/Set 'Organization UID' in the credential, or use/),
			}),
		),
);

it('attaches the session of the credential to a call whose path only looks similar', () =>
	expect(
		aureaSessions.strategy.attach({}, new URL(`${SERVER}/org/sessions2`), {
			token: 'T',
			receivedAt: now(),
			lifetimeMs: 3_540_000,
			organizationUid: null,
			warning: null,
		}),
	).toMatchObject({ headers: { 'X-LHQ-TOKEN': 'T' } }));
