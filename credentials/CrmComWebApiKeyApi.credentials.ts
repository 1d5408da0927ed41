import type { ICredentialTestRequest, ICredentialType, INodeProperties } from 'n8n-workflow';

import { ignoreSslIssuesField, serverUrlField, unitField } from '../nodes/CrmCom/credentialFields';
import { webApiKeySessions } from '../nodes/CrmCom/auth';
import { loginTest } from '../nodes/shared/session/credentialTest';
import { sessionField, sessionHooks } from '../nodes/shared/session/hooks';

const hooks = sessionHooks(webApiKeySessions);

export class CrmComWebApiKeyApi implements ICredentialType {
	name = 'crmComWebApiKeyApi';

	displayName = 'CRM.COM Web API Key API';

	icon = {
		light: 'file:../nodes/CrmCom/crmCom.svg',
		dark: 'file:../nodes/CrmCom/crmCom.dark.svg',
	} as const;

	documentationUrl =
		'https://github.com/n8n-nodes-crmcom-aurea/n8n-nodes-crmcom-aurea/blob/main/docs/credentials.md#crmcom-web-api-key-api';

	properties: INodeProperties[] = [
		serverUrlField('key'),
		{
			displayName: 'Web API Key',
			name: 'webApiKey',
			type: 'string',
			typeOptions: { password: true },
			required: true,
			default: '',
			description:
				'A key of type SYSTEMIC_KEY (R10 and later). It determines the user and the organisation.',
		},
		unitField,
		ignoreSslIssuesField,
		sessionField,
	];

	preAuthentication = hooks.preAuthentication;

	authenticate = hooks.authenticate;

	test: ICredentialTestRequest = loginTest(webApiKeySessions.strategy.loginPath);
}
