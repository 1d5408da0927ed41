import {
	NodeOperationError,
	type IDisplayOptions,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeProperties,
	type INodePropertyOptions,
} from 'n8n-workflow';

import { HIDDEN_IN_TOOL, isTool } from './tool';

/** An operation of a node: how it is offered, and what it does. */
export interface Operation {
	readonly option: INodePropertyOptions & { readonly value: string };
	/** Whether it is hidden from AI agents: its output would go to the model. */
	readonly isHiddenFromAgents?: boolean;
	execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]>;
}

/**
 * The node's choice between operations, in the order of the list. The first one is the default.
 *
 * @param displayOptions where it is shown; everywhere if left out
 */
export function operationField(
	operations: readonly Operation[],
	displayOptions?: IDisplayOptions,
): INodeProperties {
	const byDefault = operations[0]?.option.value;
	return {
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		...(displayOptions === undefined ? {} : { displayOptions }),
		options: operations.map(({ option, isHiddenFromAgents }) =>
			isHiddenFromAgents ? { ...option, displayOptions: HIDDEN_IN_TOOL } : option,
		),
		default: byDefault,
	};
}

/**
 * Expression code for a node's subtitle: the name of the chosen operation.
 *
 * @param fieldsInstead operations that are named by the value of a field instead
 */
export function operationText(
	operations: readonly Operation[],
	fieldsInstead: Readonly<Record<string, string>> = {},
): string {
	const texts = operations.map(({ option: { value, name } }) => {
		const field = fieldsInstead[value];
		return `${value}: ${field === undefined ? `"${name}"` : `$parameter["${field}"]`}`;
	});
	return `({ ${texts.join(', ')} })[$parameter["operation"]]`;
}

/** Runs the operation that the user has chosen. */
export async function executeOperation(
	context: IExecuteFunctions,
	operations: readonly Operation[],
): Promise<INodeExecutionData[][]> {
	const chosen = context.getNodeParameter('operation', 0) as string;
	const operation = operations.find(({ option }) => option.value === chosen);
	// Hidden in the editor, it could still be set in a workflow's JSON.
	if (operation?.isHiddenFromAgents && isTool(context)) {
		throw new NodeOperationError(
			context.getNode(),
			`${operation.option.name} is not available to AI agents, since its token would go to the model`,
			{ description: 'Use another operation: all others log in by themselves' },
		);
	}
	if (operation) return await operation.execute.call(context);
	throw notOffered(context, 'operation', chosen);
}

/** What n8n adds to the lists of operations and resources by itself. */
const CUSTOM_API_CALL = '__CUSTOM_API_CALL__';

/** The error for a value that a field's list does not contain. */
export function notOffered(
	context: IExecuteFunctions,
	field: 'operation' | 'resource',
	chosen: string,
): NodeOperationError {
	return chosen === CUSTOM_API_CALL
		? new NodeOperationError(context.getNode(), 'A custom API call is not made by this node', {
				description:
					"Use an HTTP Request node with 'Authentication' set to Predefined Credential Type, and choose the credential of this node there",
			})
		: new NodeOperationError(context.getNode(), `The ${field} '${chosen}' does not exist`, {
				description: `Choose one from the '${field === 'operation' ? 'Operation' : 'Resource'}' list`,
			});
}
