import type { INodeProperties } from 'n8n-workflow';

import { DEFAULT_TIMEOUT_MS } from '../../shared/http';
import { DEFAULT_CONCURRENCY } from '../../shared/items';

/** How many rows are asked for at once where nothing says otherwise. */
export const DEFAULT_PAGE_SIZE = 100;

/** What the options of an item hold where they are set; an expression may have given anything. */
export interface CallMethodOptions {
	fullResponse?: unknown;
	listField?: unknown;
	pageSize?: unknown;
	renewSession?: unknown;
	timeout?: unknown;
}

export const callMethodOptions: INodeProperties[] = [
	{
		displayName: 'Concurrency',
		name: 'concurrency',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: DEFAULT_CONCURRENCY,
		description:
			'How many items to call for at the same time: 5 for GET and 1 for POST, unless you say otherwise',
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
		description: 'The field of the answer that has the rows, where it has more than one list',
		displayOptions: { show: { '/output': ['rows', 'pages'] } },
	},
	{
		displayName: 'Page Size',
		name: 'pageSize',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: DEFAULT_PAGE_SIZE,
		description:
			'How many rows to ask for at once. If your server gives fewer at the most, set that: a short page is taken for the last.',
		displayOptions: { show: { '/output': ['pages'] } },
	},
	{
		displayName: 'Renew Session on Refusal',
		name: 'renewSession',
		type: 'boolean',
		default: true,
		description:
			'Whether to log in anew when CRM.COM refuses a call under a session older than a minute, which may have ended. A GET is then called once more, and a POST where the refusal speaks of the session.',
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
