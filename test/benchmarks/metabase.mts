import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { JSON_TYPE, respond } from '../fakes/http.mts';
import type { Cleanup } from '../harness/cleanup.mts';

/** A server for n8n's own Metabase credential: a session in a header, as Aurea has it. */
export class Metabase {
	readonly username = 'user@example.com';
	readonly password = 'Metabase-Pa55word';
	url = '';
	/** How long each answer takes, in milliseconds. */
	latency = 0;
	logins = 0;
	calls = 0;
	private readonly sessions = new Set<string>();

	static async start(cleanup: Cleanup): Promise<Metabase> {
		const metabase = new Metabase();
		const server = createServer((request, response) => {
			request.resume();
			void metabase
				.answer(request.url, request.headers['x-metabase-session'])
				.then(([status, body]) => respond(response, status, JSON.stringify(body), JSON_TYPE));
		}).listen(0, '127.0.0.1');
		await once(server, 'listening');
		cleanup.add(async () => {
			server.closeAllConnections();
			server.close();
			await once(server, 'close');
		});
		metabase.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
		return metabase;
	}

	endAllSessions(): void {
		this.sessions.clear();
	}

	private async answer(url: string | undefined, session: unknown): Promise<[number, unknown]> {
		this.calls += 1;
		if (this.latency > 0) await sleep(this.latency);
		if (url === '/api/session') {
			this.logins += 1;
			const id = randomUUID();
			this.sessions.add(id);
			return [200, { id }];
		}
		return this.sessions.has(String(session)) ? [200, []] : [401, { message: 'Unauthenticated' }];
	}
}
