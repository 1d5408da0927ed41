import {
	NodeConnectionTypes,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';

import { authenticationField } from './fields';
import { searchMethods } from './listSearch';
import { callMethod, callMethodFields } from './operations/callMethod';
import { getToken, getTokenFields } from './operations/getToken';
import { releaseToken, releaseTokenFields } from './operations/releaseToken';

const operations = { callMethod, getToken, releaseToken };

export class CrmCom implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'CRM.COM',
		name: 'crmCom',
		icon: { light: 'file:crmCom.svg', dark: 'file:crmCom.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle:
			'={{ { callMethod: "Call Method", getToken: "Get Token", releaseToken: "Release Token" }[$parameter["operation"]] }}',
		description: 'Call CRM.COM Web API methods, and get and release tokens',
		defaults: { name: 'CRM.COM' },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		// Not offered to AI agents: the token would go to the model. An agent uses the HTTP Request
		// tool with the credential, where no token shows.
		usableAsTool: undefined as never,
		credentials: [
			{
				name: 'crmComUserLoginApi',
				required: true,
				displayOptions: { show: { authentication: ['userLogin'] } },
			},
			{
				name: 'crmComWebApiKeyApi',
				required: true,
				displayOptions: { show: { authentication: ['webApiKey'] } },
			},
		],
		properties: [
			authenticationField,
			{
				displayName: 'Operation',
				name: 'operation',
				type: 'options',
				noDataExpression: true,
				options: [
					{
						name: 'Call Method',
						value: 'callMethod',
						action: 'Call a method',
						description: 'Call any Web API method (fails if CRM.COM reports an error)',
					},
					{
						name: 'Get Token',
						value: 'getToken',
						action: 'Get a token',
						description: 'Log in and get a token for other Web API methods',
					},
					{
						name: 'Release Token',
						value: 'releaseToken',
						action: 'Release a token',
						description: 'End a token that is no longer needed (R10 and R11)',
					},
				],
				default: 'getToken',
			},
			...callMethodFields,
			...getTokenFields,
			...releaseTokenFields,
		],
	};

	methods = { listSearch: { searchMethods } };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const operation = this.getNodeParameter('operation', 0) as keyof typeof operations;
		return await operations[operation].call(this);
	}
}
