import {
	NodeConnectionTypes,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';

import { authenticationField } from './account';
import { searchListMethods, searchMethods } from './listSearch';
import { WEB_API } from './actions';
import { operationsByResource, resourceProperties, webApiOperations } from './resources';
import { getParameterNames, getParameters } from './resourceMapping';
import { executeOperation, notOffered, operationText } from '../shared/operations';

const webApiText = operationText(webApiOperations, { callMethod: 'method', getMany: 'method' });

export class CrmCom implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'CRM.COM',
		name: 'crmCom',
		icon: { light: 'file:crmCom.svg', dark: 'file:crmCom.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: `={{ $parameter["resource"] === "${WEB_API}" ? ${webApiText} : $parameter["operation"] + ": " + $parameter["resource"] }}`,
		description: 'Read and change accounts, contacts, payments, jobs and more in CRM.COM',
		// The editor cannot run a tool whose name has a dot.
		defaults: { name: 'CRM COM' },
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
		properties: [authenticationField, ...resourceProperties],
	};

	methods = {
		listSearch: { searchMethods, searchListMethods },
		loadOptions: { getParameterNames },
		resourceMapping: { getParameters },
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const resource = this.getNodeParameter('resource', 0, WEB_API) as string;
		const operations = operationsByResource.get(resource);
		if (operations === undefined) throw notOffered(this, 'resource', resource);
		return await executeOperation(this, operations);
	}
}
