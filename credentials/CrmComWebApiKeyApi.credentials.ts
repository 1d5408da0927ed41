import type { ICredentialTestRequest, ICredentialType, INodeProperties } from 'n8n-workflow';

import { webApiKey } from '../nodes/CrmCom/logins';
import { loginTest, sessionField } from '../nodes/shared/session/credentialFields';
import { sessionHooks } from '../nodes/shared/session/hooks';

const hooks = sessionHooks(webApiKey.sessions);

export class CrmComWebApiKeyApi implements ICredentialType {
	name = 'crmComWebApiKeyApi';

	displayName = 'CRM.COM Web API Key API';

	icon = { light: 'file:../nodes/CrmCom/crmCom.svg', dark: 'file:../nodes/CrmCom/crmCom.dark.svg' } as const;

	documentationUrl =
		'https://github.com/n8n-nodes-crmcom-aurea/n8n-nodes-crmcom-aurea#crmcom-web-api-key-api';

	properties: INodeProperties[] = [
		{
			displayName: 'Server URL',
			name: 'serverUrl',
			type: 'string',
			required: true,
			default: '',
			placeholder: 'e.g. https://crm.example.com',
			description: 'The address of your CRM.COM server. A host alone stands for its /crmapi/rest/v2.',
			hint: 'Use https:// where you can: over http:// the key can be read on the way',
		},
		{
			displayName: 'Web API Key',
			name: 'webApiKey',
			type: 'string',
			typeOptions: { password: true },
			required: true,
			default: '',
			description: 'A key of the kind SYSTEMIC_KEY (from R10 on). It fixes the user and the organisation.',
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

	test: ICredentialTestRequest = loginTest('authentication/web_api_key/token', 'data.token');
}
