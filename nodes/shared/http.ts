import type { IDataObject, IHttpRequestOptions, IN8nHttpFullResponse } from 'n8n-workflow';

import { ApiError } from './errors';
import { toDisplayText } from './redact';
import { parseUrl } from './url';

/** How long one request may take from its start to the last byte of its answer, in milliseconds. */
export const DEFAULT_TIMEOUT_MS = 30_000;

/** What a timer of Node.js can wait for at most, in milliseconds: 24 days. A longer one would end at once. */
export const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** The part of n8n's helpers that a vendor's protocol needs; a node has it and a credential's hook. */
export interface Http {
	httpRequest(options: IHttpRequestOptions): Promise<unknown>;
}

/** A request to a vendor, and the secrets in it that its answer must not bring back. */
export interface HttpRequest {
	readonly method: 'GET' | 'POST';
	readonly url: string;
	/** Parameters of the URL, which is given without any. */
	readonly query?: Readonly<Record<string, string>>;
	readonly headers?: Readonly<Record<string, string>>;
	/** JSON: as an object, or as its text where that must stay as it is. */
	readonly body?: Readonly<Record<string, unknown>> | string;
	readonly ignoreSslIssues: boolean;
	/** How long it may take, in milliseconds; `DEFAULT_TIMEOUT_MS` where left out. */
	readonly deadline?: number | undefined;
	readonly secrets: readonly string[];
}

/** An HTTP answer of any status. `body` is what its text parses to as JSON, or else the text. */
export interface Answer {
	readonly status: number;
	readonly headers: IDataObject;
	readonly body: unknown;
}

/** The request in n8n's form: it follows no redirect, judges no status and ends at its deadline. */
export function toRequestOptions(request: HttpRequest): IHttpRequestOptions {
	const {
		method,
		query = {},
		headers,
		body,
		ignoreSslIssues,
		deadline = DEFAULT_TIMEOUT_MS,
	} = request;
	const pairs = Object.entries(query).map((pair) => pair.map(inUrl).join('='));
	return {
		method,
		url: pairs.length === 0 ? request.url : `${request.url}?${pairs.join('&')}`,
		headers: {
			...headers,
			Accept: 'application/json',
			...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
		},
		// As text: an empty object would not be sent at all, and Web API key logins need one.
		...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
		skipSslCertificateValidation: ignoreSslIssues,
		// A redirect would carry the password or the token to wherever it points.
		disableFollowRedirect: true,
		returnFullResponse: true,
		ignoreHttpStatusErrors: true,
		json: true,
		timeout: deadline,
	};
}

/** A text as it stands in a URL; half a character cannot stand there, and is replaced as browsers do. */
function inUrl(text: string): string {
	return encodeURIComponent(text.replace(/\p{Cs}/gu, '\uFFFD'));
}

/**
 * Sends a request and gives back its answer, whatever its status.
 *
 * @throws ApiError where no answer came, or a redirect: both name the host and the next step.
 */
export async function send(http: Http, request: HttpRequest): Promise<Answer> {
	const options = toRequestOptions(request);
	let response: IN8nHttpFullResponse;
	try {
		response = (await http.httpRequest({
			...options,
			// `timeout` is about silence only; this ends an answer that trickles for ever.
			abortSignal: AbortSignal.timeout(request.deadline ?? DEFAULT_TIMEOUT_MS),
		})) as IN8nHttpFullResponse;
	} catch (error) {
		throw noAnswer(error, request);
	}
	const { statusCode: status, headers, body } = response;
	if (status >= 300 && status < 400) throw redirected(request, status, headers);
	return { status, headers, body };
}

/** So many causes of an error are looked at. */
const MAX_CAUSE_DEPTH = 10;

