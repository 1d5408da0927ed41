/** `npm run hosts`: the installations of n8n that the demo and the tests keep in a cache. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { printTable } from './table.mts';
import { cachedHosts, cacheFolder, isCached, removeHosts } from './cache.mts';
import type { Cleanup } from './cleanup.mts';
import { runCommand } from './command.mts';
import { installHost } from './install.mts';
import { CommandError } from './commandError.mts';
import { VERSIONS } from './versions.mts';

const run = promisify(execFile);
const HELP = `npm run hosts [-- COMMAND VERSION]
Lists the installations of n8n that the demo and the tests keep.

  install VERSION  install one ahead of its use
  remove VERSION   remove one`;

await runCommand({ help: HELP, positionals: 2 }, async ({ positionals, cleanup }) => {
	const [command = 'list', version] = positionals;
	if (command === 'list') await list();
	else if (command === 'install' && version) await install(version, cleanup);
	else if (command === 'remove' && version) await remove(version);
	else throw new CommandError(`Unknown command '${positionals.join(' ')}'\n\n${HELP}`);
});

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

async function install(wanted: string, cleanup: Cleanup): Promise<void> {
	const { folder } = await installHost(wanted, console.log, cleanup);
	console.log(`n8n ${wanted} is in ${folder}`);
}

async function remove(unwanted: string): Promise<void> {
	const removed = await removeHosts(unwanted);
	if (removed.length === 0)
		throw new CommandError(`n8n ${unwanted} is not installed. "npm run hosts" shows what is`);
	for (const name of removed) console.log(`Removed ${name}`);
}

async function sizeOf(name: string): Promise<string> {
	const { stdout } = await run('du', ['-sm', name], { cwd: cacheFolder() });
	return `${(Number(stdout.split('\t')[0]) / 1024).toFixed(1)} GB`;
}
