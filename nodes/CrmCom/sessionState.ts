/**
 * What a failed call says about its session.
 *
 * CRM.COM reports "expired" like any error: with HTTP status 200 and a code, and no list of codes exists. A
 * code that names the session is believed. Any other is about calls as soon as its session proves to be alive:
 * when a call that was sent after the code arrived succeeds. Words prove nothing: they may repeat what the user
 * has sent.
 */
import { ApiError } from '../shared/errors';
import type { HttpRequest, HttpResponse } from '../shared/http';
import { BoundedMap } from '../shared/boundedMap';
import { ageOf, now, type Moment } from '../shared/session/clock';
import type { Login } from '../shared/session/strategy';
import { stateWithoutProof, type SentRequest, type SessionState } from '../shared/session/state';
import { readEnvelope } from './api';

/** How long a successful call proves that its session is alive. */
const ALIVE_FOR_MS = 60_000;
/** How long a code stays known to be about calls. */
const LEARNED_FOR_MS = 3_600_000;
const MAX_CODES = 1_000;
const MAX_CODES_PER_SESSION = 100;

/** When codes turned out to be about calls, by the account's key and the code. */
const learned = new BoundedMap<{ at: Moment }>(MAX_CODES);

/** What has happened in a session. */
interface Evidence {
	/** When its last call succeeded. */
	succeededAt?: Moment;
	/** When each code first arrived, without those that a later successful call has explained. */
	readonly codes: Map<string, Moment>;
}

const evidence = new WeakMap<Login, Evidence>();

/**
 * Codes that name the session (assumed). They are the last part of a Java exception's name
 * (seen), which is compared as a whole: an expired card token is no expired session, and CRM.COM's
 * access tokens are records of its customers (documented).
 */
const SESSION_CODE = new RegExp(
	[
		'(INVALID|EXPIRED|UNKNOWN|MISSING)(AUTHENTICATION|SESSION|WEBAPI)?(TOKEN|SESSION)',
		'(AUTHENTICATION|SESSION|WEBAPI)?(TOKEN|SESSION)(HAS|IS)?(INVALID|NOTVALID|EXPIRED|ENDED|UNKNOWN|NOTFOUND|TIMEOUT|TIMEDOUT)',
		'NOT(AUTHENTICATED|LOGGEDIN)',
		'AUTHENTICATIONREQUIRED',
		'UNAUTHORI[SZ]ED',
	]
		.map((pattern) => `^${pattern}$`)
		.join('|'),
);

export function namesSession(code: string): boolean {
	const [name] = code.split('.').slice(-1) as [string];
	return SESSION_CODE.test(
		name
			.toUpperCase()
			.replace(/[^A-Z]/g, '')
			.replace(/(EXCEPTION|ERROR)$/, ''),
	);
}

/**
 * The state of a session after a call of ours has failed.
 *
 * @param key the account's
 */
export function stateAfterError(error: unknown, key: string, login: Login): SessionState {
	if (!(error instanceof ApiError)) return 'valid';
	if (error.httpStatus === 401) return 'expired';
	const code = codeOf(error);
	if (code === undefined) return 'valid';
	if (namesSession(code)) return 'expired';
	// A server that is busy says nothing of sessions.
	return error.isHiccup ? 'valid' : stateAfterCode(code, key, login);
}

/** The state of a session after a code that does not name it. */
function stateAfterCode(code: string, key: string, login: Login): SessionState {
	const { codes, succeededAt } = evidenceOf(login);
	if (!codes.has(code) && codes.size < MAX_CODES_PER_SESSION) codes.set(code, now());
	// A server with one code for everything uses it for an ended session, too, so what is known of a code counts
	// only while the session proves to be alive.
	const isAlive = succeededAt !== undefined && ageOf(succeededAt) < ALIVE_FOR_MS;
	return isAlive && isAboutCalls(code, key) ? 'valid' : stateWithoutProof(login);
}

/** Learns from a call that has succeeded: codes that had arrived before it was sent are about calls. */
export function learnFromSuccess(key: string, login: Login, sentAt: Moment): void {
	const seen = evidenceOf(login);
	seen.succeededAt = now();
	for (const [code, { steady }] of seen.codes) {
		if (steady > sentAt.steady) continue;
		learned.getOrCreate(`${key} ${code}`, () => ({ at: now() })).at = now();
		seen.codes.delete(code);
	}
}

function isAboutCalls(code: string, key: string): boolean {
	const known = learned.peek(`${key} ${code}`);
	return known !== undefined && ageOf(known.at) < LEARNED_FOR_MS;
}

function evidenceOf(login: Login): Evidence {
	const known = evidence.get(login);
	if (known) return known;
	const fresh: Evidence = { codes: new Map() };
	evidence.set(login, fresh);
	return fresh;
}

/**
 * The state of a session after a request of the HTTP Request node has failed, for whatever reason.
 * A GET is asked again, under the same session. HTTP 403 without an envelope, by which a gateway may
 * reject an ended session (assumed), puts it in doubt.
 *
 * @param key the account's
 * @returns undefined for what cannot be asked: a POST, and a GET whose parameters are lists or objects,
 * since n8n alone knows how it writes them
 */
export function checkSession(
	login: Login,
	{ request, target, isRead }: SentRequest,
	key: string,
	send: (request: Pick<HttpRequest, 'method' | 'url' | 'headers'>) => Promise<HttpResponse>,
): Promise<SessionState> | undefined {
	const parameters = Object.entries(request.qs ?? {});
	const isRepeatable = isRead && parameters.every(([, value]) => typeof value !== 'object');
	if (!isRepeatable) return undefined;
	const url = new URL(target);
	for (const [name, value] of parameters) url.searchParams.set(name, String(value));
	const headers = Object.fromEntries(
		Object.entries(request.headers ?? {}).map(([name, value]) => [name, String(value)]),
	);
	const answer = send({ method: 'GET', url: url.href, headers });
	return answer.then((response) => stateAfterAnswer(response, key, login));
}

function stateAfterAnswer({ status, body }: HttpResponse, key: string, login: Login): SessionState {
	if (status === 401) return 'expired';
	const code = readEnvelope(body)?.status.code;
	if (code !== undefined) return namesSession(code) ? 'expired' : 'valid';
	return status === 403 ? stateAfterCode('HTTP 403', key, login) : 'valid';
}

/** What identifies a rejection: CRM.COM's code, or its HTTP status if it has none. */
function codeOf({ reason, vendorCode, httpStatus }: ApiError): string | undefined {
	if (reason !== 'rejected') return undefined;
	return vendorCode ?? (httpStatus === undefined ? undefined : `HTTP ${httpStatus}`);
}
