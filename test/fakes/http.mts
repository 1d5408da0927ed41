/** What the fake servers need beyond `node:http`. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';

/** The body of a request, as text. */
export async function readBody(request: IncomingMessage): Promise<string> {
	return (await buffer(request)).toString('utf8');
}

/** Sends a whole response. An empty one has no content type. */
export function respond(
	response: ServerResponse,
	status: number,
	body: string | Buffer = '',
	headers: Readonly<Record<string, string>> = {},
): void {
	response.writeHead(status, { 'Content-Length': Buffer.byteLength(body), ...headers });
	response.end(body);
}

export const JSON_TYPE = { 'Content-Type': 'application/json; charset=utf-8' };
export const HTML_TYPE = { 'Content-Type': 'text/html; charset=utf-8' };
