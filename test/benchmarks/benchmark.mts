import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';

import type { IDataObject } from 'n8n-workflow';

import type { Cleanup } from '../harness/cleanup.mts';
import { installHost, type Host } from '../harness/install.mts';
import { newCredential, newLogin } from '../harness/credentials.mts';
import { Inspector } from '../harness/inspector.mts';
import { freePort } from '../harness/ports.mts';
import { taskOf } from '../harness/rest.mts';
import { startHarness, type Harness } from '../harness/harness.mts';
import { NEWEST } from '../harness/versions.mts';
import { inARow, nodeOf, type Subject } from '../harness/workflows.mts';
import { startFakes, type Fakes } from '../fakes/server.mts';
import { startMetabase, type Metabase } from './metabase.mts';
import type { Figures } from './rounds.mts';

/** One n8n with this package and the benchmark's nodes, and the servers that it calls. */
export interface Benchmark {
	readonly harness: Harness;
	readonly host: Host;
	readonly metabase: Metabase;
	/** The vendors by http, and by TLS with a certificate that this n8n does not check. */
	readonly fakes: { readonly plain: Fakes; readonly tls: Fakes };
	/** Sets how long every answer of every server takes, in milliseconds. */
	setLatency(milliseconds: number): void;
	/** Runs some nodes after a number of items. */
	run(nodes: readonly Subject[], given: Given): Promise<Figures>;
	/** The same, and how far n8n's heap rises meanwhile, in MB. */
	runAndWeigh(nodes: readonly Subject[], given: Given): Promise<Figures>;
	newCredential(fakes: Fakes, type: string): Promise<string>;
	/** How often n8n has written a credential into its database since the start. */
	credentialWrites(): number;
}

interface Given {
	readonly count: number;
	readonly uids?: readonly string[];
	/** Whether the last node gets the items on its first input, and the previous node's output on its second. */
	readonly joins?: boolean;
}

/** The names of the nodes under test, in a row. */
const NAMES = ['First', 'Second'] as const;

export async function startBenchmark(cleanup: Cleanup): Promise<Benchmark> {
	const port = await freePort();
	const environment = {
		NODE_OPTIONS: `--inspect=127.0.0.1:${port}`,
		N8N_CUSTOM_EXTENSIONS: resolve(import.meta.dirname, 'nodes'),
		// The certificate of the fake vendors is self-signed; both sides of a comparison use TLS anyway.
		NODE_TLS_REJECT_UNAUTHORIZED: '0',
	};
	const host = await installHost(NEWEST, console.log, cleanup);
	const harness = await startHarness({
		version: NEWEST,
		environment,
		cleanup,
		report: console.log,
	});
	const inspector = await Inspector.open(port);
	cleanup.add(async () => inspector.close());
	const tls = await startFakes({ tls: true });
	cleanup.add(async () => await tls.stop());
	const metabase = await startMetabase();
	cleanup.add(async () => await metabase.stop());
	const fakes = { plain: harness.fakes, tls };
	const sqlite = sqliteOf(host, harness);
	sqlite(
		'CREATE TABLE writes_of_credentials (id); CREATE TRIGGER note_writes AFTER UPDATE ON credentials_entity BEGIN INSERT INTO writes_of_credentials VALUES (old.id); END;',
	);
	return {
		harness,
		host,
		metabase,
		fakes,
		setLatency(milliseconds) {
			metabase.latency = milliseconds;
			for (const { faults } of Object.values(fakes)) {
				faults.clear();
				if (milliseconds > 0) faults.plan('*', { kind: 'slow', milliseconds });
			}
		},
		async run(nodes, { count, uids = [], joins = false }) {
			for (const { calls } of Object.values(fakes)) calls.clear();
			const subjects = nodes.map((node, index) => nodeOf(NAMES[index]!, node));
			const items = nodeOf('Items', {
				type: 'CUSTOM.benchItems',
				parameters: { count, uids: JSON.stringify(uids) },
			});
			const start = nodeOf('Start', { type: 'n8n-nodes-base.manualTrigger', parameters: {} });
			const inOrder = inARow('Start', 'Items', ...subjects.map(({ name }) => name));
			const connections = joins
				? {
						...inOrder,
						Items: { main: [[to('First', 0), to('Second', 0)]] },
						First: { main: [[to('Second', 1)]] },
					}
				: inOrder;
			const workflow = {
				name: 'Benchmark',
				nodes: [start, items, ...subjects],
				connections,
				settings: { executionOrder: 'v1' as const },
			};
			const execution = await harness.rest.run(
				await harness.rest.createWorkflow(workflow),
				'Start',
			);
			if (execution.status !== 'success') {
				throw new Error(
					`A benchmark's workflow failed: ${execution.data.resultData.error?.message}\n${harness.n8n.tail(30)}`,
				);
			}
			const calls = Object.values(fakes).reduce((sum, { calls: log }) => sum + log.all.length, 0);
			const ms = subjects.reduce(
				(sum, { name }) => sum + (taskOf(execution, name)?.executionTime ?? Number.NaN),
				0,
			);
			const output = taskOf(execution, subjects.at(-1)!.name)?.data?.['main']?.[0] ?? [];
			return { ms, calls, items: output.length };
		},
		async runAndWeigh(this: Benchmark, nodes, given) {
			let figures: Figures = {};
			const rise = await inspector.peakWhile(async () => {
				figures = await this.run(nodes, given);
			});
			return { ...figures, heapMb: rise / 1024 ** 2 };
		},
		newCredential: async (own, type) =>
			await newCredential({ fakes: own, rest: harness.rest }, type),
		credentialWrites: () => Number(sqlite('SELECT count(*) AS count FROM writes_of_credentials')),
	};
}

function to(node: string, index: number): { node: string; type: 'main'; index: number } {
	return { node, type: 'main', index };
}

/** A credential of n8n's own for Metabase, for its fake server. */
export async function metabaseCredential({ harness, metabase }: Benchmark): Promise<string> {
	const { username, password } = newLogin(harness, 'aureaLoginApi');
	return await harness.rest.createCredential('Metabase', 'metabaseApi', {
		url: metabase.url,
		username,
		password,
	} as IDataObject as never);
}

/** Queries n8n's database with n8n's Node.js, which has SQLite. */
function sqliteOf(host: Host, { userFolder }: Harness): (sql: string) => string {
	const script = `
		const { DatabaseSync } = require('node:sqlite');
		const [file, sql] = process.argv.slice(1);
		const database = new DatabaseSync(file, { timeout: 10_000 });
		if (sql.startsWith('SELECT')) console.log(database.prepare(sql).get().count);
		else database.exec(sql);`;
	const file = resolve(userFolder, '.n8n/database.sqlite');
	return (sql) =>
		execFileSync(host.node, ['--no-warnings', '-e', script, file, sql], {
			encoding: 'utf8',
		}).trim();
}
