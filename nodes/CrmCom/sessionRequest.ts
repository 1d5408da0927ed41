import type { IDataObject } from 'n8n-workflow';

import { isFieldTrue } from '../shared/credentials';
import { ApiError } from '../shared/errors';
import type { Http, HttpRequest } from '../shared/http';
import type { JsonObject } from '../shared/records';
import { redact } from '../shared/redact';
import { putMember, readMembers, textOfJson } from '../shared/session/jsonText';
import type { Credentials } from '../shared/session/session';
import type { AuthStrategy } from './auth';
import { call, readCrmComServer, type CrmComResponse } from './api';

/** One call of a method. */
export interface MethodRequest {
	readonly httpMethod: 'GET' | 'POST';
	/** Such as `contact_information/show`. */
	readonly path: string;
	/** As they are, or as the text of a JSON object. */
	readonly parameters: Readonly<Record<string, unknown>> | string;
	/** How long it may take, in milliseconds. */
	readonly deadline: number;
	/** Whether a refusal under a session that is no longer young renews it. */
	readonly renews: boolean;
}

/**
 * Calls a method with the credential's own session, which is made where there is none.
 *
 * CRM.COM says "expired" like everything else: HTTP 200 and a code, of which no list exists. So a
 * refusal under a session older than a minute renews it and a GET is called once more, and the second
 * answer counts. A POST that was refused may have been done in part; it is called again only where
 * the refusal is about the session, and else the next call has a new one. No session younger than a
 * minute is suspected, so a wrong parameter in a thousand items costs one login.
 *
 * @throws ApiError, InputError
 */
export async function requestWithSession(
	http: Http,
	way: AuthStrategy,
	credentials: Credentials,
	method: MethodRequest,
): Promise<CrmComResponse> {
	const { sessions } = way;
	const session = await sessions.obtain(http, credentials);
	return await send(http, way, credentials, method, session.login.token).catch(
		async (error: unknown) => {
			const isRejection = error instanceof ApiError && error.refused;
			if (!method.renews || !isRejection) throw error;
			const verdict = await sessions.judge(http, credentials, session, false);
			if (verdict === 'alive' || !sessions.retire(credentials, session)) throw error;
			const wasNotDone = error.aboutSession || error.httpStatus === 401;
			if (method.httpMethod === 'POST' && !wasNotDone) throw error;
			const renewed = await sessions.obtain(http, credentials);
			return await send(http, way, credentials, method, renewed.login.token);
		},
	);
}

async function send(
	http: Http,
	way: AuthStrategy,
	credentials: Credentials,
	{ httpMethod, path, parameters, deadline }: MethodRequest,
	token: string,
): Promise<CrmComResponse> {
	const request: HttpRequest = {
		method: httpMethod,
		url: `${readCrmComServer(credentials['serverUrl'])}/${path}`,
		...(httpMethod === 'GET'
			? { query: queryOf(parameters, token) }
			: { body: bodyOf(parameters, token) }),
		ignoreSslIssues: isFieldTrue(credentials, 'ignoreSslIssues'),
		secrets: [token, ...way.secretsOf(credentials)],
		deadline,
	};
	const found = await call(http, request, {
		method: path,
		advice: 'Check the parameters of the method',
	});
	return withoutSecretsOf(found, request);
}

/** The token is the query parameter of a GET (documented). What is null is left out. */
function queryOf(parameters: MethodRequest['parameters'], token: string): Record<string, string> {
	const texts =
		typeof parameters === 'string'
			? readMembers(parameters)
			: Object.entries(parameters)
					.filter(([, value]) => value !== undefined && value !== null)
					.map(
						([name, value]) =>
							[
								name,
								typeof value === 'object' ? textOfJson(JSON.stringify(value)) : String(value),
							] as const,
					);
	return { ...Object.fromEntries(texts), token };
}

/** The token is a top-level member of a POST's JSON body (documented). */
function bodyOf(parameters: MethodRequest['parameters'], token: string): HttpRequest['body'] & {} {
	if (typeof parameters !== 'string') return { ...parameters, token };
	// A text is that of an object always: the operation refuses every other.
	return putMember(parameters, 'token', token) as string;
}

/** No output holds the session's token, nor the password or the key, even where a server repeats it. */
function withoutSecretsOf(
	{ answer: { status, headers, body } }: CrmComResponse,
	{ secrets }: HttpRequest,
): CrmComResponse {
	const masked = redact({ headers, body }, secrets) as {
		headers: IDataObject;
		body: JsonObject;
	};
	return { data: masked.body['data'], answer: { status, ...masked } };
}
