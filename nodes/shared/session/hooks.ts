import type {
	ICredentialDataDecryptedObject,
	IDataObject,
	IHttpRequestHelper,
	IHttpRequestOptions,
} from 'n8n-workflow';

import { isFieldTrue } from '../credentials';
import { InputError, ApiError } from '../errors';
import type { Http } from '../http';
import { confined, withoutSslCheck, withoutStream, type OutgoingRequest } from './attach';
import { mayAskForResend } from './resend';
import type { Login, Session, Sessions } from './session';
import { belongsTo, targetOf } from './target';

/** The name of the credentials' hidden expirable field. It is always empty: see `docs/sessions.md`. */
export const SESSION_FIELD = 'sessionToken';

/** What the two hooks know of one use of a credential: n8n gives both the same object. */
interface Attempt<L extends Login> {
	/** The session to use, or why there is none. */
	readonly outcome: { readonly session: Session<L> } | { readonly error: Error };
	/** True where the vendor was asked for this very use, and not the memory. */
	readonly fresh: boolean;
	/** Set by a credential's test that must not be answered from memory. */
	wantsFreshLogin?: boolean;
	/** The request that was authenticated: if the hook is called again, it has failed. */
	sent?: { readonly harmless: boolean; readonly onlyAfter401: boolean };
}

/** The two functions by which n8n lets a credential type take part in a request. */
export interface SessionHooks {
	preAuthentication(
		this: IHttpRequestHelper,
		credentials: ICredentialDataDecryptedObject,
	): Promise<IDataObject>;
	authenticate(
		credentials: ICredentialDataDecryptedObject,
		request: IHttpRequestOptions,
	): Promise<IHttpRequestOptions>;
}

/**
 * Joins the sessions of one kind of login to n8n's credential hooks.
 *
 * n8n calls `preAuthentication` before every request (its hidden field is always empty) and again
 * after a failed one, and `authenticate` in between. Errors leave through `authenticate`, which
 * knows the request; none of the hook's own carries an HTTP status, which n8n would put its own
 * words on.
 */
export function sessionHooks<L extends Login>(sessions: Sessions<L>): SessionHooks {
	const attempts = new WeakMap<object, Attempt<L>>();

	async function prepare(http: Http, credentials: ICredentialDataDecryptedObject): Promise<void> {
		attempts.set(credentials, await attemptOf(sessions, http, credentials));
	}

	async function prepareAfresh(
		http: Http,
		credentials: ICredentialDataDecryptedObject,
	): Promise<void> {
		attempts.set(credentials, await freshAttemptOf(sessions, http, credentials));
	}

	/** Decides what follows a failed request; n8n sends it again where the field is returned. */
	async function afterFailure(
		http: Http,
		credentials: ICredentialDataDecryptedObject,
		{ outcome, sent }: Attempt<L>,
	): Promise<IDataObject> {
		if (sent === undefined || 'error' in outcome) return {};
		const { session } = outcome;
		const verdict = await sessions.judge(http, credentials, session, sent.onlyAfter401);
		if (verdict === 'alive' || !sessions.retire(credentials, session)) return {};
		// What is only suspected is not repeated, unless that does no harm: it may have been done.
		if (verdict === 'suspect' && !sent.harmless) return {};
		await prepare(http, credentials);
		// After a 401, the helpers for nodes repeat the request by themselves.
		return sent.onlyAfter401 || !mayAskForResend ? {} : { [SESSION_FIELD]: '' };
	}

	return {
		async preAuthentication(credentials) {
			const http: Http = this.helpers;
			const attempt = attempts.get(credentials);
			if (attempt === undefined) await prepare(http, credentials);
			else if (attempt.wantsFreshLogin) await prepareAfresh(http, credentials);
			else return await afterFailure(http, credentials, attempt);
			return {};
		},

		authenticate: async (credentials, request) => {
			const attempt = attempts.get(credentials);
			if (attempt === undefined) throw askAgain('The session was not prepared');
			if (isTest(sessions, credentials, request)) {
				return testRequest(sessions, attempt, credentials, request);
			}
			if ('error' in attempt.outcome) throw attempt.outcome.error;
			const outgoing = request as OutgoingRequest;
			const target = targetOf(outgoing);
			const server = sessions.kind.server(credentials);
			if (target === undefined || !belongsTo(target, server)) throw foreign(target, server);

			const confinedRequest = withoutStream(confined(outgoing, target));
			const checked = isFieldTrue(credentials, 'ignoreSslIssues')
				? withoutSslCheck(confinedRequest)
				: confinedRequest;
			const attached = sessions.kind.attach(checked, target, attempt.outcome.session.login);
			attempt.sent = {
				harmless: (request.method ?? 'GET').toUpperCase() === 'GET',
				// The newer helper repeats a request after a 401 and nothing else; it alone can be stopped.
				onlyAfter401: outgoing.uri === undefined && outgoing.abortSignal !== undefined,
			};
			return attached as IHttpRequestOptions;
		},
	};
}

