import { describe, expect, it, jest } from '@jest/globals';
import type { IHttpRequestOptions } from 'n8n-workflow';

import {
	logIn,
	loginOf,
	assertOrganization,
	sessions,
} from '../../nodes/AureaCampaignManager/auth.ts';
import { searchOrganizations } from '../../nodes/AureaCampaignManager/listSearch.ts';
import {
	isTokenDead,
	loginRequest,
	login,
	readAureaServer,
	assertUid,
	switchOrganization,
} from '../../nodes/AureaCampaignManager/api.ts';
import type { LoginResponse } from '../../nodes/AureaCampaignManager/responses.ts';
import { now } from '../../nodes/shared/session/moment.ts';
import { forRun } from '../../nodes/shared/session/refusals.ts';
import { failureOf, thrownBy } from './errorOf.mts';

const SERVER = 'https://api.example.com';
const answering = (statusCode: number, body: unknown) => ({
	httpRequest: jest.fn(async (_request: IHttpRequestOptions) => ({
		statusCode,
		headers: {},
		body,
	})),
});

describe('a login', () => {
	const request = loginRequest(SERVER, 'user', 's3cret');
	const open = async (statusCode: number, body: unknown) =>
		await login(answering(statusCode, body), request);

	it('checks the certificate, and masks the password', async () => {
		expect(request).toMatchObject({
			ignoreSslIssues: false,
			url: `${SERVER}/sessions`,
			body: { username: 'user', password: 's3cret' },
		});
		expect(await failureOf(open(401, { message: 's3cret is wrong' }))).toMatchObject({
			message: '*** is wrong',
			description: 'Check User Name and Password in the credential (HTTP 401 from api.example.com)',
			refused: true,
		});
	});

	it('that is answered with 400 is none, even with a token', async () => {
		expect(await failureOf(open(400, { token: 'T' }))).toMatchObject({ httpStatus: 400 });
		expect(await failureOf(open(200, 'words'))).toMatchObject({
			message:
				'api.example.com answered with text instead of an answer of the Aurea Campaign Manager API',
		});
	});

	it('to a locked account is an error, though it was accepted', async () => {
		expect(await failureOf(open(201, { token: 'T', locked: true }))).toMatchObject({
			message: 'The account is locked',
			description: 'Unlock it in Aurea Campaign Manager, or ask Aurea Support to do so',
			refused: true,
		});
		expect((await open(201, { token: 'T', locked: 'true' })).token).toBe('T');
	});

	it('gives what the answer has of the right type, and null for the rest', async () => {
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
				'Aurea Campaign Manager asks for a new password and awaits the first login of this user',
		});
		expect((await open(201, { token: 'T', firstTimeLogin: 'yes' })).warning).toBeNull();
	});

	it('lists organizations that have a uid', async () => {
		const entries = [
			{ uid: 'a', name: 'A', isAdmin: true, workGroupId: 1 },
			{ uid: 'b', isAdmin: 'yes', workGroupId: Infinity },
			{ name: 'none' },
			{ uid: '' },
			null,
			'words',
			['x'],
		];
		expect((await open(201, { token: 'T', lhqOrganizations: entries })).organizations).toEqual([
			{ uid: 'a', name: 'A', isAdmin: true, workGroupId: 1 },
			{ uid: 'b', name: null, isAdmin: null, workGroupId: null },
		]);
		expect((await open(201, { token: 'T', lhqOrganizations: { a: 1 } })).organizations).toBeNull();
	});
});

it('is one login however its fields are spaced, but for the password', () => {
	const fields = { serverUrl: SERVER, username: 'u', password: 'p', organizationUid: 'o' };
	const { identity } = sessions.kind;
	expect(identity({ ...fields, username: ' u ', organizationUid: 'o\n' })).toBe(identity(fields));
	expect(identity({ ...fields, password: ' p' })).not.toBe(identity(fields));
});

it('names the organizations that there are in bounded words', () => {
	const organizations = Array.from({ length: 12 }, (_, index) => ({
		uid: `u${index}`,
		name: 'n\n'.repeat(5_000),
		isAdmin: null,
		workGroupId: null,
	}));
	const { description = '' } = thrownBy(() => assertOrganization({ organizations } as never, 'x'));
	expect(description).toMatch(/^It has n n n.+ and 2 more$/);
	expect(description.length).toBeLessThan(10 * 510);
});

