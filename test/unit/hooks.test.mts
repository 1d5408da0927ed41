import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { IHttpRequestOptions } from 'n8n-workflow';

import { now as moment, type Moment } from '../../nodes/shared/session/moment.ts';
import { ApiError } from '../../nodes/shared/errors.ts';
import { sessionHooks } from '../../nodes/shared/session/hooks.ts';
import { Sessions, type SessionStrategy } from '../../nodes/shared/session/session.ts';
import { failureOf } from './errorOf.mts';

const SERVER = 'https://api.example.com/base';
const LOGIN_PATH = 'login';

let identities = 0;
let credentials: { serverUrl: string; id: number };
let login: jest.Mock<() => Promise<{ token: string; receivedAt: Moment }>>;
let isDead: jest.Mock<() => Promise<boolean>>;
let now: number;

function hooksFor(kind: Partial<SessionStrategy<{ token: string; receivedAt: Moment }>> = {}) {
	const hooks = sessionHooks(
		new Sessions({
			documentedLifetime: 3_600_000,
			identity: ({ id }) => String(id),
			server: () => SERVER,
			login,
			loginPath: LOGIN_PATH,
			loginRequest: () => ({
				url: `${SERVER}/${LOGIN_PATH}`,
				method: 'POST',
				ignoreHttpStatusErrors: true,
			}),
			attach: (request, _target, { token }) => ({ ...request, headers: { token } }),
			...kind,
		}),
	);
	const helpers = { httpRequest: async () => ({}) } as never;
	return {
		prepare: async (own: object = credentials) =>
			await hooks.preAuthentication.call({ helpers }, own as never),
		send: async (request: object, own: object = credentials) =>
			(await hooks.authenticate(own as never, request as IHttpRequestOptions)) as unknown as Record<
				string,
				unknown
			>,
	};
}

