import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { JSON_TYPE, respond } from '../fakes/http.mts';
import type { Cleanup } from '../harness/cleanup.mts';

/** Starts a server for n8n's own Metabase credential: a session in a header, as Aurea has it. */
export async function startMetabase(cleanup: Cleanup) {
	const metabase = {
		url: '',
		/** How long each answer takes, in milliseconds. */
		latency: 0,
		/** The paths that were called. */
		calls: [] as string[],
		sessions: new Set<unknown>(),
	};
	const server = createServer((request, response) => {
		const [path, session] = [request.url!, request.headers['x-metabase-session']];
		metabase.calls.push(path);
		request.resume();
		void sleep(metabase.latency).then(() => {
			const id = path === '/api/session' ? randomUUID() : session;
			if (id !== session) metabase.sessions.add(id);
			respond(response, metabase.sessions.has(id) ? 200 : 401, JSON.stringify({ id }), JSON_TYPE);
		});
	}).listen(0, '127.0.0.1');
	await once(server, 'listening');
	cleanup.add(async () => {
		server.closeAllConnections();
		await server[Symbol.asyncDispose]();
	});
	metabase.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	return metabase;
}
