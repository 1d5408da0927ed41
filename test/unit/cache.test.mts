import { describe, expect, it, jest } from '@jest/globals';

import { SessionCache } from '../../nodes/shared/session/cache.ts';
import { ageOf, now, type Moment } from '../../nodes/shared/session/clock.ts';
import type { Login } from '../../nodes/shared/session/strategy.ts';
import { rejectedBy } from './failures.mts';
import { useFakeClock } from './fakeClock.mts';

describe('the session cache', () => {
	const HOUR = 3_600_000;
	const MINUTE = 60_000;
	const LIFETIME = HOUR - MINUTE;
	const clock = useFakeClock();

	/** A cache whose logins give T1, T2 and so on, until they fail. */
	function useCache() {
		const cache = new SessionCache<Login>();
		let failure: Error | undefined;
		let logins = 0;
		const logIn = jest.fn(async (_isWanted: () => boolean): Promise<Login> => {
			if (failure) throw failure;
			return { token: `T${++logins}`, receivedAt: now(), lifetimeMs: LIFETIME };
		});
		return {
			cache,
			logIn,
			get: async (key = 'key', signal?: AbortSignal) => await cache.get(key, logIn, signal),
			token: async (key = 'key') => (await cache.get(key, logIn)).login.token,
			failWith: (error: Error | undefined) => {
				failure = error;
			},
		};
	}

	describe('a session', () => {
		it('shares one session among concurrent and later callers (P5)', async () => {
			const { token, logIn } = useCache();
			expect(await Promise.all([token(), token(), token('other')])).toEqual(['T1', 'T1', 'T2']);
			expect(await token()).toBe('T1');
			expect(logIn).toHaveBeenCalledTimes(2);
		});

		it('expires a session a minute before its documented lifetime ends (P14)', async () => {
			const { token } = useCache();
			await token();
			clock.advance(HOUR - MINUTE - 1);
			expect(await token()).toBe('T1');
			clock.advance(1);
			expect(await token()).toBe('T2');
		});

		it('does not extend a session when the clock is set back or the machine sleeps (P14)', async () => {
			const { token } = useCache();
			await token();
			clock.stepWall(-24 * HOUR);
			expect(await token()).toBe('T1');
			clock.advance(HOUR - MINUTE);
			expect(await token()).toBe('T2');
			clock.sleep(HOUR);
			expect(await token()).toBe('T3');
		});

		it('keeps the session when the clock jumps back a day and forward again', async () => {
			const { token, logIn } = useCache();
			await token();
			clock.stepWall(-24 * HOUR);
			await token();
			clock.stepWall(24 * HOUR);
			expect(await token()).toBe('T1');
			expect(logIn).toHaveBeenCalledTimes(1);
		});

		it('does not cache a failed login and lets the next caller log in', async () => {
			const { get, token, failWith } = useCache();
			failWith(new Error('No'));
			expect((await rejectedBy(get())).message).toBe('No');
			failWith(undefined);
			expect(await token()).toBe('T1');
		});
	});

	describe('a session that may have ended', () => {
		it('replaces a session of unknown state with the next login (P2)', async () => {
			const { cache, get, token } = useCache();
			expect(cache.invalidate('key', await get(), 'unknown')).toBe(true);
			expect(await token()).toBe('T2');
		});

		it('keeps an unknown session when the new login fails, until it is invalidated again (P2)', async () => {
			const { cache, get, token, failWith, logIn } = useCache();
			const session = await get();
			cache.invalidate('key', session, 'unknown');
			failWith(new Error('No'));
			expect(await Promise.all([get(), get()])).toEqual([session, session]);
			expect(await get()).toBe(session);
			expect(logIn).toHaveBeenCalledTimes(2);
			failWith(undefined);
			cache.invalidate('key', session, 'unknown');
			expect(await token()).toBe('T2');
		});

		it('does not use an unknown session past its lifetime even when the login fails (P3)', async () => {
			const { cache, get, failWith } = useCache();
			cache.invalidate('key', await get(), 'unknown');
			failWith(new Error('No'));
			clock.advance(HOUR);
			expect((await rejectedBy(get())).message).toBe('No');
		});

		it('does not use an unknown session whose lifetime ends during the failed login (P3)', async () => {
			const { cache, logIn, get } = useCache();
			cache.invalidate('key', await get(), 'unknown');
			logIn.mockImplementationOnce(async () => {
				clock.advance(HOUR);
				throw new Error('No');
			});
			expect((await rejectedBy(get())).message).toBe('No');
		});

		it('lets an unknown session become expired', async () => {
			const { cache, get, failWith } = useCache();
			const session = await get();
			cache.invalidate('key', session, 'unknown');
			expect(cache.invalidate('key', session, 'expired')).toBe(true);
			failWith(new Error('No'));
			expect((await rejectedBy(get())).message).toBe('No');
		});
	});

	describe('a session that has ended', () => {
		it('does not reuse an expired session even when the new login fails (P3)', async () => {
			const { cache, get, token, failWith } = useCache();
			cache.invalidate('key', await get(), 'expired');
			failWith(new Error('No'));
			expect((await rejectedBy(get())).message).toBe('No');
			failWith(undefined);
			expect(await token()).toBe('T2');
		});

		it('does not turn an expired session back into an unknown one', async () => {
			const { cache, get, failWith } = useCache();
			const session = await get();
			cache.invalidate('key', session, 'expired');
			cache.invalidate('key', session, 'unknown');
			failWith(new Error('No'));
			expect((await rejectedBy(get())).message).toBe('No');
		});

		it('ignores invalidating a session twice or after it has been replaced', async () => {
			const { cache, get, token } = useCache();
			const first = await get();
			for (let time = 0; time < 5; time++) {
				expect(cache.invalidate('key', first, 'expired')).toBe(true);
				expect(cache.invalidate('key', first, 'unknown')).toBe(true);
			}
			expect(await token()).toBe('T2');
			expect(cache.invalidate('key', first, 'expired')).toBe(true);
			expect(cache.invalidate('unknown key', first, 'expired')).toBe(true);
			expect(await token()).toBe('T2');
		});
	});

	it('returns the session of a login that took as long as the session lives', async () => {
		const { cache } = useCache();
		const receivedAt = now();
		clock.advance(HOUR);
		expect(
			(await cache.get('key', async () => ({ token: 'OLD', receivedAt, lifetimeMs: LIFETIME })))
				.login.token,
		).toBe('OLD');
	});

	describe('sessions that are given up because of failures', () => {
		it('allows at most two logins a minute after failures (P9)', async () => {
			const { cache, get, token } = useCache();
			expect(cache.invalidate('key', await get(), 'expired')).toBe(true);
			clock.advance(10_000);
			expect(cache.invalidate('key', await get(), 'unknown')).toBe(true);
			expect(cache.invalidate('key', await get(), 'expired')).toBe(false);
			expect(await token()).toBe('T3');
			clock.advance(MINUTE - 10_000 - 1);
			expect(cache.invalidate('key', await get(), 'expired')).toBe(false);
			clock.advance(1);
			expect(cache.invalidate('key', await get(), 'expired')).toBe(true);
			expect(cache.invalidate('key', await get(), 'expired')).toBe(false);
			clock.advance(10_000);
			expect(cache.invalidate('key', await get(), 'expired')).toBe(true);
		});

		it('leaves expiry by age and doubts after a test out of the login limit (P9)', async () => {
			const { cache, get, token } = useCache();
			for (let round = 0; round < 5; round++) {
				await get();
				cache.doubt('key');
			}
			await get();
			clock.advance(HOUR);
			const session = await get();
			expect(cache.invalidate('key', session, 'expired')).toBe(true);
			expect(cache.invalidate('key', await get(), 'expired')).toBe(true);
			await token();
		});

		it('does not count that a session past its lifetime is given up (P9)', async () => {
			const { cache, get } = useCache();
			const old = await get();
			clock.advance(HOUR);
			const session = await get();
			expect(cache.invalidate('key', old, 'expired')).toBe(true);
			expect(cache.invalidate('key', session, 'expired')).toBe(true);
			expect(cache.invalidate('key', await get(), 'expired')).toBe(true);
		});
	});

	describe('a doubted session', () => {
		it('logs in for the next caller and keeps a doubted session when that fails', async () => {
			const { cache, get, token, failWith } = useCache();
			cache.doubt('key');
			const session = await get();
			cache.doubt('key');
			failWith(new Error('No'));
			expect(await get()).toBe(session);
			failWith(undefined);
			cache.doubt('key');
			expect(await token()).toBe('T2');
		});

		it('may still be on its way when it is doubted, and is replaced after its first use', async () => {
			const { cache, get, token } = useCache();
			const pending = get();
			cache.doubt('key');
			expect(await pending).toMatchObject({ login: { token: 'T1' }, state: 'unknown' });
			expect(await token()).toBe('T2');
			expect(await token()).toBe('T2');
		});

		it('stays in doubt if it is doubted again while the login to replace it fails', async () => {
			const { cache, get, token, logIn } = useCache();
			const session = await get();
			cache.invalidate('key', session, 'unknown');
			logIn.mockImplementationOnce(async () => {
				await Promise.resolve();
				cache.doubt('key');
				throw new Error('No');
			});
			expect(await get()).toBe(session);
			expect(await token()).toBe('T2');
		});

		it('keeps an expired session expired when it is doubted', async () => {
			const { cache, get, failWith } = useCache();
			cache.invalidate('key', await get(), 'expired');
			cache.doubt('key');
			failWith(new Error('No'));
			expect((await rejectedBy(get())).message).toBe('No');
		});
	});

	describe('Stop (P8)', () => {
		it('rejects a stopped caller that needs a login, but serves it an existing session', async () => {
			const { get, logIn } = useCache();
			expect(await rejectedBy(get('key', AbortSignal.abort()))).toMatchObject({
				name: 'AbortError',
			});
			expect(logIn).not.toHaveBeenCalled();
			const session = await get();
			expect(await get('key', AbortSignal.abort())).toBe(session);
		});

		it('marks a login as unwanted once every waiting caller has stopped', async () => {
			const { cache } = useCache();
			let isWanted = () => true;
			let finish = (_error: Error) => {};
			const logIn = async (wanted: () => boolean) => {
				isWanted = wanted;
				return await new Promise<Login>((_resolve, reject) => {
					finish = reject;
				});
			};
			const [one, two] = [new AbortController(), new AbortController()];
			const first = rejectedBy(cache.get('key', logIn, one.signal));
			const second = rejectedBy(cache.get('key', logIn, two.signal));
			expect(isWanted()).toBe(true);
			one.abort();
			expect(isWanted()).toBe(true);
			two.abort();
			expect(isWanted()).toBe(false);
			finish(new Error('No'));
			expect(await first).toMatchObject({ name: 'AbortError' });
			expect(await second).toMatchObject({ name: 'AbortError' });
		});

		it('keeps the doubt about a session whose replacement was stopped', async () => {
			const { cache, get, token, logIn } = useCache();
			cache.invalidate('key', await get(), 'unknown');
			const stop = new AbortController();
			logIn.mockImplementationOnce(async () => {
				stop.abort();
				throw new Error('No');
			});
			expect(await rejectedBy(get('key', stop.signal))).toMatchObject({ name: 'AbortError' });
			expect(await token()).toBe('T2');
		});

		it('keeps a login wanted for a caller that cannot be stopped', async () => {
			const { cache } = useCache();
			let isWanted = () => false;
			const logIn = async (wanted: () => boolean) => {
				isWanted = wanted;
				return await Promise.resolve({ token: 'T', receivedAt: now(), lifetimeMs: LIFETIME });
			};
			const stop = new AbortController();
			const [, session] = await Promise.all([
				cache.get('key', logIn, stop.signal),
				cache.get('key', logIn),
			]);
			stop.abort();
			expect(isWanted()).toBe(true);
			expect(session.login.token).toBe('T');
		});
	});

	describe('the cache', () => {
		it('keeps at most a thousand identities', async () => {
			const { get, token, logIn } = useCache();
			for (let index = 0; index <= 1_000; index++) await get(`key ${index}`);
			expect(await token('key 1000')).toBe('T1001');
			expect(await token('key 0')).toBe('T1002');
			expect(logIn).toHaveBeenCalledTimes(1_002);
		});

		it('remembers for a minute that sessions were given up, even if they have ended since (P9)', async () => {
			const { cache } = useCache();
			const get = async () =>
				await cache.get('key', async () => ({
					token: 'T',
					receivedAt: now(),
					lifetimeMs: 18_000,
				}));
			clock.advance(50_000);
			for (let time = 0; time < 2; time++) cache.invalidate('key', await get(), 'expired');
			clock.advance(20_000);
			expect(cache.invalidate('key', await get(), 'expired')).toBe(false);
		});

		it('keeps the entry of a pending login', async () => {
			const { cache, get } = useCache();
			let finish = (_login: Login) => {};
			const slow = cache.get(
				'slow',
				async () =>
					await new Promise<Login>((resolve) => {
						finish = resolve;
					}),
			);
			clock.advance(2 * MINUTE);
			await get('other');
			finish({ token: 'SLOW', receivedAt: now(), lifetimeMs: LIFETIME });
			expect((await slow).login.token).toBe('SLOW');
			expect((await get('slow')).login.token).toBe('SLOW');
		});

		it('shares a pending login after a thousand others (P5)', async () => {
			const { cache, get, logIn } = useCache();
			let finish = (_login: Login) => {};
			const pending = new Promise<Login>((resolve) => {
				finish = resolve;
			});
			const first = cache.get('slow', async () => await pending);
			for (let index = 0; index < 1_000; index++) await get(`key ${index}`);
			logIn.mockClear();
			const second = get('slow');
			finish({ token: 'SLOW', receivedAt: now(), lifetimeMs: LIFETIME });
			expect((await second).login.token).toBe('SLOW');
			expect(await second).toBe(await first);
			expect(logIn).not.toHaveBeenCalled();
		});
	});

	describe('a moment', () => {
		it('measures age by whichever clock says more', () => {
			const then: Moment = now();
			clock.advance(5);
			expect(ageOf(then)).toBe(5);
			clock.stepWall(-100);
			expect(ageOf(then)).toBe(5);
			clock.sleep(200);
			expect(ageOf(then)).toBe(105);
		});
	});
});
