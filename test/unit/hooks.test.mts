import { PassThrough } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { IHttpRequestOptions } from 'n8n-workflow';

import { ApiError, InputError } from '../../nodes/shared/errors.ts';
import { now } from '../../nodes/shared/session/clock.ts';
import { sessionHooks } from '../../nodes/shared/session/hooks.ts';
import { Sessions } from '../../nodes/shared/session/sessions.ts';
import type { Account, AuthStrategy } from '../../nodes/shared/session/strategy.ts';
import type { CheckResult } from '../../nodes/shared/session/state.ts';
import { rejectedBy } from './failures.mts';
import { useFakeClock } from './fakeClock.mts';

describe('the hooks of a credential', () => {
	const SERVER = 'https://api.example.com/base';
	const LOGIN_PATH = 'login';
	const MINUTE = 60_000;
	const clock = useFakeClock();

	let identities = 0;
	let credentials: { serverUrl: string; id: number };
	let login: jest.Mock<Account['logIn']>;
	let checkSession: jest.Mock<Account['checkSession']>;
	let confirmRenewal: jest.Mock<Account['confirmRenewal'] & {}>;

	function useHooks(changes: Partial<Account> = {}, warning?: AuthStrategy['warning']) {
		const strategy: AuthStrategy = {
			credentialType: 'anyApi',
			loginPath: LOGIN_PATH,
			read: ({ id, ignoreSslIssues }) => ({
				key: String(id),
				loginKey: String(id),
				name: 'anyApi at api.example.com',
				serverUrl: SERVER,
				ignoreSslIssues: ignoreSslIssues === true,
				secrets: [],
				logIn: login,
				checkSession,
				...changes,
			}),
			attach: (request, _target, { token }) => ({ ...request, headers: { token } }),
			...(warning ? { warning } : {}),
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
		login = jest.fn(async (_http, { onSend }) => {
			onSend?.();
			return { token: `T${++logins}`, receivedAt: now(), lifetimeMs: 3_540_000 };
		});
		checkSession = jest.fn(() => Promise.resolve('valid' as const));
		confirmRenewal = jest.fn(async () => true);
	});

	describe('a request', () => {
		it('does not log in before n8n has passed the request', async () => {
			const { prepare, send } = useHooks();
			expect(await prepare()).toEqual({});
			expect(login).not.toHaveBeenCalled();
			expect(await send({ url: `${SERVER}/x` })).toMatchObject({ headers: { token: 'T1' } });
		});

		it('makes n8n call the hook and empty the session stored in a credential', async () => {
			const { prepare, send } = useHooks();
			const stored = { ...credentials, sessionToken: 'x' };
			expect(await rejectedBy(send({ url: `${SERVER}/x` }, stored))).toMatchObject({
				message: 'This credential was stored with a session in it',
				description: expect.stringMatching(/^Create a new credential with the same fields/),
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
		])('rejects a request to %s before sending anything (P10)', async (url, message) => {
			const { prepare, send } = useHooks();
			await prepare();
			const error = await rejectedBy(send({ url }));
			expect(error).toMatchObject({
				message,
				description:
					'Nothing was sent. Correct the URL, or choose the credential that belongs to that server',
			});
			expect(error).not.toHaveProperty('response');
			expect(login).not.toHaveBeenCalled();
		});

		it('says how to begin an incomplete URL', async () => {
			const { prepare, send } = useHooks();
			await prepare();
			expect(await rejectedBy(send({ url: '/x' }))).toMatchObject({
				message: 'The URL of this request is not complete',
				description: 'Start it with https://api.example.com/base, the server of the credential',
			});
		});

		it('names a server without a path by its origin', async () => {
			const { prepare, send } = useHooks({ serverUrl: 'https://api.example.com' });
			await prepare();
			expect((await rejectedBy(send({ url: 'https://evil.example/' }))).message).toBe(
				'This credential is for https://api.example.com, but the request goes to https://evil.example',
			);
		});

		it('shows the error of a failed login and asks for no retry', async () => {
			login.mockRejectedValue(new ApiError('no', { advice: 'do this' }));
			const { prepare, send } = useHooks();
			await prepare();
			expect((await rejectedBy(send({ uri: `${SERVER}/x` }))).message).toBe('no');
			expect(await prepare()).toEqual({});
			expect(checkSession).not.toHaveBeenCalled();
		});
	});

	describe('a failed request', () => {
		const request = { method: 'POST', uri: `${SERVER}/x` };
		const get = { method: 'GET', uri: `${SERVER}/x` };
		const SEND_AGAIN = { sessionToken: '' };
		const GIVE_UP = {};

		/** What the hook tells n8n, and the token of a request after that. */
		async function afterFailureOf(sent: object, changes: Partial<Account> = {}) {
			const { prepare, send } = useHooks(changes);
			await prepare();
			await send(sent);
			const told = await prepare();
			return { told, token: (await send(sent))['headers'] };
		}

		it('makes n8n throw the failure when the session is valid', async () => {
			expect(await afterFailureOf(request)).toEqual({ told: GIVE_UP, token: { token: 'T1' } });
		});

		it('makes n8n resend the request under a new session when the old one has expired', async () => {
			checkSession.mockResolvedValue('expired');
			expect(await afterFailureOf(get)).toEqual({ told: SEND_AGAIN, token: { token: 'T2' } });
		});

		it('makes n8n throw the failure but logs in next time when the session is unknown (P1, P2)', async () => {
			checkSession.mockResolvedValue('unknown');
			expect(await afterFailureOf(request)).toEqual({ told: GIVE_UP, token: { token: 'T2' } });
		});

		it('makes n8n resend only when a new session proves that the old one expired (P1)', async () => {
			checkSession.mockResolvedValue('denied');
			expect(await afterFailureOf(request, { confirmRenewal })).toEqual({
				told: SEND_AGAIN,
				token: { token: 'T2' },
			});
			confirmRenewal.mockResolvedValue(false);
			credentials = { ...credentials, id: ++identities };
			expect((await afterFailureOf(request, { confirmRenewal })).told).toEqual(GIVE_UP);
			confirmRenewal.mockRejectedValue(new ApiError('Down', { advice: '' }));
			credentials = { ...credentials, id: ++identities };
			expect((await afterFailureOf(request, { confirmRenewal })).told).toEqual(GIVE_UP);
		});

		/** A failed request in a session of some state, if every new login fails. */
		async function failWithoutLogin(result: CheckResult) {
			checkSession.mockResolvedValue(result);
			const { prepare, send } = useHooks({ confirmRenewal });
			await prepare();
			await send(get);
			login.mockRejectedValue(new ApiError('Down', { advice: '' }));
			const told = await prepare();
			expect(confirmRenewal).not.toHaveBeenCalled();
			expect(told).toEqual(result === 'expired' ? SEND_AGAIN : GIVE_UP);
			return async () => await send(request);
		}

		it.each([
			['POST', 1_999, SEND_AGAIN],
			['POST', 2_000, GIVE_UP],
			['GET', 60_000, SEND_AGAIN],
		])('answers a %s that failed after %i ms with %j (P1)', async (method, ms, told) => {
			checkSession.mockResolvedValue('denied');
			const { prepare, send } = useHooks({ confirmRenewal });
			await prepare();
			await send({ ...request, method });
			clock.advance(ms);
			expect(await prepare()).toEqual(told);
			expect(confirmRenewal).toHaveBeenCalledTimes(told === SEND_AGAIN ? 1 : 0);
			// What was sent is not repeated, but the next request logs in.
			expect(await send(request)).toMatchObject({ headers: { token: 'T2' } });
		});

		it('does not keep replaced sessions in memory', async () => {
			checkSession.mockResolvedValue('denied');
			const sessions: WeakRef<object>[] = [];
			const { prepare, send } = useHooks({
				confirmRenewal,
				logIn: async (...parameters) => {
					const made = await login(...parameters);
					sessions.push(new WeakRef(made));
					return made;
				},
			});
			for (let round = 0; round < 5; round++) {
				const own = { ...credentials };
				await prepare(own);
				await send(request, own);
				clock.advance(MINUTE);
				await send(request, own);
				expect(await prepare(own)).toEqual(SEND_AGAIN);
			}
			// Mocks keep their arguments.
			login.mockClear();
			confirmRenewal.mockClear();
			checkSession.mockClear();
			await collectGarbage();
			expect(sessions).toHaveLength(6);
			const alive = sessions.filter((session) => session.deref() !== undefined);
			expect(alive.length).toBeLessThanOrEqual(2);
		});

		it('makes no login at once when nothing can prove that the session has ended (P1, P2)', async () => {
			checkSession.mockResolvedValue('unknown');
			const { prepare, send } = useHooks({ confirmRenewal });
			await prepare();
			await send(request);
			expect(await prepare()).toEqual(GIVE_UP);
			expect(confirmRenewal).not.toHaveBeenCalled();
			expect(login).toHaveBeenCalledTimes(1);
		});

		it.each([
			['a stream', { body: new PassThrough() }],
			['a form', { formData: new PassThrough() }],
			['a form with a stream', { formData: { file: new PassThrough() } }],
			['a form with a file', { formData: { file: { value: new PassThrough(), options: {} } } }],
			['a form with several files', { formData: { file: [{}, { value: new PassThrough() }] } }],
			['a body with a stream', { body: { file: new PassThrough() } }],
		])('never sends %s again, which can be read only once', async (_what, body) => {
			checkSession.mockResolvedValue('denied');
			expect(await afterFailureOf({ ...request, ...body }, { confirmRenewal })).toMatchObject({
				told: GIVE_UP,
				token: { token: 'T2' },
			});
		});

		it.each([
			['a text', { body: 'x' }],
			['a form of texts', { formData: { name: 'x', list: ['x', null], more: { value: 'x' } } }],
		])('sends %s again', async (_what, body) => {
			checkSession.mockResolvedValue('denied');
			expect((await afterFailureOf({ ...request, ...body }, { confirmRenewal })).told).toEqual(
				SEND_AGAIN,
			);
		});

		it.each([
			[undefined, 30_000],
			[1_000, 1_000],
			[60_000, 30_000],
		])('ends a check within a timeout of %s ms after %i ms', async (timeout, timeoutMs) => {
			checkSession.mockResolvedValue('denied');
			await afterFailureOf({ ...request, timeout }, { confirmRenewal });
			expect(checkSession.mock.calls[0]![2]).toMatchObject({ timeoutMs });
			expect(confirmRenewal.mock.calls[0]![3]).toBe(timeoutMs);
		});

		it('keeps an unknown session and makes n8n throw when no new one can be made (P2)', async () => {
			const sendNext = await failWithoutLogin('denied');
			expect(await sendNext()).toMatchObject({ headers: { token: 'T1' } });
		});

		it('shows the failure of the login when none replaces an expired session (P3)', async () => {
			const sendNext = await failWithoutLogin('expired');
			expect((await rejectedBy(sendNext())).message).toBe('Down');
		});

		it('makes n8n throw the failure when the check fails, but exposes a programming error', async () => {
			checkSession.mockRejectedValue(new ApiError('Down', { advice: '' }));
			expect(await afterFailureOf(request)).toEqual({ told: GIVE_UP, token: { token: 'T1' } });
			checkSession.mockRejectedValue(new InputError('No UID', ''));
			credentials = { ...credentials, id: ++identities };
			expect(await afterFailureOf(request)).toEqual({ told: GIVE_UP, token: { token: 'T2' } });
			checkSession.mockRejectedValue(new TypeError('Oops'));
			credentials = { ...credentials, id: ++identities };
			expect((await rejectedBy(afterFailureOf(request))).message).toBe('Oops');
		});

		it('renews at most twice a minute after failed requests (P9)', async () => {
			checkSession.mockResolvedValue('expired');
			const { prepare, send } = useHooks();
			const told: unknown[] = [];
			for (let time = 0; time < 4; time++) {
				const own = { ...credentials };
				await prepare(own);
				await send(get, own);
				told.push(await prepare(own));
			}
			expect(told).toEqual([SEND_AGAIN, SEND_AGAIN, GIVE_UP, GIVE_UP]);
			expect(login).toHaveBeenCalledTimes(3);
		});

		it('does not count failures in a valid session as renewals (P9)', async () => {
			const { prepare, send } = useHooks();
			const failOnce = async () => {
				const own = { ...credentials };
				await prepare(own);
				await send(get, own);
				return await prepare(own);
			};
			for (let time = 0; time < 3; time++) expect(await failOnce()).toEqual(GIVE_UP);
			clock.advance(1_000);
			checkSession.mockResolvedValue('expired');
			expect(await failOnce()).toEqual(SEND_AGAIN);
		});

		it.each([
			[{ method: 'get' }, true],
			[{}, true],
			[{ method: 'POST' }, false],
		])('tells the check whether the request only reads: %j', async (method, isRead) => {
			await afterFailureOf({ uri: `${SERVER}/x`, ...method });
			expect(checkSession).toHaveBeenCalledWith(
				expect.anything(),
				expect.objectContaining({ token: 'T1' }),
				expect.objectContaining({ isRead }),
			);
		});

		it('does not doubt a session that has expired (P3)', async () => {
			const { prepare, send } = useHooks();
			const [older, newer] = [{ ...credentials }, { ...credentials }];
			for (const own of [older, newer]) {
				await prepare(own);
				await send(request, own);
			}
			checkSession.mockResolvedValue('expired');
			await prepare(newer);
			clock.advance(1_000);
			checkSession.mockResolvedValue('unknown');
			await prepare(older);
			login.mockRejectedValue(new ApiError('Down', { advice: '' }));
			expect((await rejectedBy(send(request, older))).message).toBe('Down');
		});

		it('sends a POST again only if another session proves that it may (P1)', async () => {
			checkSession.mockResolvedValue('expired');
			expect(await afterFailureOf(request)).toEqual({ told: GIVE_UP, token: { token: 'T2' } });
		});

		it('doubts a session after a minute if no question can tell (P2)', async () => {
			checkSession.mockReturnValue(undefined);
			const { prepare, send } = useHooks();
			await prepare();
			await send(request);
			clock.advance(MINUTE - 1);
			expect(await prepare()).toEqual(GIVE_UP);
			expect(await send(request)).toMatchObject({ headers: { token: 'T1' } });
			clock.advance(1);
			expect(await prepare()).toEqual(GIVE_UP);
			expect(await send(request)).toMatchObject({ headers: { token: 'T2' } });
		});

		it.each(['check', 'login', 'proof'])(
			'lets n8n throw the failure when a %s takes longer than the request may',
			async (slow) => {
				const never = async () => await new Promise<never>(() => undefined);
				checkSession.mockResolvedValue('denied');
				const { prepare, send } = useHooks({ confirmRenewal });
				await prepare();
				await send({ ...request, timeout: 20 });
				if (slow === 'check') checkSession.mockImplementation(never);
				if (slow === 'login') login.mockImplementation(never);
				if (slow === 'proof') confirmRenewal.mockImplementation(never);
				expect(await prepare()).toEqual(GIVE_UP);
			},
		);

		it.each([
			[undefined, 30_000],
			[0, 30_000],
			[-1, 30_000],
			['later', 30_000],
			[90_000, 30_000],
			[1.5, 2],
			['500', 500],
		])('gives a check after a request with the timeout %j so many ms: %d', async (timeout, ms) => {
			const { prepare, send } = useHooks();
			await prepare();
			await send({ ...get, timeout });
			expect(await prepare()).toEqual(GIVE_UP);
			expect(checkSession.mock.calls.at(-1)?.[2]).toMatchObject({ timeoutMs: ms });
		});

		it('is asked about whatever another one has turned out to be (P4)', async () => {
			const { prepare, send } = useHooks();
			const [other, own] = [{ ...credentials }, { ...credentials }];
			for (const use of [other, own]) {
				await prepare(use);
				await send(get, use);
			}
			checkSession.mockReturnValueOnce(Promise.resolve('valid'));
			checkSession.mockReturnValueOnce(Promise.resolve('expired'));
			expect(await Promise.all([prepare(other), prepare(own)])).toEqual([GIVE_UP, SEND_AGAIN]);
		});
	});

	describe('a test of the credential', () => {
		const test = { baseURL: SERVER, method: 'POST', url: LOGIN_PATH, json: true };
		const passed = {
			method: 'GET',
			url: SERVER,
			json: true,
			ignoreHttpStatusErrors: true,
			disableFollowRedirect: true,
			skipSslCertificateValidation: false,
			timeout: 10_000,
		};

		it("keeps n8n's restrictions of a test, and its setting for certificates", async () => {
			const { prepare, send } = useHooks();
			const own = { ...credentials, ignoreSslIssues: true };
			await prepare(own);
			expect(await send({ ...test, body: { a: 1 }, allowedDomains: 'x' }, own)).toEqual({
				...passed,
				allowedDomains: 'x',
				skipSslCertificateValidation: true,
			});
		});

		it('logs in once for each test and lets n8n send a harmless request', async () => {
			const { prepare, send } = useHooks();
			for (let press = 1; press <= 2; press++) {
				const own = { ...credentials };
				await prepare(own);
				expect(await send(test, own)).toEqual(passed);
				expect(login).toHaveBeenCalledTimes(press);
			}
			const context = expect.objectContaining({ isTest: true, why: 'for a test' });
			expect(login).toHaveBeenLastCalledWith(expect.anything(), context);
		});

		it('doubts the session after a test, which may have ended it (P2)', async () => {
			const { prepare, send } = useHooks();
			await prepare();
			await send({ url: `${SERVER}/x` });
			const own = { ...credentials };
			await prepare(own);
			await send(test, own);
			expect(await send({ url: `${SERVER}/x` })).toMatchObject({ headers: { token: 'T3' } });
		});

		it('doubts the session even after a failed test, since its login may have succeeded (P2)', async () => {
			const { prepare, send } = useHooks();
			await prepare();
			await send({ url: `${SERVER}/x` });
			login.mockImplementationOnce(async (_http, { onSend }) => {
				onSend?.();
				throw new ApiError('No switch', { advice: '' });
			});
			const own = { ...credentials };
			await prepare(own);
			expect((await rejectedBy(send(test, own))).message).toBe('No switch');
			expect(await send({ url: `${SERVER}/x` })).toMatchObject({ headers: { token: 'T2' } });
		});

		it('does not doubt the session if the test has sent nothing', async () => {
			const { prepare, send } = useHooks();
			await prepare();
			await send({ url: `${SERVER}/x` });
			login.mockRejectedValueOnce(new ApiError('Rejected a while ago', { advice: '' }));
			const own = { ...credentials };
			await prepare(own);
			await rejectedBy(send(test, own));
			expect(await send({ url: `${SERVER}/x` })).toMatchObject({ headers: { token: 'T1' } });
		});

		it("shows the vendor's words when the login of a test fails", async () => {
			login.mockRejectedValue(new ApiError('Wrong password', { advice: 'Check it' }));
			const { prepare, send } = useHooks();
			await prepare();
			const error = await rejectedBy(send(test));
			// The banner of n8n shows nothing but the message.
			expect(error.message).toBe('Wrong password. Check it');
			expect(error).not.toHaveProperty('response');
		});

		// n8n puts its own words in place of a message that holds such a code.
		it.each([
			['ECONNREFUSED'],
			['EHOSTUNREACH'],
			['ENETUNREACH'],
			['EADDRNOTAVAIL'],
			['EAI_AGAIN'],
			['ENOTFOUND'],
			['ETIMEDOUT'],
			['EPIPE'],
			['EPROTO'],
		])('shows no code of a network error, such as %s', async (code) => {
			login.mockRejectedValue(new ApiError('No answer', { advice: `Try again (${code})` }));
			const { prepare, send } = useHooks();
			await prepare();
			expect((await rejectedBy(send(test))).message).toBe('No answer. Try again');
		});

		it("leaves the vendor's words in parentheses", async () => {
			login.mockRejectedValue(new ApiError('Locked (EXPIRED)', { advice: '' }));
			const { prepare, send } = useHooks();
			await prepare();
			expect((await rejectedBy(send(test))).message).toBe('Locked (EXPIRED)');
		});

		it('shows what the vendor asks of a user whose login it accepts', async () => {
			const warning = jest.fn(() => new ApiError('It asks for a new password', { advice: '' }));
			const { prepare, send } = useHooks({}, warning);
			await prepare();
			expect((await rejectedBy(send(test))).message).toBe('It asks for a new password');
		});

		it.each([
			['another method', { ...test, method: 'GET' }],
			['another path', { ...test, url: 'x' }],
			['another address', { ...test, baseURL: `${SERVER}/` }],
			['an address in one part', { method: 'POST', url: `${SERVER}/${LOGIN_PATH}` }],
		])('does not take a request with %s for a test', async (_what, request) => {
			const { prepare, send } = useHooks();
			await prepare();
			expect(await send(request)).toMatchObject({ headers: { token: 'T1' } });
		});

		it('does not take a request of a credential without a server for a test', async () => {
			const { prepare, send } = useHooks();
			const own = { id: ++identities };
			await prepare(own);
			expect((await rejectedBy(send({ method: 'POST', url: LOGIN_PATH }, own))).message).toBe(
				'The URL of this request is not complete',
			);
		});
	});

	it('expires a session a minute before its lifetime ends', async () => {
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

/** Frees what is unreachable, in a new turn of the event loop: objects used in this one are held until its end. */
async function collectGarbage(): Promise<void> {
	setFlagsFromString('--expose-gc');
	await setImmediate();
	(runInNewContext('gc') as () => void)();
}
