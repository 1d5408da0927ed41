import { settle } from '../settle';
import { BoundedMap } from '../boundedMap';
import { ageOf, now, type Moment } from './clock';
import type { Login } from './strategy';
import type { SessionState } from './state';

/** Maximum number of logins after failures, per identity, within `RENEWAL_WINDOW_MS`. */
const MAX_RENEWALS = 2;
const RENEWAL_WINDOW_MS = 60_000;
const MAX_SESSIONS = 1_000;

const WHY = {
	unknown: 'since the session may have ended',
	expired: 'since the session has ended',
} as const;

/** A login that is used until shortly before the vendor ends it. */
export interface Session<L extends Login = Login> {
	readonly login: L;
	state: SessionState;
}

interface Pending<L extends Login> {
	readonly session: Promise<Session<L>>;
	/** The signal that stops each waiting caller; undefined for a caller that cannot be stopped. */
	readonly signals: Set<AbortSignal | undefined>;
	/** Whether another login may have ended the session while its login is pending. */
	isDoubted: boolean;
}

interface Entry<L extends Login> {
	session?: Session<L> | undefined;
	pending?: Pending<L> | undefined;
	/** When sessions were given up in answer to a failure: at most the last `MAX_RENEWALS`. */
	renewals: Moment[];
}

/**
 * Logs in. The login is wanted as long as at least one waiting caller has not been stopped.
 *
 * @param why what was wrong with the previous session, as part of a sentence
 */
type LogIn<L extends Login> = (isWanted: () => boolean, why: string) => Promise<L>;

/** The sessions of one kind of login in this process, by the account's key: one login for all who ask. */
export class SessionCache<L extends Login> {
	private readonly entries = new BoundedMap<Entry<L>>(MAX_SESSIONS, ({ pending }) => !!pending);

	/**
	 * The session of a key, or a new one. Concurrent callers share one login. If the login to replace a session
	 * in doubt fails, the old session stays in use.
	 *
	 * @throws what `logIn` throws
	 */
	async get(key: string, logIn: LogIn<L>, signal?: AbortSignal): Promise<Session<L>> {
		const entry = this.entries.getOrCreate(key, () => ({ renewals: [] }));
		const isOver = this.dropPastLifetime(entry);
		const { session } = entry;
		if (session?.state === 'valid') return session;
		signal?.throwIfAborted();
		const none = isOver ? 'since the session was over' : 'since there was no session';
		const why = session === undefined ? none : WHY[session.state];
		entry.pending ??= this.start(entry, async (isWanted) => await logIn(isWanted, why), signal);
		entry.pending.signals.add(signal);
		const outcome = await settle(entry.pending.session);
		if (outcome.status === 'fulfilled') return outcome.value;
		signal?.throwIfAborted();
		this.dropPastLifetime(entry);
		const { session: kept } = entry;
		if (kept !== undefined && kept.state !== 'expired') return kept;
		throw outcome.reason;
	}

	/**
	 * Gives a session up, so that the next `get` logs in.
	 *
	 * @returns false if it stays, since `MAX_RENEWALS` is reached; true if it is given up, by this
	 * call or an earlier one
	 */
	invalidate(key: string, session: Session<L>, state: Exclude<SessionState, 'valid'>): boolean {
		const entry = this.entries.peek(key);
		if (entry?.session !== session || session.state === 'expired') return true;
		if (session.state === 'valid') {
			const recent = entry.renewals.filter((at) => ageOf(at) < RENEWAL_WINDOW_MS);
			if (recent.length >= MAX_RENEWALS) return false;
			entry.renewals = [...recent, now()];
		}
		session.state = state;
		return true;
	}

	/** Puts the current or pending session in doubt: another login may have ended it. */
	doubt(key: string): void {
		const { session, pending } = this.entries.peek(key) ?? {};
		if (session?.state === 'valid') session.state = 'unknown';
		if (pending) pending.isDoubted = true;
	}

	private start(
		entry: Entry<L>,
		logIn: (isWanted: () => boolean) => Promise<L>,
		signal: AbortSignal | undefined,
	): Pending<L> {
		const signals: Pending<L>['signals'] = new Set([signal]);
		const isWanted = () => [...signals].some((waiting) => !waiting?.aborted);
		const session = logIn(isWanted)
			.then((login): Session<L> => {
				entry.session = { login, state: pending.isDoubted ? 'unknown' : 'valid' };
				return entry.session;
			})
			.catch((error: unknown) => {
				// The session in doubt stays in use until a request fails again, unless there is a new doubt, or
				// the login was stopped.
				const isKept = !pending.isDoubted && isWanted();
				if (entry.session?.state === 'unknown' && isKept) entry.session.state = 'valid';
				throw error;
			})
			.finally(() => {
				entry.pending = undefined;
			});
		const pending: Pending<L> = { session, signals, isDoubted: false };
		return pending;
	}

	/** @returns whether there was a session past its lifetime */
	private dropPastLifetime(entry: Entry<L>): boolean {
		if (entry.session === undefined) return false;
		const { receivedAt, lifetimeMs } = entry.session.login;
		if (ageOf(receivedAt) < lifetimeMs) return false;
		entry.session = undefined;
		return true;
	}
}