describe('a switch', () => {
	it('is a GET of the organization with the token, and checks the certificate', async () => {
		const http = answering(200, { token: 'T2', userSession: { a: 1 } });
		expect(
			await switchOrganization(http, {
				server: SERVER,
				token: 'T1',
				organizationUid: 'a b/c',
				secrets: [],
			}),
		).toMatchObject({ token: 'T2', sessionId: null, userSession: { a: 1 } });
		expect(http.httpRequest.mock.calls[0]![0]).toMatchObject({
			method: 'GET',
			url: `${SERVER}/sessions/switch/a%20b%2Fc`,
			headers: { 'X-LHQ-TOKEN': 'T1' },
			skipSslCertificateValidation: false,
		});
	});

	it('that fails says what can be checked, and not the token', async () => {
		const failing = async (statusCode: number, body: unknown) =>
			await failureOf(
				switchOrganization(answering(statusCode, body), {
					server: SERVER,
					token: 'T1',
					organizationUid: 'org',
					secrets: ['password'],
				}),
			);
		expect(await failing(403, { message: 'Not with T1 of password' })).toMatchObject({
			message: 'Not with *** of ***',
			description: expect.stringMatching(/^Check the organization, and that the token is alive/),
		});
		expect(await failing(404, '')).toMatchObject({
			description:
				'Check the organization: the server knows none with the UID org (HTTP 404 from api.example.com)',
			refused: true,
		});
		expect(await failing(400, { token: 'T2' })).toMatchObject({ httpStatus: 400 });
		expect(await failing(500, '')).toMatchObject({ httpStatus: 500, refused: false });
		expect((await failing(200, [])).message).toContain('answered with other JSON');
	});

	it('gives out nothing that was sent or given as a secret, but for the token', async () => {
		const sent = {
			server: SERVER,
			token: 'old token 1'.replaceAll(' ', '-'),
			organizationUid: 'org',
			secrets: ['my password'],
		};
		const userSession = {
			names: ['old-token-1', 'new-token-2', 'my password', 'mine'],
			'new-token-2': 'my+password',
		};
		const switched = await switchOrganization(
			answering(200, { token: 'new-token-2', sessionId: 'old-token-1', userSession }),
			sent,
		);
		expect(switched).toMatchObject({
			token: 'new-token-2',
			sessionId: '***',
			userSession: { names: ['***', '***', '***', 'mine'], '***': '***' },
		});
		expect(switched.response).toMatchObject({
			token: 'new-token-2',
			userSession: { names: ['***', 'new-token-2', '***', 'mine'] },
		});
	});

	it.each([
		['', 'T1'],
		['.', 'T1'],
		['..', 'T1'],
		['half \ud800', 'T1'],
	])('to %j is not asked for', async (uid, token) => {
		const http = answering(200, {});
		expect(
			await failureOf(
				switchOrganization(http, { server: SERVER, token, organizationUid: uid, secrets: [] }),
			),
		).toMatchObject({
			message: 'The organization is missing or is no UID',
			description:
				'Choose it from the list, or give the UID that List Organizations has in organizationUid',
		});
		expect(http.httpRequest).not.toHaveBeenCalled();
	});

	it.each([[''], [' T'], ['T '], ['a\r\nb'], ['é']])(
		'with the token %j is not asked for',
		async (token) => {
			const http = answering(200, {});
			expect(
				await failureOf(
					switchOrganization(http, { server: SERVER, token, organizationUid: 'org', secrets: [] }),
				),
			).toMatchObject({
				message: 'The token is empty or is no token',
				description:
					'Give the field token of Get Token or Switch Organization, as in {{ $json.token }}',
			});
			expect(http.httpRequest).not.toHaveBeenCalled();
		},
	);

	it('to what could be any UID is', () => expect(() => assertUid('...')).not.toThrow());
});

