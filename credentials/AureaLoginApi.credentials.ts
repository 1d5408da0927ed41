import type { ICredentialTestRequest, ICredentialType, INodeProperties } from 'n8n-workflow';

import { aureaSessions } from '../nodes/AureaCampaignManager/auth';
import { httpsHint } from '../nodes/shared/serverUrl';
import { loginTest } from '../nodes/shared/session/credentialTest';
import { sessionField, sessionHooks } from '../nodes/shared/session/hooks';

const hooks = sessionHooks(aureaSessions);

export class AureaLoginApi implements ICredentialType {
	name = 'aureaLoginApi';

	displayName = 'Aurea Campaign Manager Login API';

	icon = {
		light: 'file:../nodes/AureaCampaignManager/aureaCampaignManager.svg',
		dark: 'file:../nodes/AureaCampaignManager/aureaCampaignManager.dark.svg',
	} as const;

	documentationUrl =
		'https://github.com/n8n-nodes-crmcom-aurea/n8n-nodes-crmcom-aurea/blob/main/docs/credentials.md#aurea-campaign-manager-login-api';

	properties: INodeProperties[] = [
		{
			displayName: 'Server URL',
			name: 'serverUrl',
			type: 'string',
			required: true,
			default: 'https://api.cam.aurea.com',
			placeholder: 'e.g. https://api.cam.aurea.com',
			description: 'The address of the API. It rarely needs to be changed.',
			hint: httpsHint('password'),
		},
		{
			displayName: 'User Name',
			name: 'username',
			type: 'string',
			required: true,
			default: '',
			placeholder: 'e.g. nathan@example.com',
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
			displayName: 'Organization UID',
			name: 'organizationUid',
			type: 'string',
			// The editor loads the list of organizations without an item, so an expression fails there.
			typeOptions: { ignoreCredentialExpressionResolveError: true },
			default: '',
			placeholder: 'e.g. f4fcdc86-ba2e-4ce0-81f0-cf1d5f2dd26d',
			description:
				'The organization to switch to after logging in. Leave it empty to stay in the one that the login opens.',
			hint: 'The List Organizations operation shows the UIDs',
		},
		sessionField,
	];

	preAuthentication = hooks.preAuthentication;

	authenticate = hooks.authenticate;

	test: ICredentialTestRequest = loginTest(aureaSessions.strategy.loginPath);
}
