/**
 * `npm run hosts`: the installations of n8n that the demo and the tests keep in a cache.
 * `-- remove 1.123.81` removes one, `-- install 1.123.81` installs one ahead of its use.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { printTable } from './table.mts';
import { cachedHosts, cacheFolder, isCached, removeHosts } from './cache.mts';
import { Cleanup } from './cleanup.mts';
import { installHost } from './install.mts';
import { Problem } from './problem.mts';
import { VERSIONS } from './versions.mts';

const run = promisify(execFile);
const USAGE = 'npm run hosts, npm run hosts -- install VERSION, npm run hosts -- remove VERSION';

const [command = 'list', version] = process.argv.slice(2);
const cleanup = new Cleanup();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
	process.once(signal, () => void cleanup.run().finally(() => process.exit(130)));
}
try {
	if (command === 'list') await list();
	else if (command === 'install' && version) await install(version);
	else if (command === 'remove' && version) await remove(version);
	else throw new Problem(USAGE);
} catch (error) {
	console.error(error instanceof Problem ? error.message : error);
	process.exitCode = 1;
}

async function list(): Promise<void> {
	const kept = await cachedHosts();
	const rows = await Promise.all(
		kept.map(async (name) => ({ host: name, size: await sizeOf(name) })),
	);
	const missing = VERSIONS.filter((known) => !isCached(known)).map((known) => ({
		host: known,
		size: 'not installed',
	}));
	console.log(`In ${cacheFolder()}:`);
	printTable([...rows, ...missing]);
}

async function install(wanted: string): Promise<void> {
	const { folder } = await installHost(wanted, console.log, cleanup);
	console.log(`n8n ${wanted} is in ${folder}`);
}

async function remove(unwanted: string): Promise<void> {
	const removed = await removeHosts(unwanted);
	if (removed.length === 0)
		throw new Problem(`n8n ${unwanted} is not installed. "npm run hosts" shows what is`);
	for (const name of removed) console.log(`Removed ${name}`);
}

async function sizeOf(name: string): Promise<string> {
	const { stdout } = await run('du', ['-sm', name], { cwd: cacheFolder() });
	return `${(Number(stdout.split('\t')[0]) / 1024).toFixed(1)} GB`;
}
