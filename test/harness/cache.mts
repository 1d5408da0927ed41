import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

import type { Cleanup } from './cleanup.mts';
import { CommandError } from './commandError.mts';

/** What an installation needs on the disk, in bytes. */
const REQUIRED_BYTES = 5 * 1024 ** 3;
/** Age after which an interrupted installation can be removed, in milliseconds. */
const LEFTOVER_AGE_MS = 3_600_000;

/** Where hosts are kept between runs, for every clone on this machine. Deleting it is safe: it rebuilds itself. */
export function cacheFolder(): string {
	const root = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
	return join(root, 'n8n-nodes-crmcom-aurea', 'hosts');
}

/** The lock file of a version; it may not exist yet. */
export function lockFileOf(version: string): string {
	return join(import.meta.dirname, 'versions', version, 'package-lock.json');
}

/** The folder of a version, which may not exist: it depends on the lock file. */
export function folderOf(version: string): string {
	const key = createHash('sha256')
		.update(readFileSync(lockFileOf(version)))
		.digest('hex')
		.slice(0, 12);
	return join(cacheFolder(), `${version}-${key}`);
}

/** Whether a version can start without being installed first. */
export function isCached(version: string): boolean {
	return existsSync(lockFileOf(version)) && existsSync(folderOf(version));
}

/**
 * Fills a folder of the cache under a temporary name: only a complete installation gets its final name.
 *
 * @param cleanup is told how to end an installation half-way
 */
export async function fill(
	folder: string,
	cleanup: Cleanup,
	install: (temporary: string, signal: AbortSignal) => Promise<void>,
): Promise<void> {
	const cache = cacheFolder();
	await mkdir(cache, { recursive: true });
	await removeLitter(cache);
	await requireSpace(cache);
	const temporary = join(cache, `.installing-${randomUUID()}`);
	const interrupt = new AbortController();
	const remove = async () => await rm(temporary, { recursive: true, force: true, maxRetries: 5 });
	cleanup.add(async () => {
		interrupt.abort();
		await remove();
	});
	try {
		await mkdir(temporary);
		await install(temporary, interrupt.signal);
		await rename(temporary, folder).catch((error: unknown) => {
			if (!existsSync(folder)) throw error;
		});
	} finally {
		await remove();
	}
}

/** The names of all hosts that are kept, those of older lock files too. */
export async function cachedHosts(): Promise<string[]> {
	const names = await readdir(cacheFolder()).catch(() => []);
	return names.filter((name) => !name.startsWith('.')).sort();
}

/** Removes every host of a version. @returns the names of the removed ones */
export async function removeHosts(version: string): Promise<string[]> {
	const found = (await cachedHosts()).filter((name) => name.startsWith(`${version}-`));
	for (const name of found)
		await rm(join(cacheFolder(), name), { recursive: true, force: true, maxRetries: 5 });
	return found;
}

async function requireSpace(folder: string): Promise<void> {
	const { bavail, bsize } = await statfs(folder);
	const free = bavail * bsize;
	if (free >= REQUIRED_BYTES) return;
	const inGb = (bytes: number) => (bytes / 1024 ** 3).toFixed(1);
	throw new CommandError(
		`n8n needs ${inGb(REQUIRED_BYTES)} GB of disk space in ${folder}, and ${inGb(free)} GB are free. Make room ("npm run hosts" shows what is kept there and how to remove it) and start again`,
	);
}

async function removeLitter(cache: string): Promise<void> {
	for (const name of await readdir(cache)) {
		if (!name.startsWith('.installing-')) continue;
		const path = join(cache, name);
		const { mtimeMs } = await stat(path);
		if (Date.now() - mtimeMs > LEFTOVER_AGE_MS) await rm(path, { recursive: true, force: true });
	}
}
