import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import type { Cleanup } from '../harness/cleanup.mts';
import { installHost } from '../harness/install.mts';
import { startN8n, startWorker, type RunningN8n } from '../harness/n8n.mts';
import { pack } from '../harness/package.mts';
import { Rest } from '../harness/rest.mts';
import { startFakes, type Fakes } from '../fakes/server.mts';
import { newName, ownDatabase, ownQueue, type OwnDatabase, type OwnQueue } from './services.mts';

/** n8n in queue mode, as in large installations: each process with its own folder. */
export interface Cluster {
	main: RunningN8n;
	readonly workers: RunningN8n[];
	readonly fakes: Fakes;
	readonly rest: Rest;
	readonly database: OwnDatabase;
	readonly queue: OwnQueue;
	/** The packed package. */
	readonly tarball: string;
	/** The user folders of the main process and the first workers. */
	readonly folders: readonly string[];
	/** Starts one more worker. */
	addWorker(): Promise<RunningN8n>;
	/** Stops all processes and starts them again, all at once, with another package or without any script. */
	restart(how?: { readonly tarball?: string; readonly withScript?: boolean }): Promise<void>;
}

interface ClusterOptions {
	readonly version: string;
	/** Whether all processes share one home, as on a shared volume. */
	readonly isShared?: boolean;
	/** Records everything that is started. */
	readonly cleanup: Cleanup;
	report(line: string): void;
}

/** Finds a dead worker's jobs within seconds; n8n's defaults take a minute. In milliseconds. */
const STALLED = {
	QUEUE_WORKER_LOCK_DURATION: '5000',
	QUEUE_WORKER_LOCK_RENEW_TIME: '1000',
	QUEUE_WORKER_STALLED_INTERVAL: '2000',
};

/** Gets the packed package into each process, as in Docker. */
const ENTRYPOINT = resolve(import.meta.dirname, '../../deploy/entrypoint.sh');

/**
 * Starts a main process and two workers, each through the script of `deploy`. @throws CommandError if a
 * service is missing
 */
export async function openCluster({
	version,
	isShared = false,
	cleanup,
	report,
}: ClusterOptions): Promise<Cluster> {
	const root = await mkdtemp(join(tmpdir(), 'n8n-queue-crmcom-aurea-'));
	cleanup.add(async () => await rm(root, { recursive: true, force: true, maxRetries: 5 }));
	const name = newName();
	const [database, queue] = [await ownDatabase(name, cleanup), await ownQueue(name, cleanup)];
	const host = await installHost(version, report, cleanup);
	report('Packing this package');
	const tarball = await pack(root);
	const fakes = await startFakes();
	cleanup.add(async () => await fakes.stop());
	const environment = {
		EXECUTIONS_MODE: 'queue',
		N8N_NODES_TARBALL: tarball,
		// Replaces the one of n8n's image: it starts the program that it is given.
		N8N_NODES_ENTRYPOINT: '/usr/bin/env',
		// Shared by all processes: without it, no worker could read a credential.
		N8N_ENCRYPTION_KEY: randomBytes(24).toString('hex'),
		N8N_LOG_LEVEL: 'debug',
		...STALLED,
		...database.environment,
		...queue.environment,
	};
	const home = await mkdtemp(join(root, 'home-'));
	const folderOf = async (name: string) =>
		isShared ? home : await mkdtemp(join(root, `${name}-`));
	const common = { host, environment, launcher: ENTRYPOINT, cleanup };
	report(`Starting n8n ${version} in queue mode`);
	const mainFolder = await folderOf('main');
	const main = await startN8n({ ...common, userFolder: mainFolder });
	const rest = new Rest(main.url);
	await rest.setUpOwner();
	const workers: RunningN8n[] = [];
	const workerFolders: string[] = [];
	const addWorker = async () => {
		const userFolder = await folderOf('worker');
		const worker = await startWorker({ ...common, userFolder });
		workerFolders.push(userFolder);
		workers.push(worker);
		return worker;
	};
	for (let count = 0; count < 2; count++) await addWorker();
	const cluster: Cluster = {
		main,
		workers,
		fakes,
		rest,
		database,
		queue,
		tarball,
		folders: [mainFolder, ...workerFolders],
		addWorker,
		async restart({ tarball: other = tarball, withScript = true } = {}) {
			await Promise.all([cluster.main, ...workers].map(async (process) => await process.stop()));
			const { launcher, ...plain } = common;
			const again = {
				...plain,
				...(withScript ? { launcher } : {}),
				environment: { ...environment, N8N_NODES_TARBALL: other },
			};
			const port = Number(new URL(main.url).port);
			// All at once, as after a power cut.
			const [newMain, ...newWorkers] = await Promise.all([
				startN8n({ ...again, userFolder: mainFolder, port }),
				...workerFolders.map(async (userFolder) => await startWorker({ ...again, userFolder })),
			]);
			cluster.main = newMain;
			workers.splice(0, Infinity, ...newWorkers);
		},
	};
	return cluster;
}

/** The executions that a worker has begun, by id: read from its log. */
export function begunBy({ logFile }: RunningN8n): string[] {
	return [...readFileSync(logFile, 'utf8').matchAll(/Worker started execution (\d+)/g)].map(
		([, id]) => id!,
	);
}
