import type { IExecuteFunctions, INodeExecutionData, INodeProperties } from 'n8n-workflow';

import { BoundedMap } from '../../shared/boundedMap';
import type { Operation } from '../../shared/operations';
import { ApiError, InputError } from '../../shared/errors';
import { DEFAULT_CONCURRENCY } from '../../shared/fields';
import type { HttpClient, HttpRequest } from '../../shared/http';
import { forEachItem } from '../../shared/items';
import { assertSameServer } from '../../shared/serverUrl';
import { isToken } from '../../shared/session/token';
import { callApi, readServerUrl } from '../api';
import { readAccount } from '../account';

export const releaseTokenFields: INodeProperties[] = [
	{
		displayName: 'Token',
		name: 'token',
		type: 'string',
		typeOptions: { password: true },
		default: '={{ $json.token }}',
		required: true,
		description:
			'The token to release. After an HTTP Request node, take it from the node that got it.',
		hint: "For example {{ $('Get a token').item.json.token }}, with the name of your Get Token node",
		displayOptions: { show: { operation: ['releaseToken'] } },
	},
];

async function execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	// One promise for each token. It lives as long as the execution.
	const releases = new BoundedMap<Promise<void>>(Infinity);
	const signal = this.getExecutionCancelSignal();
	return await forEachItem(this, DEFAULT_CONCURRENCY, async (itemIndex) => {
		const token = readToken(this, itemIndex);
		const { account } = await readAccount(this, itemIndex);
		const { serverUrl, ignoreSslIssues, secrets } = account;
		assertSameServer(this.getInputData()[itemIndex]?.json['serverUrl'], serverUrl, readServerUrl);
		const request: HttpRequest = {
			method: 'POST',
			url: `${serverUrl}/authentication/token/release`,
			body: { token },
			ignoreSslIssues,
			secrets: [token, ...secrets],
			signal,
		};
		await releases.getOrCreate(
			`${serverUrl} ${token}`,
			async () => await release(this.helpers, request, serverUrl),
		);
		return { json: { released: true } };
	});
}

/** Documented for R10 and R11. */
async function release(http: HttpClient, request: HttpRequest, serverUrl: string): Promise<void> {
	const advice =
		'The token may already have ended. From R12 on, releasing is deprecated and a server may reject it. If so, remove this step: tokens end by themselves';
	try {
		await callApi(http, request, { method: 'Release Token', advice });
	} catch (error) {
		throw isNotOffered(error) ? notOffered(serverUrl, error) : error;
	}
}

/**
 * How a server that lacks the method answers is not documented: these are the likely statuses. A server that
 * answers with a code has the method, and words of its own.
 */
function isNotOffered(error: unknown): error is ApiError {
	if (!(error instanceof ApiError) || error.vendorCode !== undefined) return false;
	return [404, 405, 410, 501].includes(error.httpStatus ?? 0);
}

function notOffered(serverUrl: string, { httpStatus }: ApiError): ApiError {
	return new ApiError('This CRM.COM server does not offer Release Token', {
		advice: `It belongs to R10 and R11 and is deprecated from R12 on. Remove this step: the token ends by itself. If your server is R10 or R11, check 'Server URL', currently ${serverUrl} (HTTP ${httpStatus})`,
		httpStatus,
	});
}

function readToken(context: IExecuteFunctions, itemIndex: number): string {
	const value: unknown = context.getNodeParameter('token', itemIndex, '');
	if (typeof value === 'number' && !Number.isSafeInteger(value)) {
		throw new InputError(
			'The token of this item is a number that has lost its last digits',
			'Keep it as text, in quotes, where it comes from',
		);
	}
	// One of the vendor's samples is a token of digits, which JSON may have made a number.
	const token = typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
	if (isToken(token)) return token;
	if (token !== '') {
		throw new InputError(
			'The token of this item is not valid',
			"Check what the field 'Token' returns for this item",
		);
	}
	throw new InputError(
		'There is no token to release in this item',
		"After an HTTP Request node, the item no longer contains it. Set 'Token' to {{ $('Get a token').item.json.token }}, replacing Get a token with the name of your Get Token node",
	);
}

export const releaseToken: Operation = {
	option: {
		name: 'Release Token',
		value: 'releaseToken',
		action: 'Release a token',
		description: 'End a token that is no longer needed (R10 and R11)',
	},
	isHiddenFromAgents: true,
	execute,
};
