import { ApiError, InputError } from '../errors';
import type { HttpClient } from '../http';
import { log } from '../log';
import { SessionCache, type Session } from './cache';
import type { Account, AuthStrategy, Login, LoginContext } from './strategy';
import { stateWithoutProof, type CheckResult, type SentRequest, type SessionState } from './state';

/** The sessions that the credentials of one type keep for themselves in this process. */
export class Sessions<L extends Login = Login, A extends Account<L> = Account<L>> {
	private readonly cache = new SessionCache<L>();
	/** Whether each session was proven to have ended. */
	private readonly confirmations = new WeakMap<Session<L>, Promise<boolean>>();

	constructor(readonly strategy: AuthStrategy<L, A>) {}

	/** An account's session, or a new one. @throws ApiError, InputError */
	async get(http: HttpClient, account: A, signal?: AbortSignal): Promise<Session<L>> {
		const logIn = async (isWanted: () => boolean, why: string) =>
			await account.logIn(http, { isWanted, why });
		return await this.cache.get(account.key, logIn, signal);
	}

	/**
	 * Gives a session up.
	 *
	 * @param why the failure that it answers, for the log
	 * @returns false if the session must stay: see `SessionCache`
	 */
	invalidate(
		account: A,
		session: Session<L>,
		state: Exclude<SessionState, 'valid'>,
		why: string,
	): boolean {
		const wasValid = session.state === 'valid';
		const isGivenUp = this.cache.invalidate(account.key, session, state);
		if (isGivenUp && wasValid) {
			const what = state === 'expired' ? 'has ended' : 'may have ended';
			log('debug', `${account.name}: the session ${what} (${why}), so the next request logs in`);
		}
		return isGivenUp;
	}

	/**
	 * Makes a login whose session is not the account's own. On a server that allows one session per user, it ends
	 * the account's session, which is in doubt from then on; also after a failure, since the login itself may have
	 * succeeded, but not if none was sent.
	 *
	 * @throws what `logIn` throws
	 */
	async logInSeparately<Result>(
		{ key }: A,
		context: LoginContext,
		logIn: (context: LoginContext) => Promise<Result>,
	): Promise<Result> {
		let isSent = false;
		const onSend = () => {
			isSent = true;
		};
		return await logIn({ ...context, onSend }).finally(() => {
			if (isSent) this.cache.doubt(key);
		});
	}

	/** Logs in only to see whether that works. @throws ApiError, InputError */
	async test(http: HttpClient, account: A): Promise<void> {
		const login = await this.logInSeparately(
			account,
			{ isTest: true, why: 'for a test' },
			async (context) => await account.logIn(http, context),
		);
		const warning = this.strategy.warning?.(login);
		if (warning) throw warning;
	}

	/** What a failed request says of its session. */
	async check(
		http: HttpClient,
		account: A,
		session: Session<L>,
		failed: SentRequest,
	): Promise<CheckResult> {
		const asked = account.checkSession(http, session.login, failed);
		if (asked === undefined) return stateWithoutProof(session.login);
		return await asked.catch((error: unknown): CheckResult => {
			// A question without an answer says nothing of the session.
			if (error instanceof ApiError || error instanceof InputError) return 'valid';
			throw error;
		});
	}

	/**
	 * Whether the vendor lets a new session do what it refused under the previous one. Asked once for each
	 * previous session: the proof holds whichever new session gave it.
	 */
	async confirmRenewal(
		http: HttpClient,
		account: A,
		previous: Session<L>,
		timeoutMs: number,
	): Promise<boolean> {
		const renewed = await this.get(http, account).catch(() => previous);
		if (renewed === previous) return false;
		const known = this.confirmations.get(previous);
		if (known) return await known;
		const ask = async () =>
			await account.confirmRenewal?.(http, renewed.login, previous.login, timeoutMs);
		const isConfirmed = ask().then(
			(answer) => answer === true,
			() => false,
		);
		this.confirmations.set(previous, isConfirmed);
		return await isConfirmed;
	}
}
