import {
	NodeConnectionTypes,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';

import { authenticationField } from './fields';
import { executeOperation, operationField, operationSubtitle } from '../shared/operations';
import { searchListMethods, searchMethods } from './listSearch';
import { callMethod } from './operations/callMethod';
import { getMany } from './operations/getMany';
import { getToken } from './operations/getToken';
import { releaseToken } from './operations/releaseToken';
import { getParameters } from './resourceMapping';

const operations = [callMethod, getMany, getToken, releaseToken];

export class CrmCom implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'CRM.COM',
		name: 'crmCom',
		icon: { light: 'file:crmCom.svg', dark: 'file:crmCom.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: operationSubtitle(operations, { callMethod: 'method', getMany: 'method' }),
		// An AI agent's model is told this, and the names of the fields that it fills in.
		description:
			'Read and change data in CRM.COM with the methods of its Web API. Parameters ending in _identifier are written as number=192.',
		defaults: { name: 'CRM.COM' },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		usableAsTool: true,
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
			operationField(operations, callMethod),
			...operations.flatMap(({ fields }) => fields),
		],
	};

	methods = {
		listSearch: { searchMethods, searchListMethods },
		resourceMapping: { getParameters },
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await executeOperation(this, operations);
	}
}
