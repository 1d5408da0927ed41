import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { JSON_TYPE, readBody, respond } from '../fakes/http.mts';

/** A server for n8n's built-in Metabase credential: a session in a header, like Aurea's. */
export interface Metabase {
	readonly url: string;
	/** How long each answer takes, in milliseconds. */
	latency: number;
	logins: number;
	requests: number;
	endAllSessions(): void;
	stop(): Promise<void>;
}

export async function startMetabase(): Promise<Metabase> {
	const sessions = new Set<string>();
	const answer = async (...[request, response]: Parameters<RequestListener>) => {
		await readBody(request);
		const { method, url, headers } = request;
		if (metabase.latency > 0) await sleep(metabase.latency);
		const say = (status: number, body: unknown) =>
			respond(response, status, JSON.stringify(body), JSON_TYPE);
		if (method === 'POST' && url === '/api/session') {
			metabase.logins += 1;
			const id = randomUUID();
			sessions.add(id);
			say(200, { id });
			return;
		}
		metabase.requests += 1;
		if (sessions.has(String(headers['x-metabase-session']))) say(200, []);
		else say(401, { message: 'Unauthenticated' });
	};
	const app: RequestListener = (request, response) => void answer(request, response);
	const server = createServer(app).listen(0, '127.0.0.1');
	await once(server, 'listening');
	const metabase: Metabase = {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		latency: 0,
		logins: 0,
		requests: 0,
		endAllSessions: () => sessions.clear(),
		async stop() {
			server.closeAllConnections();
			server.close();
			await once(server, 'close');
		},
	};
	return metabase;
}
