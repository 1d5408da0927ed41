/** Fields that both of CRM.COM's credentials have. */
import type { INodeProperties } from 'n8n-workflow';

import { httpsHint } from '../shared/serverUrl';

/** @param secret what plain http would expose on the way */
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
	// In the editor, n8n reads the credential without an item, so an expression may fail.
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
