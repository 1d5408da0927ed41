import {
	NodeConnectionTypes,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';

import { getToken, getTokenFields } from './operations/getToken';
import { listOrganizations, listOrganizationsFields } from './operations/listOrganizations';
import { switchOrganization, switchOrganizationFields } from './operations/switchOrganization';
import { searchOrganizations } from './listSearch';

const operations = { getToken, listOrganizations, switchOrganization };

export class AureaCampaignManager implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Aurea Campaign Manager',
		name: 'aureaCampaignManager',
		icon: { light: 'file:aureaCampaignManager.svg', dark: 'file:aureaCampaignManager.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle:
			'={{ { getToken: "Get Token", listOrganizations: "List Organizations", switchOrganization: "Switch Organization" }[$parameter["operation"]] }}',
		description: 'Get tokens of Aurea Campaign Manager and move between its organizations',
		defaults: { name: 'Aurea Campaign Manager' },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		// Not offered to AI agents: the token would go to the model. An agent uses the HTTP Request
		// tool with the credential, where no token shows.
		usableAsTool: undefined as never,
		credentials: [{ name: 'aureaLoginApi', required: true }],
		properties: [
			{
				displayName: 'Operation',
				name: 'operation',
				type: 'options',
				noDataExpression: true,
				options: [
					{
						name: 'Get Token',
						value: 'getToken',
						action: 'Get a token',
						description: 'Log in and get a token, in any of your organizations',
					},
					{
						name: 'List Organizations',
						value: 'listOrganizations',
						action: 'List organizations',
						description: 'List the organizations that the login has access to',
					},
					{
						name: 'Switch Organization',
						value: 'switchOrganization',
						action: 'Switch organization',
						description: 'Exchange a token for one that belongs to another organization',
					},
				],
				default: 'getToken',
			},
			...getTokenFields,
			...listOrganizationsFields,
			...switchOrganizationFields,
		],
	};

	methods = { listSearch: { searchOrganizations } };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const operation = this.getNodeParameter('operation', 0) as keyof typeof operations;
		return await operations[operation].call(this);
	}
}
