import type {
	IDataObject,
	IHttpRequestHelper,
	IHttpRequestOptions,
	INodeProperties,
} from 'n8n-workflow';

import { toOneText } from '../errorOutput';
import { InputError } from '../errors';
import { DEFAULT_TIMEOUT_MS, type HttpClient } from '../http';
import type { Credentials } from '../credentialInput';
import type { Session } from './cache';
import { ageOf, now, type Moment } from './clock';
import { settle } from '../settle';
import { harmlessRequest, isLoginTest } from './credentialTest';
import {
	confineTo,
	hasSingleUseBody,
	isRead,
	withoutSslCheck,
	withoutStream,
	type OutgoingRequest,
} from './request';
import { canAskForResend } from './resend';
import type { Sessions } from './sessions';
import type { Account, Login } from './strategy';
import type { SentRequest } from './state';
import { belongsTo, targetOf } from './target';

/** The code of a network error, as it appears in a message. */
const NETWORK_CODE =
	/ \(E(?:CONN[A-Z]+|HOST[A-Z]+|NET[A-Z]+|ADDR[A-Z]+|AI_AGAIN|NOTFOUND|TIMEDOUT|PIPE|PROTO)\)/g;

/** The name of the credentials' hidden field. */
const SESSION_FIELD = 'sessionToken';

/**
 * The hidden field that makes n8n call the hook before each request. It is always empty: sessions
 * live in the memory of the process, and nothing is stored.
 */
export const sessionField: INodeProperties = {
	displayName: 'Session Token',
	name: SESSION_FIELD,
	type: 'hidden',
	typeOptions: { expirable: true, password: true },
	default: '',
};

/** Makes n8n send a failed request again. It also stores the empty field. */
const SEND_AGAIN: IDataObject = { [SESSION_FIELD]: '' };
/** Makes n8n store nothing: before a request it carries on, after a failed one it throws the failure. */
const PROCEED: IDataObject = {};

/**
 * A request that fails later is not sent again unless it only reads: it may have been carried out before its
 * session ended. A rejection of the session itself comes at once.
 */
const MAX_REJECTION_MS = 2_000;

/** One use of a credential: n8n gives both hooks the same object. */
interface Use<L extends Login, A extends Account<L>> {
	readonly http: HttpClient;
	/** If the hook is called again, this request has failed. */
	sent?: Sent<L, A>;
}

/** A request that was sent, and the session that it was sent with. */
interface Sent<L extends Login, A extends Account<L>> {
	readonly account: A;
	readonly session: Session<L>;
	readonly request: SentRequest;
	readonly at: Moment;
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
 * Connects the sessions of one kind of login to n8n's credential hooks.
 *
 * n8n calls `preAuthentication` before every request, since its hidden field is empty, and again after a failed
 * one; then `authenticate`, which logs in if there is no session. Their errors carry no HTTP status: n8n would
 * replace the words with its own.
 */
export function sessionHooks<L extends Login, A extends Account<L>>(
	sessions: Sessions<L, A>,
): SessionHooks {
	const { strategy } = sessions;
	const uses = new WeakMap<object, Use<L, A>>();

	/** Decides what follows a failed request. n8n does not say how it failed. */
	async function afterFailure(
		http: HttpClient,
		{ account, session, request, at }: Sent<L, A>,
	): Promise<IDataObject> {
		const result = await sessions.check(http, account, session, request);
		if (result === 'valid') return PROCEED;
		const state = result === 'expired' ? 'expired' : 'unknown';
		if (!sessions.invalidate(account, session, state, 'a request has failed')) return PROCEED;
		const mayBeDone = !request.isRead && ageOf(at) >= MAX_REJECTION_MS;
		if (mayBeDone) return PROCEED;
		const maySendAgain =
			result === 'denied'
				? await sessions.confirmRenewal(http, account, session, request.timeoutMs)
				: result === 'expired' && request.isRead;
		return maySendAgain && !request.isSingleUse && canAskForResend ? SEND_AGAIN : PROCEED;
	}

	/** Logs in for a test of the credential. n8n shows nothing but the message of an error. */
	async function test(
		http: HttpClient,
		credentials: Credentials,
		request: IHttpRequestOptions,
	): Promise<IHttpRequestOptions> {
		const logIn = async () => {
			const account = strategy.read(credentials);
			await sessions.test(http, account);
			return harmlessRequest(request, account);
		};
		const outcome = await settle(logIn());
		if (outcome.status === 'fulfilled') return outcome.value;
		const error = outcome.reason as Error;
		// n8n replaces a message that holds the code of a network error.
		throw new InputError(toOneText(error.message, error).replace(NETWORK_CODE, ''), '');
	}

	return {
		async preAuthentication(credentials) {
			const use = uses.get(credentials);
			if (use) {
				const { http, sent } = use;
				if (sent === undefined) return PROCEED;
				// What is found out after the timeout still counts for the session.
				return await within(sent.request.timeoutMs, afterFailure(http, sent), PROCEED);
			}
			uses.set(credentials, { http: this.helpers });
			// Something is stored where nothing should be: n8n empties the field and tries again.
			const isStored = (credentials[SESSION_FIELD] ?? '') !== '';
			return isStored && canAskForResend ? SEND_AGAIN : PROCEED;
		},

		authenticate: async (credentials, request) => {
			const use = uses.get(credentials);
			if (use === undefined) throw unprepared();
			if (isLoginTest(request, strategy.loginPath, credentials['serverUrl'])) {
				return await test(use.http, credentials, request);
			}
			const account = strategy.read(credentials);
			const outgoing = request as OutgoingRequest;
			const target = targetOf(outgoing);
			const { serverUrl } = account;
			if (target === undefined) throw incompleteUrl(serverUrl);
			if (!belongsTo(target, serverUrl)) throw foreignUrl(target, serverUrl);

			const session = await sessions.get(use.http, account);
			const confined = withoutStream(confineTo(target, outgoing));
			const attached = strategy.attach(
				account.ignoreSslIssues ? withoutSslCheck(confined) : confined,
				target,
				session.login,
			);
			use.sent = {
				account,
				session,
				request: {
					request: attached,
					target,
					isRead: isRead(request),
					isSingleUse: hasSingleUseBody(outgoing),
					timeoutMs: timeoutOf(outgoing),
				},
				at: now(),
			};
			return attached as IHttpRequestOptions;
		},
	};
}

/** How long what follows a failure may take. An expression may have given anything; n8n takes 0 for none. */
function timeoutOf({ timeout }: OutgoingRequest): number {
	const ms = Math.ceil(Number(timeout));
	return ms > 0 ? Math.min(ms, DEFAULT_TIMEOUT_MS) : DEFAULT_TIMEOUT_MS;
}

/** A promise's value, or another one if it takes longer. */
async function within<Value>(
	ms: number,
	promise: Promise<Value>,
	otherwise: Value,
): Promise<Value> {
	const timeout = AbortSignal.timeout(ms);
	const late = new Promise<Value>((resolve) => {
		timeout.addEventListener('abort', () => resolve(otherwise));
	});
	return await Promise.race([promise, late]);
}

/**
 * n8n skips the hook if the hidden field has a value, as after an import. An error shaped like a 401 makes it
 * call the hook after all, before anything is sent.
 */
function unprepared(): Error {
	const error = new InputError(
		'This credential was stored with a session in it',
		'Create a new credential with the same fields, and choose it in the node: saving this one again keeps the session in it. From version 2.34 on, n8n removes it by itself',
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
