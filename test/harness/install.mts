import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { cacheFolder, fill, folderOf, lockFileOf } from './cache.mts';
import type { Cleanup } from './cleanup.mts';
import { npm, type Watch } from './npm.mts';
import { CommandError } from './commandError.mts';
import { manifestOf } from './versions.mts';

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

/**
 * A host of a version of n8n: from the cache, or installed now. If the version has no lock file yet, one is
 * made.
 *
 * @param report is told each step and, every ten seconds, that a long one goes on
 * @param cleanup is told how to end an installation half-way
 * @throws CommandError with a sentence that says what to do
 */
export async function installHost(
	version: string,
	report: Report,
	cleanup: Cleanup,
): Promise<Host> {
	if (!existsSync(lockFileOf(version))) await makeLock(version, report, cleanup);
	const folder = folderOf(version);
	if (!existsSync(folder)) {
		await fill(
			folder,
			cleanup,
			async (temporary, signal) => await install(version, temporary, { report, signal }),
		);
	}
	const modules = join(folder, 'node_modules');
	return {
		version,
		folder,
		node: join(nodeFolder(folder), 'bin/node'),
		n8n: join(modules, 'n8n/bin/n8n'),
	};
}

function nodeFolder(folder: string): string {
	const name = `node-${process.platform}-${process.arch}`;
	const path = join(folder, 'node_modules', name);
	if (existsSync(path)) return path;
	throw new CommandError(
		`There is no Node.js for this machine in the lock file (${name}). The demo and the tests on a real n8n run on Linux`,
	);
}

async function install(version: string, folder: string, watch: Watch): Promise<void> {
	await writeManifest(version, folder);
	await copyFile(lockFileOf(version), join(folder, 'package-lock.json'));
	watch.report(
		`Installing n8n ${version}, once: about 3 GB and ten minutes. It is kept in ${cacheFolder()}`,
	);
	await npm(['ci', '--ignore-scripts'], { folder, doing: 'downloading' }, watch).catch(
		(error: Error) => {
			throw new CommandError(
				`The download of n8n ${version} did not succeed. Check the network and start again.\n${error.message}`,
			);
		},
	);
	const step = { folder, doing: 'building its database driver', node: nodeFolder(folder) };
	await npm(['rebuild', 'sqlite3', '--ignore-scripts=false'], step, watch).catch((error: Error) => {
		throw new CommandError(
			`The database driver of n8n could not be built: it needs python3, make and a C++ compiler.\n${error.message}`,
		);
	});
}

/** Makes the lock file of a new version, without its registry's address. */
async function makeLock(version: string, report: Report, cleanup: Cleanup): Promise<void> {
	const folder = await mkdtemp(join(tmpdir(), 'n8n-lock-'));
	const interrupt = new AbortController();
	cleanup.add(async () => {
		interrupt.abort();
		await rm(folder, { recursive: true, force: true });
	});
	await writeManifest(version, folder);
	report(`Making the lock file of n8n ${version}, once: commit it`);
	const parameters = [
		'install',
		'--package-lock-only',
		'--ignore-scripts',
		'--omit-lockfile-registry-resolved',
	];
	const step = { folder, doing: 'looking up what it needs' };
	await npm(parameters, step, { report, signal: interrupt.signal }).catch((error: Error) => {
		throw new CommandError(`There is no n8n ${version} that could be installed.\n${error.message}`);
	});
	await mkdir(dirname(lockFileOf(version)), { recursive: true });
	await copyFile(join(folder, 'package-lock.json'), lockFileOf(version));
}

async function writeManifest(version: string, folder: string): Promise<void> {
	await writeFile(
		join(folder, 'package.json'),
		`${JSON.stringify(manifestOf(version), undefined, 2)}\n`,
	);
}
