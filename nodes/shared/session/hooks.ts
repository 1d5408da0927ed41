import type { IDataObject, IHttpRequestHelper, IHttpRequestOptions } from 'n8n-workflow';

import { InputError } from '../errors';
import { DEFAULT_TIMEOUT_MS, type HttpClient } from '../http';
import { isFieldTrue, type Credentials } from '../input';
import type { Session } from './cache';
import { ageOf, now, type Moment } from './clock';
import {
	confineTo,
	hasSingleUseBody,
	withoutSslCheck,
	withoutStream,
	type OutgoingRequest,
} from './request';
import { canAskForResend } from './resend';
import type { Sessions } from './sessions';
import type { FailedRequest, Login } from './strategy';
import { belongsTo, targetOf } from './target';

/** The name of the credentials' hidden expirable field. */
export const SESSION_FIELD = 'sessionToken';

/** Makes n8n send a failed request again. It also stores the empty field. */
const SEND_AGAIN: IDataObject = { [SESSION_FIELD]: '' };
/**
 * Makes n8n store nothing: before a request it carries on, after a failed one it throws the
 * failure.
 */
const PROCEED: IDataObject = {};

/** How long n8n may wait for the last answer of a credential's test, whose server has just answered. */
const TEST_TIMEOUT_MS = 10_000;

/**
 * A request that fails later is not sent again unless it is a GET: the vendor may have carried it
 * out before its session ended. A rejection of the session itself comes at once.
 */
const MAX_REJECTION_MS = 2_000;

/** One use of a credential: n8n gives both hooks the same object. */
interface Use<L extends Login> {
	readonly http: HttpClient;
	/** The request that was sent. If the hook is called again, it has failed. */
	sent?: {
		readonly session: Session<L>;
		readonly request: FailedRequest;
		readonly at: Moment;
		readonly calledOnlyAfter401: boolean;
	};
}

/** The two functions by which a credential type takes part in n8n's requests. */
interface SessionHooks {
	preAuthentication(this: IHttpRequestHelper, credentials: Credentials): Promise<IDataObject>;
	authenticate(
		credentials: Credentials,
		request: IHttpRequestOptions,
	): Promise<IHttpRequestOptions>;
}

/**
 * Joins the sessions of one kind of login to n8n's credential hooks.
 *
 * n8n calls `preAuthentication` before every request, since its hidden field is empty, and again
 * after a failed one; then `authenticate`, which logs in where there is no session. No error of
 * theirs carries an HTTP status: n8n would put its own words on it.
 */
