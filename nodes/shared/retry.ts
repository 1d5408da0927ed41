import { sleep } from 'n8n-workflow';

import { ApiError } from './errors';
import { log } from './log';
import { BoundedMap } from './boundedMap';

/** How long to wait after the first and after the second send. */
const DELAYS_MS = [500, 2_000] as const;
/** How often a read is sent in total, including the repeat in a new session. */
export const MAX_SENDS = DELAYS_MS.length + 1;
/** Fraction by which a delay varies, so that callers do not come back together. */
const JITTER = 0.2;
/** The longest wait that a server may ask for. */
export const MAX_RETRY_AFTER_MS = 30_000;

/** Retries for a server that never succeeds; a success restores part of one. */
const FULL_BUDGET = 10;
const GIVEN_BACK = 0.5;
const MAX_SERVERS = 1_000;

/**
 * Keeps each item from waiting for a dead server, like gRPC's retry throttling: a retry costs one of ten, and
 * without successes none are left.
 */
const budgets = new BoundedMap<{ left: number }>(MAX_SERVERS);

const budgetOf = (server: string) => budgets.getOrCreate(server, () => ({ left: FULL_BUDGET }));

/** Notes that a server has served a request. */
export function noteSuccess(server: string): void {
	const budget = budgetOf(server);
	budget.left = Math.min(FULL_BUDGET, budget.left + GIVEN_BACK);
}

/** A read that has failed. */
interface FailedRead {
	/** What was read, as the log names it. */
	readonly name: string;
	/** The base URL of its server. */
	readonly server: string;
	/** How often it was sent. */
	readonly sends: number;
	/** Aborted when the user stops the execution, which also ends a wait. */
	readonly signal?: AbortSignal | undefined;
}

/**
 * Waits until a read that has failed may be sent again.
 *
 * @returns false if it may not: it was no hiccup, was sent often enough, the server asks for too long a wait or
 * has failed too often lately
 * @throws the reason of the signal, if the user stops the execution meanwhile
 */
export async function waitForRetry(
	error: unknown,
	{ name, server, sends, signal }: FailedRead,
): Promise<boolean> {
	const delayMs = DELAYS_MS[sends - 1];
	if (!(error instanceof ApiError) || !error.isHiccup || delayMs === undefined) return false;
	const { retryAfterMs } = error;
	if (retryAfterMs !== undefined && retryAfterMs > MAX_RETRY_AFTER_MS) return false;
	const budget = budgetOf(server);
	if (budget.left < 1) return false;
	budget.left -= 1;
	const waitMs = retryAfterMs ?? Math.round(delayMs * (1 + JITTER * (2 * Math.random() - 1)));
	log('debug', `${name} failed (${error.label}), and is sent again in ${waitMs / 1000} s`);
	await sleepUntil(waitMs, signal);
	return true;
}

/** n8n's own `sleep` heeds a signal in newer versions only. @throws the signal's reason */
async function sleepUntil(ms: number, signal: AbortSignal | undefined): Promise<void> {
	const stop = new AbortController();
	const stopped = new Promise<void>((resolve) => {
		signal?.addEventListener('abort', () => resolve(), { signal: stop.signal });
	});
	await Promise.race([sleep(ms, stop.signal), stopped]);
	stop.abort();
	signal?.throwIfAborted();
}
