import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { LoggerProxy } from 'n8n-workflow';

import { ApiError } from '../../nodes/shared/errors.ts';
import { noteSuccess, waitForRetry } from '../../nodes/shared/retry.ts';
import { rejectedBy } from './failures.mts';

describe('the wait before a read is sent again (P15)', () => {
	let servers = 0;
	const newServer = () => `https://crm${++servers}.example.com`;
	const failure = (details: object) => new ApiError('Down', { advice: '', ...details });
	const unavailable = failure({ reason: 'unavailable' });
	/** Requests a retry. @returns how long the wait was, or false */
	const waitedFor = async (
		error: unknown,
		{
			sends = 1,
			server = newServer(),
			signal,
		}: { sends?: number; server?: string; signal?: AbortSignal } = {},
	): Promise<number | false> => {
		const startedAt = Date.now();
		const waiting = waitForRetry(error, { name: 'any: GET a/b', server, sends, signal });
		waiting.catch(() => undefined);
		await jest.advanceTimersByTimeAsync(60_000);
		// The timers of this retry are over: only its own wait has moved the clock until the answer.
		return (await waiting) ? endedAt - startedAt : false;
	};
	let endedAt = 0;

	beforeEach(() => {
		jest.useFakeTimers();
		jest.spyOn(Math, 'random').mockReturnValue(0.5);
		const { setTimeout } = globalThis;
		jest.spyOn(globalThis, 'setTimeout').mockImplementation(((run: () => void, ms: number) =>
			setTimeout(() => {
				endedAt = Date.now();
				run();
			}, ms)) as never);
	});
	afterEach(() => {
		jest.useRealTimers();
	});

	it('waits for half a second, then two, and no third time', async () => {
		expect(await waitedFor(unavailable, { sends: 1 })).toBe(500);
		expect(await waitedFor(unavailable, { sends: 2 })).toBe(2_000);
		expect(await waitedFor(unavailable, { sends: 3 })).toBe(false);
	});

	it.each([
		[0, 400],
		[1, 600],
	])('spreads the waits of many callers: %d', async (random, ms) => {
		jest.spyOn(Math, 'random').mockReturnValue(random);
		expect(await waitedFor(unavailable)).toBe(ms);
	});

	it.each([
		['nobody answered', { reason: 'unavailable' }, 500],
		['HTTP 429', { httpStatus: 429 }, 500],
		['HTTP 502', { httpStatus: 502 }, 500],
		['HTTP 503 in an envelope', { httpStatus: 503, reason: 'rejected', vendorCode: 'X' }, 500],
		['HTTP 504', { httpStatus: 504 }, 500],
		['HTTP 500', { httpStatus: 500 }, false],
		['a timeout', { reason: 'unclear', mayBeDone: true }, false],
		['a rejection', { reason: 'rejected', vendorCode: 'X' }, false],
		['Retry-After of 7 s', { httpStatus: 429, retryAfterMs: 7_000 }, 7_000],
		['Retry-After of 0 s', { httpStatus: 503, retryAfterMs: 0 }, 0],
		['Retry-After of 30 s', { httpStatus: 503, retryAfterMs: 30_000 }, 30_000],
		['Retry-After of more', { httpStatus: 503, retryAfterMs: 30_001 }, false],
	])('waits after %s: %j %s', async (_what, details, ms) => {
		expect(await waitedFor(failure(details))).toBe(ms);
	});

	it("does not wait after an error that is not a call's", async () => {
		expect(await waitedFor(new TypeError('Oops'))).toBe(false);
	});

	it('retries a server that never succeeds ten times, and others as before', async () => {
		const server = newServer();
		for (let time = 0; time < 10; time++)
			expect(await waitedFor(unavailable, { server })).toBe(500);
		expect(await waitedFor(unavailable, { server })).toBe(false);
		expect(await waitedFor(unavailable)).toBe(500);
	});

	it('restores a retry for two successes, up to ten', async () => {
		const server = newServer();
		for (let time = 0; time < 10; time++) await waitedFor(unavailable, { server });
		noteSuccess(server);
		expect(await waitedFor(unavailable, { server })).toBe(false);
		noteSuccess(server);
		expect(await waitedFor(unavailable, { server })).toBe(500);
		for (let time = 0; time < 100; time++) noteSuccess(server);
		for (let time = 0; time < 10; time++)
			expect(await waitedFor(unavailable, { server })).toBe(500);
		expect(await waitedFor(unavailable, { server })).toBe(false);
	});

	it('ends with Stop (P8)', async () => {
		const stop = new AbortController();
		const waiting = rejectedBy(
			waitForRetry(unavailable, { name: '', server: newServer(), sends: 1, signal: stop.signal }),
		);
		stop.abort(new Error('stopped'));
		expect((await waiting).message).toBe('stopped');
	});

	it('writes into the log what failed and how long it waits, without a word of the vendor', async () => {
		const debug = jest.spyOn(LoggerProxy, 'debug').mockImplementation(() => undefined);
		await waitedFor(failure({ httpStatus: 503, reason: 'unavailable' }));
		await waitedFor(failure({ httpStatus: 503, vendorCode: 'BUSY' }), { sends: 2 });
		await waitedFor(unavailable);
		expect(debug.mock.calls.map(([line]) => line)).toEqual([
			'any: GET a/b failed (HTTP 503), and is sent again in 0.5 s',
			'any: GET a/b failed (BUSY), and is sent again in 2 s',
			'any: GET a/b failed (no answer), and is sent again in 0.5 s',
		]);
	});
});
