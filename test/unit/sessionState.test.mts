import { describe, expect, it, jest } from '@jest/globals';

import {
	checkFailedRequest,
	learnFromRepeat,
	learnFromSuccess,
	stateAfterError,
} from '../../nodes/CrmCom/sessionState.ts';
import { ApiError } from '../../nodes/shared/errors.ts';
import type { HttpRequest, HttpResponse } from '../../nodes/shared/http.ts';
import { now } from '../../nodes/shared/session/clock.ts';
import { useFakeClock } from './fakeClock.mts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const EXPIRED = 'COM.CRM.SESSIONEXPIREDEXCEPTION';

describe('what a failed call says about its session', () => {
	const clock = useFakeClock();
	let keys = 0;
	const newKey = () => `key ${++keys}`;
	const rejected = (vendorCode?: string, httpStatus?: number) =>
		new ApiError('No', { advice: '', vendorCode, httpStatus, reason: 'rejected' });
	/** The state of a session of a given age after an error. */
	const callOf = (session: string, path: string, parameters = '') => ({
		session,
		path,
		call: `${path} ${parameters}`,
	});
	const stateOf = (error: unknown, ageMs: number, key = newKey(), token = 'T', path = 'a/b') => {
		const login = { token, receivedAt: now() };
		clock.advance(ageMs);
		return stateAfterError(error, callOf(key, path), login);
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

	it('remembers for an hour what a code was about, for that identity (P4)', () => {
		const key = newKey();
		expect(stateOf(rejected('ANY'), 0, key)).toBe('valid');
		expect(stateOf(rejected('ANY'), HOUR - 1, key)).toBe('valid');
		expect(stateOf(rejected('OTHER'), HOUR / 2, key)).toBe('unknown');
		expect(stateOf(rejected('ANY'), MINUTE, newKey())).toBe('unknown');
		expect(stateOf(rejected('ANY'), HOUR, key)).toBe('unknown');
	});

	it('learns from a repeated call whether a code is about the call or the session (P4)', () => {
		const [again, vanished, nothing] = [newKey(), newKey(), newKey()];
		learnFromRepeat(again, rejected(EXPIRED), rejected(EXPIRED));
		expect(stateOf(rejected(EXPIRED), 0, again)).toBe('valid');
		learnFromRepeat(vanished, rejected('ANY'), undefined);
		expect(stateOf(rejected('ANY'), 0, vanished)).toBe('expired');
		learnFromRepeat(nothing, rejected('ANY'), rejected('OTHER'));
		learnFromRepeat(nothing, rejected('ANY'), new TypeError('Oops'));
		learnFromRepeat(nothing, new TypeError('Oops'), undefined);
		learnFromRepeat(nothing, rejected(), undefined);
		expect(stateOf(rejected('ANY'), MINUTE, nothing)).toBe('unknown');
	});

	it('gives a code that vanished more weight than one that came again (P4)', () => {
		const key = newKey();
		learnFromRepeat(key, rejected('ANY'), undefined);
		learnFromRepeat(key, rejected('ANY'), rejected('ANY'));
		expect(stateOf(rejected('ANY'), 0, key)).toBe('expired');
		const other = newKey();
		learnFromRepeat(other, rejected('ANY'), rejected('ANY'));
		learnFromRepeat(other, rejected('ANY'), undefined);
		expect(stateOf(rejected('ANY'), 0, other)).toBe('expired');
	});

	it('learns that a session code is about the call when a new session gets it too (P4)', () => {
		const key = newKey();
		expect(stateOf(rejected(EXPIRED), 0, key, 'T1')).toBe('expired');
		expect(stateOf(rejected(EXPIRED), 0, key, 'T1')).toBe('expired');
		expect(stateOf(rejected(EXPIRED), 0, key, 'T2', 'c/d')).toBe('expired');
		expect(stateOf(rejected('X.INVALIDTOKEN'), 0, newKey(), 'T2')).toBe('expired');
		expect(stateOf(rejected(EXPIRED), MINUTE - 1, key, 'T2')).toBe('valid');
		expect(stateOf(rejected(EXPIRED), 0, key, 'T3', 'c/d')).toBe('valid');
		const slow = newKey();
		expect(stateOf(rejected(EXPIRED), 0, slow, 'T1')).toBe('expired');
		expect(stateOf(rejected(EXPIRED), MINUTE, slow, 'T2')).toBe('expired');
	});

	it('does not take the end of a session for another one that was long ago (P3)', () => {
		const key = newKey();
		expect(stateOf(rejected(EXPIRED), 0, key, 'T1')).toBe('expired');
		clock.advance(MINUTE);
		expect(stateOf(rejected(EXPIRED), 0, key, 'T2')).toBe('expired');
		clock.advance(MINUTE - 1);
		expect(stateOf(rejected(EXPIRED), 0, key, 'T3')).toBe('valid');
	});

	it('learns that a code is about the session when the same method then succeeds (P4)', () => {
		const key = newKey();
		const login = (token: string) => ({ token, receivedAt: now() });
		learnFromSuccess(callOf(key, 'a/b'), login('T1'));
		stateOf(rejected(EXPIRED), 0, key, 'T1');
		learnFromSuccess(callOf(key, 'a/b'), login('T1'));
		learnFromSuccess(callOf(key, 'c/d'), login('T2'));
		learnFromSuccess(callOf(key, 'a/b'), login('T2'));
		expect(stateOf(rejected(EXPIRED), 0, key, 'T2')).toBe('expired');
		expect(stateOf(rejected(EXPIRED), 0, key, 'T3')).toBe('expired');
		const other = newKey();
		stateOf(rejected(EXPIRED), 0, other, 'T1');
		learnFromSuccess(callOf(other, 'a/b'), login('T1'));
		expect(stateOf(rejected(EXPIRED), 0, other, 'T2')).toBe('valid');
	});

	it('learns it once: for an hour, however many calls succeed (P4)', () => {
		const key = newKey();
		stateOf(rejected(EXPIRED), 0, key, 'T1');
		const succeed = () => learnFromSuccess(callOf(key, 'a/b'), { token: 'T2', receivedAt: now() });
		succeed();
		clock.advance(HOUR - 1);
		succeed();
		clock.advance(1);
		expect(stateOf(rejected(EXPIRED), 0, key, 'T3')).toBe('expired');
		expect(stateOf(rejected(EXPIRED), 0, key, 'T4')).toBe('valid');
	});

	it('counts the hour anew when a code vanishes again (P4)', () => {
		const key = newKey();
		learnFromRepeat(key, rejected('ANY'), undefined);
		clock.advance(HOUR - 1);
		learnFromRepeat(key, rejected('ANY'), undefined);
		clock.advance(HOUR - 1);
		expect(stateOf(rejected('ANY'), 0, key)).toBe('expired');
	});

	it('learns nothing of a code from another call of the same method that succeeds (P4)', () => {
		const key = newKey();
		expect(stateOf(rejected(EXPIRED), 0, key, 'T1')).toBe('expired');
		learnFromSuccess(callOf(key, 'a/b', 'other'), { token: 'T2', receivedAt: now() });
		expect(stateOf(rejected(EXPIRED), 0, key, 'T2')).toBe('valid');
	});

	it('distinguishes rejections without a code by their status', () => {
		const key = newKey();
		learnFromRepeat(key, rejected(undefined, 403), rejected(undefined, 403));
		expect(stateOf(rejected(undefined, 403), MINUTE, key)).toBe('valid');
		expect(stateOf(rejected(undefined, 400), MINUTE, key)).toBe('unknown');
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
			const login = { token: 'T', receivedAt: now() };
			clock.advance(ageMs);
			ask.mockReset();
			ask.mockResolvedValue({ status: 200, headers: {}, body: {}, ...answer });
			return await checkFailedRequest(login, { request, target, isGet }, key, ask);
		};

		it('repeats the same GET under the same session to check it', async () => {
			await check({});
			expect(ask).toHaveBeenCalledWith({
				method: 'GET',
				url: 'https://crm.example.com/crmapi/rest/v2/a/b?x=1&token=T&n=7',
				headers: { 'X-Gate': '7' },
			});
			const login = { token: 'T', receivedAt: now() };
			ask.mockResolvedValue({ status: 200, headers: {}, body: {} });
			await checkFailedRequest(login, { request: {}, target, isGet: true }, newKey(), ask);
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
		])('takes the answer %j to mean that the session is %s', async (answer, state) => {
			expect(await check(answer, { ageMs: HOUR })).toBe(state);
		});

		it('uses what was learned about a code in either direction (P4)', async () => {
			const key = newKey();
			const any = { body: { status: { code: 'ANY' } } };
			learnFromRepeat(key, rejected('ANY'), undefined);
			expect(await check(any, { key })).toBe('expired');
			expect(await check({ body: { status: { code: ' ANY ' } } }, { key })).toBe('expired');
			learnFromRepeat(key, rejected(EXPIRED), rejected(EXPIRED));
			expect(await check({ body: { status: { code: EXPIRED } } }, { key })).toBe('valid');
		});

		it('never repeats a POST and treats its session as unknown after a minute (P1)', async () => {
			expect(await check({}, { isGet: false, ageMs: MINUTE - 1 })).toBe('valid');
			expect(await check({}, { isGet: false, ageMs: MINUTE })).toBe('unknown');
			expect(ask).not.toHaveBeenCalled();
		});

		it.each([[['1', '2']], [{ from: 1 }]])(
			'does not repeat a GET with the parameter %j, which n8n alone knows how to write',
			async (value) => {
				const login = { token: 'T', receivedAt: now() };
				const failed = { request: { qs: { value } }, target, isGet: true };
				ask.mockReset();
				const state = async () => await checkFailedRequest(login, failed, newKey(), ask);
				expect(await state()).toBe('valid');
				clock.advance(MINUTE);
				expect(await state()).toBe('unknown');
				expect(ask).not.toHaveBeenCalled();
			},
		);
	});
});
