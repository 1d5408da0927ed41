import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream, existsSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

import type { Cleanup } from './cleanup.mts';
import { Problem } from './problem.mts';

/** A real n8n with the Node.js that it runs on, installed outside the checkout. */
export interface Host {
	readonly version: string;
	readonly folder: string;
	/** The program `node`. */
	readonly node: string;
	/** The script `n8n`. */
	readonly n8n: string;
}

type Report = (line: string) => void;

/** What an installation needs on the disk, in bytes. */
const NEEDED_BYTES = 5 * 1024 ** 3;
/** An installation that was cut off this long ago, in milliseconds, is litter. */
const LITTER_AFTER = 3_600_000;
/** How often a long step says that it goes on, in milliseconds. */
const REPORT_EVERY = 10_000;

const versionsFolder = join(import.meta.dirname, 'versions');

/** Where hosts are kept between runs. Deleting it is safe: it rebuilds itself. */
export function cacheFolder(): string {
	const root = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
	return join(root, 'n8n-nodes-crmcom-aurea', 'hosts');
}

/**
 * A host of a version that has a lock file in `versions/`: from the cache, or installed now.
 *
 * @param report is told each step and, every ten seconds, that a long one goes on
 * @param cleanup is told how to end an installation half-way
 * @throws Problem with a sentence that says what to do
 */
export async function installHost(version: string, report: Report, cleanup: Cleanup): Promise<Host> {
	const source = join(versionsFolder, version);
	if (!existsSync(source)) throw new Problem(`n8n ${version} has no lock file in test/host/versions`);
	const lock = readFileSync(join(source, 'package-lock.json'));
	const key = createHash('sha256').update(lock).digest('hex').slice(0, 12);
	const cache = cacheFolder();
	const folder = join(cache, `${version}-${key}`);
	if (!existsSync(folder)) {
		await mkdir(cache, { recursive: true });
		await removeLitter(cache);
		await requireSpace(cache);
		const temporary = join(cache, `.installing-${randomUUID()}`);
		const interrupt = new AbortController();
		cleanup.add(async () => {
			interrupt.abort();
			await rm(temporary, { recursive: true, force: true, maxRetries: 5 });
		});
		try {
			await install(source, temporary, version, { report, signal: interrupt.signal });
			// Only a whole installation gets the name by which it is found.
			await rename(temporary, folder).catch((error: unknown) => {
				if (!existsSync(folder)) throw error;
			});
		} finally {
			await rm(temporary, { recursive: true, force: true, maxRetries: 5 });
		}
	}
	return hostIn(folder, version);
}

function hostIn(folder: string, version: string): Host {
	const modules = join(folder, 'node_modules');
	return { version, folder, node: join(nodeFolder(folder), 'bin/node'), n8n: join(modules, 'n8n/bin/n8n') };
}

function nodeFolder(folder: string): string {
	const name = `node-${process.platform}-${process.arch}`;
	const path = join(folder, 'node_modules', name);
	if (existsSync(path)) return path;
	throw new Problem(`There is no Node.js for this machine in the lock file (${name}). The demo and the tests on a real n8n run on Linux`);
}

interface Watch {
	readonly report: Report;
	/** Aborted where the whole installation is given up. */
	readonly signal: AbortSignal;
}

async function install(source: string, folder: string, version: string, watch: Watch): Promise<void> {
	await mkdir(folder);
	for (const file of ['package.json', 'package-lock.json']) await copyFile(join(source, file), join(folder, file));
	watch.report(`Installing n8n ${version}, once: about 3 GB and ten minutes. It is kept in ${cacheFolder()}`);
	await npm(['ci', '--ignore-scripts'], { folder, doing: 'downloading' }, watch).catch((error: Error) => {
		throw new Problem(`The download of n8n ${version} did not succeed. Check the network and start again.\n${error.message}`);
	});
	const node = nodeFolder(folder);
	const step = { folder, doing: 'building its database driver', node };
	await npm(['rebuild', 'sqlite3', '--ignore-scripts=false'], step, watch).catch((error: Error) => {
		throw new Problem(`The database driver of n8n could not be built: it needs python3, make and a C++ compiler.\n${error.message}`);
	});
}

interface Step {
	readonly folder: string;
	readonly doing: string;
	/** The Node.js to run npm with, and to build for; this process's own where left out. */
	readonly node?: string;
}

/** Runs npm with a log. @throws Error with npm's own words */
async function npm(parameters: string[], { folder, doing, node }: Step, { report, signal }: Watch): Promise<void> {
	const logFile = join(folder, `npm-${parameters[0]}.log`);
	const log = createWriteStream(logFile);
	const environment = { ...process.env };
	// Where this itself runs under npm, npm would take the folder of this project for its own.
	delete environment['npm_config_local_prefix'];
	if (node !== undefined) {
		environment['PATH'] = `${join(node, 'bin')}${delimiter}${environment['PATH']}`;
		environment['npm_config_nodedir'] = node;
	}
	const started = Date.now();
	const timer = setInterval(() => report(`  … ${doing}, ${Math.round((Date.now() - started) / 1000)} s`), REPORT_EVERY);
	try {
		const code = await new Promise<number | null>((resolve, reject) => {
			const child = spawn('npm', [...parameters, '--no-audit', '--no-fund'], {
				cwd: folder,
				env: environment,
				signal,
				stdio: ['ignore', 'pipe', 'pipe'],
			});
			child.stdout.pipe(log, { end: false });
			child.stderr.pipe(log, { end: false });
			child.once('error', reject);
			child.once('close', resolve);
		});
		await new Promise((resolve) => log.end(resolve));
		if (code !== 0) throw new Error(reasonIn(logFile));
	} finally {
		clearInterval(timer);
	}
}

/** What npm says of a failure, in a few lines: its own words where it has any, or else the log's end. */
function reasonIn(logFile: string): string {
	const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n');
	const errors = lines.filter((line) => /^npm (error|ERR!) ./.test(line));
	return (errors.length > 0 ? errors.slice(0, 4) : lines.slice(-8)).join('\n');
}

async function requireSpace(folder: string): Promise<void> {
	const { bavail, bsize } = await statfs(folder);
	const free = bavail * bsize;
	if (free >= NEEDED_BYTES) return;
	const inGb = (bytes: number) => (bytes / 1024 ** 3).toFixed(1);
	throw new Problem(`n8n needs ${inGb(NEEDED_BYTES)} GB of disk space in ${folder}, and ${inGb(free)} GB are free. Make room and start again`);
}

async function removeLitter(cache: string): Promise<void> {
	for (const name of await readdir(cache)) {
		if (!name.startsWith('.installing-')) continue;
		const path = join(cache, name);
		const { mtimeMs } = await stat(path);
		if (Date.now() - mtimeMs > LITTER_AFTER) await rm(path, { recursive: true, force: true });
	}
}
