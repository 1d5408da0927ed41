import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

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
const run = promisify(execFile);
let cluster: Cluster;
const cleanup = new Cleanup();

beforeAll(async () => {
	const report = (line: string) => process.stderr.write(`${line}\n`);
	const version = process.env['N8N_VERSION'] ?? NEWEST;
	cluster = await openCluster({ version, isShared: true, cleanup, report });
}, 30 * 60_000);
afterEach(() => {
	if (testHasFailed)
		process.stderr.write(diagnostics([cluster.main, ...cluster.workers], cluster.fakes));
});
afterAll(async () => await cleanup.run(), 120_000);

/** Calls the workflow that shows a contact. @returns the HTTP status and the answer */
async function call(): Promise<readonly [number, unknown]> {
	const { statusCode, body } = await request(`${cluster.main.url}/webhook/volume`, {
		method: 'POST',
	});
	return [statusCode, await body.json()];
}

const CONTACT = [200, expect.objectContaining({ number: 'CI000111' })];

/** Calls until every worker has handled some, and checks each answer. */
async function callAllWorkers(): Promise<void> {
	const before = cluster.workers.map((worker) => begunBy(worker).length);
	const hasWorked = () =>
		cluster.workers.every((worker, index) => begunBy(worker).length > before[index]!);
	for (let round = 0; round < 30 && !hasWorked(); round++) {
		for (const answer of await Promise.all(Array.from({ length: 20 }, call)))
			expect(answer).toEqual(CONTACT);
		await sleep(100);
	}
	expect(hasWorked()).toBe(true);
}

const installed = join('.n8n/nodes/node_modules', PACKAGE);
const versionsInstalled = async () =>
	await Promise.all(
		cluster.folders.map(
			async (folder) =>
				(
					JSON.parse(await readFile(join(folder, installed, 'package.json'), 'utf8')) as {
						version: string;
					}
				).version,
		),
	);

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
	await callAllWorkers();
	expect(cluster.workers).toHaveLength(3);
	// One login for each worker.
	expect(cluster.fakes.calls.count('authentication/token')).toBeLessThanOrEqual(3);
}, 300_000);

it('switches versions when all processes start at once, and loses and regains the package', async () => {
	const folder = await mkdtemp(join(tmpdir(), 'other-version-'));
	cleanup.add(async () => await rm(folder, { recursive: true, force: true }));
	await run('tar', ['-xzf', cluster.tarball, '-C', folder]);
	const manifest = join(folder, 'package/package.json');
	const content = JSON.parse(await readFile(manifest, 'utf8')) as object;
	await writeFile(manifest, JSON.stringify({ ...content, version: '9.9.9' }));
	const other = join(folder, 'other.tgz');
	await run('tar', ['-czf', other, '-C', folder, 'package']);

	await cluster.restart({ tarball: other });
	expect(new Set(await versionsInstalled())).toEqual(new Set(['9.9.9']));
	await callAllWorkers();

	for (const home of cluster.folders)
		await rm(join(home, installed), { recursive: true, force: true });
	await cluster.restart({ withScript: false });
	expect((await call())[0]).toBeGreaterThanOrEqual(400);

	await cluster.restart();
	expect(await versionsInstalled()).not.toContain('9.9.9');
	await callAllWorkers();
}, 600_000);
