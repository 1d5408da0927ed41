import { ApiError } from '../errors';
import type { HttpClient } from '../http';
import type { Credentials } from '../input';
import { SessionCache, type Session } from './cache';
import { ageOf, now, type Moment } from './clock';
import type { AuthStrategy, FailedRequest, Login, SessionState } from './strategy';

/** How long the finding about a session serves those whose requests fail after it. */
const CHECK_SHARED_MS = 500;

interface Check {
	readonly state: Promise<SessionState>;
	finishedAt?: Moment;
}

/** The sessions that the credentials of one type keep for themselves in this process. */
export class Sessions<L extends Login = Login, Strategy extends AuthStrategy<L> = AuthStrategy<L>> {
	private readonly cache: SessionCache<L>;
	/** Of GETs and of all else: a POST is never asked again. */
	private readonly checks = {
		get: new WeakMap<Session<L>, Check>(),
		other: new WeakMap<Session<L>, Check>(),
	};
	private readonly confirmations = new WeakMap<
		Session<L>,
		{ readonly previous: Session<L>; readonly isConfirmed: Promise<boolean> }
	>();

	constructor(readonly strategy: Strategy) {
		this.cache = new SessionCache(strategy.maxLifetimeMs);
	}

	/** A credential's session, or a new one. @throws ApiError, InputError */
	async get(http: HttpClient, credentials: Credentials, signal?: AbortSignal): Promise<Session<L>> {
		const logIn = async (isWanted: () => boolean) =>
			await this.strategy.login(http, credentials, { isWanted });
		return await this.cache.get(this.strategy.cacheKey(credentials), logIn, signal);
	}

	/** @returns false where the session has to stay: see `SessionCache` */
	invalidate(
		credentials: Credentials,
		session: Session<L>,
		state: Exclude<SessionState, 'valid'>,
	): boolean {
		return this.cache.invalidate(this.strategy.cacheKey(credentials), session, state);
	}

	/**
	 * A login for its outcome alone. Where a server allows one session per user, it has ended the one
	 * before, which therefore is in doubt from now on.
	 *
	 * @throws ApiError, InputError
	 */
	async test(http: HttpClient, credentials: Credentials): Promise<void> {
		const login = await this.strategy.login(http, credentials, { isTest: true });
		this.cache.doubt(this.strategy.cacheKey(credentials));
		const warning = this.strategy.warning?.(login);
		if (warning) throw warning;
	}

	/** What is to be thought of a session after a failed request. One check serves all callers. */
	async check(
		http: HttpClient,
		credentials: Credentials,
		session: Session<L>,
		failed: FailedRequest,
	): Promise<SessionState> {
		const checks = failed.isGet ? this.checks.get : this.checks.other;
		const last = checks.get(session);
		const isRecent =
			last && (last.finishedAt === undefined || ageOf(last.finishedAt) < CHECK_SHARED_MS);
		if (isRecent) return await last.state;
		const state = this.strategy
			.checkSession(http, credentials, session.login, failed)
			.catch((error: unknown): SessionState => {
				if (error instanceof ApiError) return 'valid';
				throw error;
			});
		const check: Check = { state };
		checks.set(session, check);
		const found = await state;
		check.finishedAt = now();
		return found;
	}

	/** Whether the vendor lets a new session do what it refused the previous one. Asked once a pair. */
	async confirmRenewal(
		http: HttpClient,
		credentials: Credentials,
		renewed: Session<L>,
		previous: Session<L>,
	): Promise<boolean> {
		const known = this.confirmations.get(renewed);
		if (known?.previous === previous) return await known.isConfirmed;
		const ask = async () =>
			await this.strategy.confirmRenewal?.(http, credentials, renewed.login, previous.login);
		const isConfirmed = ask().then(
			(answer) => answer === true,
			() => false,
		);
		this.confirmations.set(renewed, { previous, isConfirmed });
		return await isConfirmed;
	}
}
