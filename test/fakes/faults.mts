import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Call } from './calls.mts';
import { HTML_TYPE, JSON_TYPE, respond } from './http.mts';

/** An answer of a server, or of something in between, that is not the vendor's own. */
export type Fault =
	| {
			readonly kind: 'status';
			readonly status: number;
			readonly body?: unknown;
			readonly headers?: Record<string, string>;
	  }
	/** An error that repeats the request: its URL, its headers and its body. */
	| { readonly kind: 'echo'; readonly status: number }
	| { readonly kind: 'html'; readonly status?: number }
	| {
			readonly kind: 'text';
			readonly text: string;
			readonly type?: string;
			readonly status?: number;
	  }
	| { readonly kind: 'redirect'; readonly status: number; readonly location: string }
	| { readonly kind: 'slow'; readonly milliseconds: number }
	| { readonly kind: 'hang' }
	| { readonly kind: 'stall' }
	| { readonly kind: 'reset' }
	| { readonly kind: 'cut' }
	/** The vendor's own good answer, changed on its way. */
	| { readonly kind: 'reshape'; readonly change: (body: unknown) => TransformedBody }
	| { readonly kind: 'huge'; readonly bytes: number };

/** An answer as it was changed on its way. */
export interface TransformedBody {
	readonly bytes: string | Buffer;
	readonly headers?: Readonly<Record<string, string>>;
}

interface Planned {
	readonly name: string;
	readonly fault: Fault;
	readonly isHit: (call: Call) => boolean;
	left: number;
}

/** The faults that tests have asked for. */
export class Faults {
	private planned: Planned[] = [];

	/**
	 * Makes the next `times` calls of a method fail in this way, or only the calls that match; `*`
	 * stands for every method.
	 */
	plan(
		name: string,
		fault: Fault,
		times = Infinity,
		isHit: (call: Call) => boolean = () => true,
	): void {
		this.planned.push({ name, fault, isHit, left: times });
	}

	clear(): void {
		this.planned = [];
	}

	/** The fault of a call, if there is one. */
	take(call: Call): Fault | undefined {
		const found = this.planned.find(
			({ name, left, isHit }) => left > 0 && [call.name, '*'].includes(name) && isHit(call),
		);
		if (!found) return undefined;
		found.left -= 1;
		return found.fault;
	}
}

/** Applies a fault. @returns true if it answers the call, false if the call continues after it */
export async function applyFault(
	fault: Fault,
	{ url, headers, body }: Call,
	response: ServerResponse,
): Promise<boolean> {
	switch (fault.kind) {
		case 'status':
			if (fault.body === undefined) respond(response, fault.status, '', fault.headers);
			else {
				const all = { ...JSON_TYPE, ...fault.headers };
				respond(response, fault.status, JSON.stringify(fault.body), all);
			}
			return true;
		case 'echo': {
			const message = `Rejected: ${JSON.stringify({ url, headers })} ${body}`;
			const repeated = { status: { code: message, message }, message };
			respond(response, fault.status, JSON.stringify(repeated), JSON_TYPE);
			return true;
		}
		case 'html': {
			const page = '<!DOCTYPE html><title>Sign in</title><form><input name="password"></form>';
			respond(response, fault.status ?? 200, page, HTML_TYPE);
			return true;
		}
		case 'text': {
			const type = { 'Content-Type': `${fault.type ?? 'text/plain'}; charset=utf-8` };
			respond(response, fault.status ?? 200, fault.text, type);
			return true;
		}
		case 'redirect':
			respond(response, fault.status, '', { Location: fault.location });
			return true;
		case 'slow':
			await sleep(fault.milliseconds);
			return false;
		case 'hang':
			return true;
		case 'stall':
			response.writeHead(200, { 'Content-Type': 'application/json' });
			response.write('{"status":{"code":"OK"');
			return true;
		case 'reshape':
			return false;
		case 'reset':
			response.socket?.resetAndDestroy();
			return true;
		case 'cut':
			response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': '1000' });
			response.write('{"status":{"code":"OK"', () => response.socket?.destroy());
			return true;
		case 'huge':
			respond(response, 200, `{"padding":"${'x'.repeat(fault.bytes)}"}`, JSON_TYPE);
			return true;
	}
}
