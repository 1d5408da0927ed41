import type { IDataObject, IHttpRequestOptions, IN8nHttpFullResponse } from 'n8n-workflow';

import { connectionError } from './connectionErrors';
import { parseJson } from './jsonText';

/** How long a request may take, from its start to the last byte of its response. */
export const DEFAULT_TIMEOUT_MS = 30_000;

/** The longest delay a Node.js timer supports: 24 days. A longer one would fire at once. */
export const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** The error of a request that has timed out. */
const TIMED_OUT = { code: 'ETIMEDOUT' };

/** The part of n8n's helpers that a vendor's API needs. Both nodes and credential hooks have it. */
export interface HttpClient {
	httpRequest(options: IHttpRequestOptions): Promise<unknown>;
}

/** The HTTP methods of the vendors' APIs. */
export type HttpMethod = 'GET' | 'POST';

/** A request to a vendor, and its secrets, which must not appear in anything shown. */
export interface HttpRequest {
	readonly method: HttpMethod;
	readonly url: string;
	/** Query parameters. If set, `url` itself has none. */
	readonly query?: Readonly<Record<string, string>>;
	readonly headers?: Readonly<Record<string, string>>;
	/** JSON: as an object, or as its text if that must stay as it is. */
	readonly body?: Readonly<Record<string, unknown>> | string;
	readonly ignoreSslIssues: boolean;
	/** `DEFAULT_TIMEOUT_MS` if left out. */
	readonly timeoutMs?: number | undefined;
	/** Aborted when the user stops the execution: then nothing more is sent. */
	readonly signal?: AbortSignal | undefined;
	readonly secrets: readonly string[];
}

/**
 * A response of any status. `body` is the parsed JSON, with numbers that would lose digits kept as
 * text; if the text is not JSON, it is the text itself.
 */
export interface HttpResponse {
	readonly status: number;
	readonly headers: IDataObject;
	readonly body: unknown;
}

/**
 * Sends a request. Every status counts as a response, even a redirect: it is never followed.
 *
 * @throws ApiError if no response came
 */
export async function send(http: HttpClient, request: HttpRequest): Promise<HttpResponse> {
	const { signal, timeoutMs = DEFAULT_TIMEOUT_MS } = request;
	signal?.throwIfAborted();
	// The option `timeout` only limits silence. This also ends a response that trickles in for
	// ever.
	const timeout = AbortSignal.timeout(timeoutMs);
	const controller = new AbortController();
	const abort = () => controller.abort();
	// `AbortSignal.any` would do, but keeps memory for each request as long as the execution's signal
	// lives (seen on Node.js 24).
	const causes = signal === undefined ? [timeout] : [timeout, signal];
	for (const cause of causes) cause.addEventListener('abort', abort);
	let response: IN8nHttpFullResponse;
	try {
		response = (await http.httpRequest({
			...toRequestOptions(request),
			abortSignal: controller.signal,
		})) as IN8nHttpFullResponse;
	} catch (error) {
		signal?.throwIfAborted();
		throw connectionError(timeout.aborted ? TIMED_OUT : error, request);
	} finally {
		for (const cause of causes) cause.removeEventListener('abort', abort);
	}
	const { statusCode: status, headers, body } = response;
	return { status, headers, body: typeof body === 'string' ? (parseJson(body) ?? body) : body };
}

function toRequestOptions(request: HttpRequest): IHttpRequestOptions {
	const { method, url, query = {}, headers, body, ignoreSslIssues } = request;
	const search = Object.entries(query)
		.map((pair) => pair.map(encode).join('='))
		.join('&');
	return {
		method,
		url: search === '' ? url : `${url}?${search}`,
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
		// Parsed here: JSON.parse would round numbers of more than 16 digits.
		encoding: 'text',
		timeout: request.timeoutMs ?? DEFAULT_TIMEOUT_MS,
	};
}

/** Encodes text for a URL. Lone surrogates, which a URL cannot hold, are replaced as browsers do. */
function encode(text: string): string {
	return encodeURIComponent(text.replace(/\p{Cs}/gu, '\uFFFD'));
}
