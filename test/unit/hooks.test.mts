import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { IHttpRequestOptions } from 'n8n-workflow';

import { ApiError } from '../../nodes/shared/errors.ts';
import { now } from '../../nodes/shared/session/clock.ts';
import { sessionHooks } from '../../nodes/shared/session/hooks.ts';
import { Sessions } from '../../nodes/shared/session/sessions.ts';
import type { AuthStrategy } from '../../nodes/shared/session/strategy.ts';
import { errorOf } from './errorOf.mts';
import { useFakeClock } from './fakeClock.mts';

describe('the hooks of a credential', () => {
	const SERVER = 'https://api.example.com/base';
	const LOGIN_PATH = 'login';
	const MINUTE = 60_000;
	const clock = useFakeClock();

	let identities = 0;
	let credentials: { serverUrl: string; id: number };
	let login: jest.Mock<AuthStrategy['login']>;
	let checkSession: jest.Mock<AuthStrategy['checkSession']>;
	let confirmRenewal: jest.Mock<() => Promise<boolean>>;

	function useHooks(changes: Partial<AuthStrategy> = {}) {
		const strategy: AuthStrategy = {
			credentialType: 'testApi',
			maxLifetimeMs: 3_600_000,
			cacheKey: ({ id }) => String(id),
			secrets: () => [],
			serverUrl: () => SERVER,
			login,
			loginPath: LOGIN_PATH,
			attach: (request, _target, { token }) => ({ ...request, headers: { token } }),
			checkSession,
			...changes,
		};
		const hooks = sessionHooks(new Sessions(strategy));
		const helpers = { httpRequest: async () => ({}) } as never;
		return {
			prepare: async (own: object = credentials) =>
				await hooks.preAuthentication.call({ helpers }, own as never),
			send: async (request: object, own: object = credentials) =>
				(await hooks.authenticate(
					own as never,
					request as IHttpRequestOptions,
				)) as unknown as Record<string, unknown>,
		};
	}

	beforeEach(() => {
		credentials = { serverUrl: SERVER, id: ++identities };
		let logins = 0;
		login = jest.fn(async () => ({ token: `T${++logins}`, receivedAt: now() }));
		checkSession = jest.fn(async () => 'valid' as const);
		confirmRenewal = jest.fn(async () => true);
	});

	describe('a request', () => {
		it('logs in once n8n has named its address, and not before', async () => {
			const { prepare, send } = useHooks();
			expect(await prepare()).toEqual({});
			expect(login).not.toHaveBeenCalled();
			expect(await send({ url: `${SERVER}/x` })).toMatchObject({ headers: { token: 'T1' } });
		});

		it('of a credential that was stored with a session makes n8n call the hook, which empties it', async () => {
			const { prepare, send } = useHooks();
			const stored = { ...credentials, sessionToken: 'x' };
			expect(await errorOf(send({ url: `${SERVER}/x` }, stored))).toMatchObject({
				message: 'This credential was stored with a session in it',
				description: 'Open the credential and save it again: then n8n logs in before each request',
				response: { status: 401 },
			});
			expect(await prepare(stored)).toEqual({ sessionToken: '' });
			expect(await send({ url: `${SERVER}/x` }, stored)).toMatchObject({
				headers: { token: 'T1' },
			});
		});

		it.each([
			[
				'https://api.example.com/other?token=secret',
				'This credential is for https://api.example.com/base, but the request goes to https://api.example.com/other',
			],
			[
				'https://evil.example/base/x?token=secret',
				'This credential is for https://api.example.com/base, but the request goes to https://evil.example',
			],
		])('to %s is rejected before anything is sent (P10)', async (url, message) => {
			const { prepare, send } = useHooks();
			await prepare();
			const error = await errorOf(send({ url }));
			expect(error).toMatchObject({
				message,
				description:
					'Nothing was sent. Correct the URL, or choose the credential that belongs to that server',
			});
			expect(error).not.toHaveProperty('response');
			expect(login).not.toHaveBeenCalled();
		});

		it('with an incomplete URL is rejected with the way to begin it', async () => {
			const { prepare, send } = useHooks();
			await prepare();
			expect(await errorOf(send({ url: '/x' }))).toMatchObject({
				message: 'The URL of this request is not complete',
				description: 'Start it with https://api.example.com/base, the server of the credential',
			});
		});

		it('to another host names a server without a path by its origin', async () => {
			const { prepare, send } = useHooks({ serverUrl: () => 'https://api.example.com' });
			await prepare();
			expect((await errorOf(send({ url: 'https://evil.example/' }))).message).toBe(
				'This credential is for https://api.example.com, but the request goes to https://evil.example',
			);
		});

		it('whose login fails tells that, and asks for no second try', async () => {
			login.mockRejectedValue(new ApiError('no', { description: 'do this' }));
			const { prepare, send } = useHooks();
			await prepare();
			expect((await errorOf(send({ uri: `${SERVER}/x` }))).message).toBe('no');
			expect(await prepare()).toEqual({});
			expect(checkSession).not.toHaveBeenCalled();
		});
	});

	describe('after a failed request', () => {
		const request = { method: 'POST', uri: `${SERVER}/x` };
		const SEND_AGAIN = { sessionToken: '' };
		const GIVE_UP = {};

		/** What the hook tells n8n, and the token of a request after that. */
		async function afterFailureOf(sent: object, changes: Partial<AuthStrategy> = {}) {
			const { prepare, send } = useHooks(changes);
			await prepare();
			await send(sent);
			const told = await prepare();
			return { told, token: (await send(sent))['headers'] };
		}

		it('with a valid session n8n throws the failure', async () => {
			expect(await afterFailureOf(request)).toEqual({ told: GIVE_UP, token: { token: 'T1' } });
		});

		it('with an expired one n8n sends it again, under a new one', async () => {
			checkSession.mockResolvedValue('expired');
			expect(await afterFailureOf(request)).toEqual({ told: SEND_AGAIN, token: { token: 'T2' } });
		});

		it('with one in doubt n8n throws the failure, and the next request logs in (P1, P2)', async () => {
			checkSession.mockResolvedValue('unknown');
			expect(await afterFailureOf(request)).toEqual({ told: GIVE_UP, token: { token: 'T2' } });
		});

		it('with one in doubt n8n sends it again where a new one proves that it had ended (P1)', async () => {
			checkSession.mockResolvedValue('unknown');
			expect(await afterFailureOf(request, { confirmRenewal })).toEqual({
				told: SEND_AGAIN,
				token: { token: 'T2' },
			});
			confirmRenewal.mockResolvedValue(false);
			credentials = { ...credentials, id: ++identities };
			expect((await afterFailureOf(request, { confirmRenewal })).told).toEqual(GIVE_UP);
			confirmRenewal.mockRejectedValue(new ApiError('Down', { description: '' }));
			credentials = { ...credentials, id: ++identities };
			expect((await afterFailureOf(request, { confirmRenewal })).told).toEqual(GIVE_UP);
		});

		it('with one in doubt n8n throws the failure where no new one can be made (P2)', async () => {
			checkSession.mockResolvedValue('unknown');
			const { prepare, send } = useHooks({ confirmRenewal });
			await prepare();
			await send(request);
			login.mockRejectedValue(new ApiError('Down', { description: '' }));
			expect(await prepare()).toEqual(GIVE_UP);
			expect(confirmRenewal).not.toHaveBeenCalled();
			expect(await send(request)).toMatchObject({ headers: { token: 'T1' } });
		});

		it('n8n throws the failure where the check fails, and a mistake of ours comes to light', async () => {
			checkSession.mockRejectedValue(new ApiError('Down', { description: '' }));
			expect(await afterFailureOf(request)).toEqual({ told: GIVE_UP, token: { token: 'T1' } });
			checkSession.mockRejectedValue(new TypeError('Oops'));
			credentials = { ...credentials, id: ++identities };
			expect((await errorOf(afterFailureOf(request))).message).toBe('Oops');
		});

		it('costs at most two logins a minute (P9)', async () => {
			checkSession.mockResolvedValue('expired');
			const { prepare, send } = useHooks();
			const told: unknown[] = [];
			for (let time = 0; time < 4; time++) {
				const own = { ...credentials };
				await prepare(own);
				await send(request, own);
				told.push(await prepare(own));
			}
			expect(told).toEqual([SEND_AGAIN, SEND_AGAIN, GIVE_UP, GIVE_UP]);
			expect(login).toHaveBeenCalledTimes(3);
		});

		it.each([
			[{ method: 'get' }, true],
			[{}, true],
			[{ method: 'POST' }, false],
		])('is checked as a GET or not: %j', async (method, isGet) => {
			await afterFailureOf({ uri: `${SERVER}/x`, ...method });
			expect(checkSession).toHaveBeenCalledWith(
				expect.anything(),
				credentials,
				expect.objectContaining({ token: 'T1' }),
				expect.objectContaining({ isGet }),
			);
		});

		it('of the newer helper, which has met a 401, the session has ended (P3)', async () => {
			const newer = {
				method: 'POST',
				url: `${SERVER}/x`,
				abortSignal: new AbortController().signal,
			};
			expect(await afterFailureOf(newer)).toEqual({ told: GIVE_UP, token: { token: 'T2' } });
			expect(checkSession).not.toHaveBeenCalled();
		});

		it.each([
			['the older form', { uri: `${SERVER}/x`, abortSignal: new AbortController().signal }],
			['a form that nobody can stop', { url: `${SERVER}/x` }],
		])('in %s anything may have happened', async (_form, sent) => {
			await afterFailureOf({ ...sent, method: 'POST' });
			expect(checkSession).toHaveBeenCalledTimes(1);
		});

		it('one check serves concurrent requests, for half a second after it', async () => {
			const { prepare, send } = useHooks();
			const uses = Array.from({ length: 3 }, () => ({ ...credentials }));
			for (const own of uses) {
				await prepare(own);
				await send(request, own);
			}
			await Promise.all(uses.slice(0, 2).map(async (own) => await prepare(own)));
			expect(checkSession).toHaveBeenCalledTimes(1);
			clock.advance(499);
			await prepare(uses[2]);
			expect(checkSession).toHaveBeenCalledTimes(1);
			clock.advance(1);
			await prepare(uses[0]);
			expect(checkSession).toHaveBeenCalledTimes(2);
		});

		it('a GET and a POST are checked apart, since a POST is never asked again', async () => {
			const { prepare, send } = useHooks();
			for (const method of ['GET', 'POST']) {
				const own = { ...credentials };
				await prepare(own);
				await send({ ...request, method }, own);
				await prepare(own);
			}
			expect(checkSession).toHaveBeenCalledTimes(2);
		});
	});

	describe('a test of the credential', () => {
		const test = { baseURL: SERVER, method: 'POST', url: LOGIN_PATH, json: true };
		const passed = { method: 'GET', url: 'data:application/json,{}', json: true };

		it('logs in once at every press, and n8n asks nobody', async () => {
			const { prepare, send } = useHooks();
			for (let press = 1; press <= 2; press++) {
				const own = { ...credentials };
				await prepare(own);
				expect(await send(test, own)).toEqual(passed);
				expect(login).toHaveBeenCalledTimes(press);
			}
			expect(login).toHaveBeenLastCalledWith(expect.anything(), expect.anything(), {
				isTest: true,
			});
		});

		it('puts the session in doubt, since a server may allow one for each user (P3)', async () => {
			const { prepare, send } = useHooks();
			await prepare();
			await send({ url: `${SERVER}/x` });
			const own = { ...credentials };
			await prepare(own);
			await send(test, own);
			expect(await send({ url: `${SERVER}/x` })).toMatchObject({ headers: { token: 'T3' } });
		});

		it("tells the vendor's words, and fields that cannot be used", async () => {
			login.mockRejectedValue(new ApiError('Wrong password', { description: 'Check it' }));
			const { prepare, send } = useHooks();
			await prepare();
			const error = await errorOf(send(test));
			expect(error.message).toBe('Wrong password');
			expect(error).not.toHaveProperty('response');
		});

		it('tells what the vendor wants of a user whom it lets in', async () => {
			const warning = jest.fn(
				() => new ApiError('It asks for a new password', { description: '' }),
			);
			const { prepare, send } = useHooks({ warning });
			await prepare();
			expect((await errorOf(send(test))).message).toBe('It asks for a new password');
		});

		it.each([
			['another method', { ...test, method: 'GET' }],
			['another path', { ...test, url: 'x' }],
			['another address', { ...test, baseURL: `${SERVER}/` }],
			['an address in one part', { method: 'POST', url: `${SERVER}/${LOGIN_PATH}` }],
		])('is not a request with %s', async (_what, request) => {
			const { prepare, send } = useHooks();
			await prepare();
			expect(await send(request)).toMatchObject({ headers: { token: 'T1' } });
		});

		it('is not a request of a credential without a server', async () => {
			const { prepare, send } = useHooks();
			const own = { id: ++identities };
			await prepare(own);
			expect((await errorOf(send({ method: 'POST', url: LOGIN_PATH }, own))).message).toBe(
				'The URL of this request is not complete',
			);
		});
	});

	it('a session ends a minute before its lifetime is over', async () => {
		const { prepare, send } = useHooks();
		const tokenAfter = async (ms: number) => {
			clock.advance(ms);
			const own = { ...credentials };
			await prepare(own);
			return (await send({ url: `${SERVER}/x` }, own))['headers'];
		};
		expect([await tokenAfter(0), await tokenAfter(59 * MINUTE - 1), await tokenAfter(1)]).toEqual([
			{ token: 'T1' },
			{ token: 'T1' },
			{ token: 'T2' },
		]);
	});
});
