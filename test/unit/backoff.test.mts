import { describe, expect, it, jest } from '@jest/globals';

import { ApiError } from '../../nodes/shared/errors.ts';
import { LoginBackoff } from '../../nodes/shared/session/backoff.ts';
import { retryUnavailable } from '../../nodes/shared/session/loginRetry.ts';
import { rejectedBy } from './failures.mts';
import { useFakeClock } from './fakeClock.mts';

describe('the login backoff', () => {
	const MINUTE = 60_000;
	const named = (key: string) => ({ key, name: 'anyApi at host' });
	const REPEATED = { advice: expect.stringContaining('n8n waits another') };
	const clock = useFakeClock();

	const rejected = (message = 'Wrong password') =>
		new ApiError(message, {
			advice: 'Check it',
			httpStatus: 401,
			vendorCode: 'NO',
			reason: 'rejected',
		});
	const unavailable = () => new ApiError('Down', { advice: 'Wait', reason: 'unavailable' });

	/** A vendor whose logins succeed, until they are told to fail. */
	function useVendor() {
		const backoff = new LoginBackoff();
		let failure: Error | undefined;
		const login = jest.fn(async () => {
			// Each failure is a separate error.
			if (failure instanceof ApiError) throw new ApiError(failure.message, failure);
			if (failure) throw failure;
			return 'token';
		});
		return {
			backoff,
			login,
			failWith: (error: Error | undefined) => {
				failure = error;
			},
			run: async (context = {}, key = 'key') => await backoff.run(named(key), login, context),
		};
	}

	describe('a rejected login (P6)', () => {
		it('waits for 1, then 5, then 15 minutes', async () => {
			const { run, login, failWith } = useVendor();
			failWith(rejected());
			await rejectedBy(run());
			for (const minutes of [1, 5, 15, 15]) {
				login.mockClear();
				clock.advance(minutes * MINUTE - 1);
				await rejectedBy(run());
				expect(login).not.toHaveBeenCalled();
				clock.advance(1);
				await rejectedBy(run());
				expect(login).toHaveBeenCalledTimes(1);
			}
		});

		it('is repeated at most three times within any 15 minutes', async () => {
			const { run, login, failWith } = useVendor();
			failWith(rejected());
			const asked: number[] = [];
			for (let second = 0; second < 2 * 3_600; second++) {
				login.mockClear();
				await rejectedBy(run());
				if (login.mock.calls.length > 0) asked.push(second);
				clock.advance(1_000);
			}
			const within = asked.map(
				(first) => asked.filter((at) => at >= first && at <= first + 15 * 60).length,
			);
			expect(Math.max(...within)).toBe(3);
		});

		it('resets the backoff to one minute 15 minutes after the last one ended', async () => {
			const { run, login, failWith } = useVendor();
			failWith(rejected());
			await rejectedBy(run());
			clock.advance(MINUTE);
			await rejectedBy(run());
			clock.advance(5 * MINUTE + 15 * MINUTE);
			await rejectedBy(run());
			login.mockClear();
			clock.advance(MINUTE);
			await rejectedBy(run());
			expect(login).toHaveBeenCalledTimes(1);
		});

		it('repeats the rejection with the time left and what ends the backoff', async () => {
			const { run, failWith } = useVendor();
			failWith(rejected());
			const first = (await rejectedBy(run())) as ApiError;
			expect(first.advice).toBe('Check it');
			clock.advance(10_000);
			expect(await rejectedBy(run())).toMatchObject({
				message: 'Wrong password',
				description: expect.stringMatching(
					/^Check it\. n8n waits another 1 min before it repeats this login, since repeated logins can lock an account\. A changed credential ends the wait/,
				),
				httpStatus: 401,
				vendorCode: 'NO',
				reason: 'rejected',
			});
		});

		it('lets a credential test bypass the backoff and ends it after a successful login', async () => {
			const { run, login, failWith } = useVendor();
			failWith(rejected());
			await rejectedBy(run());
			await rejectedBy(run({ isTest: true }));
			expect(login).toHaveBeenCalledTimes(2);
			failWith(undefined);
			expect(await run({ isTest: true })).toBe('token');
			expect(await run()).toBe('token');
		});

		it('shows the latest rejection without extending the backoff', async () => {
			const { run, login, failWith } = useVendor();
			failWith(rejected());
			await rejectedBy(run());
			clock.advance(30_000);
			failWith(rejected('Locked'));
			await rejectedBy(run({ isTest: true }));
			expect((await rejectedBy(run())).message).toBe('Locked');
			login.mockClear();
			clock.advance(30_000);
			await rejectedBy(run());
			expect(login).toHaveBeenCalledTimes(1);
		});

		it('does not apply the backoff to another key', async () => {
			const { run, failWith } = useVendor();
			failWith(rejected());
			await rejectedBy(run());
			failWith(undefined);
			expect(await run({}, 'other')).toBe('token');
		});

		it('keeps the length of the backoff when the clock is set back', async () => {
			const { run, login, failWith } = useVendor();
			failWith(rejected());
			await rejectedBy(run());
			clock.stepWall(-86_400_000);
			clock.advance(MINUTE - 1);
			await rejectedBy(run());
			expect(login).toHaveBeenCalledTimes(1);
			clock.advance(1);
			await rejectedBy(run());
			expect(login).toHaveBeenCalledTimes(2);
		});

		/** Logins of other identities: with the test's own, one more than are remembered. */
		const logInOthers = async (
			backoff: LoginBackoff,
			count: number,
			login: () => Promise<string>,
		) => {
			for (let index = 0; index < count; index++) {
				await backoff.run(named(`other ${index}`), login, {}).catch(() => undefined);
			}
		};

		it('remembers a rejection after a thousand other logins', async () => {
			const { backoff, run, login, failWith } = useVendor();
			failWith(rejected());
			await rejectedBy(run());
			await logInOthers(backoff, 1_000, async () => 'token');
			login.mockClear();
			expect(await rejectedBy(run())).toMatchObject(REPEATED);
			expect(login).not.toHaveBeenCalled();
		});

		it('forgets an expired rejection before one that still counts', async () => {
			const { backoff, run, login, failWith } = useVendor();
			failWith(rejected());
			await rejectedBy(run({}, 'long'));
			clock.advance(MINUTE);
			await rejectedBy(run({}, 'long'));
			await rejectedBy(run({}, 'short'));
			clock.advance(MINUTE);
			await logInOthers(backoff, 999, async () => {
				throw rejected();
			});
			login.mockClear();
			expect(await rejectedBy(run({}, 'long'))).toMatchObject(REPEATED);
			expect(login).not.toHaveBeenCalled();
		});
	});

	describe('concurrent logins', () => {
		it('shares one rejection among concurrent logins (P6)', async () => {
			const { run, login, failWith } = useVendor();
			failWith(rejected());
			const errors = await Promise.all(
				Array.from({ length: 50 }, async () => await rejectedBy(run())),
			);
			expect(new Set(errors.map(({ message }) => message))).toEqual(new Set(['Wrong password']));
			expect(login).toHaveBeenCalledTimes(1);
		});

		it('lets two logins at a time proceed once the first is accepted, and for five seconds after', async () => {
			const { run, login, failWith } = useVendor();
			await Promise.all(Array.from({ length: 50 }, async () => await run()));
			expect(login).toHaveBeenCalledTimes(50);
			failWith(rejected());
			login.mockClear();
			clock.advance(4_999);
			await Promise.all(Array.from({ length: 50 }, async () => await rejectedBy(run())));
			expect(login).toHaveBeenCalledTimes(2);
		});

		it('counts both of two logins that were rejected at the same time (P6)', async () => {
			const { run, login, failWith } = useVendor();
			await run();
			failWith(rejected());
			login.mockClear();
			for (let second = 0; second < 15 * 60; second++) {
				await Promise.all([rejectedBy(run()), rejectedBy(run())]);
				clock.advance(1_000);
			}
			expect(login).toHaveBeenCalledTimes(3);
		});

		it('remembers a rejection when another login, begun before it, is accepted (P6)', async () => {
			const { run, login } = useVendor();
			await run();
			let accept = (_token: string) => {};
			login.mockImplementationOnce(
				async () =>
					await new Promise<string>((resolve) => {
						accept = resolve;
					}),
			);
			const first = run();
			login.mockImplementationOnce(async () => {
				throw rejected();
			});
			await rejectedBy(run());
			accept('token');
			expect(await first).toBe('token');
			login.mockClear();
			expect(await rejectedBy(run())).toMatchObject(REPEATED);
			expect(login).not.toHaveBeenCalled();
			clock.advance(MINUTE);
			expect(await run()).toBe('token');
			expect(await run()).toBe('token');
		});

		it('tries one login first again five seconds after an accepted login', async () => {
			const { run, login, failWith } = useVendor();
			await run();
			failWith(rejected());
			login.mockClear();
			clock.advance(5_000);
			await Promise.all(Array.from({ length: 5 }, async () => await rejectedBy(run())));
			expect(login).toHaveBeenCalledTimes(1);
		});

		it('tries one login first again after a rejection', async () => {
			const { run, login, failWith } = useVendor();
			await run();
			failWith(rejected());
			await rejectedBy(run());
			failWith(undefined);
			clock.advance(MINUTE);
			failWith(rejected());
			login.mockClear();
			await Promise.all(Array.from({ length: 5 }, async () => await rejectedBy(run())));
			expect(login).toHaveBeenCalledTimes(1);
		});

		it('applies the rejection of a test at once, even after an accepted login', async () => {
			const { run, login, failWith } = useVendor();
			await run();
			failWith(rejected());
			await rejectedBy(run({ isTest: true }));
			login.mockClear();
			await Promise.all(Array.from({ length: 5 }, async () => await rejectedBy(run())));
			expect(login).not.toHaveBeenCalled();
		});

		it('shares any other failure for half a second (P7)', async () => {
			const { run, login, failWith } = useVendor();
			failWith(unavailable());
			const errors = await Promise.all(
				Array.from({ length: 50 }, async () => await rejectedBy(run())),
			);
			expect(errors.every(({ message }) => message === 'Down')).toBe(true);
			expect(login).toHaveBeenCalledTimes(1);
			clock.advance(499);
			await rejectedBy(run());
			expect(login).toHaveBeenCalledTimes(1);
			clock.advance(1);
			failWith(undefined);
			expect(await run()).toBe('token');
			failWith(unavailable());
			await rejectedBy(run());
			expect(login).toHaveBeenCalledTimes(3);
		});

		it.each([
			[60_000, 30_000],
			[2_000, 2_000],
			[100, 500],
		])(
			'shares a failure after which the server asks to wait %d ms for %d ms',
			async (retryAfterMs, ms) => {
				const { run, login, failWith } = useVendor();
				failWith(unavailable().with({ retryAfterMs }));
				await rejectedBy(run());
				clock.advance(ms - 1);
				await rejectedBy(run());
				expect(login).toHaveBeenCalledTimes(1);
				clock.advance(1);
				await rejectedBy(run());
				expect(login).toHaveBeenCalledTimes(2);
			},
		);

		it('does not start a login once nobody waits for it (P8)', async () => {
			const { backoff, login } = useVendor();
			let release = () => {};
			const first = backoff.run(
				named('key'),
				async () => await new Promise<string>((resolve) => (release = () => resolve('token'))),
				{},
			);
			let isWanted = true;
			const second = rejectedBy(backoff.run(named('key'), login, { isWanted: () => isWanted }));
			isWanted = false;
			release();
			expect(await first).toBe('token');
			expect(await second).toMatchObject({
				message: 'The execution was stopped',
				description: '',
			});
			expect(login).not.toHaveBeenCalled();
		});

		it('does not share a failure when nobody waited for the login (P7, P8)', async () => {
			const { backoff, login } = useVendor();
			let fail = () => {};
			const slow = async () =>
				await new Promise<string>((_resolve, reject) => (fail = () => reject(unavailable())));
			let isWanted = true;
			const stopped = rejectedBy(backoff.run(named('key'), slow, { isWanted: () => isWanted }));
			const waiting = [backoff.run(named('key'), login, {}), backoff.run(named('key'), login, {})];
			isWanted = false;
			fail();
			expect((await stopped).message).toBe('Down');
			expect(await Promise.all(waiting)).toEqual(['token', 'token']);
		});

		it('waits for a pending login after a thousand other logins', async () => {
			const { backoff, login } = useVendor();
			let release = () => {};
			const slow = async () =>
				await new Promise<string>((resolve) => (release = () => resolve('slow')));
			const first = backoff.run(named('key'), slow, {});
			for (let index = 0; index < 1_000; index++) {
				await backoff.run(named(`other ${index}`), async () => 'token', {});
			}
			const second = backoff.run(named('key'), login, {});
			await Promise.resolve();
			expect(login).not.toHaveBeenCalled();
			release();
			expect(await first).toBe('slow');
			expect(await second).toBe('token');
		});

		it.each([['text'], [null]])('throws %p unchanged if a login does', async (thrown) => {
			const { backoff } = useVendor();
			const login = jest.fn<() => Promise<string>>().mockRejectedValue(thrown);
			await expect(backoff.run(named('key'), login, {})).rejects.toBe(thrown);
		});

		it('does not make a test wait for a pending login', async () => {
			const { backoff, run } = useVendor();
			let release = () => {};
			const slow = backoff.run(
				named('key'),
				async () => await new Promise<string>((resolve) => (release = () => resolve('slow'))),
				{},
			);
			expect(await run({ isTest: true })).toBe('token');
			release();
			expect(await slow).toBe('slow');
		});
	});

	describe('a login that nobody answers (P7)', () => {
		const failingOnce = (error: Error) => {
			let failures = 1;
			return jest.fn(async (_timeoutMs: number) => {
				if (failures-- > 0) throw error;
				return 'token';
			});
		};

		it('retries once within the same deadline', async () => {
			const login = failingOnce(unavailable());
			login.mockImplementationOnce(async () => {
				clock.advance(1_000.5);
				throw unavailable();
			});
			await rejectedBy(retryUnavailable(login, {}, 'anyApi at host'));
			const [[first], [second]] = login.mock.calls as [[number], [number]];
			expect([first, second]).toEqual([30_000, 30_000 - 1_000 - 1 - 300]);
		});

		it('succeeds on the second attempt', async () => {
			expect(await retryUnavailable(failingOnce(unavailable()), {}, 'anyApi at host')).toBe(
				'token',
			);
		});

		it.each([
			['was rejected', rejected()],
			['timed out', new ApiError('Slow', { advice: '' })],
			['failed by a mistake of ours', new TypeError('Oops')],
		])('does not retry a login that %s', async (_what, error) => {
			const login = failingOnce(error);
			expect(await rejectedBy(retryUnavailable(login, {}, 'anyApi at host'))).toBe(error);
			expect(login).toHaveBeenCalledTimes(1);
		});

		it.each([
			[1_000, [1_000]],
			[5_000, [5_000]],
			[0, [300]],
			[5_001, []],
		])('waits as long as the server asks, if that is short: %d ms', async (retryAfterMs, waits) => {
			const timers = jest.spyOn(globalThis, 'setTimeout').mockImplementation((run: () => void) => {
				run();
				return undefined as never;
			});
			const login = failingOnce(unavailable().with({ retryAfterMs }));
			await retryUnavailable(login, {}, 'anyApi at host').catch(() => undefined);
			expect(timers.mock.calls.map(([, ms]) => ms)).toEqual(waits);
			expect(login).toHaveBeenCalledTimes(1 + waits.length);
		});

		it('does not retry when no time is left before the deadline', async () => {
			const login = jest.fn(async () => {
				clock.advance(29_700);
				throw unavailable();
			});
			await rejectedBy(retryUnavailable(login, {}, 'anyApi at host'));
			expect(login).toHaveBeenCalledTimes(1);
		});

		it('does not retry after Stop (P8)', async () => {
			const login = failingOnce(unavailable());
			const error = await rejectedBy(
				retryUnavailable(login, { isWanted: () => false }, 'anyApi at host'),
			);
			expect(error.message).toBe('Down');
			expect(login).toHaveBeenCalledTimes(1);
		});
	});
});
