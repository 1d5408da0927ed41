import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

import express, { type Express, type Request, type Response } from 'express';
import { generate } from 'selfsigned';

import { Aurea } from './aurea.mts';
import { CallLog, type Call } from './calls.mts';
import { Clock } from './clock.mts';
import { CrmCom, CRMCOM_BASE } from './crmCom.mts';
import { applyFault, Faults } from './faults.mts';

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
	/** Their ports; free ones where left out. */
	readonly crmCom?: number;
	readonly aurea?: number;
	/** The address to listen at; 127.0.0.1 where left out. */
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

function crmComApp(crmCom: CrmCom, shared: Shared): Express {
	return vendorApp(shared, 'crmCom', nameOfCrmCom, (request, call) =>
		crmCom.answer(
			{
				method: request.method,
				path: nameOfCrmCom(request),
				query: new URL(request.originalUrl, 'http://vendor').searchParams,
				headers: request.headers,
				body: jsonOf(call.body),
			},
			call,
		),
	);
}

function aureaApp(aurea: Aurea, shared: Shared): Express {
	return vendorApp(shared, 'aurea', nameOfAurea, (request, call) =>
		aurea.answer({
			method: request.method,
			segments: segmentsOf(request),
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
	nameOf: (request: Request) => string,
	answerOf: (request: Request, call: Call) => AnyAnswer,
): Express {
	const app = express();
	app.disable('x-powered-by');
	app.use(express.raw({ type: () => true, limit: '20mb' }));
	app.use(async (request: Request, response: Response) => {
		const name = nameOf(request);
		const body = Buffer.isBuffer(request.body) ? request.body.toString('utf8') : '';
		const { method, originalUrl: url, headers } = request;
		const call: Call = { vendor, method, name, url, headers, body, status: 0 };
		calls.begin(call);
		response.on('finish', () => {
			call.status = response.statusCode;
		});
		const fault = faults.take(call);
		const isAnswered = fault !== undefined && (await applyFault(fault, response));
		calls.end(call);
		if (isAnswered) return;
		const answer = answerOf(request, call);
		call.outcome = answer.outcome;
		response.status(answer.status);
		if (fault?.kind === 'reshape') {
			const { bytes, headers = {} } = fault.change(answer.body);
			response
				.type('json')
				.set(headers)
				.send(Buffer.from(bytes as string));
			return;
		}
		if (typeof answer.body === 'string') response.type('html').send(answer.body);
		else response.json(answer.body);
	});
	return app;
}

function nameOfCrmCom({ path }: Request): string {
	return path.startsWith(`${CRMCOM_BASE}/`) ? path.slice(CRMCOM_BASE.length + 1) : path;
}

function nameOfAurea(request: Request): string {
	const segments = segmentsOf(request);
	if (segments[0] === 'sessions') return segments.slice(0, 2).join('/');
	return ['{orgUid}', ...segments.slice(1)].join('/');
}

function segmentsOf({ path }: Request): string[] {
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

async function listen(app: Express, tls: boolean, port = 0, host = '127.0.0.1'): Promise<Server> {
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
