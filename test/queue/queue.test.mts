import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { parse } from 'flatted';
import type { IRunExecutionData } from 'n8n-workflow';
import { Agent, request } from 'undici';

import { Cleanup } from '../harness/cleanup.mts';
import { credentialsFor, newCredential, newLogin } from '../harness/credentials.mts';
import { itemsOf } from '../harness/rest.mts';
import { secretsFoundIn, secretsOf } from '../harness/secrets.mts';
import { NEWEST } from '../harness/versions.mts';
import { diagnostics } from '../harness/diagnostics.mts';
import { httpRequest, many, triggeredWorkflow, type Subject } from '../harness/workflows.mts';
import { begunBy, openCluster, type Cluster } from './cluster.mts';

declare const testHasFailed: boolean;

const USER = 'crmComUserLoginApi';
const LOGIN = 'authentication/token';
const SHOW = 'contact_information/show';

const cluster = {} as Cluster;
const cleanup = new Cleanup();

beforeAll(async () => {
	const report = (line: string) => process.stderr.write(`${line}\n`);
	Object.assign(
		cluster,
		await openCluster({ version: process.env['N8N_VERSION'] ?? NEWEST, cleanup, report }),
	);
	const { contacts } = cluster.fakes.crmCom;
	for (let index = 0; index < 500; index++) contacts.push({ ...contacts[0]!, number: `W${index}` });
}, 30 * 60_000);
beforeEach(() => {
	cluster.fakes.calls.clear();
	cluster.fakes.faults.clear();
});
afterEach(() => {
	if (testHasFailed)
		process.stderr.write(diagnostics([cluster.main, ...cluster.workers], cluster.fakes));
});
afterAll(async () => await cleanup.run(), 120_000);

/** A workflow that a webhook starts in a worker: it shows the contact that the caller names by its index. */
async function webhookWorkflow(path: string, credentialId: string): Promise<string> {
	const webhook: Subject = {
		type: 'n8n-nodes-base.webhook',
		typeVersion: 2,
		webhookId: path,
		parameters: { path, httpMethod: 'POST', responseMode: 'onReceived', options: {} },
	};
	const url = `=${cluster.fakes.crmCom.url}/crmapi/rest/v2/${SHOW}?contact_information_identifier=number%3DW{{ $json.body.index }}`;
	const id = await cluster.rest.createWorkflow(
		triggeredWorkflow(webhook, httpRequest(USER, credentialId, { url })),
	);
	await cluster.rest.activate(id);
	return id;
}

/** Calls a webhook once for each index, fifty at a time. */
async function call(path: string, indexes: readonly number[]): Promise<void> {
	const dispatcher = new Agent({ connections: 50 });
	const headers = { 'content-type': 'application/json' };
	const calls = indexes.map(async (index) => {
		const body = JSON.stringify({ index });
		const response = await request(`${cluster.main.url}/webhook/${path}`, {
			method: 'POST',
			headers,
			body,
			dispatcher,
		});
		await response.body.dump();
		return response.statusCode;
	});
	expect(new Set(await Promise.all(calls))).toEqual(new Set([200]));
	await dispatcher.close();
}

interface Ended {
	readonly id: string;
	readonly status: string;
	readonly stoppedAt: Date | null;
}

/** The executions of a workflow, once all of them have ended. */
async function endedExecutions(workflowId: string, count: number): Promise<Ended[]> {
	const deadline = Date.now() + 120_000;
	for (;;) {
		const found = await cluster.database.query<Ended>(
			'SELECT id::text, status, "stoppedAt" FROM execution_entity WHERE "workflowId" = $1',
			[workflowId],
		);
		if (found.length >= count && found.every(({ stoppedAt }) => stoppedAt !== null)) return found;
		if (Date.now() > deadline)
			throw new Error(`Of ${count} executions these are there: ${JSON.stringify(tally(found))}`);
		await sleep(200);
	}
}

const tally = (executions: readonly Ended[]) => {
	const counts: Record<string, number> = {};
	for (const { status } of executions) counts[status] = (counts[status] ?? 0) + 1;
	return counts;
};

/** For each good execution: the index that came in, and the number of the contact that came out. */
async function pairsOf(workflowId: string): Promise<[number, string][]> {
	const rows = await cluster.database.query<{ data: string }>(
		'SELECT d.data FROM execution_data d JOIN execution_entity e ON e.id = d."executionId" WHERE e."workflowId" = $1 AND e.status = \'success\'',
		[workflowId],
	);
	return rows.map(({ data: raw }) => {
		const execution = { id: '', status: '', raw, data: parse(raw) as IRunExecutionData };
		const json = (node: string) =>
			itemsOf(execution, node)[0]!.json as Record<string, Record<string, unknown>>;
		return [Number(json('Trigger')['body']!['index']), String(json('Subject')['data']!['number'])];
	});
}

const range = (from: number, to: number) =>
	many(to)
		.slice(from)
		.map(({ index }) => Number(index));
const userOf = (url: string) => {
	const token = new URL(url, 'http://vendor').searchParams.get('token');
	return cluster.fakes.crmCom.sessions.get(token!)?.user.username;
};

