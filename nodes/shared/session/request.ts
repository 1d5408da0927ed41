import type { IHttpRequestOptions } from 'n8n-workflow';

import { isJsonObject } from '../jsonObject';
import { putMember } from '../jsonText';

/**
 * A request on its way out, in either of n8n's two forms: the HTTP Request node's older one (with
 * `uri`, `form`, `formData`, `rejectUnauthorized`), or that of the helpers for nodes.
 */
export type OutgoingRequest = Omit<Partial<IHttpRequestOptions>, 'baseURL' | 'timeout'> & {
	baseURL?: string | undefined;
	uri?: string;
	form?: unknown;
	formData?: unknown;
	rejectUnauthorized?: boolean;
	followRedirect?: boolean;
	followAllRedirects?: boolean;
	useStream?: boolean;
	/** False if HTTP errors are responses like any other. */
	simple?: boolean;
	timeout?: number | undefined;
};

/** Whether a request only reads, so that it may be sent again. */
export function isRead({ method = 'GET' }: Pick<OutgoingRequest, 'method'>): boolean {
	return method.toUpperCase() === 'GET';
}

/** A copy of the request with a header set, replacing any of the same name in any case. */
export function withHeader(request: OutgoingRequest, name: string, value: string): OutgoingRequest {
	return { ...request, headers: { ...withoutHeader(request, name).headers, [name]: value } };
}

/** A copy of the request with a query parameter set, also if its URL already has it. */
export function withQuery(
	request: OutgoingRequest,
	target: URL,
	name: string,
	value: string,
): OutgoingRequest {
	const url = new URL(target);
	// Only if present: changing the parameters re-encodes all the others.
	if (url.searchParams.has(name)) url.searchParams.delete(name);
	return { ...withAddress(request, url), qs: { ...request.qs, [name]: value } };
}

/**
 * A copy of the request with a top-level member set in its JSON body. Text stays text, so that
 * numbers beyond 2^53 keep their digits.
 *
 * @returns undefined if the body is anything but a JSON object
 */
export function withBodyMember(
	request: OutgoingRequest,
	name: string,
	value: string,
): OutgoingRequest | undefined {
	const { body } = request;
	if (request.form !== undefined || request.formData !== undefined) return undefined;
	const type = findHeader(request, 'content-type');
	if (type !== undefined && !/^application\/(?:[\w.-]+\+)?json\b/i.test(type)) return undefined;
	if (body === undefined || body === null || body === '') {
		const withBody = { ...request, body: { [name]: value } };
		return withHeader(withBody, 'content-type', 'application/json');
	}
	if (typeof body === 'string') {
		const text = putMember(body, name, value);
		return text === undefined ? undefined : { ...request, body: text };
	}
	return isPlainObject(body) ? { ...request, body: { ...body, [name]: value } } : undefined;
}

/**
 * A copy of the request, in either of n8n's two forms, that goes exactly to the address that was
 * checked. No redirect can take it elsewhere, not even to another port or path of the same host.
 */
export function confineTo(target: URL, request: OutgoingRequest): OutgoingRequest {
	return {
		// A proxy or a shared server would follow the header, not the address.
		...withoutHeader(withAddress(request, target), 'host'),
		followRedirect: false,
		followAllRedirects: false,
		disableFollowRedirect: true,
	};
}

/** A copy of the request that accepts a self-signed certificate, in either of n8n's two forms. */
export function withoutSslCheck(request: OutgoingRequest): OutgoingRequest {
	return { ...request, rejectUnauthorized: false, skipSslCertificateValidation: true };
}

/**
 * A copy of the request whose response is read as a whole, and not as a stream. A stream holds the
 * request, and with it the token; n8n keeps a broken one in the record of a manual execution, or waits
 * for ever (seen on n8n 2.41.1). Pagination understands streams only, and cannot be told from the
 * option Never Error: both send `simple: false`, and keep their stream.
 */
export function withoutStream(request: OutgoingRequest): OutgoingRequest {
	const mayBePage = request.simple === false;
	return request.useStream === true && !mayBePage ? { ...request, useStream: false } : request;
}

/**
 * Whether the request's body can be read only once: a stream, or a form with one in it. n8n 2.34 to about 2.38
 * send it again anyway, and wait for its end until the request times out.
 */
export function hasSingleUseBody({ body, formData }: OutgoingRequest): boolean {
	return [body, formData].some((value) => isStream(value) || hasStream(value));
}

/** Whether a form field is a stream, a list with one, or one with its file name. */
function hasStream(form: unknown): boolean {
	return Object.values(isJsonObject(form) ? form : {})
		.flat()
		.some((field) => isStream(field) || (isJsonObject(field) && isStream(field['value'])));
}

/** Node.js's streams and the forms of n8n's HTTP client have this method. */
function isStream(value: unknown): boolean {
	return isJsonObject(value) && typeof value['pipe'] === 'function';
}

/** A copy of the request that goes to a URL. */
export function withAddress(request: OutgoingRequest, { href }: URL): OutgoingRequest {
	const address = request.url === undefined ? { uri: href } : { url: href };
	return { ...request, ...address, baseURL: undefined };
}

function withoutHeader(request: OutgoingRequest, name: string): OutgoingRequest {
	if (request.headers === undefined) return request;
	const others = Object.entries(request.headers).filter(
		([other]) => other.toLowerCase() !== name.toLowerCase(),
	);
	return { ...request, headers: Object.fromEntries(others) };
}

function findHeader(request: OutgoingRequest, name: string): string | undefined {
	const header = Object.entries(request.headers ?? {}).find(([key]) => key.toLowerCase() === name);
	return header === undefined ? undefined : String(header[1]);
}

function isPlainObject(value: NonNullable<unknown>): value is Record<string, unknown> {
	const prototype: unknown = Object.getPrototypeOf(value);
	// n8n passes objects between contexts, so their prototype may not be this context's.
	return prototype === null || Object.getPrototypeOf(prototype) === null;
}
