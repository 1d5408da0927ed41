import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';

import { request } from 'undici';

import { Cleanup } from '../harness/cleanup.mts';
import { newCredential } from '../harness/credentials.mts';
import { diagnostics } from '../harness/diagnostics.mts';
import { PACKAGE } from '../harness/package.mts';
import { showContact } from '../harness/parameters.mts';
import { NEWEST } from '../harness/versions.mts';
import { triggeredWorkflow, type Subject } from '../harness/workflows.mts';
import { begunBy, openCluster, type Cluster } from './cluster.mts';

declare const testHasFailed: boolean;

const USER = 'crmComUserLoginApi';
const cluster = {} as Cluster;
const cleanup = new Cleanup();

beforeAll(async () => {
	const report = (line: string) => process.stderr.write(`${line}\n`);
	const version = process.env['N8N_VERSION'] ?? NEWEST;
	Object.assign(cluster, await openCluster({ version, isShared: true, cleanup, report }));
}, 30 * 60_000);
afterEach(() => {
	if (testHasFailed)
		process.stderr.write(diagnostics([cluster.main, ...cluster.workers], cluster.fakes));
});
afterAll(async () => await cleanup.run(), 120_000);

it('runs the node in every worker of a shared volume, also in one that is added later', async () => {
	const id = await newCredential(cluster, USER);
	const webhook: Subject = {
		type: 'n8n-nodes-base.webhook',
		typeVersion: 2,
		webhookId: 'volume',
		parameters: { path: 'volume', httpMethod: 'POST', responseMode: 'lastNode', options: {} },
	};
	const subject: Subject = {
		type: `${PACKAGE}.crmCom`,
		parameters: showContact,
		credentials: { [USER]: { id, name: '' } },
	};
	const workflow = await cluster.rest.createWorkflow(triggeredWorkflow(webhook, subject));
	await cluster.rest.activate(workflow);
	await cluster.addWorker();
	const call = async () => {
		const { statusCode, body } = await request(`${cluster.main.url}/webhook/volume`, {
			method: 'POST',
		});
		return [statusCode, await body.json()] as const;
	};
	for (let round = 0; round < 30; round++) {
		const answers = await Promise.all(Array.from({ length: 20 }, call));
		for (const answer of answers)
			expect(answer).toEqual([200, expect.objectContaining({ number: 'CI000111' })]);
		if (cluster.workers.every((worker) => begunBy(worker).length > 0)) break;
		await sleep(100);
	}
	expect(cluster.workers).toHaveLength(3);
	for (const worker of cluster.workers) expect(begunBy(worker).length).toBeGreaterThan(0);
	// One login for each worker.
	expect(cluster.fakes.calls.count('authentication/token')).toBeLessThanOrEqual(3);
}, 300_000);