export function sessionHooks<L extends Login>(sessions: Sessions<L>): SessionHooks {
	const { strategy } = sessions;
	const uses = new WeakMap<object, Use<L>>();

	/** Decides what follows a failed request. n8n does not say how it failed. */
	async function afterFailure(credentials: Credentials, { http, sent }: Use<L>) {
		if (sent === undefined) return PROCEED;
		const { session, request, at, calledOnlyAfter401 } = sent;
		const result = calledOnlyAfter401
			? 'expired'
			: await sessions.check(http, credentials, session, request);
		if (result === 'valid') return PROCEED;
		const state = result === 'expired' ? 'expired' : 'unknown';
		if (!sessions.invalidate(credentials, session, state) || result === 'unknown') return PROCEED;
		// That helper repeats the request by itself: with another repeat, it would be sent once too often.
		if (calledOnlyAfter401 || !canAskForResend) return PROCEED;
		const mayBeDone = !request.isGet && ageOf(at) >= MAX_REJECTION_MS;
		if (mayBeDone || request.isSingleUse) return PROCEED;
		const hasEnded =
			result === 'expired' || (await isReplaced(http, credentials, session, request.timeoutMs));
		return hasEnded ? SEND_AGAIN : PROCEED;
	}

	/** Whether a new session may do what the vendor has denied the previous one. */
	async function isReplaced(
		http: HttpClient,
		credentials: Credentials,
		previous: Session<L>,
		timeoutMs: number,
	): Promise<boolean> {
		const renewed = await sessions.get(http, credentials).catch(() => previous);
		if (renewed === previous) return false;
		return await sessions.confirmRenewal(http, credentials, renewed, previous, timeoutMs);
	}

	return {
		async preAuthentication(credentials) {
			const use = uses.get(credentials);
			if (use) return await afterFailure(credentials, use);
			uses.set(credentials, { http: this.helpers });
			// Something is stored where nothing should be: n8n empties the field and tries again.
			const isStored = (credentials[SESSION_FIELD] ?? '') !== '';
			return isStored && canAskForResend ? SEND_AGAIN : PROCEED;
		},

		authenticate: async (credentials, request) => {
			const use = uses.get(credentials);
			if (use === undefined) throw unprepared();
			if (isTest(strategy.loginPath, credentials, request)) {
				await sessions.test(use.http, credentials);
				return harmlessRequest(request, strategy.serverUrl(credentials), credentials);
			}
			const outgoing = request as OutgoingRequest;
			const target = targetOf(outgoing);
			const serverUrl = strategy.serverUrl(credentials);
			if (target === undefined) throw incompleteUrl(serverUrl);
			if (!belongsTo(target, serverUrl)) throw foreignUrl(target, serverUrl);

			const session = await sessions.get(use.http, credentials);
			const confined = withoutStream(confineTo(target, outgoing));
			const attached = strategy.attach(
				isFieldTrue(credentials, 'ignoreSslIssues') ? withoutSslCheck(confined) : confined,
				target,
				session.login,
			);
			use.sent = {
				session,
				request: {
					request: attached,
					target,
					isGet: (request.method ?? 'GET').toUpperCase() === 'GET',
					isSingleUse: hasSingleUseBody(outgoing),
					timeoutMs: Math.min(outgoing.timeout ?? DEFAULT_TIMEOUT_MS, DEFAULT_TIMEOUT_MS),
				},
				at: now(),
				// The newer helper, which alone has a signal, calls the hook again after a 401 only.
				calledOnlyAfter401: outgoing.uri === undefined && outgoing.abortSignal !== undefined,
			};
			return attached as IHttpRequestOptions;
		},
	};
}

/** Only a credential's test gives its address in two parts. */
function isTest(
	loginPath: string,
	credentials: Credentials,
	{ baseURL, method, url }: IHttpRequestOptions,
): boolean {
	const isOwn = baseURL !== undefined && baseURL === credentials['serverUrl'];
	return isOwn && method === 'POST' && url === loginPath;
}

/**
 * What n8n sends when a test has passed, since it sends something in any case: a GET without the login
 * and without a token, to the server that has just answered, so that n8n's restrictions of hosts and
 * addresses let it pass. Whatever comes back is good.
 */
function harmlessRequest(
	request: IHttpRequestOptions,
	serverUrl: string,
	credentials: Credentials,
): IHttpRequestOptions {
	const harmless: IHttpRequestOptions = {
		...request,
		method: 'GET',
		url: serverUrl,
		ignoreHttpStatusErrors: true,
		disableFollowRedirect: true,
		skipSslCertificateValidation: isFieldTrue(credentials, 'ignoreSslIssues'),
		timeout: TEST_TIMEOUT_MS,
	};
	delete harmless.baseURL;
	delete harmless.body;
	return harmless;
}

/**
 * n8n skips the hook where the hidden field holds something, as after an import. An error in the
 * form of a 401 makes it call the hook after all, before anything is sent.
 */
function unprepared(): Error {
	const error = new InputError(
		'This credential was stored with a session in it',
		'Create a new credential with the same fields, and choose it in the node: saving this one again keeps the session in it. From version 2.34 on, n8n mends it by itself',
	);
	return canAskForResend ? Object.assign(error, { response: { status: 401 } }) : error;
}

function incompleteUrl(serverUrl: string): InputError {
	return new InputError(
		'The URL of this request is not complete',
		`Start it with ${serverUrl}, the server of the credential`,
	);
}

function foreignUrl({ origin, pathname }: URL, serverUrl: string): InputError {
	const isSameOrigin = origin === new URL(serverUrl).origin;
	return new InputError(
		`This credential is for ${serverUrl}, but the request goes to ${isSameOrigin ? origin + pathname : origin}`,
		'Nothing was sent. Correct the URL, or choose the credential that belongs to that server',
	);
}
