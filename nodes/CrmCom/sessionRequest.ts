import type { IDataObject } from 'n8n-workflow';

import { ApiError } from '../shared/errors';
import type { HttpClient, HttpRequest } from '../shared/http';
import type { JsonObject } from '../shared/input';
import { writeMembers } from '../shared/jsonText';
import { redact } from '../shared/redact';
import type { Session } from '../shared/session/cache';
import { now } from '../shared/session/clock';
import { settle } from '../shared/settle';
import { callApi, type CrmComResponse } from './api';
import type { CrmComAccount, CrmComSessions } from './auth';
import { adviseOn, type Method } from './method';
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
 * Calls a method with the credential's own session, which is made where there is none.
 *
 * Where a failure is about the session, or may be, another one is made. A GET is then called once
 * more, and the second outcome counts. A POST is repeated after HTTP 401 only: after anything else
 * it may have been done.
 *
 * @throws ApiError, InputError
 */
export async function requestWithSession(
	http: HttpClient,
	sessions: CrmComSessions,
	account: CrmComAccount,
	request: MethodRequest,
): Promise<CrmComResponse> {
	const { key } = account;
	/** Calls the method. A failure tells whether another session is wanted, too. */
	const call = async (session: Session) => {
		const sentAt = now();
		const { token } = session.login;
		const outcome = await settle(sendWithToken(http, account, request, token));
		if (outcome.status === 'fulfilled') {
			learnFromSuccess(key, session.login, sentAt);
			return outcome;
		}
		const state = stateAfterError(outcome.reason, key, session.login);
		const isGivenUp = state !== 'valid' && sessions.invalidate(account, session, state);
		return { ...outcome, state: isGivenUp ? state : 'valid' };
	};

	const current = await sessions.get(http, account, request.signal);
	const first = await call(current);
	if (first.status === 'fulfilled') return first.value;
	if (first.state === 'valid') throw first.reason;
	if (!mayRepeat(request, first.reason)) {
		throw first.state === 'expired' ? notRepeated(first.reason, request) : first.reason;
	}

	const renewal = await settle(sessions.get(http, account, request.signal));
	request.signal?.throwIfAborted();
	// In doubt, the first failure is what the user should see, and not that of a login.
	if (renewal.status === 'rejected')
		throw first.state === 'unknown' ? first.reason : renewal.reason;
	// The login failed, and the session in doubt was kept.
	if (renewal.value === current) throw first.reason;
	const second = await call(renewal.value);
	if (second.status === 'rejected') throw second.reason;
	return second.value;
}

/** The session has ended, and the next call logs in: nobody has to look for a mistake in this one. */
function notRepeated(error: unknown, { renewSession }: MethodRequest): unknown {
	if (!(error instanceof ApiError)) return error;
	const why = renewSession ? 'since a POST is not sent twice' : "since 'Renew Session' is off";
	return new ApiError(error.message, {
		...error,
		// It says nothing of the call, so nobody is to try another one instead.
		reason: 'unclear',
		advice: `The session has ended. The next call logs in, but this one was not repeated, ${why}`,
	});
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
	// Read only where a call fails: to look for similar methods takes a moment.
	const description = {
		method: path,
		get advice() {
			return `Check the parameters of the method${adviseOnParameters(method, parameters)}${adviseOn(method)}`;
		},
		// The login has worked, so the server's address is right.
		get wrongAddress() {
			return `Check the method: this server has none at ${path}${adviseOn(method)}`;
		},
	};
	const found = await callApi(http, request, description);
	return redactResponse(found, token);
}

/** No output holds the session's token, even where a server repeats it. All else stays as it is. */
function redactResponse(
	{ response: { status, headers, body } }: CrmComResponse,
	token: string,
): CrmComResponse {
	const redacted = redact({ headers, body }, [token]) as { headers: IDataObject; body: JsonObject };
	return { data: redacted.body['data'], response: { status, ...redacted } };
}
