import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { request } from 'undici';

import type { Cleanup } from './cleanup.mts';
import type { Host } from './install.mts';
import { freePort } from './ports.mts';
import { CommandError } from './commandError.mts';

/** How long n8n may take until it answers, in milliseconds. */
const START_WITHIN = 180_000;
/** How long n8n may take to end by itself, in milliseconds. */
const STOP_WITHIN = 20_000;

/** Makes Linux end n8n with the process that started it, even if that was killed. */
const LEASH = existsSync('/usr/bin/setpriv') ? ['/usr/bin/setpriv', '--pdeathsig', 'KILL'] : [];

/** A running process of n8n. */
export interface RunningN8n {
	/** Of the editor and its API; of a worker: of its health check. */
	readonly url: string;
	readonly logFile: string;
	/** The last lines that n8n wrote. */
	tail(lines: number): string;
	/** Resolves with its exit code when n8n ends, for whatever reason. */
	readonly ended: Promise<number | null>;
	/** Asks it to end, and ends it if it does not. */
	stop(): Promise<void>;
	/** Kills it as a lack of memory or a power cut would: at once, without cleaning up. */
	kill(): Promise<void>;
}

interface StartOptions {
	readonly host: Host;
	/** Where this process keeps all data, its log included. */
	readonly userFolder: string;
	/** A free one if left out. */
	readonly port?: number;
	readonly environment?: Readonly<Record<string, string>>;
	/** A program that starts n8n when it is done, in place of n8n itself. */
	readonly launcher?: string;
	/** Registers n8n's end before its start. */
	readonly cleanup: Cleanup;
}

/** Starts n8n, with SQLite unless the environment says otherwise, and waits until it answers. */
export async function startN8n({
	port,
	environment,
	...options
}: StartOptions): Promise<RunningN8n> {
	const start = async () => {
		const ownPort = port ?? (await freePort());
		const n8n = await startProcess('start', ownPort, {
			...options,
			environment: { N8N_PORT: String(ownPort), ...environment },
		});
		await waitUntilReady(n8n, ['/healthz', '/rest/settings']);
		return n8n;
	};
	return await start().catch(async (error: Error) => {
		// Until n8n listens, another process can take a port that was free.
		process.stderr.write(`${error.message}\nStarting n8n once more\n`);
		return await start();
	});
}

/** Starts a worker of queue mode, and waits until it takes work. */
export async function startWorker({ environment, ...options }: StartOptions): Promise<RunningN8n> {
	const port = await freePort();
	const healthCheck = { QUEUE_HEALTH_CHECK_ACTIVE: 'true', QUEUE_HEALTH_CHECK_PORT: String(port) };
	const n8n = await startProcess('worker', port, {
		...options,
		environment: { ...healthCheck, ...environment },
	});
	await waitUntilReady(n8n, ['/healthz/readiness']);
	return n8n;
}

interface ChildOf extends RunningN8n {
	readonly child: ChildProcess;
}

async function startProcess(
	command: string,
	port: number,
	{ host, userFolder, environment, launcher, cleanup }: StartOptions,
): Promise<ChildOf> {
	const brokerPort = await freePort();
	// Several processes may share a folder.
	const logFile = join(userFolder, command === 'start' ? 'n8n.log' : `n8n-${command}-${port}.log`);
	const log = createWriteStream(logFile, { flags: 'a' });
	const launch = launcher === undefined ? [] : [launcher];
	const [program, ...parameters] = [...LEASH, ...launch, host.node, host.n8n, command];
	const child = spawn(program, parameters, {
		cwd: userFolder,
		env: {
			PATH: process.env['PATH'],
			HOME: userFolder,
			N8N_USER_FOLDER: userFolder,
			N8N_LISTEN_ADDRESS: '127.0.0.1',
			N8N_RUNNERS_BROKER_PORT: String(brokerPort),
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
	const n8n: ChildOf = {
		url: `http://127.0.0.1:${port}`,
		logFile,
		ended,
		child,
		tail: (lines) => readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-lines).join('\n'),
		stop: async () => await stop(child, ended),
		kill: async () => {
			child.kill('SIGKILL');
			await ended;
		},
	};
	cleanup.add(async () => await n8n.stop());
	return n8n;
}

async function waitUntilReady(
	{ url, tail, child }: ChildOf,
	paths: readonly string[],
): Promise<void> {
	const deadline = Date.now() + START_WITHIN;
	while (Date.now() < deadline) {
		if (child.exitCode !== null || child.signalCode !== null)
			throw new CommandError(`n8n ended while it started:\n${tail(20)}`);
		const ready = await Promise.all(paths.map(async (path) => await answers(url + path)));
		if (ready.every(Boolean)) return;
		await sleep(200);
	}
	throw new CommandError(`n8n did not answer within ${START_WITHIN / 1000} s:\n${tail(20)}`);
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
	await Promise.race([
		ended,
		sleep(STOP_WITHIN, undefined, { signal: abort.signal }).catch(() => undefined),
	]);
	abort.abort();
	if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
	await ended;
}
