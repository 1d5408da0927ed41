import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Cleanup } from '../../harness/cleanup.mts';
import { Inspector } from '../../harness/inspector.mts';
import type { Host } from '../../harness/install.mts';
import { startN8n } from '../../harness/n8n.mts';
import { pack, PACKAGE, unpack } from '../../harness/package.mts';
import { freePort } from '../../harness/ports.mts';
import type { Case } from '../report.mts';
import { compare, type Side } from '../rounds.mts';

/** What loading the package costs: its files alone, and n8n's whole start. */
export async function startCases(host: Host, rounds: number, cleanup: Cleanup): Promise<Case[]> {
	const folder = await mkdtemp(join(tmpdir(), 'n8n-start-'));
	cleanup.add(async () => await rm(folder, { recursive: true, force: true, maxRetries: 5 }));
	const tarball = await pack(folder);
	const places = {
		with: join(folder, 'with'),
		empty: join(folder, 'empty'),
		without: join(folder, 'without'),
	};
	for (const place of Object.values(places)) await mkdir(place);
	await unpack(tarball, places.with);
	await writeEmptyPackage(places.empty);
	const load = await compare(
		[
			loadSide(host, 'all files of the package', places.with, PACKAGE),
			loadSide(host, 'an empty package', places.empty, EMPTY),
		],
		rounds * 3,
	);
	const start = await compare(
		[
			startSide(host, 'n8n with the package', places.with, cleanup),
			startSide(host, 'n8n with an empty package', places.empty, cleanup),
			startSide(host, 'n8n alone', places.without, cleanup),
		],
		Math.min(rounds, 3),
	);
	return [
		{ title: 'loading it, n8n-workflow being loaded', outcomes: load },
		{ title: 'start of n8n, until it answers', outcomes: start },
	];
}

const EMPTY = 'n8n-nodes-empty';

/** A package of one node that does nothing. */
async function writeEmptyPackage(userFolder: string): Promise<void> {
	const folder = join(userFolder, '.n8n/nodes/node_modules', EMPTY);
	await mkdir(join(folder, 'dist'), { recursive: true });
	const n8n = { n8nNodesApiVersion: 1, nodes: ['dist/Empty.node.js'], credentials: [] };
	await writeFile(
		join(folder, 'package.json'),
		JSON.stringify({ name: EMPTY, version: '1.0.0', n8n }),
	);
	const description = {
		displayName: 'Empty',
		name: 'empty',
		group: ['transform'],
		version: 1,
		description: '',
		defaults: { name: 'Empty' },
		inputs: ['main'],
		outputs: ['main'],
		properties: [],
	};
	await writeFile(
		join(folder, 'dist/Empty.node.js'),
		`exports.Empty = class { description = ${JSON.stringify(description)}; async execute() { return [this.getInputData()]; } };\n`,
	);
}

/** Loads every file of a package in a new process that has n8n-workflow already. */
function loadSide(
	{ node, folder }: Host,
	name: string,
	userFolder: string,
	packageName: string,
): Side {
	const script = `
		require('n8n-workflow');
		const { readdirSync } = require('node:fs');
		const { join } = require('node:path');
		const dist = join(process.argv[1], 'dist');
		const files = readdirSync(dist, { recursive: true }).filter((file) => file.endsWith('.js')).map((file) => join(dist, file));
		gc();
		const heap = process.memoryUsage().heapUsed;
		const from = process.hrtime.bigint();
		for (const file of files) require(file);
		const ms = Number(process.hrtime.bigint() - from) / 1e6;
		gc();
		console.log(JSON.stringify({ ms, heapMb: (process.memoryUsage().heapUsed - heap) / 1024 ** 2 }));`;
	// Started there, the process and the package find the same n8n-workflow, not this checkout's.
	const path = join(userFolder, '.n8n/nodes/node_modules', packageName);
	const env = { ...process.env, NODE_PATH: join(folder, 'node_modules'), NODE_OPTIONS: '' };
	return {
		name,
		run: async () =>
			JSON.parse(
				execFileSync(node, ['--expose-gc', '-e', script, path], {
					cwd: userFolder,
					env,
					encoding: 'utf8',
				}),
			) as { ms: number; heapMb: number },
	};
}

function startSide(host: Host, name: string, userFolder: string, cleanup: Cleanup): Side {
	return {
		name,
		async run() {
			const port = await freePort();
			const from = performance.now();
			const n8n = await startN8n({
				host,
				userFolder,
				cleanup,
				environment: { NODE_OPTIONS: `--inspect=127.0.0.1:${port}` },
			});
			const ms = performance.now() - from;
			const inspector = await Inspector.open(port);
			const heapMb = (await inspector.heapUsed()) / 1024 ** 2;
			inspector.close();
			await n8n.stop();
			return { ms, heapMb };
		},
	};
}
