import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
	IRequestOptions,
} from 'n8n-workflow';

import { CREDENTIAL_TYPES } from '../harness/package.mts';

const base: Omit<INodeTypeDescription, 'displayName' | 'name' | 'properties'> = {
	group: ['transform'],
	version: 1,
	description: '',
	defaults: { name: 'Test' },
	inputs: ['main'],
	outputs: ['main'],
};

/** Passes its items on: the start of every workflow in the engine tests. */
export class Start implements INodeType {
	description: INodeTypeDescription = {
		...base,
		displayName: 'Start',
		name: 'start',
		properties: [],
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return [this.getInputData()];
	}
}

/**
 * Sends one request for each item, with a credential. With `helper` = `legacy` it does so as the
 * HTTP Request node does: by the older helper, in the older form, all at once.
 */
export class Request implements INodeType {
	description: INodeTypeDescription = {
		...base,
		displayName: 'Request',
		name: 'request',
		credentials: CREDENTIAL_TYPES.map((name) => ({ name })),
		properties: [
			{ displayName: 'Helper', name: 'helper', type: 'string', default: 'legacy' },
			{ displayName: 'Credential', name: 'credentialType', type: 'string', default: '' },
			{ displayName: 'Request', name: 'request', type: 'json', default: '{}' },
		],
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const results = await Promise.allSettled(
			this.getInputData().map(async (_item, itemIndex) => {
				const type = this.getNodeParameter('credentialType', itemIndex) as string;
				const parameter = this.getNodeParameter('request', itemIndex) as string | object;
				const request = (typeof parameter === 'string' ? JSON.parse(parameter) : parameter) as {
					url: string;
				};
				const isLegacy = this.getNodeParameter('helper', itemIndex) === 'legacy';
				return isLegacy
					? await sendLegacy(this, type, request, itemIndex)
					: await sendNew(this, type, request);
			}),
		);
		const items = results.map((result, item) => {
			if (result.status === 'fulfilled')
				return { json: { answer: result.value as never }, pairedItem: { item } };
			if (!this.continueOnFail()) throw result.reason;
			return { json: { error: (result.reason as Error).message }, pairedItem: { item } };
		});
		return [items];
	}
}

async function sendLegacy(
	context: IExecuteFunctions,
	type: string,
	{ url, inNewerForm, ...rest }: { url: string; inNewerForm?: boolean },
	itemIndex: number,
): Promise<unknown> {
	const request = {
		method: 'GET',
		...(inNewerForm ? { url } : { uri: url }),
		headers: {},
		json: true,
		resolveWithFullResponse: true,
		followRedirect: true,
		followAllRedirects: true,
		...rest,
	} as unknown as IRequestOptions;
	const response = (await context.helpers.requestWithAuthentication.call(
		context,
		type,
		request,
		undefined,
		itemIndex,
	)) as { body: unknown };
	return response.body;
}

async function sendNew(
	context: IExecuteFunctions,
	type: string,
	request: { url: string },
): Promise<unknown> {
	return await context.helpers.httpRequestWithAuthentication.call(context, type, {
		method: 'GET',
		json: true,
		...request,
	});
}
