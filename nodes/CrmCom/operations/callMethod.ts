import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	INodeProperties,
} from 'n8n-workflow';

import { InputError } from '../../shared/errors';
import {
	concurrencyOption,
	DEFAULT_CONCURRENCY,
	includeOtherFieldsOption,
	readConcurrency,
} from '../../shared/fields';
import { Hints } from '../../shared/hints';
import { isTrue } from '../../shared/input';
import { forEachItem, outputItem } from '../../shared/items';
import { log } from '../../shared/log';
import type { Operation } from '../../shared/operations';
import { assertReadable, isTool, MAX_ROWS_FOR_AGENTS } from '../../shared/tool';
import type { CrmComResponse } from '../api';
import { readCall, sendCall, showDeprecation } from '../call';
import { methodName } from '../catalogue';
import { isCertainlyGet, type Method } from '../method';
import { listFieldOption, methodFields, renewSessionOption, timeoutOption } from '../methodFields';
import { findPartialErrors, partialError } from '../partialErrors';
import { countRows, findRows, isEmpty, isNothing, toItem } from '../rows';

const showOnlyForCallMethod = { operation: ['callMethod'] };

const fields: INodeProperties[] = [
	...methodFields(showOnlyForCallMethod, { listsOnly: false }),
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		displayOptions: { show: showOnlyForCallMethod },
		options: [
			{
				...concurrencyOption,
				description:
					'How many items to process at the same time. Without this option: 5, and 1 unless Method is a GET for all items.',
			},
			{
				displayName: 'Fail on Partial Errors',
				name: 'failOnPartialErrors',
				type: 'boolean',
				default: false,
				description:
					'Whether an item fails if CRM.COM refuses some of the entries of a call in bulk. Otherwise, a warning says so.',
			},
			includeOtherFieldsOption,
			{
				displayName: 'Include Response Headers and Status',
				name: 'fullResponse',
				type: 'boolean',
				default: false,
				description:
					'Whether to return the whole response (headers and response status code) instead of the data alone',
			},
			listFieldOption,
			renewSessionOption,
			timeoutOption,
		],
	},
];

interface CallMethodOptions {
	readonly failOnPartialErrors?: unknown;
	readonly includeOtherFields?: unknown;
	readonly fullResponse?: unknown;
	readonly listField?: unknown;
	readonly renewSession?: unknown;
	readonly timeout?: unknown;
}

async function execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	// What changes something is done one after another, unless the user wants it otherwise.
	const isGet = isCertainlyGet(this.getNode().parameters['method']);
	const concurrency = readConcurrency(this) ?? (isGet ? DEFAULT_CONCURRENCY : 1);
	const hints = new Hints(this);
	return await forEachItem(this, concurrency, async (itemIndex) => {
		const options = this.getNodeParameter('options', itemIndex, {}) as CallMethodOptions;
		const call = await readCall(this, itemIndex, options);
		const { account, request } = call;
		showDeprecation(hints, request.method);
		const response = await sendCall(this.helpers, call);
		const { data, message } = response;
		if (message !== '') hints.show(`CRM.COM says: ${message}`, 'info');
		const partial = findPartialErrors(data, account.secrets);
		if (partial !== undefined) {
			const entries = `${partial.count} of ${partial.count + partial.processed} entries`;
			log('warn', `${account.name}: ${methodName(request.method)} refused ${entries}`);
			if (isTrue(options.failOnPartialErrors)) throw partialError(partial);
			hints.show(partial.text, 'warning');
		}
		try {
			const items = toItems(response, request.method, options).map(({ json }) =>
				outputItem(this, itemIndex, json, isTrue(options.includeOtherFields)),
			);
			if (!isTool(this)) return items;
			assertFewRows(data, request.method);
			assertReadable(items);
			return partial === undefined ? items : [{ json: { warning: partial.text } }, ...items];
		} catch (error) {
			throw request.method.isRead ? error : doneAlready(error, partial?.text);
		}
	});
}

/** @throws InputError */
function assertFewRows(data: unknown, method: Method): void {
	const count = countRows(data);
	if (count <= MAX_ROWS_FOR_AGENTS) return;
	throw new InputError(
		`The list has ${count} rows, which is too many for an AI agent`,
		method.isRead
			? "Use the operation Get Many with a 'Limit', or parameters that return fewer rows"
			: 'Its response was left out',
	);
}

/** The same where the call did not fail, but its response cannot be returned. */
function doneAlready(error: unknown, refused?: string): unknown {
	if (!(error instanceof InputError)) return error;
	return new InputError(
		error.message,
		`${refused === undefined ? '' : `${refused}. `}CRM.COM has carried out the call: do not repeat it. ${error.advice}`,
		true,
	);
}

function toItems(
	{ data, response: { body, headers, status } }: CrmComResponse,
	{ isRead, documentation }: Method,
	{ fullResponse, listField }: CallMethodOptions,
): INodeExecutionData[] {
	if (isTrue(fullResponse)) {
		return [{ json: { body: body as IDataObject, headers, statusCode: status } }];
	}
	const name = String(listField ?? '').trim();
	if (name !== '') return findRows(data, name).map(toItem);
	// What has changed something has one item for the nodes behind it, also without a result.
	if (!isRead && isEmpty(data)) return [{ json: { success: true } }];
	if (isNothing(data) || (documentation?.isList === true && isEmpty(data))) return [];
	return Array.isArray(data) ? data.map(toItem) : [toItem(data)];
}

export const callMethod: Operation = {
	option: {
		name: 'Call Method',
		value: 'callMethod',
		action: 'Call a method',
		description: 'Call any Web API method (fails if CRM.COM reports an error)',
	},
	fields,
	execute,
};
