import {
	NodeOperationError,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeProperties,
	type INodePropertyOptions,
} from 'n8n-workflow';

import { HIDDEN_IN_TOOL, isTool } from './tool';

/** An operation of a node: how it is offered, what it asks for, and what it does. */
export interface Operation {
	readonly option: INodePropertyOptions & { readonly value: string };
	readonly fields: readonly INodeProperties[];
	/** Whether it is kept from AI agents: what it returns would go to the model. */
	readonly isHiddenFromAgents?: boolean;
	execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]>;
}

/** The node's choice between its operations, in the order of the list. */
export function operationField(
	operations: readonly Operation[],
	defaultOperation: Operation,
): INodeProperties {
	const field: INodeProperties = {
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		options: operations.map(({ option, isHiddenFromAgents }) =>
			isHiddenFromAgents ? { ...option, displayOptions: HIDDEN_IN_TOOL } : option,
		),
		default: '',
	};
	return { ...field, default: defaultOperation.option.value };
}

/**
 * Shows the name of the operation below that of the node.
 *
 * @param fieldsInstead operations that are told by the value of a field instead
 */
export function operationSubtitle(
	operations: readonly Operation[],
	fieldsInstead: Readonly<Record<string, string>> = {},
): string {
	const texts = operations.map(({ option: { value, name } }) => {
		const field = fieldsInstead[value];
		return `${value}: ${field === undefined ? `"${name}"` : `$parameter["${field}"]`}`;
	});
	return `={{ { ${texts.join(', ')} }[$parameter["operation"]] }}`;
}

/** Runs the operation that the user has chosen. */
export async function executeOperation(
	context: IExecuteFunctions,
	operations: readonly Operation[],
): Promise<INodeExecutionData[][]> {
	const chosen = context.getNodeParameter('operation', 0) as string;
	const operation = operations.find(({ option }) => option.value === chosen);
	// Hidden in the editor, it could still be set in the JSON of a workflow.
	if (operation?.isHiddenFromAgents && isTool(context)) {
		throw new NodeOperationError(
			context.getNode(),
			`${operation.option.name} is not available to AI agents, since its token would go to the model`,
			{ description: 'Use Call Method or Get Many, which log in by themselves' },
		);
	}
	if (operation) return await operation.execute.call(context);
	throw new NodeOperationError(context.getNode(), `The operation '${chosen}' does not exist`, {
		description: "Choose one of the list in 'Operation'",
	});
}
