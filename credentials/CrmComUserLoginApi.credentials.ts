import type { ICredentialTestRequest, ICredentialType, INodeProperties } from 'n8n-workflow';

import { ignoreSslIssuesField, serverUrlField, unitField } from '../nodes/CrmCom/credentialFields';
import { userLoginSessions } from '../nodes/CrmCom/auth';
import { loginTest } from '../nodes/shared/session/credentialTest';
import { sessionField, sessionHooks } from '../nodes/shared/session/hooks';

const hooks = sessionHooks(userLoginSessions);

export class CrmComUserLoginApi implements ICredentialType {
	name = 'crmComUserLoginApi';

	displayName = 'CRM.COM User Login API';

	icon = {
		light: 'file:../nodes/CrmCom/crmCom.svg',
		dark: 'file:../nodes/CrmCom/crmCom.dark.svg',
	} as const;

	documentationUrl =
		'https://github.com/n8n-nodes-crmcom-aurea/n8n-nodes-crmcom-aurea/blob/main/docs/credentials.md#crmcom-user-login-api';

	properties: INodeProperties[] = [
		serverUrlField('password'),
		{
			displayName: 'User Name',
			name: 'username',
			type: 'string',
			required: true,
			default: '',
			placeholder: 'e.g. MPAdministrator',
		},
		{
			displayName: 'Password',
			name: 'password',
			type: 'string',
			typeOptions: { password: true },
			required: true,
			default: '',
		},
		{
			displayName: 'Organisation',
			name: 'organisation',
			type: 'string',
			required: true,
			default: '',
			placeholder: 'e.g. CRMDEMO',
			description: 'The name or code of the organisation to log in to',
		},
		unitField,
		ignoreSslIssuesField,
		sessionField,
	];

	preAuthentication = hooks.preAuthentication;

	authenticate = hooks.authenticate;

	test: ICredentialTestRequest = loginTest(userLoginSessions.strategy.loginPath);
}
