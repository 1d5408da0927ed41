/** The options of Call Method and Get Many, which the actions share. */
import type { INodeProperties } from 'n8n-workflow';

import { concurrencyOption, includeOtherFieldsOption } from '../shared/fields';
import { DEFAULT_TIMEOUT_MS } from '../shared/http';

/** Default number of rows per page. */
export const DEFAULT_PAGE_SIZE = 100;

const listFieldOption: INodeProperties = {
	displayName: 'Field to Split Out',
	name: 'listField',
	type: 'string',
	default: '',
	placeholder: 'e.g. payments',
	description: 'The field of the response that has the rows, if they are not the data itself',
};

const renewSessionOption: INodeProperties = {
	displayName: 'Retry If Session Has Ended',
	name: 'renewSession',
	type: 'boolean',
	default: true,
	description:
		'Whether to repeat a call in a new session if its session has ended. A POST is repeated only after HTTP 401.',
};

const timeoutOption: INodeProperties = {
	displayName: 'Timeout',
	name: 'timeout',
	type: 'number',
	typeOptions: { minValue: 1 },
	default: DEFAULT_TIMEOUT_MS,
	description: 'How long to wait for a response, in milliseconds',
};

/** @param operations whose options they are */
export function callOptions(operations: readonly string[]): INodeProperties {
	return optionsField(operations, [
		includeOtherFieldsOption,
		{
			displayName: 'Fail on Partial Errors',
			name: 'failOnPartialErrors',
			type: 'boolean',
			default: false,
			description:
				'Whether an item fails if CRM.COM refuses some of the entries of a call in bulk. Otherwise, a warning says so.',
		},
		{
			displayName: 'Include Response Headers and Status',
			name: 'fullResponse',
			type: 'boolean',
			default: false,
			description:
				'Whether to return the whole response (headers and response status code) instead of the data alone',
		},
		listFieldOption,
		{
			...concurrencyOption,
			description:
				'How many items to process at the same time. By default, 5 if the method of every item is a GET, otherwise 1.',
		},
		renewSessionOption,
		timeoutOption,
	]);
}

/** @param operations whose options they are */
export function listOptions(operations: readonly string[]): INodeProperties {
	return optionsField(operations, [
		{
			displayName: 'Fail If Incomplete',
			name: 'failIfIncomplete',
			type: 'boolean',
			default: false,
			description:
				'Whether to fail an item whose list may be incomplete. Otherwise, a warning says so.',
		},
		listFieldOption,
		{
			displayName: 'Page Size',
			name: 'pageSize',
			type: 'number',
			typeOptions: { minValue: 1 },
			default: DEFAULT_PAGE_SIZE,
			description: 'How many rows to request per call. The server may return fewer.',
		},
		{
			...concurrencyOption,
			description:
				'How many requests to send at the same time, for items and for the pages of a list. With 1, pages are read one by one.',
		},
		renewSessionOption,
		timeoutOption,
	]);
}

function optionsField(
	operations: readonly string[],
	options: readonly INodeProperties[],
): INodeProperties {
	return {
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		displayOptions: { show: { operation: [...operations] } },
		options: [...options].sort((a, b) => a.displayName.localeCompare(b.displayName)),
	};
}
