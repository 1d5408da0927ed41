import {
	NodeConnectionTypes,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';

import { executeOperation, operationField, operationText } from '../shared/operations';
import { getToken, getTokenFields } from './operations/getToken';
import { listOrganizations, listOrganizationsFields } from './operations/listOrganizations';
import { switchOrganization, switchOrganizationFields } from './operations/switchOrganization';
import { searchOrganizations } from './listSearch';

const operations = [listOrganizations, switchOrganization, getToken];

export class AureaCampaignManager implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Aurea Campaign Manager',
		name: 'aureaCampaignManager',
		icon: { light: 'file:aureaCampaignManager.svg', dark: 'file:aureaCampaignManager.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: `={{ ${operationText(operations)} }}`,
		description:
			'List the organizations of a login, and get tokens for them. To call the API, use this credential in an HTTP Request node.',
		defaults: { name: 'Aurea Campaign Manager' },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		// Not a tool of AI agents: every operation logs in, and two return tokens, which would go to the model. An
		// agent uses the HTTP Request tool with the credential, which shows no token.
		usableAsTool: undefined as never,
		credentials: [{ name: 'aureaLoginApi', required: true }],
		properties: [
			operationField(operations),
			...listOrganizationsFields,
			...switchOrganizationFields,
			...getTokenFields,
		],
	};

	methods = { listSearch: { searchOrganizations } };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await executeOperation(this, operations);
	}
}
