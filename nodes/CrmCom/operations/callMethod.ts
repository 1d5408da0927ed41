import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	INodeProperties,
} from 'n8n-workflow';

import type { Operation } from '../../shared/operations';
import {
	concurrencyOption,
	DEFAULT_CONCURRENCY,
	limitField,
	readConcurrency,
	readLimit,
	returnAllField,
} from '../../shared/fields';
import { DEFAULT_TIMEOUT_MS, MAX_TIMEOUT_MS } from '../../shared/http';
import { isJsonObject, isTrue, toPositiveInteger, type Credentials } from '../../shared/input';
import { forEachItem } from '../../shared/items';
import { parseMethodPath, type CrmComResponse } from '../api';
import { readSessions } from '../fields';
import { findRows, paginate, type Page, type Pagination } from '../pagination';
import { readParameters, withPage } from '../parameters';
import { requestWithSession, type MethodRequest } from '../sessionRequest';

/** How many rows are asked for at once where nothing says otherwise. */
const DEFAULT_PAGE_SIZE = 100;

const callMethodOptions: INodeProperties[] = [
	{
		...concurrencyOption,
		description:
			'How many items to process at the same time. Without this option: 5 for GET and 1 for POST.',
	},
	{
		displayName: 'Include Response Headers and Status',
		name: 'fullResponse',
		type: 'boolean',
		default: false,
		description:
			'Whether to return the whole response (headers and response status code) instead of the data alone',
		displayOptions: { show: { '/output': ['single'] } },
	},
	{
		displayName: 'List Field',
		name: 'listField',
		type: 'string',
		default: '',
		placeholder: 'e.g. payments',
		description: 'The field of the response that has the rows, where it has more than one list',
		displayOptions: { show: { '/output': ['rows', 'pages'] } },
	},
	{
		displayName: 'Page Size',
		name: 'pageSize',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: DEFAULT_PAGE_SIZE,
		description:
			"How many rows to request per page. If your server's maximum is lower, enter that: a page with fewer rows counts as the last one.",
		displayOptions: { show: { '/output': ['pages'] } },
	},
	{
		displayName: 'Renew Session',
		name: 'renewSession',
		type: 'boolean',
		default: true,
		description:
			'Whether to repeat a call in a new session if its session has ended. A POST is repeated only after HTTP 401.',
	},
	{
		displayName: 'Timeout',
		name: 'timeout',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: DEFAULT_TIMEOUT_MS,
		description: 'How long a call may take, in milliseconds',
	},
];

const showOnlyForCallMethod = { operation: ['callMethod'] };

const fields: INodeProperties[] = [
	{
		displayName: 'HTTP Method',
		name: 'httpMethod',
		type: 'options',
		options: [
			{ name: 'GET', value: 'GET' },
			{ name: 'POST', value: 'POST' },
		],
		default: 'GET',
		description: 'The HTTP method given in the documentation of the Web API method',
		displayOptions: { show: showOnlyForCallMethod },
	},
	{
		displayName: 'Web API Method',
		name: 'webApiMethod',
		type: 'resourceLocator',
		default: { mode: 'path', value: '' },
		required: true,
		modes: [
			{
				displayName: 'By Path',
				name: 'path',
				type: 'string',
				placeholder: 'e.g. contact_information/show',
			},
			{
				displayName: 'From List',
				name: 'list',
				type: 'list',
				placeholder: 'Select a method…',
				typeOptions: { searchListMethod: 'searchMethods', searchable: true },
			},
		],
		description: 'The method to call: one of a few well-known ones, or any other by its path',
		displayOptions: { show: showOnlyForCallMethod },
	},
	{
		displayName: 'Specify Parameters',
		name: 'specifyParameters',
		type: 'options',
		options: [
			{ name: 'Using Fields Below', value: 'fields' },
			{ name: 'Using JSON', value: 'json' },
		],
		default: 'fields',
		displayOptions: { show: showOnlyForCallMethod },
	},
	{
		displayName: 'Identifiers',
		name: 'identifiers',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true },
		placeholder: 'Add identifier',
		default: {},
		description:
			'Which record the call is about, e.g. contact_information_identifier = number=CI000111',
		displayOptions: {
			show: { ...showOnlyForCallMethod, specifyParameters: ['fields'], httpMethod: ['GET'] },
		},
		options: [
			{
				displayName: 'Identifier',
				name: 'identifier',
				values: [
					{
						displayName: 'Name',
						name: 'name',
						type: 'string',
						default: '',
						placeholder: 'e.g. contact_information_identifier',
					},
					{
						displayName: 'Field',
						name: 'field',
						type: 'string',
						default: 'number',
						placeholder: 'e.g. number',
						description: 'The field of the record to match the value against',
					},
					{
						displayName: 'Value',
						name: 'value',
						type: 'string',
						default: '',
						placeholder: 'e.g. CI000111',
					},
				],
			},
		],
	},
	{
		displayName: 'Parameters',
		name: 'parameters',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true },
		placeholder: 'Add parameter',
		default: {},
		displayOptions: { show: { ...showOnlyForCallMethod, specifyParameters: ['fields'] } },
		options: [
			{
				displayName: 'Parameter',
				name: 'parameter',
				values: [
					{
						displayName: 'Name',
						name: 'name',
						type: 'string',
						default: '',
						placeholder: 'e.g. fields_set',
					},
					{
						displayName: 'Value',
						name: 'value',
						type: 'string',
						default: '',
						placeholder: 'e.g. number,reference_number',
					},
				],
			},
		],
	},
	{
		displayName: 'JSON',
		name: 'jsonParameters',
		type: 'json',
		default: '{}',
		description: 'The parameters as a JSON object, without the token',
		displayOptions: { show: { ...showOnlyForCallMethod, specifyParameters: ['json'] } },
	},
	{
		displayName: 'Output',
		name: 'output',
		type: 'options',
		options: [
			{
				name: 'One Item',
				value: 'single',
				description: 'The data of the answer as one item',
			},
			{
				name: 'One Item per Row',
				value: 'rows',
				description: 'The rows of the list in the answer, from one call',
			},
			{
				name: 'One Item per Row, Page by Page',
				value: 'pages',
				description:
					'All rows of a list method. The node sets number_of_results and offset itself, and assumes that the offset counts rows.',
			},
		],
		default: 'single',
		displayOptions: { show: showOnlyForCallMethod },
	},
	{
		...returnAllField,
		displayOptions: { show: { ...showOnlyForCallMethod, output: ['pages'] } },
	},
	{
		...limitField,
		displayOptions: { show: { ...showOnlyForCallMethod, output: ['pages'], returnAll: [false] } },
	},
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		displayOptions: { show: showOnlyForCallMethod },
		options: callMethodOptions,
	},
];

