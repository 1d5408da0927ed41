import { ApiError, BUSY_STATUSES, type FailureReason } from './errors';
import type { HttpRequest, HttpResponse } from './http';
import { parseUrl } from './serverUrl';
import { isJsonObject } from './jsonObject';
import { toDisplayText } from './redact';

interface Expectation {
	/** Who was expected to answer, as in "the CRM.COM Web API". */
	readonly api: string;
	/** What the user can check if the vendor says no. */
	readonly advice: string;
	/** Whether it is a login: then a response without a token is a rejection. */
	readonly isLogin?: boolean;
	/** What the API means by a 404, which is then a rejection. If left out, a 404 means a wrong address. */
	readonly notFound?: string;
	/** What to check if the address is wrong; the server's URL if left out. */
	readonly wrongAddress?: string | undefined;
}

/** The error for a response that is an HTTP error or does not come from the API. */
export function responseError(
	response: HttpResponse,
	request: HttpRequest,
	expectation: Expectation,
): ApiError {
	const { status, body } = response;
	if (status >= 300 && status < 400) return redirectError(response, request, expectation);
	const { url, secrets } = request;
	const { api, advice, isLogin, notFound, wrongAddress } = expectation;
	const { host, pathname } = new URL(url);
	if (status < 400 && isBrokenJson(body)) {
		return new ApiError(`The response of ${host} is broken or was cut off`, {
			advice: 'Try again. If it keeps happening, ask whoever runs the server',
			reason: isLogin ? 'rejected' : 'unclear',
			mayBeDone: true,
		});
	}
	if (status < 400) {
		return new ApiError(
			`${host} answered with ${describeBody(body)} instead of a response from ${api}`,
			{
				advice:
					wrongAddress ??
					`Check 'Server URL': ${pathname} leads to something else, such as a website, a proxy or a login page`,
				reason: isLogin ? 'rejected' : 'unclear',
				mayBeDone: true,
			},
		);
	}
	const words = findMessage(body, secrets);
	const fallback =
		status === 404 ? `has nothing at ${pathname} (HTTP 404)` : `answered HTTP ${status}`;
	const nothingThere = wrongAddress ?? `Check 'Server URL': the server has nothing at ${pathname}`;
	const isKnownNotFound = status === 404 && notFound !== undefined;
	const retryAfterMs = readRetryAfter(response);
	return new ApiError(words || `${host} ${fallback}`, {
		advice: `${nextStep(status, advice, notFound ?? nothingThere)}${describeWait(retryAfterMs)} (HTTP ${status} from ${host})`,
		httpStatus: status,
		retryAfterMs,
		reason: isKnownNotFound ? 'rejected' : reasonOf(status),
		mayBeDone: status >= 500 || status === 408,
	});
}

function redirectError(
	{ status, headers }: HttpResponse,
	{ url, secrets }: HttpRequest,
	{ isLogin, wrongAddress }: Expectation,
): ApiError {
	const details = {
		httpStatus: status,
		reason: isLogin ? 'rejected' : 'unclear',
		// Servers answer 303 to a POST that they have carried out.
		mayBeDone: status === 303,
	} as const;
	const { host, origin } = new URL(url);
	const location = typeof headers['location'] === 'string' ? headers['location'] : '';
	const target = parseUrl(location, url);
	// `crm.example.com:8443/x` is a URL with a scheme, but has no origin.
	if (target === undefined || ['null', origin].includes(target.origin)) {
		const does =
			location === ''
				? `returns HTTP ${status} for this request`
				: 'redirects this request to another page';
		return new ApiError(`${host} ${does} instead of answering it`, {
			advice: `The redirect was not followed. ${wrongAddress ?? "Check the path in 'Server URL': this is often a login page or a proxy"}`,
			...details,
		});
	}
	// Only the origin: the rest of the target may repeat what was sent. Hosts are in lower case.
	const hostSecrets = secrets.flatMap((secret) => [secret, secret.toLowerCase()]);
	const targetOrigin = toDisplayText(target.origin, hostSecrets);
	return new ApiError(`${host} redirects this request to ${targetOrigin} instead of answering it`, {
		advice: `The redirect was not followed. If ${targetOrigin} is the right server, enter it as 'Server URL'`,
		...details,
	});
}

/** What an error status says if the vendor's own words do not. */
function reasonOf(status: number): FailureReason {
	if (BUSY_STATUSES.includes(status)) return 'unavailable';
	// These statuses are about timing or the address, not about the request itself.
	return status < 500 && ![404, 405, 408, 410, 425].includes(status) ? 'rejected' : 'unclear';
}

/** How long a busy server asks to wait, from its Retry-After header: seconds or a date. */
export function readRetryAfter({ status, headers }: HttpResponse): number | undefined {
	const value = headers['retry-after'];
	if (!BUSY_STATUSES.includes(status) || typeof value !== 'string') return undefined;
	// An HTTP date names its day and month; other texts are dates only to JavaScript.
	const date = /[a-z]/i.test(value) ? Date.parse(value) : Number.NaN;
	const ms = /^\s*\d+\s*$/.test(value) ? Number(value) * 1000 : date - Date.now();
	return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

/** The wait that the server asks for, as part of the advice. */
export function describeWait(retryAfterMs: number | undefined): string {
	if (retryAfterMs === undefined) return '';
	return `. It asks to wait ${Math.ceil(retryAfterMs / 1000)} s (Retry-After)`;
}

function nextStep(status: number, advice: string, notFound: string): string {
	if (status === 404) return notFound;
	if (status === 429)
		return 'The server is receiving too many requests: try again later, or less often';
	if (status >= 500) return 'The server has a problem: try again later';
	return advice;
}

/** Whether a response begins like JSON. If it had been parsed, it would no longer be text. */
function isBrokenJson(body: unknown): boolean {
	return typeof body === 'string' && /^\s*[[{]/.test(body);
}

function describeBody(body: unknown): string {
	if (body === '' || body === undefined || body === null) return 'nothing';
	if (typeof body !== 'string') return 'other JSON';
	return /^\s*</.test(body) ? 'a web page' : 'text';
}

/** Where APIs and gateways put the words of an error, likeliest first. */
const MESSAGE_MEMBERS = [
	'message',
	'error_description',
	'errorMessage',
	'error',
	'errors',
	'detail',
	'title',
];

const MAX_MESSAGE_DEPTH = 10;

/** An error's words in any form; empty if there are none that a person could read. */
function findMessage(body: unknown, secrets: readonly string[], depth = 0): string {
	if (typeof body === 'string') return /^\s*[<{[]/.test(body) ? '' : toDisplayText(body, secrets);
	if (depth > MAX_MESSAGE_DEPTH) return '';
	if (Array.isArray(body)) return findMessage(body[0], secrets, depth + 1);
	if (!isJsonObject(body)) return '';
	for (const name of MESSAGE_MEMBERS) {
		const words = Object.hasOwn(body, name) ? findMessage(body[name], secrets, depth + 1) : '';
		if (words !== '') return words;
	}
	return '';
}
