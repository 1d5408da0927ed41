import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';

import { httpsHint } from '../shared/serverUrl';
import type { Credentials } from '../shared/input';
import {
	userLoginSessions,
	webApiKeySessions,
	type CrmComAccount,
	type CrmComSessions,
} from './auth';

/** Fields that both of CRM.COM's credentials have, and the node's choice between them. */

/** @param secret what could be read on the way over plain http */
export function serverUrlField(secret: string): INodeProperties {
	return {
		displayName: 'Server URL',
		name: 'serverUrl',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. https://crm.example.com',
		description:
			'The address of your CRM.COM server. If it has a path other than /crmapi/rest/v2, include that.',
		hint: `The host is enough, with https:// in front. ${httpsHint(secret)}`,
	};
}

export const unitField: INodeProperties = {
	displayName: 'Unit ID',
	name: 'unit',
	type: 'string',
	// In the editor, n8n reads the credential without an item, where an expression may fail.
	typeOptions: { ignoreCredentialExpressionResolveError: true },
	default: '',
	placeholder: 'e.g. 9D2F6A1B0C3E4D5F8A7B6C5D4E3F2A1B',
	description: 'The ID of the unit to log in to, not its name',
	hint: "Leave it empty to use the user's default unit",
};

export const ignoreSslIssuesField: INodeProperties = {
	displayName: 'Ignore SSL Issues (Insecure)',
	name: 'ignoreSslIssues',
	type: 'boolean',
	default: false,
	description: 'Whether to connect even if SSL certificate validation is not possible',
};

/** Which of CRM.COM's two logins a node uses. */
export const authenticationField: INodeProperties = {
	displayName: 'Authentication',
	name: 'authentication',
	type: 'options',
	options: [
		{ name: 'User Login', value: 'userLogin' },
		{ name: 'Web API Key', value: 'webApiKey' },
	],
	default: 'userLogin',
	description: 'The kind of credential to log in with',
};

/**
 * An item's account, and the sessions of its kind of login.
 *
 * @param changes what an operation asks for in place of the credential's own
 */
export async function readAccount(
	context: IExecuteFunctions,
	itemIndex: number,
	changes: Credentials = {},
): Promise<{ sessions: CrmComSessions; account: CrmComAccount }> {
	const authentication = context.getNodeParameter('authentication', itemIndex, 'userLogin');
	const sessions = authentication === 'webApiKey' ? webApiKeySessions : userLoginSessions;
	const { credentialType, read } = sessions.strategy;
	const credentials = await context.getCredentials<Credentials>(credentialType, itemIndex);
	return { sessions, account: read({ ...credentials, ...changes }) };
}
