import { resolve } from 'node:path';

import {
	ExecuteContext,
	ExecutionLifecycleHooks,
	LoadOptionsContext,
	PackageDirectoryLoader,
	RoutingNode,
	WorkflowExecute,
} from 'n8n-core';
import {
	createRunExecutionData,
	Workflow,
	type ICredentialDataDecryptedObject,
	type IConnections,
	type IDataObject,
	type INode,
	type INodeExecutionData,
	type INodeListSearchResult,
	type INodeParameters,
	type INodeType,
	type INodeTypes,
	type IRun,
	type IWorkflowExecuteAdditionalData,
} from 'n8n-workflow';

import { EngineCredentials } from './credentialsHelper.mts';
import { Request, Start } from './nodes.mts';

const PACKAGE = 'n8n-nodes-crmcom-aurea';

/** n8n's engine with this package loaded as n8n loads it, from the files that are published. */
export interface Engine {
	readonly credentials: EngineCredentials;
	run(options: RunOptions): Promise<Outcome>;
	/** Presses a credential's Test, as n8n does; `OK` or the words that the user sees. */
	testCredential(type: string, data: ICredentialDataDecryptedObject): Promise<string>;
	searchList(
		method: string,
		credential: Credential,
		filter?: string,
		node?: string,
	): Promise<INodeListSearchResult>;
	nodeType(name: string): INodeType;
}

interface Credential {
	readonly type: string;
	readonly data: ICredentialDataDecryptedObject;
}

export interface RunOptions {
	/** A node of this package, or `request` for the engine's own. */
	readonly node: 'crmCom' | 'aureaCampaignManager' | 'request';
	readonly parameters: INodeParameters;
	readonly credential?: Credential;
	/** The input items' fields; one empty item if left out. */
	readonly items?: IDataObject[];
	readonly settings?: Partial<INode>;
	/** Receives a function that stops the execution, as a user does. */
	readonly onStart?: (stop: () => void) => void;
}

/** What a node gave, as n8n records it. */
export interface Outcome {
	/** The items of the first output. */
	readonly items: INodeExecutionData[];
	/** The items of the error output. */
	readonly errorItems: INodeExecutionData[];
	readonly error: NodeFailure | undefined;
	readonly hints: string[];
	/** The whole execution as n8n would store it, in one text. */
	readonly record: string;
}

interface NodeFailure {
	readonly name: string;
	readonly message: string;
	readonly description?: string | null;
	readonly httpCode?: string | null;
	readonly context: { itemIndex?: number };
}

