import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { request } from 'undici';

import type { Cleanup } from './cleanup.mts';
import type { Host } from './install.mts';
import { Problem } from './problem.mts';

/** How long n8n may take until it answers, in milliseconds. */
const START_WITHIN = 180_000;
/** How long n8n may take to end by itself, in milliseconds. */
const STOP_WITHIN = 20_000;

/** A running n8n with a folder of its own. */
export interface RunningN8n {
	readonly url: string;
	readonly logFile: string;
	/** The last lines that n8n wrote. */
	tail(lines: number): string;
	/** Resolves with its exit code when n8n ends, for whatever reason. */
	readonly ended: Promise<number | null>;
	stop(): Promise<void>;
}

interface StartOptions {
	readonly host: Host;
	/** Where n8n keeps everything; its log goes there, too. */
	readonly userFolder: string;
	/** A free one where left out. */
	readonly port?: number;
	readonly environment?: Record<string, string>;
	/** Where the end of n8n is noted before it has begun. */
	readonly cleanup: Cleanup;
}

/** Starts n8n with SQLite and waits until it answers. */
export async function startN8n({ host, userFolder, port, environment, cleanup }: StartOptions): Promise<RunningN8n> {
	const [ownPort, brokerPort] = [port ?? (await freePort()), await freePort()];
	const logFile = join(userFolder, 'n8n.log');
	const log = createWriteStream(logFile, { flags: 'a' });
	const child = spawn(host.node, [host.n8n, 'start'], {
		cwd: userFolder,
		env: {
			PATH: process.env['PATH'],
			HOME: userFolder,
			N8N_USER_FOLDER: userFolder,
			N8N_PORT: String(ownPort),
			N8N_LISTEN_ADDRESS: '127.0.0.1',
			N8N_RUNNERS_BROKER_PORT: String(brokerPort),
			N8N_ENCRYPTION_KEY: randomUUID(),
			N8N_DIAGNOSTICS_ENABLED: 'false',
			N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
			N8N_TEMPLATES_ENABLED: 'false',
			N8N_PERSONALIZATION_ENABLED: 'false',
			N8N_SECURE_COOKIE: 'false',
			...environment,
		},
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	child.stdout.pipe(log, { end: false });
	child.stderr.pipe(log, { end: false });
	const ended = once(child, 'exit').then(([code]) => code as number | null);
	const n8n: RunningN8n = {
		url: `http://127.0.0.1:${ownPort}`,
		logFile,
		ended,
		tail: (lines) => readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-lines).join('\n'),
		stop: async () => await stop(child, ended),
	};
	cleanup.add(async () => await n8n.stop());
	await waitUntilReady(n8n, child);
	return n8n;
}

async function waitUntilReady({ url, tail }: RunningN8n, child: ChildProcess): Promise<void> {
	const deadline = Date.now() + START_WITHIN;
	while (Date.now() < deadline) {
		if (child.exitCode !== null) throw new Problem(`n8n ended while it started:\n${tail(20)}`);
		if ((await answers(`${url}/healthz`)) && (await answers(`${url}/rest/settings`))) return;
		await sleep(200);
	}
	throw new Problem(`n8n did not answer within ${START_WITHIN / 1000} s:\n${tail(20)}`);
}

async function answers(url: string): Promise<boolean> {
	try {
		const { statusCode, headers, body } = await request(url);
		await body.dump();
		return statusCode === 200 && String(headers['content-type']).includes('json');
	} catch {
		return false;
	}
}

async function stop(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null) return;
	child.kill('SIGTERM');
	const abort = new AbortController();
	await Promise.race([ended, sleep(STOP_WITHIN, undefined, { signal: abort.signal }).catch(() => undefined)]);
	abort.abort();
	if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
	await ended;
}

/** @throws Problem where something listens on the port already */
export async function requireFree(port: number): Promise<void> {
	const server = createServer().listen(port, '127.0.0.1');
	await once(server, 'listening').catch(() => {
		throw new Problem(`Port ${port} is taken. End what uses it, or choose another with --port`);
	});
	server.close();
}

export async function freePort(): Promise<number> {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	server.close();
	await once(server, 'close');
	return port;
}