describe('the hooks of a credential', () => {
	beforeEach(() => {
		credentials = { serverUrl: SERVER, id: ++identities };
		let logins = 0;
		login = jest.fn(async () => ({ token: `T${++logins}`, receivedAt: moment() }));
		isDead = jest.fn(async () => false);
		now = 1_000_000_000_000;
		jest.spyOn(Date, 'now').mockImplementation(() => now);
	});

	describe('a request', () => {
		it('whose session was not prepared makes n8n call the hook', async () => {
			expect(await failureOf(hooksFor().send({ url: `${SERVER}/x` }))).toMatchObject({
				message: 'The session was not prepared',
				response: { status: 401 },
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
		])('to %s is refused by its address', async (url, message) => {
			const { prepare, send } = hooksFor();
			await prepare();
			const failure = await failureOf(send({ url }));
			expect(failure).toMatchObject({
				message,
				description:
					'Nothing was sent. Correct the URL, or choose the credential that belongs to that server',
			});
			expect(failure).not.toHaveProperty('response');
		});

		it('without a whole address is refused with the way to begin it', async () => {
			const { prepare, send } = hooksFor();
			await prepare();
			expect(await failureOf(send({ url: '/x' }))).toMatchObject({
				message: 'The URL of this request is not complete',
				description: 'Begin it with https://api.example.com/base, the server of the credential',
			});
		});

		it('to another host names a server without a path by its origin', async () => {
			const { prepare, send } = hooksFor({ server: () => 'https://api.example.com' });
			await prepare();
			expect((await failureOf(send({ url: 'https://evil.example/' })))?.message).toBe(
				'This credential is for https://api.example.com, but the request goes to https://evil.example',
			);
		});
	});

	it('log in again once a session is over, by the wall clock', async () => {
		const { prepare, send } = hooksFor();
		const tokenAt = async (then: number) => {
			now = then;
			const own = { ...credentials };
			await prepare(own);
			return (await send({ url: `${SERVER}/x` }, own))['headers'];
		};
		const begin = now;
		// An hour less the margin of a minute.
		expect([
			await tokenAt(begin),
			await tokenAt(begin + 3_540_000 - 1),
			await tokenAt(begin + 3_540_000),
		]).toEqual([{ token: 'T1' }, { token: 'T1' }, { token: 'T2' }]);
	});

	describe('after a failure', () => {
		const old = { method: 'POST', uri: `${SERVER}/x` };

		/** What the hook says after a request with a session so old, in milliseconds, has failed. */
		async function after(request: object, age: number, kind: Parameters<typeof hooksFor>[0] = {}) {
			const { prepare, send } = hooksFor(kind);
			expect(await prepare()).toEqual({});
			await send(request);
			now += age;
			const said = await prepare();
			return { said, logins: login.mock.calls.length, token: (await send(request))['headers'] };
		}

		it('a young session of a vendor that cannot be asked stays', async () => {
			expect(await after(old, 59_999)).toEqual({ said: {}, logins: 1, token: { token: 'T1' } });
		});

		it('an older one is renewed and a GET goes again, but a POST does not', async () => {
			expect(await after({ ...old, method: 'get' }, 60_000)).toEqual({
				said: { sessionToken: '' },
				logins: 2,
				token: { token: 'T2' },
			});
			credentials = { ...credentials, id: ++identities };
			login.mockClear();
			expect(await after({ uri: old.uri }, 60_000)).toMatchObject({ said: { sessionToken: '' } });
			credentials = { ...credentials, id: ++identities };
			login.mockClear();
			expect(await after(old, 60_000)).toMatchObject({ said: {}, logins: 1 });
		});

		it('a session that the vendor says is dead is renewed, and a POST goes again', async () => {
			isDead.mockResolvedValue(true);
			expect(await after(old, 0, { isDead })).toEqual({
				said: { sessionToken: '' },
				logins: 2,
				token: { token: 'T2' },
			});
			expect(isDead).toHaveBeenCalledTimes(1);
		});

		it('a session that the vendor says is alive stays, and so does one of which it says nothing', async () => {
			expect(await after(old, 120_000, { isDead })).toMatchObject({ said: {}, logins: 1 });
			credentials = { ...credentials, id: ++identities };
			login.mockClear();
			isDead.mockRejectedValue(new Error('The network is down'));
			expect(await after(old, 120_000, { isDead })).toMatchObject({ said: {}, logins: 1 });
		});

		it('a request of the newer helper has met a 401, and is sent again by it', async () => {
			const newer = {
				method: 'POST',
				url: `${SERVER}/x`,
				abortSignal: new AbortController().signal,
			};
			expect(await after(newer, 0, { isDead })).toEqual({
				said: {},
				logins: 2,
				token: { token: 'T2' },
			});
			expect(isDead).not.toHaveBeenCalled();
		});

		it.each([
			['the older form', { uri: `${SERVER}/x`, abortSignal: new AbortController().signal }],
			['a form that nobody can stop', { url: `${SERVER}/x` }],
		])('a request in %s may have met anything', async (_form, request) => {
			expect(await after({ ...request, method: 'POST' }, 0, { isDead })).toMatchObject({
				logins: 1,
			});
			expect(isDead).toHaveBeenCalledTimes(1);
		});

		it('of a login that was refused, nothing is done', async () => {
			login.mockRejectedValue(new ApiError('no', { description: 'do this' }));
			const { prepare, send } = hooksFor({ isDead });
			await prepare();
			expect((await failureOf(send(old)))?.message).toBe('no');
			expect(await prepare()).toEqual({});
			expect(isDead).not.toHaveBeenCalled();
		});

		it('one answer serves a crowd for half a second', async () => {
			const { prepare, send } = hooksFor({ isDead });
			const crowd = Array.from({ length: 3 }, () => ({ ...credentials }));
			for (const own of crowd) {
				await prepare(own);
				await send(old, own);
			}
			await Promise.all(crowd.slice(0, 2).map(async (own) => await prepare(own)));
			expect(isDead).toHaveBeenCalledTimes(1);
			now += 499;
			await prepare(crowd[2]);
			expect(isDead).toHaveBeenCalledTimes(1);
			now += 1;
			await prepare(crowd[0]);
			expect(isDead).toHaveBeenCalledTimes(2);
		});
	});

	describe('a test of the credential', () => {
		const test = { baseURL: SERVER, method: 'POST', url: LOGIN_PATH };

		it('of a login that was just made sends the login itself, and lets n8n judge its answer', async () => {
			const { prepare, send } = hooksFor();
			await prepare();
			expect(await send({ ...test, json: true })).toEqual({
				json: true,
				url: `${SERVER}/${LOGIN_PATH}`,
				method: 'POST',
			});
			expect(login).toHaveBeenCalledTimes(1);
		});

		it('of a session in memory makes n8n call the hook again, which logs in afresh', async () => {
			const { prepare, send } = hooksFor();
			await prepare({ ...credentials });
			await prepare();
			expect(await failureOf(send(test))).toMatchObject({
				message: 'The test asks the vendor afresh',
				response: { status: 401 },
			});
			expect(await prepare()).toEqual({});
			expect(login).toHaveBeenCalledTimes(2);
			expect(await send(test)).toMatchObject({ url: `${SERVER}/${LOGIN_PATH}` });
		});

		it('of a failure in memory asks afresh, too', async () => {
			login.mockRejectedValueOnce(new ApiError('no', { description: 'do this', remembered: true }));
			const { prepare, send } = hooksFor();
			await prepare();
			expect(await failureOf(send(test))).toMatchObject({ response: { status: 401 } });
			await prepare();
			expect(await send(test)).toMatchObject({ method: 'POST' });
		});

		it('of fields that cannot be used says so', async () => {
			const { prepare, send } = hooksFor({
				identity: () => {
					throw new Error('Server URL is empty');
				},
			});
			await prepare();
			expect(await failureOf(send(test))).toMatchObject({ message: 'Server URL is empty' });
		});

		it('says what the vendor wants of a user whom it lets in', async () => {
			const { prepare, send } = hooksFor({
				warningOf: () => new ApiError('It asks for a new password', { description: 'Set one' }),
			});
			await prepare();
			expect((await failureOf(send(test)))?.message).toBe('It asks for a new password');
		});

		it.each([
			['another method', { ...test, method: 'GET' }],
			['another path', { ...test, url: 'x' }],
			['another address', { ...test, baseURL: `${SERVER}/` }],
			['an address in one part', { method: 'POST', url: `${SERVER}/${LOGIN_PATH}` }],
		])('is not a request with %s', async (_what, request) => {
			const { prepare, send } = hooksFor();
			await prepare();
			expect(await send(request)).toMatchObject({ headers: { token: 'T1' } });
		});

		it('is not a request of a credential without a server', async () => {
			const { prepare, send } = hooksFor({ server: () => SERVER });
			const own = { id: ++identities };
			await prepare(own);
			expect((await failureOf(send({ method: 'POST', url: LOGIN_PATH }, own)))?.message).toBe(
				'The URL of this request is not complete',
			);
		});
	});
});
