import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';

import { close, serve, startFakes } from '../fakes/server.mts';
import type { Cleanup } from '../harness/cleanup.mts';
import { startHarness } from '../harness/harness.mts';
import { Inspector } from '../harness/inspector.mts';
import { installHost } from '../harness/install.mts';
import { freePort } from '../harness/ports.mts';
import { taskOf, type WorkflowFile } from '../harness/rest.mts';
import { NEWEST } from '../harness/versions.mts';
import { inARow, nodeOf, type Subject } from '../harness/workflows.mts';
import type { Figures } from './compare.mts';
import { Metabase } from './metabase.mts';

/** The names of the calls that log in. */
const LOGINS = ['sessions', 'authentication/token', '/api/session'];

const TAKE_WRITES = 'DELETE FROM writes_of_credentials RETURNING id';

export type Benchmark = Awaited<ReturnType<typeof startBenchmark>>;

/** One n8n with this package and the benchmark's node, and the servers that it calls. */
export async function startBenchmark(cleanup: Cleanup) {
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
	const [plain, tls] = [harness.fakes, await startFakes({ tls: true })];
	cleanup.add(async () => await tls.stop());
	const metabase = new Metabase();
	const server = await serve('metabase', metabase, plain);
	cleanup.add(async () => await close(server));

	/** Queries n8n's database with n8n's Node.js, which has SQLite. */
	function query(sql: string): string {
		const file = JSON.stringify(resolve(harness.userFolder, '.n8n/database.sqlite'));
		const database = `new (require('node:sqlite').DatabaseSync)(${file}, { timeout: 10_000 })`;
		const script = `JSON.stringify(${database}.prepare(${JSON.stringify(sql)}).all())`;
		return execFileSync(host.node, ['--no-warnings', '-p', script], { encoding: 'utf8' });
	}
	query('CREATE TABLE writes_of_credentials (id)');
	query(
		'CREATE TRIGGER note AFTER UPDATE ON credentials_entity BEGIN INSERT INTO writes_of_credentials VALUES (old.id); END',
	);

	return {
		harness,
		host,
		cleanup,
		metabase,
		plain,
		/** The vendors by TLS, with a certificate that this n8n does not check. */
		tls,
		/** Sets how long every answer of every server takes. */
		setLatency(milliseconds: number) {
			for (const { faults } of [plain, tls]) {
				faults.clear();
				if (milliseconds > 0) faults.plan('*', { kind: 'slow', milliseconds });
			}
		},
		/** Runs one or two nodes on `count` items. */
		async run(nodes: readonly Subject[], count: number): Promise<Figures> {
			const id = await harness.rest.createWorkflow(workflowOf(nodes, count));
			for (const { calls } of [plain, tls]) calls.clear();
			query(TAKE_WRITES);
			let ms = 0;
			const rise = await inspector.peakWhile(async () => {
				const execution = await harness.rest.run(id, 'Start');
				if (execution.status !== 'success') {
					const { error } = execution.data.resultData;
					throw new Error(`${execution.status}: ${error?.message}\n${harness.n8n.tail(30)}`);
				}
				for (const name of namesOf(nodes)) ms += taskOf(execution, name)!.executionTime;
			});
			const called = [...plain.calls.all, ...tls.calls.all].map(({ name }) => name);
			return {
				ms,
				calls: called.length,
				logins: called.filter((name) => LOGINS.includes(name)).length,
				'writes of the credential': (JSON.parse(query(TAKE_WRITES)) as unknown[]).length,
				'heap, MB': rise / 1024 ** 2,
			};
		},
	};
}

const namesOf = (nodes: readonly Subject[]) => nodes.map((_node, index) => `Node ${index}`);

function workflowOf(nodes: readonly Subject[], count: number): WorkflowFile {
	const names = namesOf(nodes);
	const items = { type: 'CUSTOM.bench', parameters: { job: 'items', count } };
	const connections = inARow('Start', 'Items', ...names);
	if (nodes.at(-1)!.type === 'n8n-nodes-base.merge') {
		// It joins the first node's one item with each of these.
		connections['Items']!['main']![0]!.push({ node: names[1]!, type: 'main', index: 1 });
	}
	return {
		name: 'Benchmark',
		nodes: [
			nodeOf('Start', { type: 'n8n-nodes-base.manualTrigger', parameters: {} }),
			nodeOf('Items', items),
			...nodes.map((node, index) => nodeOf(names[index]!, node)),
		],
		connections,
		settings: { executionOrder: 'v1' },
	};
}