/** What the options of an item hold where they are set. An expression may give anything. */
interface CallMethodOptions {
	fullResponse?: unknown;
	listField?: unknown;
	pageSize?: unknown;
	renewSession?: unknown;
	timeout?: unknown;
}

async function execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	// Calls that change something run one after another, unless the user wants otherwise.
	const concurrency = readConcurrency(this, hasPost(this) ? 1 : DEFAULT_CONCURRENCY);
	return await forEachItem(this, concurrency, async (itemIndex) => {
		const sessions = readSessions(this, itemIndex);
		const options = this.getNodeParameter('options', itemIndex, {}) as CallMethodOptions;
		const request = readRequest(this, itemIndex, options);
		const credentials = await this.getCredentials<Credentials>(
			sessions.strategy.credentialType,
			itemIndex,
		);
		const call = async (page?: Page) => {
			const parameters = page ? withPage(request.parameters, page) : request.parameters;
			return await requestWithSession(this.helpers, sessions, credentials, {
				...request,
				parameters,
			});
		};

		const output = this.getNodeParameter('output', itemIndex, 'single') as string;
		if (output === 'single') return { json: toSingle(await call(), isTrue(options.fullResponse)) };
		const listField = String(options.listField ?? '').trim();
		const readRows = async (page?: Page) => findRows((await call(page)).data, listField);
		const rows =
			output === 'rows'
				? await readRows()
				: await paginate(readPagination(this, itemIndex, options), readRows);
		return rows.map((row) => ({ json: toFields(row) }));
	});
}

function hasPost(context: IExecuteFunctions): boolean {
	return context.getInputData().some((_item, itemIndex) => {
		try {
			return readHttpMethod(context, itemIndex) === 'POST';
		} catch {
			// An expression that fails is reported where its item is processed.
			return false;
		}
	});
}

function readHttpMethod(
	context: IExecuteFunctions,
	itemIndex: number,
): MethodRequest['httpMethod'] {
	return context.getNodeParameter('httpMethod', itemIndex, 'GET') === 'POST' ? 'POST' : 'GET';
}

function readRequest(
	context: IExecuteFunctions,
	itemIndex: number,
	{ timeout, renewSession }: CallMethodOptions,
): MethodRequest {
	const path = context.getNodeParameter('webApiMethod', itemIndex, '', { extractValue: true });
	const timeoutMs = toPositiveInteger(timeout ?? DEFAULT_TIMEOUT_MS, 'Timeout');
	return {
		httpMethod: readHttpMethod(context, itemIndex),
		path: parseMethodPath(path),
		parameters: readParameters(context, itemIndex),
		timeoutMs: Math.min(timeoutMs, MAX_TIMEOUT_MS),
		renewSession: isTrue(renewSession ?? true),
		signal: context.getExecutionCancelSignal(),
	};
}

function readPagination(
	context: IExecuteFunctions,
	itemIndex: number,
	{ pageSize }: CallMethodOptions,
): Pagination {
	return {
		limit: readLimit(context, itemIndex),
		pageSize: toPositiveInteger(pageSize ?? DEFAULT_PAGE_SIZE, 'Page Size'),
		signal: context.getExecutionCancelSignal(),
	};
}

function toSingle({ data, response }: CrmComResponse, fullResponse: boolean): IDataObject {
	if (!fullResponse) return toFields(data);
	const { body, headers, status } = response;
	return { body: body as IDataObject, headers, statusCode: status };
}

/** An item's fields are an object: anything else gets a name. */
function toFields(value: unknown): IDataObject {
	return isJsonObject(value) ? (value as IDataObject) : { data: (value ?? null) as IDataObject };
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
