import type { ICredentialTestRequest, ICredentialType, INodeProperties } from 'n8n-workflow';

import { userLogin } from '../nodes/CrmCom/logins';
import { loginTest, sessionField } from '../nodes/shared/session/credentialFields';
import { sessionHooks } from '../nodes/shared/session/hooks';

const hooks = sessionHooks(userLogin.sessions);

export class CrmComUserLoginApi implements ICredentialType {
	name = 'crmComUserLoginApi';

	displayName = 'CRM.COM User Login API';

	icon = { light: 'file:../nodes/CrmCom/crmCom.svg', dark: 'file:../nodes/CrmCom/crmCom.dark.svg' } as const;

	documentationUrl =
		'https://github.com/n8n-nodes-crmcom-aurea/n8n-nodes-crmcom-aurea#crmcom-user-login-api';

	properties: INodeProperties[] = [
		{
			displayName: 'Server URL',
			name: 'serverUrl',
			type: 'string',
			required: true,
			default: '',
			placeholder: 'e.g. https://crm.example.com',
			description: 'The address of your CRM.COM server. A host alone stands for its /crmapi/rest/v2.',
			hint: 'Use https:// where you can: over http:// the password can be read on the way',
		},
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
		{
			displayName: 'Unit ID',
			name: 'unit',
			type: 'string',
			default: '',
			placeholder: 'e.g. 9D2F6A1B0C3E4D5F8A7B6C5D4E3F2A1B',
			description: "The ID of the unit to log in to, not its name. Leave it empty for the user's default unit.",
		},
		{
			displayName: 'Ignore SSL Issues (Insecure)',
			name: 'ignoreSslIssues',
			type: 'boolean',
			default: false,
			description: 'Whether to connect even if SSL certificate validation is not possible',
		},
		sessionField,
	];

	preAuthentication = hooks.preAuthentication;

	authenticate = hooks.authenticate;

	test: ICredentialTestRequest = loginTest('authentication/token', 'data.token');
}
