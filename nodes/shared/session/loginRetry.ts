import { sleep } from 'n8n-workflow';

import { ApiError } from '../errors';
import { DEFAULT_TIMEOUT_MS } from '../http';
import { log } from '../log';
import { settle } from '../settle';
import { loginBackoff } from './backoff';
import { ageOf, now } from './clock';
import type { Account, LoginContext } from './strategy';

/** How long to wait before a login is tried once more, unless the server asks for a longer wait. */
const RETRY_DELAY_MS = 300;
/** Somebody waits for a login, so it is not tried again if the server asks for a longer wait than this. */
const MAX_DELAY_MS = 5_000;

/**
 * Logs in as every login has to: not if the same was rejected a while ago, and once more if nobody
 * answered.
 */
export async function attemptLogin<Result>(
	{ loginKey: key, name }: Pick<Account, 'loginKey' | 'name'>,
	context: LoginContext,
	login: (timeoutMs: number) => Promise<Result>,
): Promise<Result> {
	const retried = async () => {
		context.onSend?.();
		return await retryUnavailable(login, context, name);
	};
	return await loginBackoff.run({ key, name }, retried, context);
}

/**
 * Tries a login once more after a moment if nobody answered. Both tries share one deadline.
 *
 * @param login gets the time that is left for it, in milliseconds
 * @param name how the log names it
 */
export async function retryUnavailable<Result>(
	login: (timeoutMs: number) => Promise<Result>,
	{ isWanted = () => true, why = '' }: LoginContext,
	name: string,
): Promise<Result> {
	const startedAt = now();
	const first = await settle(login(DEFAULT_TIMEOUT_MS));
	if (first.status === 'fulfilled') {
		log('debug', `${name}: logged in ${why}`);
		return first.value;
	}
	const error: unknown = first.reason;
	if (!(error instanceof ApiError) || error.reason !== 'unavailable') throw error;
	const delayMs = Math.max(RETRY_DELAY_MS, error.retryAfterMs ?? 0);
	const leftMs = Math.floor(DEFAULT_TIMEOUT_MS - ageOf(startedAt) - delayMs);
	if (delayMs > MAX_DELAY_MS || leftMs <= 0) throw error;
	log('debug', `${name}: login failed (${error.label}), and is tried once more`);
	await sleep(delayMs);
	if (!isWanted()) throw error;
	const second = await login(leftMs);
	log('debug', `${name}: logged in ${why}`);
	return second;
}
