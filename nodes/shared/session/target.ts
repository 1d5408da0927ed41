import { parseUrl } from '../url';
import type { OutgoingRequest } from './attach';

/**
 * Where a request will really go, the way n8n's HTTP client reads it.
 *
 * @returns undefined where that is no absolute URL.
 */
export function targetOf(request: OutgoingRequest): URL | undefined {
	// The HTTP Request node says `uri`, the helpers for nodes say `url`; n8n prefers the latter.
	const path = String(request.url ?? request.uri ?? '');
	const isAbsolute = /^([a-z][a-z\d+\-.]*:)?\/\//i.test(path);
	const joined =
		request.baseURL === undefined || isAbsolute
			? path
			: `${request.baseURL.replace(/\/?\/$/, '')}/${path.replace(/^\/+/, '')}`;
	return parseUrl(joined);
}

/**
 * Whether a URL is one of a server's own: same scheme, host and port, and below its base path.
 * In doubt it is not: a name with a trailing dot is another name, and whatever a server might take
 * for a step up the path (encoded, or with a path parameter, as Java servers do) is taken for one.
 */
export function belongsTo(url: URL, serverBase: string): boolean {
	const base = new URL(serverBase);
	if (url.origin !== base.origin) return false;
	const basePath = base.pathname.replace(/\/+$/, '');
	return [url.pathname, plainPath(url)].every((path) => `${path}/`.startsWith(`${basePath}/`));
}

/** The path as the most permissive server would read it. */
export function plainPath(url: URL): string {
	// However often the sign of an encoding was itself encoded: one step for all, not one for each.
	let path = url.pathname.replace(/%(?:25)+/g, '%');
	for (let encoded = ''; encoded !== path; ) {
		encoded = path;
		path = encoded
			.replace(/%(25|2e|2f|5c|3b)/gi, (code) => decodeURIComponent(code))
			.replace(/\\/g, '/')
			.replace(/;[^/]*/g, '');
	}
	return new URL(`http://host${path}`).pathname;
}
