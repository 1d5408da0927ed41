import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

import { generate } from 'selfsigned';

import { Aurea } from './aurea.mts';
import { CallLog, type Call } from './calls.mts';
import { Clock } from './clock.mts';
import { CrmCom, CRMCOM_BASE } from './crmCom.mts';
import { applyFault, Faults } from './faults.mts';
import { HTML_TYPE, JSON_TYPE, pathOf, readBody, respond } from './http.mts';

/** Both fake vendors, on two ports of this machine. */
export interface Fakes {
	readonly crmCom: CrmCom;
	readonly aurea: Aurea;
	/** As a user would type them into a credential. */
	readonly crmComUrl: string;
	readonly aureaUrl: string;
	readonly clock: Clock;
	readonly calls: CallLog;
	readonly faults: Faults;
	stop(): Promise<void>;
}

interface FakeOptions {
	/** Their ports; free ones if left out. */
	readonly crmCom?: number;
	readonly aurea?: number;
	/** The address to listen at; 127.0.0.1 if left out. */
	readonly host?: string;
	/** True for https with a self-signed certificate, as many servers on premises have. */
	readonly tls?: boolean;
}

/** Starts both vendors, on 127.0.0.1 unless told otherwise. */
export async function startFakes({ tls = false, ...ports }: FakeOptions = {}): Promise<Fakes> {
	const clock = new Clock();
	const calls = new CallLog();
	const faults = new Faults();
	const crmCom = new CrmCom(clock);
	const aurea = new Aurea(clock);
	const shared = { calls, faults };
	const crmComServer = await listen(crmComApp(crmCom, shared), tls, ports.crmCom, ports.host);
	const aureaServer = await listen(aureaApp(aurea, shared), tls, ports.aurea, ports.host);
	return {
		crmCom,
		aurea,
		clock,
		calls,
		faults,
		crmComUrl: urlOf(crmComServer, tls),
		aureaUrl: urlOf(aureaServer, tls),
		async stop() {
			await Promise.all([close(crmComServer), close(aureaServer)]);
		},
	};
}

interface Shared {
	readonly calls: CallLog;
	readonly faults: Faults;
}

function crmComApp(crmCom: CrmCom, shared: Shared): RequestListener {
	return vendorApp(shared, 'crmCom', nameOfCrmCom, (request, call) =>
		crmCom.answer(
			{
				method: call.method,
				path: call.name,
				query: new URL(call.url, 'http://vendor').searchParams,
				headers: request.headers,
				body: jsonOf(call.body),
			},
			call,
		),
	);
}

function aureaApp(aurea: Aurea, shared: Shared): RequestListener {
	return vendorApp(shared, 'aurea', nameOfAurea, (request, call) =>
		aurea.answer({
			method: call.method,
			segments: segmentsOf(pathOf(request)),
			headers: request.headers,
			body: jsonOf(call.body),
		}),
	);
}

interface AnyAnswer {
	readonly status: number;
	readonly body: unknown;
	readonly outcome: string;
}

/** What both vendors have in common: every call is noted, and may meet a fault before its answer. */
function vendorApp(
	{ calls, faults }: Shared,
	vendor: Call['vendor'],
	nameOf: (path: string) => string,
	answerOf: (request: IncomingMessage, call: Call) => AnyAnswer,
): RequestListener {
	const listen = async (...[request, response]: Parameters<RequestListener>) => {
		const body = await readBody(request);
		const name = nameOf(pathOf(request));
		const { method = 'GET', url = '/', headers } = request;
		const call: Call = { vendor, method, name, url, headers, body, status: 0 };
		calls.begin(call);
		response.on('finish', () => {
			call.status = response.statusCode;
		});
		const fault = faults.take(call);
		const isAnswered = fault !== undefined && (await applyFault(fault, call, response));
		calls.end(call);
		if (isAnswered) return;
		const answer = answerOf(request, call);
		call.outcome = answer.outcome;
		if (fault?.kind === 'reshape') {
			const { bytes, headers: changed = {} } = fault.change(answer.body);
			respond(response, answer.status, bytes, { ...JSON_TYPE, ...changed });
		} else if (typeof answer.body === 'string') {
			respond(response, answer.status, answer.body, HTML_TYPE);
		} else respond(response, answer.status, JSON.stringify(answer.body), JSON_TYPE);
	};
	return (request, response) => {
		// A client that has gone needs no answer, and a path that cannot be decoded has none.
		listen(request, response).catch(() => response.destroy());
	};
}

function nameOfCrmCom(path: string): string {
	return path.startsWith(`${CRMCOM_BASE}/`) ? path.slice(CRMCOM_BASE.length + 1) : path;
}

function nameOfAurea(path: string): string {
	const segments = segmentsOf(path);
	if (segments[0] === 'sessions') return segments.slice(0, 2).join('/');
	return ['{orgUid}', ...segments.slice(1)].join('/');
}

function segmentsOf(path: string): string[] {
	return path.split('/').filter(Boolean).map(decodeURIComponent);
}

/** A body's members; a form, a file or broken JSON has none. */
function jsonOf(body: string): Record<string, unknown> {
	try {
		const value: unknown = JSON.parse(body);
		return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
	} catch {
		return {};
	}
}

async function listen(
	app: RequestListener,
	tls: boolean,
	port = 0,
	host = '127.0.0.1',
): Promise<Server> {
	const server = tls ? createTlsServer(await selfSigned(), app) : createServer(app);
	await new Promise<void>((resolve, reject) => {
		server.once('error', reject);
		server.listen(port, host, resolve);
	});
	return server;
}

async function close(server: Server): Promise<void> {
	const closed = new Promise<void>((resolve) => server.close(() => resolve()));
	server.closeAllConnections();
	await closed;
}

/** Made once for all servers of this process: it takes a while. */
let certificate: Promise<{ key: string; cert: string }> | undefined;

async function selfSigned(): Promise<{ key: string; cert: string }> {
	certificate ??= generate([{ name: 'commonName', value: '127.0.0.1' }]).then(
		({ private: key, cert }) => ({ key, cert }),
	);
	return await certificate;
}

function urlOf(server: Server, tls: boolean): string {
	return `${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
