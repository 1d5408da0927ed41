import { parseUrl } from '../serverUrl';
import type { OutgoingRequest } from './request';

/**
 * Where a request will really go, as n8n's HTTP client reads it.
 *
 * @returns undefined if that is not an absolute URL
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
	const isBelow = (path: string, basePath: string) =>
		`${path}/`.startsWith(`${basePath.replace(/\/$/, '')}/`);
	return isBelow(url.pathname, base.pathname) && isBelow(decodePath(url), decodePath(base));
}

/** The path as the most permissive server would read it: `/a/%252e%252e/b;x` is `/b`. */
function decodePath(url: URL): string {
	const path = decode(url.pathname)
		.replace(/\\/g, '/')
		.replace(/;[^/]*/g, '');
	return new URL(`http://host${path}`).pathname;
}

/** The code of a character that can lead up a path, or that can be a part of such a code itself. */
const CODE = /^%(25|2e|2f|5c|3b|3\d|[46][1-6])$/i;

/** Decodes these characters, however often each of them was encoded. */
function decode(path: string): string {
	const decoded: string[] = [];
	const lastCode = () => {
		const code = decoded.slice(-3).join('');
		return CODE.test(code) ? code : undefined;
	};
	for (const character of path) {
		decoded.push(character);
		// What was just decoded may be the end of another code.
		for (let code = lastCode(); code !== undefined; code = lastCode()) {
			decoded.splice(-3, 3, decodeURIComponent(code));
		}
	}
	return decoded.join('');
}

/** The path as `decodePath` has it, with its letters decoded, too: `/%61` is `/a`. */
export function plainPath(url: URL): string {
	return decodePath(url).replace(/%([0-7][\da-f])/gi, (_code, hex: string) =>
		String.fromCharCode(Number.parseInt(hex, 16)),
	);
}
