import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

import { CallLog, type Call } from './calls.mts';
import { Clock } from './clock.mts';
import { applyFault, Faults } from './faults.mts';
import { HTML_TYPE, JSON_TYPE, readBody, respond } from './http.mts';
import type { FakeVendor } from './vendor.mts';
import { VENDOR_NAMES, VENDORS, type VendorName } from './vendors.mts';

type Vendors = { readonly [Name in VendorName]: InstanceType<(typeof VENDORS)[Name]> };

/** All vendors, each on a port of this machine. */
export interface Fakes extends Vendors {
	readonly clock: Clock;
	readonly calls: CallLog;
	readonly faults: Faults;
	stop(): Promise<void>;
}

/** The part of a vendor that its server needs. */
type Served = Pick<FakeVendor, 'url' | 'nameOf' | 'answer'>;

interface FakeOptions {
	/** The vendors' ports; free ones if left out. */
	readonly ports?: Partial<Record<VendorName, number>>;
	/** The address to listen at; 127.0.0.1 if left out. */
	readonly host?: string;
	/** True for https with a self-signed certificate, as many servers on premises have. */
	readonly tls?: boolean;
}

/** Starts all vendors, on 127.0.0.1 unless told otherwise. */
export async function startFakes({
	tls = false,
	ports = {},
	host,
}: FakeOptions = {}): Promise<Fakes> {
	const clock = new Clock();
	const shared = { calls: new CallLog(), faults: new Faults() };
	const servers: Server[] = [];
	const stop = async () => void (await Promise.all(servers.map(close)));
	const vendors: Partial<Record<VendorName, FakeVendor>> = {};
	try {
		for (const name of VENDOR_NAMES) {
			const vendor = new VENDORS[name](clock);
			servers.push(await serve(name, vendor, shared, { tls, port: ports[name], host }));
			vendors[name] = vendor;
		}
	} catch (error) {
		await stop();
		throw error;
	}
	return { ...(vendors as unknown as Vendors), ...shared, clock, stop };
}

/** Starts one vendor, and tells it its URL. */
export async function serve(
	name: string,
	vendor: Served,
	shared: Pick<Fakes, 'calls' | 'faults'>,
	options: { tls?: boolean; port?: number | undefined; host?: string | undefined } = {},
): Promise<Server> {
	const { tls = false, port, host } = options;
	const server = await listen(vendorApp(name, vendor, shared), tls, port, host);
	vendor.url = `${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`;
	return server;
}

/** What all vendors have in common: every call is noted, and may meet a fault before its answer. */
function vendorApp(
	vendorName: string,
	vendor: Served,
	{ calls, faults }: Pick<Fakes, 'calls' | 'faults'>,
): RequestListener {
	const handle = async (...[request, response]: Parameters<RequestListener>) => {
		const text = await readBody(request);
		const { method = 'GET', url = '/', headers } = request;
		const { pathname: path, searchParams: query } = new URL(url, 'http://vendor');
		const name = vendor.nameOf(path);
		const call: Call = { vendor: vendorName, method, name, url, headers, body: text, status: 0 };
		calls.begin(call);
		response.on('finish', () => {
			call.status = response.statusCode;
		});
		const fault = faults.take(call);
		const isAnswered = fault !== undefined && (await applyFault(fault, call, response));
		calls.end(call);
		if (isAnswered) return;
		const answer = vendor.answer({ method, path, query, headers, body: membersOf(text) });
		call.outcome = answer.outcome;
		if (fault?.kind === 'reshape') {
			const { bytes, headers: changed = {} } = fault.change(answer.body);
			respond(response, answer.status, bytes, { ...JSON_TYPE, ...changed });
		} else if (typeof answer.body === 'string') {
			respond(response, answer.status, answer.body, HTML_TYPE);
		} else respond(response, answer.status, JSON.stringify(answer.body), JSON_TYPE);
	};
	return (request, response) => {
		// A client that has gone needs no answer, and a path that cannot be decoded gets none.
		handle(request, response).catch(() => response.destroy());
	};
}

/** A body's members; a form, a file or broken JSON has none. */
function membersOf(body: string): Record<string, unknown> {
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

export async function close(server: Server): Promise<void> {
	const closed = new Promise<void>((resolve) => server.close(() => resolve()));
	server.closeAllConnections();
	await closed;
}

/** Made once for all servers of this process: it takes a while. */
let certificate: Promise<{ key: string; cert: string }> | undefined;

async function selfSigned(): Promise<{ key: string; cert: string }> {
	// Loaded only on demand: nothing else here needs an installed package.
	certificate ??= import('selfsigned')
		.then(async ({ generate }) => await generate([{ name: 'commonName', value: '127.0.0.1' }]))
		.then(({ private: key, cert }) => ({ key, cert }));
	return await certificate;
}