export async function startEngine(): Promise<Engine> {
	const loader = new PackageDirectoryLoader(resolve(import.meta.dirname, '../..'));
	await loader.loadAll();
	const credentials = new EngineCredentials((name) => loader.getCredential(name).type);
	const own: Record<string, INodeType> = {
		'test.start': new Start(),
		'test.request': new Request(),
	};
	const nodeType = (name: string) =>
		own[name] ?? (loader.getNode(name.replace(`${PACKAGE}.`, '')).type as INodeType);
	const nodeTypes: INodeTypes = {
		getByName: nodeType,
		getByNameAndVersion: nodeType,
		getKnownTypes: () => ({}),
	};

	const additionalData = () =>
		({
			credentialsHelper: credentials,
			hooks: new ExecutionLifecycleHooks('manual', 'test', {
				id: 'test',
				name: 'Test',
				nodes: [],
				connections: {},
			} as never),
			currentNodeExecutionIndex: 0,
			variables: {},
			webhookWaitingBaseUrl: 'http://127.0.0.1/webhook-waiting',
			formWaitingBaseUrl: 'http://127.0.0.1/form-waiting',
			restApiUrl: '',
			instanceBaseUrl: '',
		}) as unknown as IWorkflowExecuteAdditionalData;

	async function run({
		node,
		parameters,
		credential,
		items = [{}],
		settings,
		onStart,
	}: RunOptions): Promise<Outcome> {
		const type = node === 'request' ? 'test.request' : `${PACKAGE}.${node}`;
		if (credential) credentials.saved.set('credential', credential.data);
		const subject: INode = {
			...nodeOf('Subject', type, parameters),
			...(credential
				? { credentials: { [credential.type]: { id: 'credential', name: 'Test' } } }
				: {}),
			...settings,
		};
		const start = nodeOf('Start', 'test.start', {});
		const connections: IConnections = {
			Start: { main: [[{ node: 'Subject', type: 'main', index: 0 }]] },
		};
		const workflow = new Workflow({
			id: 'test',
			nodes: [start, subject],
			connections,
			active: false,
			nodeTypes,
		});
		const data = createRunExecutionData({
			executionData: {
				nodeExecutionStack: [
					{ node: start, data: { main: [items.map((json) => ({ json }))] }, source: null },
				],
			},
		});
		const execution = new WorkflowExecute(additionalData(), 'manual', data).processRunExecutionData(
			workflow,
		);
		onStart?.(() => execution.cancel());
		return outcomeOf(await execution);
	}

	async function testCredential(
		type: string,
		data: ICredentialDataDecryptedObject,
	): Promise<string> {
		const { test } = loader.getCredential(type).type;
		const node = {
			...nodeOf('Temp-Node', 'test.start', {}),
			credentials: { [type]: { id: 'unsaved', name: 'Test' } },
		};
		const description = {
			...new Start().description,
			credentials: [{ name: type, required: true }],
			properties: [
				{
					displayName: 'Temp',
					name: 'temp',
					type: 'string' as const,
					routing: { request: test!.request },
					default: '',
				},
			],
		};
		const routed = { description } as INodeType;
		const workflow = new Workflow({
			nodes: [node],
			connections: {},
			active: false,
			nodeTypes: { ...nodeTypes, getByNameAndVersion: () => routed },
		});
		const context = new ExecuteContext(
			workflow,
			node,
			additionalData(),
			'internal',
			createRunExecutionData(),
			0,
			[],
			{ main: [[{ json: {} }]] },
			{ node, data: {}, source: null },
			[],
		);
		const decrypted = { id: '', name: 'Test', type, data: credentials.withDefaults(type, data) };
		try {
			await new RoutingNode(context, routed, decrypted).runNode();
			return 'OK';
		} catch (error) {
			return (error as Error).message;
		}
	}

	async function searchList(
		method: string,
		credential: Credential,
		filter?: string,
		name = 'aureaCampaignManager',
	): Promise<INodeListSearchResult> {
		credentials.saved.set('credential', credential.data);
		const node = {
			...nodeOf('Subject', `${PACKAGE}.${name}`, {}),
			credentials: { [credential.type]: { id: 'credential', name: 'Test' } },
		};
		const workflow = new Workflow({ nodes: [node], connections: {}, active: false, nodeTypes });
		const context = new LoadOptionsContext(workflow, node, additionalData(), '');
		const search = nodeType(name).methods!.listSearch![method]!;
		return await search.call(context as never, filter);
	}

	return { credentials, run, testCredential, searchList, nodeType };
}

function nodeOf(name: string, type: string, parameters: INodeParameters): INode {
	return { id: name, name, type, typeVersion: 1, position: [0, 0], parameters };
}

function outcomeOf({ data }: IRun): Outcome {
	const task = data.resultData.runData['Subject']?.[0];
	const [items, errorItems] = task?.data?.['main'] ?? [];
	return {
		items: items ?? [],
		errorItems: errorItems ?? [],
		error: (task?.error ?? data.resultData.error) as unknown as NodeFailure | undefined,
		hints: (task?.hints ?? []).map(({ message }) => message),
		record: JSON.stringify(data, (_key, value: unknown) =>
			value instanceof Error
				? Object.fromEntries(
						Object.getOwnPropertyNames(value).map((name) => [name, value[name as keyof Error]]),
					)
				: value,
		),
	};
}
