import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';

import { readAhead } from '../../shared/items';
import type { Credentials } from '../../shared/session/session';
import { userLogin, webApiKey, type AuthStrategy } from '../auth';

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

export function readAuthentication(context: IExecuteFunctions, itemIndex: number): AuthStrategy {
	const authentication = context.getNodeParameter('authentication', itemIndex, 'userLogin');
	return authentication === 'webApiKey' ? webApiKey : userLogin;
}

/** The credential of one item: its fields may be expressions. */
export async function credentialsOf(
	context: IExecuteFunctions,
	{ credentialType }: AuthStrategy,
	itemIndex: number,
): Promise<Credentials> {
	return await context.getCredentials(credentialType, itemIndex);
}

/** The credentials of all items, each to be asked for once, in the items' order. */
export function credentialsAhead(
	context: IExecuteFunctions,
): (itemIndex: number) => Promise<Credentials> {
	return readAhead(
		context.getInputData().length,
		async (itemIndex) =>
			await credentialsOf(context, readAuthentication(context, itemIndex), itemIndex),
	);
}
