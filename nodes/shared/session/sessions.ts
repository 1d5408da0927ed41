import { ApiError, InputError } from '../errors';
import type { HttpClient } from '../http';
import type { Credentials } from '../input';
import { SessionCache, type Session } from './cache';
import { ageOf, now, type Moment } from './clock';
import type { AuthStrategy, CheckResult, FailedRequest, Login, SessionState } from './strategy';

/** How long the result of a session check is reused for other failed requests. */
const CHECK_SHARED_MS = 500;

interface Check {
	readonly result: Promise<CheckResult>;
	finishedAt?: Moment;
}

/** The sessions that the credentials of one type keep for themselves in this process. */
export class Sessions<L extends Login = Login, Strategy extends AuthStrategy<L> = AuthStrategy<L>> {
	private readonly cache: SessionCache<L>;
	/**
	 * One map for GETs and one for all other methods, since a POST is never sent again as a check.
	 */
	private readonly checks = {
		ofGet: new WeakMap<Session<L>, Check>(),
		ofOther: new WeakMap<Session<L>, Check>(),
	};
	/** By the new session, then by the previous one, so that neither keeps the other in memory. */
	private readonly confirmations = new WeakMap<Session<L>, WeakMap<Session<L>, Promise<boolean>>>();

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
	 * Makes a login whose session is somebody else's. On a server that allows one session per user, it
	 * has ended the credential's own session, which is in doubt from now on. So it is after a failure,
	 * since the login itself may have succeeded.
	 *
	 * @throws what `logIn` throws
	 */
	async apart<Result>(credentials: Credentials, logIn: () => Promise<Result>): Promise<Result> {
		const key = this.strategy.cacheKey(credentials);
		return await logIn().finally(() => this.cache.doubt(key));
	}

	/** Logs in only to see whether that works. @throws ApiError, InputError */
	async test(http: HttpClient, credentials: Credentials): Promise<void> {
		const login = await this.apart(
			credentials,
			async () => await this.strategy.login(http, credentials, { isTest: true }),
		);
		const warning = this.strategy.warning?.(login);
		if (warning) throw warning;
	}

	/** What is to be done about a session after a failed request. Concurrent callers share one check. */
	async check(
		http: HttpClient,
		credentials: Credentials,
		session: Session<L>,
		failed: FailedRequest,
	): Promise<CheckResult> {
		const checks = failed.isGet ? this.checks.ofGet : this.checks.ofOther;
		const last = checks.get(session);
		const isRecent =
			last && (last.finishedAt === undefined || ageOf(last.finishedAt) < CHECK_SHARED_MS);
		if (isRecent) return await last.result;
		const result = this.strategy
			.checkSession(http, credentials, session.login, failed)
			.catch((error: unknown): CheckResult => {
				if (error instanceof ApiError || error instanceof InputError) return 'valid';
				throw error;
			});
		const check: Check = { result };
		checks.set(session, check);
		try {
			return await result;
		} finally {
			check.finishedAt = now();
		}
	}

	/**
	 * Whether the vendor lets the new session do what it refused under the previous one. Asked once
	 * per pair of sessions.
	 */
	async confirmRenewal(
		http: HttpClient,
		credentials: Credentials,
		renewed: Session<L>,
		previous: Session<L>,
		timeoutMs: number,
	): Promise<boolean> {
		const ofRenewed =
			this.confirmations.get(renewed) ?? new WeakMap<Session<L>, Promise<boolean>>();
		this.confirmations.set(renewed, ofRenewed);
		const known = ofRenewed.get(previous);
		if (known) return await known;
		const ask = async () =>
			await this.strategy.confirmRenewal?.(
				http,
				credentials,
				renewed.login,
				previous.login,
				timeoutMs,
			);
		const isConfirmed = ask().then(
			(answer) => answer === true,
			() => false,
		);
		ofRenewed.set(previous, isConfirmed);
		return await isConfirmed;
	}
}
