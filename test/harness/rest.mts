import { setTimeout as sleep } from 'node:timers/promises';

import { parse } from 'flatted';
import type {
	ICredentialDataDecryptedObject,
	INode,
	INodeExecutionData,
	IRunExecutionData,
	ITaskData,
	IWorkflowBase,
} from 'n8n-workflow';
import { request } from 'undici';

export const OWNER = {
	email: 'demo@example.com',
	password: 'Demo-n8n-1',
	firstName: 'Demo',
	lastName: 'User',
};

/** How long an execution may take, in milliseconds. */
const EXECUTION_WITHIN = 120_000;

/** How long a workflow's triggers may take to become active, in milliseconds. */
const ACTIVE_WITHIN = 30_000;

/** The statuses of an execution that has ended. */
const OVER = ['success', 'error', 'crashed', 'canceled'];

export type WorkflowFile = Pick<
	IWorkflowBase,
	'name' | 'nodes' | 'connections' | 'settings' | 'pinData'
>;

/** An execution as n8n has recorded it. */
export interface Execution {
	readonly id: string;
	readonly status: string;
	readonly data: IRunExecutionData;
	/** The record as n8n's database holds it. */
	readonly raw: string;
}

/** n8n's REST API, as its editor uses it. */
export class Rest {
	private cookie = '';

	constructor(private readonly url: string) {}

	/** Makes the owner of a new n8n, and is that owner from then on. */
	async setUpOwner(): Promise<void> {
		const deadline = Date.now() + ACTIVE_WITHIN;
		const setUp = async (): Promise<void> => {
			await this.send('POST', '/rest/owner/setup', OWNER).catch(async (error: Error) => {
				// While n8n still migrates its database, it answers 404 or the editor's page.
				if (Date.now() > deadline || error.message.includes(' 400')) throw error;
				await sleep(500);
				await setUp();
			});
		};
		await setUp();
	}

	async createCredential(
		name: string,
		type: string,
		data: ICredentialDataDecryptedObject,
	): Promise<string> {
		const { id } = await this.send<{ id: string }>('POST', '/rest/credentials', {
			name,
			type,
			data,
		});
		return id;
	}

	/** Changes a saved credential's fields. */
	async updateCredential(
		id: string,
		name: string,
		type: string,
		data: ICredentialDataDecryptedObject,
	): Promise<void> {
		await this.send('PATCH', `/rest/credentials/${id}`, { name, type, data });
	}

	/** Presses Test. @returns what the user sees */
	async testCredential(credentials: {
		id?: string;
		name: string;
		type: string;
		data: ICredentialDataDecryptedObject;
	}): Promise<{ status: string; message: string }> {
		const press = async (id: string) =>
			await this.send<{ status: string; message: string }>('POST', '/rest/credentials/test', {
				credentials: { ...credentials, id },
			});
		if (credentials.id !== undefined) return await press(credentials.id);
		return await press('').catch(async (error: Error) => {
			// n8n 1.x tests only what is saved: its editor saves first.
			if (!error.message.includes('403')) throw error;
			return await press(
				await this.createCredential(credentials.name, credentials.type, credentials.data),
			);
		});
	}

	async createWorkflow(workflow: WorkflowFile): Promise<string> {
		// n8n 1.x requires the field `active`.
		const { id } = await this.send<{ id: string }>('POST', '/rest/workflows', {
			...workflow,
			active: false,
		});
		return id;
	}

	/** Runs a workflow from one of its triggers, and waits for its end. */
	async run(workflowId: string, trigger: string): Promise<Execution> {
		const workflow = await this.send<WorkflowFile>('GET', `/rest/workflows/${workflowId}`);
		const { executionId } = await this.send<{ executionId: string }>(
			'POST',
			`/rest/workflows/${workflowId}/run`,
			{
				workflowData: workflow,
				triggerToStartFrom: { name: trigger },
			},
		);
		return await this.executionOf(executionId);
	}

	/** Makes a workflow's triggers work, as the editor's switch does, and waits until they do. */
	async activate(workflowId: string): Promise<void> {
		const { versionId } = await this.send<{ versionId: string }>(
			'GET',
			`/rest/workflows/${workflowId}`,
		);
		await this.send('POST', `/rest/workflows/${workflowId}/activate`, { versionId }).catch(
			async (error: Error) => {
				// n8n 1.x has no such address: there it is a field of the workflow.
				if (!error.message.includes('404')) throw error;
				await this.send('PATCH', `/rest/workflows/${workflowId}`, { active: true, versionId });
			},
		);
		const deadline = Date.now() + ACTIVE_WITHIN;
		while (Date.now() < deadline) {
			const { triggerCount } = await this.send<{ triggerCount: number }>(
				'GET',
				`/rest/workflows/${workflowId}`,
			);
			if (triggerCount > 0) return;
			await sleep(50);
		}
		throw new Error(`Workflow ${workflowId} was not active within ${ACTIVE_WITHIN / 1000} s`);
	}

