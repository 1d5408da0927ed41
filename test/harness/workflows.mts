import type { IConnections, IDataObject, INode, INodeParameters } from 'n8n-workflow';

import type { WorkflowFile } from './rest.mts';

/** The parts of a node under test that matter. */
export type Subject = Partial<INode> & Pick<INode, 'type' | 'parameters'>;

let made = 0;

/** A workflow of a manual trigger, items from a Code node, and one node under test, "Subject". */
export function workflowOf(subject: Subject, given: IDataObject[] = [{}]): WorkflowFile {
	// Every item has a small file, for nodes that send one.
	const binary = { data: { data: 'UEVSU09O', mimeType: 'text/plain', fileName: 'person.txt' } };
	const code = `return ${JSON.stringify(given.map((json) => ({ json, binary })))};`;
	return {
		name: `Test ${++made}`,
		nodes: [
			nodeOf('Start', { type: 'n8n-nodes-base.manualTrigger', parameters: {} }),
			nodeOf('Items', {
				type: 'n8n-nodes-base.code',
				typeVersion: 2,
				parameters: { jsCode: code },
			}),
			nodeOf('Subject', subject),
		],
		connections: inARow('Start', 'Items', 'Subject'),
		settings: { executionOrder: 'v1' },
	};
}

/** A workflow that some trigger of n8n starts: the trigger, and one node under test, "Subject". */
export function triggeredWorkflow(trigger: Subject, subject: Subject): WorkflowFile {
	return {
		name: `Test ${++made}`,
		nodes: [nodeOf('Trigger', trigger), nodeOf('Subject', subject)],
		connections: inARow('Trigger', 'Subject'),
		settings: { executionOrder: 'v1' },
	};
}

/** A node of a workflow, named. */
export function nodeOf(name: string, node: Subject): INode {
	return { id: name, name, typeVersion: 1, position: [0, 0], ...node };
}

export function inARow(...names: string[]): IConnections {
	return Object.fromEntries(
		names
			.slice(1)
			.map((name, index) => [names[index]!, { main: [[{ node: name, type: 'main', index: 0 }]] }]),
	);
}

/** An HTTP Request node with a predefined credential. */
export function httpRequest(
	type: string,
	credentialId: string,
	parameters: INodeParameters,
	more: Partial<INode> = {},
) {
	return {
		type: 'n8n-nodes-base.httpRequest',
		typeVersion: 4.2,
		parameters: {
			authentication: 'predefinedCredentialType',
			nodeCredentialType: type,
			options: {},
			...parameters,
		},
		credentials: { [type]: { id: credentialId, name: type } },
		...more,
	};
}

export const many = (count: number): IDataObject[] =>
	Array.from({ length: count }, (_, index) => ({ index }));
