import { afterAll, afterEach, beforeAll, beforeEach, expect } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { IDataObject, INode, INodeParameters } from 'n8n-workflow';

import { Cleanup } from '../host/cleanup.mts';
import { itemsOf, taskOf, type Execution, type WorkflowFile } from '../host/rest.mts';
import { credentialsFor, openStage, type Stage } from '../host/stage.mts';

const VERSION = process.env['N8N_VERSION'] ?? '2.41.1';
/** An installation that is not cached yet takes this long at most, in milliseconds. */
const OPEN_WITHIN = 30 * 60_000;

/** A real n8n for the tests of one file; what happened is shown where one of them fails. */
export function theatre(environment: Record<string, string> = {}): Stage {
	const stage = {} as Stage;
	const cleanup = new Cleanup();
	beforeAll(async () => {
		const report = (line: string) => process.stderr.write(`${line}\n`);
		Object.assign(stage, await openStage({ version: VERSION, environment, cleanup, report }));
	}, OPEN_WITHIN);
	beforeEach(() => {
		stage.vendors.calls.clear();
		stage.vendors.faults.clear();
	});
	afterEach(() => {
		if (expect.getState().numPassingAsserts === expect.getState().assertionCalls) return;
		process.stderr.write(`n8n's last lines:\n${stage.n8n.tail(15)}\nThe vendors' calls: ${JSON.stringify(stage.vendors.calls.counts())}\n`);
	});
	afterAll(async () => await cleanup.run(), 60_000);
	return stage;
}

/** Another user at the vendor and a credential for it, so that a test meets no other's session. */
export async function newCredential(stage: Stage, type: string, changes: IDataObject = {}): Promise<string> {
	const data = { ...credentialsFor(stage.vendors)[type]!.data, ...newLogin(stage, type), ...changes };
	return await stage.rest.createCredential(`${type} ${++logins}`, type, data as never);
}

let logins = 0;

/** A login of its own: a user or a key that nobody else uses. */
export function newLogin({ vendors: { crmCom, aurea } }: Stage, type: string): Record<string, string> {
	const number = ++logins;
	if (type === 'aureaLoginApi') {
		const user = { ...aurea.users[0]!, username: `lhq${number}@example.com`, password: `lhq-Pa55-${number}-secret` };
		aurea.users.push(user);
		return { username: user.username, password: user.password };
	}
	if (type === 'crmComWebApiKeyApi') {
		const key = `SYSKEY-${number}-secret`;
		crmCom.keys.push({ key, username: 'demo', organisation: 'CRMDEMO' });
		return { webApiKey: key };
	}
	const user = { username: `user${number}`, password: `own-Pa55-${number}-secret`, organisation: 'CRMDEMO', units: ['1'] };
	crmCom.users.push(user);
	return { username: user.username, password: user.password };
}

/** A workflow of a trigger, `count` items from a Code node, and one node under test, "Subject". */
export function workflowOf(subject: Partial<INode> & Pick<INode, 'type' | 'parameters'>, given: IDataObject[] = [{}]): WorkflowFile {
	const node = (name: string, type: string, typeVersion: number, parameters: INodeParameters, position: [number, number]): INode => ({
		id: name,
		name,
		type,
		typeVersion,
		parameters,
		position,
	});
	// Every item has a small file, for nodes that send one.
	const binary = { data: { data: 'UEVSU09O', mimeType: 'text/plain', fileName: 'person.txt' } };
	const code = `return ${JSON.stringify(given.map((json) => ({ json, binary })))};`;
	return {
		name: `Test ${++logins}`,
		nodes: [
			node('Start', 'n8n-nodes-base.manualTrigger', 1, {}, [0, 0]),
			node('Items', 'n8n-nodes-base.code', 2, { jsCode: code }, [200, 0]),
			{ ...node('Subject', subject.type, 1, {}, [400, 0]), ...subject },
		],
		connections: {
			Start: { main: [[{ node: 'Items', type: 'main', index: 0 }]] },
			Items: { main: [[{ node: 'Subject', type: 'main', index: 0 }]] },
		},
		settings: { executionOrder: 'v1' },
	};
}

/** Runs one node of n8n for some items. */
export async function runNode(
	{ rest }: Stage,
	subject: Parameters<typeof workflowOf>[0],
	given?: IDataObject[],
): Promise<Execution> {
	return await rest.run(await rest.createWorkflow(workflowOf(subject, given)), 'Start');
}

/** An HTTP Request node with a predefined credential. */
export function httpRequest(type: string, credentialId: string, parameters: INodeParameters, more: Partial<INode> = {}) {
	return {
		type: 'n8n-nodes-base.httpRequest',
		typeVersion: 4.2,
		parameters: { authentication: 'predefinedCredentialType', nodeCredentialType: type, options: {}, ...parameters },
		credentials: { [type]: { id: credentialId, name: type } },
		...more,
	};
}

export const jsonOf = (execution: Execution) => itemsOf(execution, 'Subject').map(({ json }) => json);

export const errorOf = (execution: Execution) =>
	(taskOf(execution, 'Subject')?.error ?? execution.data.resultData.error) as
		| { message: string; description?: string | null; context?: { itemIndex?: number } }
		| undefined;

export const many = (count: number): IDataObject[] => Array.from({ length: count }, (_, index) => ({ index }));

/** Everything that n8n has written: its database, with what is not yet merged into it, and its log. */
export function writtenBy({ userFolder, n8n }: Stage): string {
	const database = ['database.sqlite', 'database.sqlite-wal'].map((name) => {
		try {
			return readFileSync(join(userFolder, '.n8n', name), 'latin1');
		} catch {
			return '';
		}
	});
	return [...database, readFileSync(n8n.logFile, 'latin1')].join('\n');
}

/** Every form in which a secret could stand in a text. */
export function formsOf(secret: string): string[] {
	return [
		secret,
		encodeURIComponent(secret),
		JSON.stringify(secret).slice(1, -1),
		Buffer.from(secret).toString('base64').replace(/=+$/, ''),
		Buffer.from(`${secret}:`).toString('base64').replace(/=+$/, ''),
	];
}

export function secretsFoundIn(text: string, secrets: Iterable<string>): string[] {
	return [...secrets].filter((secret) => formsOf(secret).some((form) => text.includes(form)));
}
