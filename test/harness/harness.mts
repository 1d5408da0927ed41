import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startModel, type FakeModel } from '../fakes/model.mts';
import { startFakes, type Fakes } from '../fakes/server.mts';
import type { Cleanup } from './cleanup.mts';
import { installHost } from './install.mts';
import { credentialsFor } from './credentials.mts';
import { startN8n, type RunningN8n } from './n8n.mts';
import { pack, unpack } from './package.mts';
import { requireFree } from './ports.mts';
import { Rest } from './rest.mts';

/** A real n8n with the packed package, both vendors, and a credential of each type. */
export interface Harness {
	n8n: RunningN8n;
	readonly fakes: Fakes;
	readonly rest: Rest;
	readonly userFolder: string;
	/** The model of `openAiApi`, for agents. */
	readonly model: FakeModel;
	/** The credentials' ids, by type. */
	readonly credentials: Readonly<Record<string, string>>;
	/** Ends n8n and starts it again at the same address, with everything that it keeps. */
	restart(): Promise<void>;
}

interface HarnessOptions {
	readonly version: string;
	readonly port?: number;
	readonly environment?: Record<string, string>;
	/** Records everything that is started. */
	readonly cleanup: Cleanup;
	report(line: string): void;
}

/** Sets everything up, and registers its end in `cleanup`. */
export async function startHarness({
	version,
	port,
	environment,
	cleanup,
	report,
}: HarnessOptions): Promise<Harness> {
	if (port !== undefined) await requireFree(port);
	const host = await installHost(version, report, cleanup);
	const userFolder = await mkdtemp(join(tmpdir(), 'n8n-with-crmcom-aurea-'));
	cleanup.add(async () => await rm(userFolder, { recursive: true, force: true, maxRetries: 5 }));
	report('Packing this package');
	await unpack(await pack(userFolder), userFolder);
	const fakes = await startFakes();
	cleanup.add(async () => await fakes.stop());
	const model = await startModel();
	cleanup.add(async () => await model.stop());
	report(`Starting n8n ${version}`);
	const options = { host, userFolder, cleanup, ...(environment ? { environment } : {}) };
	const n8n = await startN8n({ ...options, ...(port === undefined ? {} : { port }) });
	const rest = new Rest(n8n.url);
	await rest.setUpOwner();
	const credentials: Record<string, string> = {};
	for (const [type, { name, data }] of Object.entries(credentialsFor(fakes))) {
		credentials[type] = await rest.createCredential(name, type, data);
	}
	credentials['openAiApi'] = await rest.createCredential('Chat Model', 'openAiApi', {
		apiKey: 'sk-fake',
		url: model.url,
	});
	return {
		n8n,
		fakes,
		model,
		rest,
		userFolder,
		credentials,
		async restart(this: Harness) {
			await this.n8n.stop();
			this.n8n = await startN8n({ ...options, port: Number(new URL(n8n.url).port) });
		},
	};
}