async function attemptOf<L extends Login>(
	sessions: Sessions<L>,
	http: Http,
	credentials: ICredentialDataDecryptedObject,
): Promise<Attempt<L>> {
	let fresh = true;
	try {
		fresh = !sessions.knows(credentials);
		return { outcome: { session: await sessions.obtain(http, credentials) }, fresh };
	} catch (error) {
		const isRemembered = error instanceof ApiError && error.remembered;
		return { outcome: { error: error as Error }, fresh: fresh && !isRemembered };
	}
}

async function freshAttemptOf<L extends Login>(
	sessions: Sessions<L>,
	http: Http,
	credentials: ICredentialDataDecryptedObject,
): Promise<Attempt<L>> {
	try {
		return { outcome: { session: await sessions.renew(http, credentials) }, fresh: true };
	} catch (error) {
		return { outcome: { error: error as Error }, fresh: true };
	}
}

/** The credential's test sends the login itself, and only a test gives its address in two parts. */
function isTest<L extends Login>(
	{ kind }: Sessions<L>,
	credentials: ICredentialDataDecryptedObject,
	{ baseURL, method, url }: IHttpRequestOptions,
): boolean {
	const isOwn = baseURL !== undefined && baseURL === credentials['serverUrl'];
	return isOwn && method === 'POST' && url === kind.loginPath;
}

function testRequest<L extends Login>(
	sessions: Sessions<L>,
	attempt: Attempt<L>,
	credentials: ICredentialDataDecryptedObject,
	request: IHttpRequestOptions,
): IHttpRequestOptions {
	if (!attempt.fresh) {
		attempt.wantsFreshLogin = true;
		throw askAgain('The test asks the vendor afresh');
	}
	if ('error' in attempt.outcome) throw attempt.outcome.error;
	const warning = sessions.kind.warningOf?.(attempt.outcome.session.login);
	if (warning) throw warning;
	const login = { ...request, ...sessions.kind.loginRequest(credentials) };
	delete login.baseURL;
	// n8n shall see an HTTP error as one: this request is the test's last word.
	delete login.ignoreHttpStatusErrors;
	return login;
}

/** An error in the shape of a 401: on it, n8n calls the hook again before anything is sent. */
function askAgain(message: string): Error {
	return Object.assign(new Error(message), { response: { status: 401 } });
}

function foreign(target: URL | undefined, server: string): Error {
	const { origin, pathname } = new URL(server);
	const own = pathname === '/' ? origin : server;
	if (target === undefined) {
		return new InputError(
			'The URL of this request is not complete',
			`Begin it with ${own}, the server of the credential`,
		);
	}
	const where = target.origin === origin ? target.origin + target.pathname : target.origin;
	return new InputError(
		`This credential is for ${own}, but the request goes to ${where}`,
		'Nothing was sent. Correct the URL, or choose the credential that belongs to that server',
	);
}