	async deactivate(workflowId: string): Promise<void> {
		await this.send('POST', `/rest/workflows/${workflowId}/deactivate`).catch(
			async (error: Error) => {
				if (!error.message.includes('404')) throw error;
				await this.send('PATCH', `/rest/workflows/${workflowId}`, { active: false });
			},
		);
	}

	/** The ended executions of a workflow, newest first, once there are `count` of them. */
	async executionsOf(workflowId: string, count: number): Promise<Execution[]> {
		const filter = encodeURIComponent(JSON.stringify({ workflowId }));
		const deadline = Date.now() + EXECUTION_WITHIN;
		while (Date.now() < deadline) {
			const { results } = await this.send<{ results: { id: string; status: string }[] }>(
				'GET',
				`/rest/executions?filter=${filter}&limit=100`,
			);
			const over = results.filter(({ status }) => OVER.includes(status));
			if (over.length >= count)
				return await Promise.all(over.map(async ({ id }) => await this.executionOf(id)));
			await sleep(200);
		}
		throw new Error(
			`Workflow ${workflowId} did not run ${count} times within ${EXECUTION_WITHIN / 1000} s`,
		);
	}

	/** Waits until no execution of a workflow is running. */
	async idle(workflowId: string): Promise<void> {
		const filter = encodeURIComponent(JSON.stringify({ workflowId }));
		const deadline = Date.now() + EXECUTION_WITHIN;
		for (let quiet = 0; quiet < 3; ) {
			if (Date.now() > deadline)
				throw new Error(`Workflow ${workflowId} still runs after ${EXECUTION_WITHIN / 1000} s`);
			const { results } = await this.send<{ results: { status: string }[] }>(
				'GET',
				`/rest/executions?filter=${filter}&limit=100`,
			);
			quiet = results.every(({ status }) => OVER.includes(status)) ? quiet + 1 : 0;
			await sleep(300);
		}
	}

	/** An execution, once it has ended. */
	async executionOf(id: string): Promise<Execution> {
		const deadline = Date.now() + EXECUTION_WITHIN;
		while (Date.now() < deadline) {
			const found = await this.send<{ status: string; data: string }>(
				'GET',
				`/rest/executions/${id}`,
			).catch((error: Error) => {
				// A busy n8n may answer that its database is not ready: ask again.
				if (!error.message.includes('with 503')) throw error;
				return { status: 'unknown', data: '[]' };
			});
			const data = parse(found.data) as IRunExecutionData | undefined;
			// n8n writes the status and what happened one after the other.
			const isWhole =
				data?.resultData !== undefined &&
				(found.status !== 'error' || data.resultData.error !== undefined);
			if (OVER.includes(found.status) && isWhole)
				return { id, status: found.status, raw: found.data, data };
			await sleep(100);
		}
		throw new Error(`Execution ${id} did not end within ${EXECUTION_WITHIN / 1000} s`);
	}

	/** One call. @throws Error with n8n's words if the answer is not a success */
	async send<Data>(method: 'GET' | 'POST' | 'PATCH', path: string, body?: unknown): Promise<Data> {
		const response = await request(this.url + path, {
			method,
			headers: { 'content-type': 'application/json', cookie: this.cookie },
			// n8n may close an idle connection just as it is used again.
			reset: true,
			...(body === undefined ? {} : { body: JSON.stringify(body) }),
		});
		const cookies = [response.headers['set-cookie'] ?? []].flat();
		if (cookies.length > 0) this.cookie = cookies.map((cookie) => cookie.split(';')[0]).join('; ');
		const text = await response.body.text();
		if (response.statusCode >= 300)
			throw new Error(
				`n8n answered ${method} ${path} with ${response.statusCode}: ${text.slice(0, 500)}`,
			);
		return (JSON.parse(text) as { data: Data }).data;
	}
}

/** What a node of an execution has recorded; undefined if it did not run. */
export function taskOf({ data }: Execution, node: string): ITaskData | undefined {
	return data.resultData.runData[node]?.[0];
}

/** The items of a node's outputs, the error output's too. */
export function itemsOf(execution: Execution, node: string): INodeExecutionData[] {
	return (taskOf(execution, node)?.data?.['main'] ?? []).flatMap((items) => items ?? []);
}

/** A workflow whose nodes have the credentials of this n8n, by type: what a user chooses after an import. */
export function withCredentials(
	workflow: WorkflowFile,
	ids: Readonly<Record<string, string>>,
): WorkflowFile {
	const nodes = workflow.nodes.map((node): INode => {
		if (!node.credentials) return node;
		const credentials = Object.entries(node.credentials).map(([type, { name }]) => [
			type,
			{ id: ids[type] ?? null, name },
		]);
		return { ...node, credentials: Object.fromEntries(credentials) as INode['credentials'] & {} };
	});
	return { ...workflow, nodes };
}
