import { parseUrl } from '../input';
import type { OutgoingRequest } from './request';

/**
 * Where a request will really go, as n8n's HTTP client reads it.
 *
 * @returns undefined where that is no absolute URL
 */
export function targetOf(request: OutgoingRequest): URL | undefined {
	// The HTTP Request node says `uri`, the helpers for nodes say `url`. n8n prefers the latter.
	const path = String(request.url ?? request.uri ?? '');
	const isAbsolute = /^([a-z][a-z\d+\-.]*:)?\/\//i.test(path);
	const joined =
		request.baseURL === undefined || isAbsolute
			? path
			: `${request.baseURL.replace(/\/?\/$/, '')}/${path.replace(/^\//, '')}`;
	return parseUrl(joined);
}

/**
 * Whether a URL belongs to a server: same scheme, host and port, and below its base path. When in
 * doubt, it does not: a host with a trailing dot is a different host, and anything a server might
 * read as a step up the path (encoded, or with a path parameter, as Java servers do) counts as one.
 */
export function belongsTo(url: URL, serverUrl: string): boolean {
	const base = new URL(serverUrl);
	if (url.origin !== base.origin) return false;
	const basePath = base.pathname.replace(/\/$/, '');
	return [url.pathname, decodePath(url)].every((path) => `${path}/`.startsWith(`${basePath}/`));
}

/** The path as the most permissive server would read it: `/a/%252e%252e/b;x` is `/b`. */
export function decodePath(url: URL): string {
	// Decodes a percent sign in one step, however many times it was encoded.
	let path = url.pathname.replace(/%(?:25)+/g, '%');
	let encoded: string;
	do {
		encoded = path;
		path = encoded
			.replace(/%(25|2e|2f|5c|3b)/gi, (code) => decodeURIComponent(code))
			.replace(/\\/g, '/')
			.replace(/;[^/]*/g, '');
	} while (path !== encoded);
	return new URL(`http://host${path}`).pathname;
}

/** The path as `decodePath` has it, with its letters decoded, too: `/%61` is `/a`. */
export function plainPath(url: URL): string {
	return decodePath(url).replace(/%([0-7][\da-f])/gi, (_code, hex: string) =>
		String.fromCharCode(Number.parseInt(hex, 16)),
	);
}
