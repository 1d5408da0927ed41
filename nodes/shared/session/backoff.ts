import { ApiError } from '../errors';
import { log } from '../log';
import { BoundedMap } from '../boundedMap';
import { MAX_RETRY_AFTER_MS } from '../retry';
import { ageOf, now, type Moment } from './clock';
import type { LoginContext } from './strategy';

const MINUTE_MS = 60_000;
/**
 * How long a login is not repeated after its first, its second, and each further rejection. A login is thus
 * rejected at most three times within 15 minutes; accounts are most commonly locked after five.
 */
const BACKOFFS_MS = [MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS] as const;
/** A rejection this long after the last backoff ended counts as the first again. */
const BACKOFF_RESET_MS = 15 * MINUTE_MS;
/**
 * How long any other failure is shared, so that callers do not queue up behind a dead server: longer if the
 * server asks for a wait.
 */
const SHARED_FAILURE_MS = 500;
/**
 * How long after an accepted login two logins at a time are allowed. After that the password may have
 * changed, and concurrent logins would become concurrent rejections.
 */
const TRUST_MS = 5_000;
const MAX_TRUSTED_LOGINS = 2;
const MAX_KEYS = 1_000;

interface Rejection {
	readonly error: ApiError;
	readonly since: Moment;
	readonly durationMs: number;
}

interface Entry {
	rejection?: Rejection | undefined;
	/** The last failure other than a rejection. */
	failure?: { readonly error: unknown; readonly at: Moment } | undefined;
	acceptedAt?: Moment | undefined;
	/** Pending logins, which others wait for. They never reject. */
	readonly running: Set<Promise<void>>;
}

/** A failure of something else than what a key stands for: it is not remembered under this key. */
export class Undecided {
	constructor(readonly reason: unknown) {}
}

/**
 * Keeps a rejected login from being repeated, so that no account gets locked. One of the concurrent callers
 * logs in first, and its outcome counts for all.
 */
export class LoginBackoff {
	private readonly entries = new BoundedMap<Entry>(MAX_KEYS, isInUse);

	/**
	 * Logs in, unless the same login was rejected recently.
	 *
	 * @param key what a rejection is remembered by
	 * @param name how the log names the login
	 * @throws what `login` throws, or a remembered rejection, which says how long it still counts
	 */
	async run<Result>(
		{ key, name }: { readonly key: string; readonly name: string },
		login: () => Promise<Result>,
		{ isTest = false, isWanted = () => true }: LoginContext,
	): Promise<Result> {
		const entry = this.entries.getOrCreate(key, () => ({ running: new Set() }));
		if (!isTest) {
			while (entry.running.size >= maxLogins(entry)) await Promise.race(entry.running);
			throwRecentFailure(entry, name);
		}
		assertWanted(isWanted);
		// No `await` between the loop and here: the first of several waiting callers starts its login, and the
		// others find it pending. A test starts at once, but later callers wait for it as for any login.
		const before = entry.rejection;
		const attempt = login().then(
			(result) => {
				// A rejection since this login began is newer than what was accepted.
				if (entry.rejection === before) entry.rejection = undefined;
				entry.failure = undefined;
				entry.acceptedAt = now();
				return result;
			},
			(error: unknown) => {
				if (error instanceof Undecided) throw error.reason;
				if (isRejection(error)) {
					entry.rejection = nextRejection(error, entry.rejection, isTest);
					const { durationMs } = entry.rejection;
					log(
						'warn',
						`${name}: login rejected (${error.label}), and not repeated for ${minutesOf(durationMs)}`,
					);
				}
				// A login that failed because nobody waited for it is not a failure to share.
				else if (isWanted()) entry.failure = { error, at: now() };
				throw error;
			},
		);
		const end = () => void entry.running.delete(running);
		const running = attempt.then(end, end);
		entry.running.add(running);
		return await attempt;
	}
}

/** Stops a login that nobody waits for any more. @throws ApiError */
export function assertWanted(isWanted: LoginContext['isWanted']): void {
	if (isWanted?.() === false) throw new ApiError('The execution was stopped', { advice: '' });
}

/** The logins of this process. */
export const loginBackoff = new LoginBackoff();

function throwRecentFailure({ rejection, failure }: Entry, name: string): void {
	const leftMs = rejection === undefined ? 0 : rejection.durationMs - ageOf(rejection.since);
	if (rejection !== undefined && leftMs > 0) {
		log('debug', `${name}: login not repeated for another ${minutesOf(leftMs)}`);
		throw repeated(rejection.error, leftMs);
	}
	if (failure !== undefined && ageOf(failure.at) < sharedMs(failure.error)) throw failure.error;
}

function sharedMs(error: unknown): number {
	const askedMs = error instanceof ApiError ? (error.retryAfterMs ?? 0) : 0;
	return Math.max(SHARED_FAILURE_MS, Math.min(askedMs, MAX_RETRY_AFTER_MS));
}

/** A remembered rejection, with the time for which it still counts. */
function repeated(error: ApiError, leftMs: number): ApiError {
	const advice = `${error.advice}. n8n waits another ${minutesOf(leftMs)} before it repeats this login, since repeated logins can lock an account. A changed credential ends the wait`;
	return error.with({ advice, mayBeDone: false });
}

function minutesOf(ms: number): string {
	return `${Math.ceil(ms / MINUTE_MS)} min`;
}

function isRejection(error: unknown): error is ApiError {
	return error instanceof ApiError && error.reason === 'rejected';
}

function nextRejection(error: ApiError, last: Rejection | undefined, isTest: boolean): Rejection {
	const [first, , longest] = BACKOFFS_MS;
	const age = last === undefined ? Infinity : ageOf(last.since);
	if (last === undefined || age >= last.durationMs + BACKOFF_RESET_MS)
		return { error, since: now(), durationMs: first };
	// Users press Test as often as they like. Two logins at the same time each count.
	if (age < last.durationMs && isTest) return { ...last, error };
	const durationMs = BACKOFFS_MS.find((ms) => ms > last.durationMs) ?? longest;
	return { error, since: now(), durationMs };
}

/** How many logins may run at the same time. */
function maxLogins({ acceptedAt }: Entry): number {
	const isTrusted = acceptedAt !== undefined && ageOf(acceptedAt) < TRUST_MS;
	return isTrusted ? MAX_TRUSTED_LOGINS : 1;
}

/** Whether an entry still matters: a pending login, or a rejection that still counts. */
function isInUse({ running, rejection }: Entry): boolean {
	const isActive = rejection !== undefined && ageOf(rejection.since) < rejection.durationMs;
	return running.size > 0 || isActive;
}
