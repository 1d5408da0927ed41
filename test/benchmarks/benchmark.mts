import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';

import { startFakes, type Fakes } from '../fakes/server.mts';
import type { Cleanup } from '../harness/cleanup.mts';
import { startHarness, type Harness } from '../harness/harness.mts';
import { Inspector } from '../harness/inspector.mts';
import { installHost, type Host } from '../harness/install.mts';
import { freePort } from '../harness/ports.mts';
import { taskOf } from '../harness/rest.mts';
import { NEWEST } from '../harness/versions.mts';
import { inARow, nodeOf, type Subject } from '../harness/workflows.mts';
import type { Figures } from './compare.mts';
import { Metabase } from './metabase.mts';

/** One n8n with this package and the benchmark's node, and the servers that it calls. */
export interface Benchmark {
	readonly harness: Harness;
	readonly host: Host;
	readonly cleanup: Cleanup;
	readonly metabase: Metabase;
	readonly plain: Fakes;
	/** The vendors by TLS, with a certificate that this n8n does not check. */
	readonly tls: Fakes;
	/** Sets how long every answer of every server takes, in milliseconds. */
	setLatency(milliseconds: number): void;
	/** Runs one or two nodes after a number of items. */
	run(nodes: readonly Subject[], given: Given): Promise<Figures>;
	/** The same, and how far n8n's heap rises meanwhile, in MB. */
	runAndWeigh(nodes: readonly Subject[], given: Given): Promise<Figures>;
	/** How often n8n has written a credential into its database since the start. */
	credentialWrites(): number;
}

interface Given {
	readonly count: number;
	/** A UID for each item. */
	readonly uids?: readonly string[];
	/** Whether the second node gets the items on its first input, and the first node's output on its second. */
	readonly joins?: boolean;
}

export async function startBenchmark(cleanup: Cleanup): Promise<Benchmark> {
	const port = await freePort();
	const environment = {
		NODE_OPTIONS: `--inspect=127.0.0.1:${port}`,
		N8N_CUSTOM_EXTENSIONS: resolve(import.meta.dirname, 'nodes'),
		// The certificate of the fake vendors is self-signed; both sides of a comparison use TLS anyway.
		NODE_TLS_REJECT_UNAUTHORIZED: '0',
	};
	const report = console.log;
	const host = await installHost(NEWEST, report, cleanup);
	const harness = await startHarness({ version: NEWEST, environment, cleanup, report });
	const inspector = await Inspector.open(port);
	cleanup.add(async () => inspector.close());
	const tls = await startFakes({ tls: true });
	cleanup.add(async () => await tls.stop());
	const metabase = await Metabase.start(cleanup);
	const fakes = [harness.fakes, tls];
	const sqlite = sqliteOf(host, harness);
	sqlite(
		'CREATE TABLE writes_of_credentials (id); CREATE TRIGGER note_writes AFTER UPDATE ON credentials_entity BEGIN INSERT INTO writes_of_credentials VALUES (old.id); END;',
	);

	async function run(nodes: readonly Subject[], given: Given): Promise<Figures> {
		for (const { calls } of fakes) calls.clear();
		Object.assign(metabase, { calls: 0, logins: 0 });
		const workflow = workflowOf(nodes, given);
		const id = await harness.rest.createWorkflow(workflow);
		const execution = await harness.rest.run(id, 'Start');
		if (execution.status !== 'success') {
			throw new Error(
				`A benchmark's workflow failed: ${execution.data.resultData.error?.message}\n${harness.n8n.tail(30)}`,
			);
		}
		const times = nodes.map((_node, index) => taskOf(execution, `Node ${index}`)!.executionTime);
		return {
			ms: times.reduce((sum, ms) => sum + ms, 0),
			calls: fakes.reduce((sum, { calls }) => sum + calls.all.length, 0),
		};
	}

	return {
		harness,
		host,
		cleanup,
		metabase,
		plain: harness.fakes,
		tls,
		setLatency(milliseconds) {
			metabase.latency = milliseconds;
			for (const { faults } of fakes) {
				faults.clear();
				if (milliseconds > 0) faults.plan('*', { kind: 'slow', milliseconds });
			}
		},
		run,
		async runAndWeigh(nodes, given) {
			let figures: Figures | undefined;
			const rise = await inspector.peakWhile(async () => {
				figures = await run(nodes, given);
			});
			return { ...figures!, heapMb: rise / 1024 ** 2 };
		},
		credentialWrites: () => Number(sqlite('SELECT count(*) AS count FROM writes_of_credentials')),
	};
}

function workflowOf(nodes: readonly Subject[], { count, uids = [], joins = false }: Given) {
	const subjects = nodes.map((node, index) => nodeOf(`Node ${index}`, node));
	const to = (node: string, index: number) => ({ node, type: 'main' as const, index });
	return {
		name: 'Benchmark',
		nodes: [
			nodeOf('Start', { type: 'n8n-nodes-base.manualTrigger', parameters: {} }),
			nodeOf('Items', {
				type: 'CUSTOM.bench',
				parameters: { job: 'items', count, uids: JSON.stringify(uids) },
			}),
			...subjects,
		],
		connections: {
			...inARow('Start', 'Items', ...subjects.map(({ name }) => name)),
			...(joins && {
				Items: { main: [[to('Node 0', 0), to('Node 1', 0)]] },
				'Node 0': { main: [[to('Node 1', 1)]] },
			}),
		},
		settings: { executionOrder: 'v1' as const },
	};
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
