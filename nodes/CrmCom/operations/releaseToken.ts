import type { IExecuteFunctions, INodeExecutionData, INodeProperties } from 'n8n-workflow';

import { isToken } from '../../shared/answers';
import { isFieldTrue } from '../../shared/credentials';
import { InputError, ApiError } from '../../shared/errors';
import type { Http } from '../../shared/http';
import { DEFAULT_CONCURRENCY, forEachItem, PromiseCache } from '../../shared/items';
import { assertSameServer } from '../../shared/serverUrl';
import { call, readCrmComServer } from '../api';
import { credentialsAhead, readAuthentication } from './authentication';

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
		hint: "For example {{ $('CRM.COM').item.json.token }}, with the name of your Get Token node",
		displayOptions: { show: { operation: ['releaseToken'] } },
	},
];

export async function releaseToken(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const releases = new PromiseCache<void>();
	const credentialsFor = credentialsAhead(this);
	return await forEachItem(this, DEFAULT_CONCURRENCY, async (itemIndex) => {
		const token = tokenOf(this, itemIndex);
		const credentials = await credentialsFor(itemIndex);
		const server = readCrmComServer(credentials['serverUrl']);
		assertSameServer(this.getInputData()[itemIndex]?.json['serverUrl'], server, readCrmComServer);
		const ending: Ending = {
			server,
			token,
			ignoreSslIssues: isFieldTrue(credentials, 'ignoreSslIssues'),
			secrets: readAuthentication(this, itemIndex).secretsOf(credentials),
		};
		await releases.get(`${server} ${token}`, async () => await release(this.helpers, ending));
		return { json: { released: true } };
	});
}

/** A token, and where it ends. */
interface Ending {
	readonly server: string;
	readonly token: string;
	readonly ignoreSslIssues: boolean;
	/** What else the server knows that no answer may bring back. */
	readonly secrets: readonly string[];
}

async function release(
	http: Http,
	{ server, token, ignoreSslIssues, secrets }: Ending,
): Promise<void> {
	const url = `${server}/authentication/token/release`;
	const advice =
		'The token may have ended already. From R12 on, releasing is deprecated and a server may refuse it: then leave this step out, since tokens end by themselves';
	try {
		// Documented for R10 and R11.
		await call(
			http,
			{ method: 'POST', url, body: { token }, ignoreSslIssues, secrets: [token, ...secrets] },
			{ method: 'Release Token', advice },
		);
	} catch (error) {
		throw isNotOffered(error) ? notOffered(server, error) : error;
	}
}

/** What a server that no longer has the method answers is not documented: these are the likely ones. */
function isNotOffered(error: unknown): error is ApiError {
	return error instanceof ApiError && [404, 405, 410, 501].includes(error.httpStatus ?? 0);
}

function notOffered(server: string, { httpStatus }: ApiError): ApiError {
	return new ApiError('This CRM.COM server does not offer Release Token', {
		description: `It belongs to R10 and R11 and is deprecated from R12 on. Leave this step out: the token ends by itself. If yours is an R10 or R11, check Server URL, which is now ${server} (HTTP ${httpStatus})`,
		httpStatus,
	});
}

function tokenOf(context: IExecuteFunctions, itemIndex: number): string {
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
	if (token !== '')
		throw new InputError(
			'The token of this item cannot be one',
			'Check what the field Token gives for this item',
		);
	throw new InputError(
		'There is no token to release in this item',
		"After an HTTP Request node the item no longer holds it. Set Token to {{ $('CRM.COM').item.json.token }}, with the name of your Get Token node in the place of CRM.COM",
	);
}