describe('whether a token is dead', () => {
	it('is asked for by a GET below its organization: a 401 says yes, anything else no', async () => {
		const http = answering(401, {});
		expect(await isTokenDead(http, SERVER, 'T1', 'o/1')).toBe(true);
		expect(http.httpRequest.mock.calls[0]![0]).toMatchObject({
			method: 'GET',
			url: `${SERVER}/o%2F1/lists/`,
			headers: { 'X-LHQ-TOKEN': 'T1' },
			skipSslCertificateValidation: false,
		});
		for (const status of [200, 400, 403, 404, 500])
			expect(await isTokenDead(answering(status, {}), SERVER, 'T1', 'o')).toBe(false);
	});

	it('is not asked for where the organization is unknown', async () => {
		const http = answering(401, {});
		expect(await isTokenDead(http, SERVER, 'T1', null)).toBe(false);
		expect(http.httpRequest).not.toHaveBeenCalled();
	});

	it('masks the token where nothing answers', async () => {
		const http = { httpRequest: async () => await Promise.reject(new Error('Blocked: T-one')) };
		expect((await failureOf(isTokenDead(http, SERVER, 'T-one', 'o'))).message).toBe(
			'api.example.com could not be asked: Blocked: ***',
		);
	});
});

describe('the organizations of a login', () => {
	const opened = (organizations: object[] | null) =>
		({ organizations }) as unknown as LoginResponse;
	const many = (count: number) =>
		Array.from({ length: count }, (_, index) => ({
			uid: `u${index}`,
			name: index === 0 ? null : `N${index}`,
		}));
	const refusalOf = (organizations: object[]) =>
		thrownBy(() => assertOrganization(opened(organizations), 'x'));

	it('are named where another is wanted, the first ten of them', () => {
		expect(refusalOf(many(2))).toMatchObject({
			message: 'The login has no organization x',
			description: 'It has ? (u0), N1 (u1)',
			refused: true,
		});
		expect(refusalOf(many(10)).description).toMatch(/N9 \(u9\)$/);
		expect(refusalOf(many(12)).description).toMatch(/^It has \? \(u0\), .*N9 \(u9\) and 2 more$/);
		expect(refusalOf([]).description).toBe(
			'It has none at all. Ask who manages the account to add it to one',
		);
	});

	it('are no reason to refuse where the wanted one is among them, or none are known', () => {
		expect(() => assertOrganization(opened(many(3)), 'u2')).not.toThrow();
		expect(() => assertOrganization(opened(null), 'x')).not.toThrow();
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

	it('are found by name or UID, by name, with one login for a minute', async () => {
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

	it('that are none are told with the reason, and a search that finds none is no error', async () => {
		expect(await failureOf(pickerOf('without', {}).search())).toMatchObject({
			message: 'The answer to the login has no list of organizations',
		});
		expect(await failureOf(pickerOf('empty', { lhqOrganizations: [] }).search())).toMatchObject({
			message: 'The login has no organizations',
			description: 'Ask who manages the account to add it to one',
		});
	});
});

describe("a credential's own login", () => {
	it('wants its fields filled in, and names them', async () => {
		const http = answering(201, { token: 'T' });
		const fields = { serverUrl: SERVER, username: 'u', password: 'p' };
		expect((await failureOf(logIn(http, { ...fields, username: ' ' }, forRun()))).message).toBe(
			'User Name is empty in the credential',
		);
		expect((await failureOf(logIn(http, { ...fields, password: '' }, forRun()))).message).toBe(
			'Password is empty in the credential',
		);
		expect(http.httpRequest).not.toHaveBeenCalled();
	});

	it('tells in the test what the vendor wants of its user', () => {
		const { warningOf } = sessions.kind;
		const session = { token: 'T', receivedAt: now(), organizationUid: null };
		expect(warningOf!({ ...session, warning: null })).toBeUndefined();
		expect(warningOf!({ ...session, warning: 'It asks' })).toMatchObject({
			message: 'It asks',
			description: 'Sign in once on its website and do what it asks, then test again',
		});
	});

	it("is another vendor's with the same fields", () => {
		const fields = { serverUrl: SERVER, username: 'u', password: 'p' };
		expect(loginOf(fields)).toBe(loginOf({ ...fields, organizationUid: 'x' }));
		expect(loginOf(fields)).not.toBe(loginOf({ ...fields, username: 'v' }));
	});
});

it('an address without http is answered with a model of one', () => {
	expect(() => readAureaServer('api.example.com')).toThrow(
		expect.objectContaining({
			description: expect.stringContaining('such as https://api.cam.aurea.com'),
		}),
	);
	expect(readAureaServer('https://gate.example.com/sessions/x/y')).toBe(
		'https://gate.example.com/sessions/x/y',
	);
});