/** What the usual network errors mean for the person who typed the address, by Node.js's code. */
const NETWORK_ERRORS: Readonly<Record<string, readonly [says: string, todo: string]>> = {
	ECONNREFUSED: ['refuses connections', 'Check the port in Server URL and whether the server runs'],
	ECONNRESET: [
		'closed the connection before it answered',
		'Try again; if it stays so, ask who runs the server',
	],
	EPIPE: [
		'closed the connection before it answered',
		'Try again; if it stays so, ask who runs the server',
	],
	ENOTFOUND: ['is a host that does not exist', 'Check the spelling of Server URL'],
	EAI_AGAIN: [
		'is a host whose name could not be looked up',
		'Check the spelling of Server URL and the network of n8n',
	],
	EHOSTUNREACH: ['cannot be reached from here', 'Check whether n8n may reach that network'],
	ENETUNREACH: ['cannot be reached from here', 'Check whether n8n may reach that network'],
	ETIMEDOUT: ['did not answer in time', 'Check Server URL, and whether a firewall stands between'],
	ECONNABORTED: [
		'did not answer in time',
		'Check Server URL, and whether a firewall stands between',
	],
	ERR_CANCELED: [
		'did not answer in time',
		'Check Server URL, and whether a firewall stands between',
	],
	EPROTO: [
		'does not speak TLS at this address',
		'Check whether Server URL should begin with http:// or has another port',
	],
	CERT_HAS_EXPIRED: ['has a certificate that has expired', 'Ask who runs the server to renew it'],
	ERR_TLS_CERT_ALTNAME_INVALID: [
		'has a certificate for another name',
		'Use the name in the certificate as Server URL',
	],
};

const UNTRUSTED: readonly [string, string] = [
	'has a certificate that n8n does not trust',
	'If it is self-signed and you trust the network, turn on Ignore SSL Issues in the credential, which those of CRM.COM have',
];

function noAnswer(error: unknown, { url, secrets }: HttpRequest): ApiError {
	const { host } = new URL(url);
	const code = codeOf(error);
	const known =
		(Object.hasOwn(NETWORK_ERRORS, code) ? NETWORK_ERRORS[code] : undefined) ??
		(/CERT|SIGNED|ISSUER|SIGNATURE/.test(code) ? UNTRUSTED : undefined);
	if (known) {
		return new ApiError(`${host} ${known[0]}`, { description: `${known[1]} (${code})` });
	}
	// n8n's own refusals (a forbidden address, a domain restriction) come without a code and say
	// what they mean. An HTTP client's error holds the request, so only its words are taken.
	const words = error instanceof Error ? toDisplayText(error.message, secrets) : '';
	return new ApiError(`${host} could not be asked${words === '' ? '' : `: ${words}`}`, {
		description: 'Check Server URL in the credential, and the network that n8n runs in',
	});
}

function codeOf(error: unknown): string {
	let at = error as { code?: unknown; cause?: unknown } | undefined;
	// Causes could go round in a circle.
	for (let depth = 0; at && depth < MAX_CAUSE_DEPTH; depth++, at = at.cause as typeof at) {
		if (typeof at !== 'object') break;
		if (typeof at.code === 'string' && at.code !== 'ERR_NETWORK') return at.code;
	}
	return '';
}

function redirected({ url, secrets }: HttpRequest, status: number, headers: IDataObject): ApiError {
	const from = new URL(url);
	const location = typeof headers['location'] === 'string' ? headers['location'] : '';
	const target = parseUrl(location, url);
	const isElsewhere = target !== undefined && target.origin !== from.origin;
	// Only the origin: the rest of a redirect's target may repeat what was sent. A host is in lower case always.
	const inHosts = secrets.flatMap((secret) => [secret, secret.toLowerCase()]);
	const origin = isElsewhere ? toDisplayText(target.origin, inHosts) : '';
	const to = isElsewhere ? ` to ${origin}` : ' to another page';
	const does = location === '' ? `answers with HTTP ${status}` : `redirects this request${to}`;
	return new ApiError(`${from.host} ${does} instead of answering it`, {
		description: isElsewhere
			? `Nothing was sent on. If ${origin} is the right server, enter it as Server URL`
			: 'Nothing was sent on. Check the path in Server URL: this is often a login page or a proxy',
		httpStatus: status,
	});
}
