/** What the node can do, by resource, and the fields that ask for it, in the order of the panel. */
import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import { limitField, returnAllField } from '../shared/fields';
import { operationField, type Operation } from '../shared/operations';
import { HIDDEN_IN_TOOL } from '../shared/tool';
import { additionalFields, shownFields } from './actionFields';
import { actionMethod, isListOperation, RESOURCES, WEB_API } from './actions';
import { methodFields, parameterFields, undocumentedField } from './methodFields';
import { actionOperation } from './operations/action';
import { callMethod } from './operations/callMethod';
import { getMany } from './operations/getMany';
import { getToken, getTokenFields } from './operations/getToken';
import { releaseToken, releaseTokenFields } from './operations/releaseToken';
import { callOptions, listOptions } from './optionFields';

export const webApiOperations: readonly Operation[] = [callMethod, getMany, getToken, releaseToken];

const actions = RESOURCES.flatMap(({ value: resource, actions: all }) =>
	all.map((action) => {
		const method = actionMethod(action);
		return {
			action,
			method,
			resource,
			operation: actionOperation(action, method),
			show: { resource: [resource], operation: [action.value] },
		};
	}),
);

/** The operations of each resource, the default first. */
export const operationsByResource: ReadonlyMap<string, readonly Operation[]> = new Map([
	...RESOURCES.map(
		({ value }) =>
			[
				value,
				actions.filter(({ resource }) => resource === value).map(({ operation }) => operation),
			] as const,
	),
	[WEB_API, webApiOperations],
]);

const operationValues = [
	...new Set([
		callMethod.option.value,
		getMany.option.value,
		...actions.map((a) => a.action.value),
	]),
];
const listOperations = operationValues.filter(isListOperation);
const callOperations = operationValues.filter((value) => !isListOperation(value));

const resourceOptions: INodePropertyOptions[] = [
	...RESOURCES.map(({ name, value }) => ({ name, value })),
	{ name: 'Web API', value: WEB_API, description: 'Any method, and tokens' },
];

export const resourceProperties: INodeProperties[] = [
	{
		displayName: 'Resource',
		name: 'resource',
		type: 'options',
		noDataExpression: true,
		options: resourceOptions,
		default: WEB_API,
	},
	...[...operationsByResource].map(([resource, operations]) =>
		operationField(operations, { show: { resource: [resource] } }),
	),
	...methodFields,
	...actions.flatMap(({ action, method, show }) => shownFields(action, method, show)),
	{ ...returnAllField, displayOptions: { show: { operation: listOperations }, ...HIDDEN_IN_TOOL } },
	{
		...limitField,
		// A tool has no Return All, but still needs a limit.
		displayOptions: { show: { operation: listOperations }, hide: { returnAll: [true] } },
	},
	...parameterFields,
	...actions.flatMap(({ action, method, show }) => additionalFields(action, method, show)),
	{
		...undocumentedField,
		displayOptions: {
			show: {
				resource: RESOURCES.map(({ value }) => value),
				operation: ['create', 'update'],
			},
		},
	},
	callOptions(callOperations),
	listOptions(listOperations),
	...getTokenFields,
	...releaseTokenFields,
];
