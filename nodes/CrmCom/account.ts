import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';

import type { Credentials } from '../shared/credentialInput';
import {
	userLoginSessions,
	webApiKeySessions,
	type CrmComAccount,
	type CrmComSessions,
} from './auth';

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
 * @param changes what an operation asks for instead of the credential's own
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
