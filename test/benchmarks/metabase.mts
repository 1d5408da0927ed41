import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import express from 'express';

/** What n8n's built-in credential for Metabase logs in to: a session in a header, as Aurea's is. */
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
	const app = express();
	app.disable('x-powered-by');
	app.use(express.raw({ type: () => true }));
	app.use(async ({ method, path, headers }, response) => {
		if (metabase.latency > 0) await sleep(metabase.latency);
		if (method === 'POST' && path === '/api/session') {
			metabase.logins += 1;
			const id = randomUUID();
			sessions.add(id);
			response.json({ id });
			return;
		}
		metabase.requests += 1;
		if (sessions.has(String(headers['x-metabase-session']))) response.json([]);
		else response.status(401).json({ message: 'Unauthenticated' });
	});
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