describe('500 executions on two workers', () => {
	it('completes every execution with its own answer and one login per worker', async () => {
		const id = await webhookWorkflow('many', await newCredential(cluster, USER));
		const before = cluster.workers.map((worker) => begunBy(worker).length);
		await call('many', range(0, 500));
		const executions = await endedExecutions(id, 500);
		expect(tally(executions)).toEqual({ success: 500 });
		const pairs = await pairsOf(id);
		expect(pairs.map(([index]) => index).sort((a, b) => a - b)).toEqual(range(0, 500));
		expect(pairs.filter(([index, number]) => number !== `W${index}`)).toEqual([]);
		const shares = cluster.workers.map((worker, index) => begunBy(worker).length - before[index]!);
		expect(shares.every((share) => share > 0)).toBe(true);
		expect(cluster.fakes.calls.counts()).toEqual({ [LOGIN]: 2, [SHOW]: 500 });
	});

	it('renews sessions in time, once per worker and lifetime', async () => {
		const lifetime = 12;
		Object.assign(cluster.fakes.crmCom, { release: 'R12', jwtLifetime: lifetime });
		const id = await webhookWorkflow('renewed', await newCredential(cluster, USER));
		const started = Date.now();
		for (let part = 0; part < 25; part++) {
			await call('renewed', range(part * 10, part * 10 + 10));
			await sleep(1_000);
		}
		const executions = await endedExecutions(id, 250);
		const lives = Math.floor((Date.now() - started) / (lifetime * 900)) + 1;
		Object.assign(cluster.fakes.crmCom, { release: 'R11', jwtLifetime: 7_200 });
		expect(tally(executions)).toEqual({ success: 250 });
		expect(cluster.fakes.calls.all.every(({ outcome }) => outcome === 'OK')).toBe(true);
		expect(cluster.fakes.calls.count(LOGIN)).toBeGreaterThanOrEqual(4);
		expect(cluster.fakes.calls.count(LOGIN)).toBeLessThanOrEqual(2 * lives);
	});
});

describe('a credential that is edited while workers run', () => {
	it('uses an edited credential from the next execution on in every worker', async () => {
		const [first, second] = [newLogin(cluster, USER), newLogin(cluster, USER)];
		const credentialId = await newCredential(cluster, USER, first);
		const id = await webhookWorkflow('edited', credentialId);
		await call('edited', range(0, 60));
		const data = { ...credentialsFor(cluster.fakes)[USER]!.data, ...second };
		await endedExecutions(id, 60);
		const running = call('edited', range(60, 120));
		await cluster.rest.updateCredential(credentialId, 'edited', USER, data);
		await running;
		await endedExecutions(id, 120);
		const seen = cluster.fakes.calls.of(SHOW).length;
		await call('edited', range(120, 180));
		expect(tally(await endedExecutions(id, 180))).toEqual({ success: 180 });
		const users = cluster.fakes.calls.of(SHOW).map(({ url }) => userOf(url));
		expect(new Set(users.slice(0, 60))).toEqual(new Set([first['username']]));
		expect(new Set(users.slice(seen))).toEqual(new Set([second['username']]));
		// Each worker once for each of the two logins.
		expect(cluster.fakes.calls.count(LOGIN)).toBe(4);
	});
});

describe('a worker that is killed in the middle', () => {
	it('loses only the executions of a killed worker and breaks no session', async () => {
		const id = await webhookWorkflow('killed', await newCredential(cluster, USER));
		cluster.fakes.faults.plan(SHOW, { kind: 'slow', milliseconds: 500 });
		const called = call('killed', range(0, 200));
		const deadline = Date.now() + 60_000;
		while (cluster.fakes.calls.count(SHOW) < 40 && Date.now() < deadline) await sleep(20);
		const [victim] = cluster.workers;
		await victim!.kill();
		await cluster.addWorker();
		await called;
		const executions = await endedExecutions(id, 200);
		expect(executions).toHaveLength(200);
		// n8n does not rerun an execution that a worker has taken: it fails. A worker takes ten at a time.
		const failed = executions
			.filter(({ status }) => status !== 'success')
			.map((execution) => execution.id);
		expect(failed.length).toBeGreaterThan(0);
		expect(failed.length).toBeLessThanOrEqual(10);
		const ids = executions.map((execution) => execution.id);
		const ofOthers = cluster.workers
			.slice(1)
			.flatMap((worker) => begunBy(worker))
			.filter((execution) => ids.includes(execution));
		expect(failed.filter((execution) => ofOthers.includes(execution))).toEqual([]);
		expect(ofOthers.length).toBeGreaterThan(0);
		expect((await pairsOf(id)).filter(([index, number]) => number !== `W${index}`)).toEqual([]);
		expect(cluster.fakes.calls.of(SHOW).filter(({ url }) => userOf(url) === undefined)).toEqual([]);
		// One for each worker: the survivor keeps its session, and the new worker makes its own.
		expect(cluster.fakes.calls.count(LOGIN)).toBeLessThanOrEqual(3);
		await call('killed', range(200, 260));
		await endedExecutions(id, 260);
		expect(cluster.fakes.calls.count(LOGIN)).toBe(3);
	});
});

describe('data at rest', () => {
	it('writes no secret to PostgreSQL, Redis or a log', async () => {
		const written = [
			await cluster.database.everything(),
			cluster.queue.written(),
			...[cluster.main, ...cluster.workers].map(({ logFile }) => readFileSync(logFile, 'utf8')),
		];
		// The search finds what is certainly there, so it works.
		expect(written.map((text) => secretsFoundIn(text, ['execution']).length)).toEqual(
			written.map(() => 1),
		);
		const secrets = secretsOf(cluster.fakes);
		expect(secrets.length).toBeGreaterThan(10);
		expect(written.map((text) => secretsFoundIn(text, secrets))).toEqual(written.map(() => []));
	});
});
