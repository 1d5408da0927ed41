import type { IDataObject } from 'n8n-workflow';

import { ApiError } from '../shared/errors';
import type { HttpClient, HttpRequest } from '../shared/http';
import type { JsonObject } from '../shared/jsonObject';
import { writeMembers } from '../shared/jsonText';
import { redact } from '../shared/redact';
import type { Session } from '../shared/session/cache';
import { now } from '../shared/session/clock';
import { MAX_SENDS, noteSuccess, waitForRetry } from '../shared/retry';
import { settle } from '../shared/settle';
import { callApi, type CrmComResponse } from './api';
import type { CrmComAccount, CrmComSessions } from './auth';
import { methodName } from './catalogue';
import { adviseOnMethod, type Method } from './method';
import { adviseOnParameters, toQuery, type Parameters } from './parameters';
import { learnFromSuccess, stateAfterError } from './sessionState';

/** One call of a method. */
export interface MethodRequest {
	readonly method: Method;
	readonly parameters: Parameters;
	readonly timeoutMs: number;
	/** Whether to repeat a call whose session has ended. */
	readonly renewSession: boolean;
	/** Aborted when the user stops the execution. */
	readonly signal?: AbortSignal | undefined;
}

/**
 * Calls a method with the account's own session, which is made if there is none.
 *
 * If a failure is or may be about the session, another one is made. A call that only reads is then sent once
 * more, and again after a hiccup, three times in total; the last outcome counts. A POST is repeated after HTTP
 * 401 only: after anything else it may have been carried out.
 *
 * @throws ApiError, InputError
 */
export async function requestWithSession(
	http: HttpClient,
	sessions: CrmComSessions,
	account: CrmComAccount,
	request: MethodRequest,
): Promise<CrmComResponse> {
	const { method, signal } = request;
	const { key, serverUrl: server } = account;
	const name = `${account.name}: ${methodName(method)}`;
	/** Calls the method. A failure also tells whether another session is needed. */
	const call = async (session: Session) => {
		const sentAt = now();
		const { token } = session.login;
		const outcome = await settle(sendWithToken(http, account, request, token));
		if (outcome.status === 'fulfilled') {
			learnFromSuccess(key, session.login, sentAt);
			noteSuccess(server);
			return outcome;
		}
		const state = stateAfterError(outcome.reason, key, session.login);
		const why = outcome.reason instanceof ApiError ? outcome.reason.label : '';
		const isGivenUp = state !== 'valid' && sessions.invalidate(account, session, state, why);
		return { ...outcome, state, isGivenUp };
	};

	let session = await settle(sessions.get(http, account, signal));
	let doubted: { readonly session: Session; readonly reason: unknown } | undefined;
	let isRenewed = false;
	for (let sends = 1; ; sends++) {
		if (session.status === 'rejected') {
			signal?.throwIfAborted();
			// In doubt, the user should see the first failure, not that of a login.
			throw doubted?.reason ?? notSent(session.reason);
		}
		const current = session.value;
		// The login failed, and the session in doubt was kept.
		if (doubted?.session === current) throw doubted.reason;
		const result = await call(current);
		if (result.status === 'fulfilled') return result.value;
		const { reason, state, isGivenUp } = result;
		const isLastSend = sends >= MAX_SENDS;
		if (isGivenUp && !isRenewed && !isLastSend && mayRepeat(request, reason)) {
			isRenewed = true;
			doubted = state === 'unknown' ? { session: current, reason } : undefined;
		} else if (state === 'expired') {
			throw ended(reason, whyNotRepeated({ isGivenUp, isRenewed, isLastSend }, request));
		} else {
			const isOver = isLastSend || (isGivenUp && !isRenewed) || !method.isRepeatable;
			if (isOver || !(await waitForRetry(reason, { name, server, sends, signal }))) throw reason;
			doubted = undefined;
		}
		session = await settle(sessions.get(http, account, signal));
	}
}

/** The error of a login that was needed for a call: whatever the login did, the call was not sent. */
function notSent(error: unknown): unknown {
	return error instanceof ApiError ? error.with({ mayBeDone: false }) : error;
}

/** The session has ended: users need not look for a mistake in this call. */
function ended(error: unknown, why: string): unknown {
	if (!(error instanceof ApiError)) return error;
	// It says nothing about the call, so users should not try another one instead.
	return error.with({ reason: 'unclear', advice: `The session has ended. ${why}` });
}

function whyNotRepeated(
	{
		isGivenUp,
		isRenewed,
		isLastSend,
	}: Readonly<Record<'isGivenUp' | 'isRenewed' | 'isLastSend', boolean>>,
	{ method, renewSession }: MethodRequest,
): string {
	if (!isGivenUp) {
		return 'The server has ended several sessions within a minute, so the node waits before it logs in again';
	}
	const next = 'The next call logs in, but this one was not repeated';
	if (!renewSession) return `${next}, since 'Retry If Session Has Ended' is off`;
	if (isRenewed) return `${next}, since a new session has ended, too`;
	if (isLastSend) return `${next}, since it was sent ${MAX_SENDS} times`;
	return method.documentation?.unconfirmed === 'verb'
		? `${next}, since it is not certain that the method only reads`
		: `${next}, since a ${method.httpMethod} is not sent twice`;
}

function mayRepeat({ method, renewSession }: MethodRequest, error: unknown): boolean {
	const isUnauthorized = error instanceof ApiError && error.httpStatus === 401;
	return renewSession && (method.isRepeatable || isUnauthorized);
}

async function sendWithToken(
	http: HttpClient,
	{ serverUrl, ignoreSslIssues, secrets }: CrmComAccount,
	{ method, parameters, timeoutMs, signal }: MethodRequest,
	token: string,
): Promise<CrmComResponse> {
	const { httpMethod, path, parametersIn } = method;
	// The token is one of the parameters (documented).
	const sent = new Map([...parameters, ['token', JSON.stringify(token)]]);
	const request: HttpRequest = {
		method: httpMethod,
		url: `${serverUrl}/${path}`,
		...(parametersIn === 'query' ? { query: toQuery(sent) } : { body: writeMembers(sent) }),
		ignoreSslIssues,
		secrets: [token, ...secrets],
		timeoutMs,
		signal,
	};
	const aboutMethod = adviseOnMethod(method);
	const description = {
		method: path,
		advice: `Check the parameters of the method${adviseOnParameters(method, parameters)}${aboutMethod}`,
		// The login has worked, so the server's address is right.
		wrongAddress: `Check the method: this server has none at ${path}${aboutMethod}`,
	};
	const found = await callApi(http, request, description);
	return redactResponse(found, token);
}

/** No output holds the session's token, even if a server repeats it. All else stays as it is. */
function redactResponse(
	{ message, response: { status, headers, body } }: CrmComResponse,
	token: string,
): CrmComResponse {
	const redacted = redact({ headers, body }, [token]) as { headers: IDataObject; body: JsonObject };
	return { data: redacted.body['data'], message, response: { status, ...redacted } };
}
