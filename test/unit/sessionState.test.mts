import { describe, expect, it, jest } from '@jest/globals';

import {
	checkSession,
	learnFromSuccess,
	stateAfterError,
} from '../../nodes/CrmCom/sessionState.ts';
import { ApiError } from '../../nodes/shared/errors.ts';
import type { HttpRequest, HttpResponse } from '../../nodes/shared/http.ts';
import { now } from '../../nodes/shared/session/clock.ts';
import { useFakeClock } from './fakeClock.mts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const LONG_AGO = { wall: -1, steady: -1 };
const EXPIRED = 'COM.CRM.SESSIONEXPIREDEXCEPTION';

describe('what a failed call says about its session', () => {
	const clock = useFakeClock();
	let keys = 0;
	const newKey = () => `key ${++keys}`;
	const rejected = (vendorCode?: string, httpStatus?: number) =>
		new ApiError('No', { advice: '', vendorCode, httpStatus, reason: 'rejected' });
	const newLogin = () => ({ token: 'T', receivedAt: now(), lifetimeMs: 3_540_000 });
	/** The state of a session of a given age after an error. */
	const stateOf = (error: unknown, ageMs: number, key = newKey()) => {
		const login = newLogin();
		clock.advance(ageMs);
		return stateAfterError(error, key, login);
	};
	/** In a session of an identity, a code arrives, and then a call succeeds. */
	const learn = (key: string, error: unknown, login = newLogin()) => {
		stateAfterError(error, key, login);
		learnFromSuccess(key, login, now());
		return login;
	};

	it.each([
		['HTTP 401', rejected(undefined, 401), 'expired', 'expired'],
		['HTTP 401 with a code', rejected('ANY', 401), 'expired', 'expired'],
		['a code about the session', rejected(EXPIRED), 'expired', 'expired'],
		['another code', rejected('ANY'), 'valid', 'unknown'],
		['a rejection without a code', rejected(undefined, 403), 'valid', 'unknown'],
		['a rejection without code and status', rejected(), 'valid', 'valid'],
		['no answer', new ApiError('', { advice: '', reason: 'unavailable' }), 'valid', 'valid'],
		['a timeout', new ApiError('', { advice: '' }), 'valid', 'valid'],
		['a mistake of ours', new TypeError('Oops'), 'valid', 'valid'],
	])('derives the session state from %s (P3, P4)', (_what, error, young, old) => {
		expect(stateOf(error, MINUTE - 1)).toBe(young);
		expect(stateOf(error, MINUTE)).toBe(old);
	});

	it.each([
		['X.CARDTOKENEXPIREDEXCEPTION'],
		// An access token of CRM.COM is a record of a customer.
		['X.ACCESSTOKENNOTFOUNDEXCEPTION'],
		['X.INVALIDACCESSTOKENEXCEPTION'],
		['UNAUTHORISEDTRANSACTION'],
		['SESSIONTYPEUNKNOWN'],
		['ERRORSESSIONEXPIRED'],
		['TOKEN'],
		['SESSIONEXPIRED.OTHER'],
		[''],
	])('does not take %s for a code about the session', (code) => {
		expect(stateOf(rejected(code), 0)).toBe('valid');
	});

	it('learns that a code is about calls from a later call of the same session (P4)', () => {
		const key = newKey();
		const login = newLogin();
		expect(stateAfterError(rejected('ANY'), key, login)).toBe('valid');
		clock.advance(1);
		learnFromSuccess(key, login, now());
		clock.advance(MINUTE - 1);
		expect(stateAfterError(rejected('ANY'), key, login)).toBe('valid');
		expect(stateAfterError(rejected('OTHER'), key, login)).toBe('unknown');
		expect(stateOf(rejected('ANY'), MINUTE)).toBe('unknown');
	});

	it.each([
		['was sent before the code arrived', -1, 'unknown'],
		['was sent when it arrived', 0, 'valid'],
	])('learns from a call that %s: %i ms, %s (P4)', (_what, ms, state) => {
		const key = newKey();
		const login = newLogin();
		clock.advance(MINUTE);
		const { wall, steady } = now();
		stateAfterError(rejected('ANY'), key, login);
		learnFromSuccess(key, login, { wall: wall + ms, steady: steady + ms });
		expect(stateAfterError(rejected('ANY'), key, login)).toBe(state);
	});

	it('learns nothing from a success in another session (P4)', () => {
		const key = newKey();
		const [first, second] = [newLogin(), newLogin()];
		stateAfterError(rejected('ANY'), key, first);
		learnFromSuccess(key, second, now());
		clock.advance(MINUTE - 1);
		learnFromSuccess(key, first, LONG_AGO);
		clock.advance(1);
		expect(stateAfterError(rejected('ANY'), key, first)).toBe('unknown');
	});

	it('counts what was learned for as long as the session serves calls (P4)', () => {
		const key = newKey();
		const login = learn(key, rejected('ANY'));
		clock.advance(MINUTE - 1);
		expect(stateAfterError(rejected('ANY'), key, login)).toBe('valid');
		clock.advance(1);
		expect(stateAfterError(rejected('ANY'), key, login)).toBe('unknown');
		const successor = newLogin();
		clock.advance(MINUTE);
		expect(stateAfterError(rejected('ANY'), key, successor)).toBe('unknown');
		learnFromSuccess(key, successor, LONG_AGO);
		expect(stateAfterError(rejected('ANY'), key, successor)).toBe('valid');
	});

	it('remembers for an hour that a code is about calls (P4)', () => {
		const key = newKey();
		learn(key, rejected('ANY'));
		const login = newLogin();
		clock.advance(HOUR - 1);
		learnFromSuccess(key, login, now());
		expect(stateAfterError(rejected('ANY'), key, login)).toBe('valid');
		clock.advance(1);
		expect(stateAfterError(rejected('ANY'), key, login)).toBe('unknown');
		// The hour starts again each time the proof is repeated.
		learnFromSuccess(key, login, now());
		clock.advance(HOUR - 1);
		learnFromSuccess(key, login, now());
		expect(stateAfterError(rejected('ANY'), key, login)).toBe('valid');
	});

	it('never learns what a code that names the session is about (P3, P4)', () => {
		const key = newKey();
		const login = learn(key, rejected(EXPIRED));
		learn(key, rejected(EXPIRED), login);
		expect(stateAfterError(rejected(EXPIRED), key, login)).toBe('expired');
	});

	it('remembers a bounded number of codes of a session', () => {
		const key = newKey();
		const login = newLogin();
		for (let code = 0; code <= 100; code++) stateAfterError(rejected(`C${code}`), key, login);
		learnFromSuccess(key, login, now());
		clock.advance(MINUTE - 1);
		expect(stateAfterError(rejected('C99'), key, login)).toBe('valid');
		learnFromSuccess(key, login, LONG_AGO);
		clock.advance(1);
		expect(stateAfterError(rejected('C100'), key, login)).toBe('unknown');
	});

	it('distinguishes rejections without a code by their status', () => {
		const key = newKey();
		const login = learn(key, rejected(undefined, 403));
		clock.advance(MINUTE - 1);
		learnFromSuccess(key, login, now());
		clock.advance(1);
		expect(stateAfterError(rejected(undefined, 403), key, login)).toBe('valid');
		expect(stateAfterError(rejected(undefined, 400), key, login)).toBe('unknown');
	});

	describe('a failed request of an HTTP Request node', () => {
		const target = new URL('https://crm.example.com/crmapi/rest/v2/a/b?x=1&token=old');
		const request = { uri: target.href, qs: { token: 'T', n: 7 }, headers: { 'X-Gate': 7 } };
		const ask =
			jest.fn<
				(request: Pick<HttpRequest, 'method' | 'url' | 'headers'>) => Promise<HttpResponse>
			>();
		const check = async (
			answer: { status?: number; body?: unknown },
			{ isGet = true, ageMs = 0, key = newKey() } = {},
		) => {
			const login = { token: 'T', receivedAt: now(), lifetimeMs: 3_540_000 };
			clock.advance(ageMs);
			ask.mockReset();
			ask.mockResolvedValue({ status: 200, headers: {}, body: {}, ...answer });
			const failed = { request, target, isRead: isGet, isSingleUse: false, timeoutMs: 1 };
			return (await checkSession(login, failed, key, ask)) ?? 'unasked';
		};

		it('repeats the same GET under the same session to check it', async () => {
			await check({});
			expect(ask).toHaveBeenCalledWith({
				method: 'GET',
				url: 'https://crm.example.com/crmapi/rest/v2/a/b?x=1&token=T&n=7',
				headers: { 'X-Gate': '7' },
			});
			const login = { token: 'T', receivedAt: now(), lifetimeMs: 3_540_000 };
			ask.mockResolvedValue({ status: 200, headers: {}, body: {} });
			const failed = { request: {}, target, isRead: true, isSingleUse: false, timeoutMs: 1 };
			await checkSession(login, failed, newKey(), ask);
			expect(ask).toHaveBeenLastCalledWith({ method: 'GET', url: target.href, headers: {} });
		});

		it.each([
			[{ status: 401 }, 'expired'],
			[{ body: { status: { code: EXPIRED } } }, 'expired'],
			[{ status: 500, body: { status: { code: ` ${EXPIRED} ` } } }, 'expired'],
			[{ body: { status: { code: 'ANY' } } }, 'valid'],
			[{ body: { status: { code: 'OK' } } }, 'valid'],
			[{ body: { status: { code: 7 } } }, 'valid'],
			[{ body: { status: 'words' } }, 'valid'],
			[{ body: [] }, 'valid'],
			[{ body: null }, 'valid'],
			[{ status: 404, body: '<h1>' }, 'valid'],
			[{ status: 503 }, 'valid'],
			[{ status: 403, body: '<h1>' }, 'unknown'],
			[{ status: 403, body: { status: { code: 'ANY' } } }, 'valid'],
		])('takes the answer %j to mean that the session is %s', async (answer, state) => {
			expect(await check(answer, { ageMs: HOUR })).toBe(state);
		});

		it('does not doubt a young session because of HTTP 403 without an envelope (P4)', async () => {
			expect(await check({ status: 403 }, { ageMs: MINUTE - 1 })).toBe('valid');
		});

		it('never checks a session with a POST (P1)', async () => {
			expect(await check({}, { isGet: false })).toBe('unasked');
			expect(ask).not.toHaveBeenCalled();
		});

		it.each([[['1', '2']], [{ from: 1 }]])(
			'does not repeat a GET with the parameter %j, which n8n alone knows how to write',
			async (value) => {
				const login = { token: 'T', receivedAt: now(), lifetimeMs: 3_540_000 };
				const request = { qs: { value } };
				const failed = { request, target, isRead: true, isSingleUse: false, timeoutMs: 1 };
				ask.mockReset();
				expect(checkSession(login, failed, newKey(), ask)).toBeUndefined();
				expect(ask).not.toHaveBeenCalled();
			},
		);
	});
});
