/**
 * What a failed call says about its session.
 *
 * CRM.COM says "expired" like everything else: with HTTP status 200 and a code, of which no list
 * exists. So codes are learned. Words prove nothing: they may repeat what the user has sent.
 */
import { ApiError } from '../shared/errors';
import type { HttpRequest, HttpResponse } from '../shared/http';
import { BoundedMap } from '../shared/session/boundedMap';
import { ageOf, now, type Moment } from '../shared/session/clock';
import type { FailedRequest, Login, SessionState } from '../shared/session/strategy';
import { readEnvelope } from './api';

/** A session that is younger is not doubted because of a code. */
const MIN_DOUBTED_AGE_MS = 60_000;
/** For how long it is known what a code is about. */
const LEARNED_FOR_MS = 3_600_000;
const MAX_CODES = 1_000;

/** What a code turned out to be about. */
type Subject = 'call' | 'session';

const learned = new BoundedMap<{ subject?: Subject; at: Moment }>(MAX_CODES);

/** A call, as far as it is to be told from others. */
export interface CallKey {
	/** The `cacheKey` of its session. */
	readonly session: string;
	readonly path: string;
	/** Its path and parameters, hashed. */
	readonly call: string;
}

interface End {
	token?: string | undefined;
	code?: string | undefined;
	call?: string | undefined;
	at: Moment;
}

/** For each method: the last code that said that a session had ended, of which session and call. */
const lastEndByMethod = new BoundedMap<End>(MAX_CODES);

/**
 * Codes that speak of the session (assumed). They are the last part of a Java exception's name
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

function speaksOfSession(code: string): boolean {
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
 * @param key which call it was
 */
export function stateAfterError(
	error: unknown,
	key: CallKey,
	{ token, receivedAt }: Login,
): SessionState {
	if (!(error instanceof ApiError)) return 'valid';
	if (error.httpStatus === 401) return 'expired';
	const code = codeOf(error);
	if (code === undefined) return 'valid';
	const subject = recall(key.session, code);
	if (subject === 'call') return 'valid';
	if (subject === 'session') return 'expired';
	const isYoung = ageOf(receivedAt) < MIN_DOUBTED_AGE_MS;
	if (speaksOfSession(code)) {
		// The same code at once under the new session, too: it is about the call.
		const cameBack = recordEnd(key, code, token) && isYoung;
		if (!cameBack) return 'expired';
	} else if (!isYoung) return 'unknown';
	learn(key.session, code, 'call');
	return 'valid';
}

/** Records the end of a session. @returns true if the same was said of another session just before */
function recordEnd({ session, path, call }: CallKey, code: string, token: string): boolean {
	const last = lastEndByMethod.getOrCreate(`${session} ${path}`, () => ({ at: now() }));
	const isRecent = ageOf(last.at) < MIN_DOUBTED_AGE_MS;
	const isRepeat = isRecent && last.code === code && last.token !== token;
	Object.assign(last, { token, code, call, at: now() });
	return isRepeat;
}

/** Learns from a call that succeeds in the session after the one that it was said to have found ended. */
export function learnFromSuccess({ session, path, call }: CallKey, { token }: Login): void {
	const last = lastEndByMethod.peek(`${session} ${path}`);
	// Another call of the same method proves nothing: the code may be about its parameters.
	if (last?.code === undefined || last.token === token || last.call !== call) return;
	learn(session, last.code, 'session');
	Object.assign(last, { token: undefined, code: undefined, call: undefined });
}

/** Learns from a call that was repeated under the session made for it. */
export function learnFromRepeat(key: string, first: unknown, second: unknown): void {
	const code = first instanceof ApiError ? codeOf(first) : undefined;
	if (code === undefined) return;
	if (second === undefined) learn(key, code, 'session');
	else if (second instanceof ApiError && codeOf(second) === code) learn(key, code, 'call');
}

/**
 * The state of a session after a request of the HTTP Request node has failed, for whatever reason.
 * A GET is asked again, under the same session. A POST is not sent again, and a GET whose parameters
 * are lists or objects cannot be: n8n alone knows how it writes them. Then the session is only
 * doubted, once it is a minute old.
 *
 * @param key the session's `cacheKey`
 */
export async function checkFailedRequest(
	{ receivedAt }: Login,
	{ request, target, isGet }: FailedRequest,
	key: string,
	send: (request: Pick<HttpRequest, 'method' | 'url' | 'headers'>) => Promise<HttpResponse>,
): Promise<SessionState> {
	const parameters = Object.entries(request.qs ?? {});
	const isRepeatable = isGet && parameters.every(([, value]) => typeof value !== 'object');
	if (!isRepeatable) return ageOf(receivedAt) >= MIN_DOUBTED_AGE_MS ? 'unknown' : 'valid';
	const url = new URL(target);
	for (const [name, value] of parameters) url.searchParams.set(name, String(value));
	const headers = Object.fromEntries(
		Object.entries(request.headers ?? {}).map(([name, value]) => [name, String(value)]),
	);
	const { status, body } = await send({ method: 'GET', url: url.href, headers });
	if (status === 401) return 'expired';
	const code = readEnvelope(body)?.status.code.trim();
	if (code === undefined) return 'valid';
	const subject = recall(key, code);
	return subject === 'session' || (subject === undefined && speaksOfSession(code))
		? 'expired'
		: 'valid';
}

/** What a rejection is known by: CRM.COM's code, or its HTTP status where it has none. */
function codeOf({ reason, vendorCode, httpStatus }: ApiError): string | undefined {
	if (reason !== 'rejected') return undefined;
	return vendorCode ?? (httpStatus === undefined ? undefined : `HTTP ${httpStatus}`);
}

function recall(key: string, code: string): Subject | undefined {
	const entry = learned.peek(`${key} ${code}`);
	return entry && ageOf(entry.at) < LEARNED_FOR_MS ? entry.subject : undefined;
}

function learn(key: string, code: string, subject: Subject): void {
	// A code that vanished with a new session counts more than one that came again.
	if (subject === 'call' && recall(key, code) === 'session') return;
	const entry = learned.getOrCreate(`${key} ${code}`, () => ({ at: now() }));
	Object.assign(entry, { subject, at: now() });
}
