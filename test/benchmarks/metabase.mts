import { randomUUID } from 'node:crypto';

import type { FakeRequest, FakeResponse } from '../fakes/vendor.mts';

/** A server for n8n's own Metabase credential: a session in a header, as Aurea has it. */
export class Metabase {
	url = '';
	readonly sessions = new Set<unknown>();

	nameOf(path: string): string {
		return path;
	}

	answer({ path, headers }: FakeRequest): FakeResponse {
		if (path === '/api/session') {
			const id = randomUUID();
			this.sessions.add(id);
			return { status: 200, body: { id }, outcome: 'OK' };
		}
		const isGood = this.sessions.has(headers['x-metabase-session']);
		return { status: isGood ? 200 : 401, body: [], outcome: isGood ? 'OK' : 'Unauthenticated' };
	}
}
