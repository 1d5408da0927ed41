import { execFileSync } from 'node:child_process';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { Inspector } from '../../harness/inspector.mts';
import { startN8n } from '../../harness/n8n.mts';
import { PACKAGE } from '../../harness/package.mts';
import { freePort } from '../../harness/ports.mts';
import type { Benchmark } from '../benchmark.mts';
import type { Case, Figures } from '../compare.mts';

const EMPTY = 'n8n-nodes-empty';

/** What loading the package costs: its files alone, and n8n's whole start. */
export async function* start(benchmark: Benchmark): AsyncGenerator<Case> {
	const { userFolder } = benchmark.harness;
	const placeFor = (name: string) => join(userFolder, 'starts', name);
	const [own, empty, none] = [placeFor('with'), placeFor('empty'), placeFor('without')];
	await mkdir(none, { recursive: true });
	await cp(pathOf(userFolder, PACKAGE), pathOf(own, PACKAGE), { recursive: true });
	await writeEmptyPackage(empty);
	yield {
		title: 'loading it, n8n-workflow being loaded',
		sides: {
			'all files of the package': async () => load(benchmark, own, PACKAGE),
			'an empty package': async () => load(benchmark, empty, EMPTY),
		},
	};
	yield {
		title: 'start of n8n, until it answers',
		sides: {
			'n8n with the package': async () => await startOnce(benchmark, own),
			'n8n with an empty package': async () => await startOnce(benchmark, empty),
			'n8n alone': async () => await startOnce(benchmark, none),
		},
	};
}

const pathOf = (userFolder: string, name: string) =>
	join(userFolder, '.n8n/nodes/node_modules', name);

/** A package of one node that does nothing. */
async function writeEmptyPackage(userFolder: string): Promise<void> {
	const folder = pathOf(userFolder, EMPTY);
	await mkdir(join(folder, 'dist'), { recursive: true });
	const n8n = { n8nNodesApiVersion: 1, nodes: ['dist/Empty.node.js'], credentials: [] };
	const manifest = { name: EMPTY, version: '1.0.0', n8n };
	await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
	await writeFile(
		join(folder, 'dist/Empty.node.js'),
		`exports.Empty = class {
			description = { displayName: 'Empty', name: 'empty', group: ['transform'], version: 1, description: '', defaults: { name: 'Empty' }, inputs: ['main'], outputs: ['main'], properties: [] };
			async execute() { return [this.getInputData()]; }
		};`,
	);
}

/** Loads every file of a package in a new process that has n8n-workflow already. */
function load({ host }: Benchmark, userFolder: string, name: string): Figures {
	const script = `
		require('n8n-workflow');
		const { join } = require('node:path');
		const dist = join(process.argv[1], 'dist');
		const files = require('node:fs').readdirSync(dist, { recursive: true }).filter((file) => file.endsWith('.js'));
		gc();
		const heap = process.memoryUsage().heapUsed;
		const from = process.hrtime.bigint();
		for (const file of files) require(join(dist, file));
		const ms = Number(process.hrtime.bigint() - from) / 1e6;
		gc();
		console.log(JSON.stringify({ ms, 'heap, MB': (process.memoryUsage().heapUsed - heap) / 1024 ** 2 }));`;
	// Started there, the process and the package find the same n8n-workflow, not this checkout's.
	const env = { ...process.env, NODE_PATH: join(host.folder, 'node_modules'), NODE_OPTIONS: '' };
	const args = ['--expose-gc', '-e', script, pathOf(userFolder, name)];
	const options = { cwd: userFolder, env, encoding: 'utf8' } as const;
	return JSON.parse(execFileSync(host.node, args, options)) as Figures;
}

async function startOnce({ host, cleanup }: Benchmark, userFolder: string): Promise<Figures> {
	const port = await freePort();
	const environment = { NODE_OPTIONS: `--inspect=127.0.0.1:${port}` };
	const from = performance.now();
	const n8n = await startN8n({ host, userFolder, cleanup, environment });
	const ms = performance.now() - from;
	const inspector = await Inspector.open(port);
	const heap = await inspector.heapUsed();
	inspector.close();
	await n8n.stop();
	return { ms, 'heap, MB': heap / 1024 ** 2 };
}
