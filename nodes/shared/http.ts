import type { IDataObject, IHttpRequestOptions, IN8nHttpFullResponse } from 'n8n-workflow';

import { connectionError, redirectError } from './httpErrors';

/** How long a request may take, from its start to the last byte of its response. */
export const DEFAULT_TIMEOUT_MS = 30_000;

/** What a timer of Node.js can wait for: 24 days. A longer one would end at once. */
export const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** What a request fails with whose time is over. */
const TIMED_OUT = { code: 'ETIMEDOUT' };

/** The part of n8n's helpers that a vendor's API needs. Nodes and credential hooks have it. */
export interface HttpClient {
	httpRequest(options: IHttpRequestOptions): Promise<unknown>;
}

/** A request to a vendor, and the secrets in it that must not come back in what is shown. */
export interface HttpRequest {
	readonly method: 'GET' | 'POST';
	readonly url: string;
	/** Parameters of the URL, which is given without any. */
	readonly query?: Readonly<Record<string, string>>;
	readonly headers?: Readonly<Record<string, string>>;
	/** JSON: as an object, or as its text where that must stay as it is. */
	readonly body?: Readonly<Record<string, unknown>> | string;
	readonly ignoreSslIssues: boolean;
	/** `DEFAULT_TIMEOUT_MS` where left out. */
	readonly timeoutMs?: number | undefined;
	/** Aborted when the user stops the execution: then nothing more is sent. */
	readonly signal?: AbortSignal | undefined;
	readonly secrets: readonly string[];
}

/** A response of any status. `body` is what its text parses to as JSON, or else the text. */
export interface HttpResponse {
	readonly status: number;
	readonly headers: IDataObject;
	readonly body: unknown;
}

/**
 * Sends a request. Any status is a response, but for a redirect, which is never followed.
 *
 * @throws ApiError where no response came, or a redirect did
 */
export async function send(http: HttpClient, request: HttpRequest): Promise<HttpResponse> {
	const { signal, timeoutMs = DEFAULT_TIMEOUT_MS } = request;
	signal?.throwIfAborted();
	// The option `timeout` is about silence only: this ends a response that trickles for ever.
	const timeout = AbortSignal.timeout(timeoutMs);
	let response: IN8nHttpFullResponse;
	try {
		response = (await http.httpRequest({
			...toRequestOptions(request),
			abortSignal: signal ? AbortSignal.any([signal, timeout]) : timeout,
		})) as IN8nHttpFullResponse;
	} catch (error) {
		signal?.throwIfAborted();
		// Read here, the signal also lives as long as the request: Node.js 20 lets one that only
		// `AbortSignal.any` knows be collected, and it then never fires.
		throw connectionError(timeout.aborted ? TIMED_OUT : error, request);
	}
	const { statusCode: status, headers, body } = response;
	if (status >= 300 && status < 400) throw redirectError(request, status, headers);
	return { status, headers, body };
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
		timeout: request.timeoutMs ?? DEFAULT_TIMEOUT_MS,
	};
}

/** Encodes text for a URL. Half a character cannot stand there, and is replaced as browsers do. */
function encode(text: string): string {
	return encodeURIComponent(text.replace(/\p{Cs}/gu, '\uFFFD'));
}
