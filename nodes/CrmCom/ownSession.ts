import type { IDataObject } from 'n8n-workflow';

import { flagOf } from '../shared/credentials';
import { VendorFailure } from '../shared/errors';
import type { Http, VendorRequest } from '../shared/http';
import { isRecord } from '../shared/records';
import { putMember, readMembers } from '../shared/session/jsonText';
import type { Credentials } from '../shared/session/session';
import type { LoginWay } from './logins';
import { call, readCrmComServer, type CrmComAnswer } from './protocol';

/** One call of a method. */
export interface MethodCall {
	readonly httpMethod: 'GET' | 'POST';
	/** Such as `contact_information/show`. */
	readonly path: string;
	/** The parameters of a GET as text, those of a POST as they are or as the text of a JSON object. */
	readonly parameters: Readonly<Record<string, unknown>> | string;
	/** How long it may take, in milliseconds. */
	readonly deadline: number;
	/** Whether a refusal under a session that is no longer young is asked for again with a new one. */
	readonly renews: boolean;
}

/**
 * Calls a method with the credential's own session, which is made where there is none.
 *
 * CRM.COM says "expired" like everything else: HTTP 200 and a code, of which no list exists. So a
 * refusal under a session older than a minute renews it and calls once more, and the second answer
 * counts. That is thought safe for a POST too: an envelope with another code than OK says that the
 * method was refused, and what was refused was not done. A method that fails half-way would be done
 * half twice, and for its sake this can be switched off. The memory allows no session younger than a
 * minute to be renewed, so a wrong parameter in a thousand items costs one login.
 *
 * @throws VendorFailure, InputFailure
 */
export async function callWithOwnSession(
	http: Http,
	way: LoginWay,
	credentials: Credentials,
	method: MethodCall,
): Promise<CrmComAnswer> {
	const { sessions } = way;
	const session = await sessions.obtain(http, credentials);
	return await send(http, credentials, method, session.login.token).catch(async (error: unknown) => {
		const isRefusal = error instanceof VendorFailure && error.refused;
		if (!method.renews || !isRefusal) throw error;
		const verdict = await sessions.judge(http, credentials, session, false);
		if (verdict === 'alive' || !sessions.retire(credentials, session)) throw error;
		const renewed = await sessions.obtain(http, credentials);
		return await send(http, credentials, method, renewed.login.token);
	});
}

async function send(
	http: Http,
	credentials: Credentials,
	{ httpMethod, path, parameters, deadline }: MethodCall,
	token: string,
): Promise<CrmComAnswer> {
	const request: VendorRequest = {
		method: httpMethod,
		url: `${readCrmComServer(credentials['serverUrl'])}/${path}`,
		...(httpMethod === 'GET' ? { query: queryOf(parameters, token) } : { body: bodyOf(parameters, token) }),
		ignoreSslIssues: flagOf(credentials, 'ignoreSslIssues'),
		secrets: [token],
		deadline,
	};
	const found = await call(http, request, { method: path, advice: 'Check the parameters of the method' });
	return withoutToken(found, token);
}

/** The token is the query parameter of a GET (documented). What is null is left out. */
function queryOf(parameters: MethodCall['parameters'], token: string): Record<string, string> {
	const texts =
		typeof parameters === 'string'
			? readMembers(parameters).filter(([, text]) => text !== 'null')
			: Object.entries(parameters)
					.filter(([, value]) => value !== undefined && value !== null)
					.map(([name, value]) => [name, typeof value === 'object' ? JSON.stringify(value) : String(value)] as const);
	return { ...Object.fromEntries(texts), token };
}

/** The token is a top-level member of a POST's JSON body (documented). */
function bodyOf(parameters: MethodCall['parameters'], token: string): VendorRequest['body'] & {} {
	if (typeof parameters !== 'string') return { ...parameters, token };
	return putMember(parameters, 'token', token) ?? { token };
}

/** No output holds the session's token, even where a server repeats it. */
function withoutToken({ data, answer }: CrmComAnswer, token: string): CrmComAnswer {
	const { status, headers, body } = answer;
	const mask = (text: string) => text.split(token).join('***');
	return {
		data: mapTexts(data, mask),
		answer: { status, headers: mapTexts(headers, mask) as IDataObject, body: mapTexts(body, mask) },
	};
}

function mapTexts(value: unknown, change: (text: string) => string): unknown {
	if (typeof value === 'string') return change(value);
	if (Array.isArray(value)) return value.map((entry) => mapTexts(entry, change));
	if (!isRecord(value)) return value;
	return Object.fromEntries(Object.entries(value).map(([name, entry]) => [change(name), mapTexts(entry, change)]));
}
