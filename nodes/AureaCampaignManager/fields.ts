import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';

import { InputError } from '../shared/errors';
import { isExpression } from '../shared/input';

/** HTML, for the notice of operations that return a token. */
export const NO_TOKEN_NEEDED =
	"To call the API, you don't need one: select this credential in an HTTP Request node as its <b>Predefined Credential Type</b>, and the node logs in by itself.";

/** The field in which an operation's user names an organization. */
export const organizationField: INodeProperties = {
	displayName: 'Organization',
	name: 'organization',
	type: 'resourceLocator',
	default: { mode: 'list', value: '' },
	modes: [
		{
			displayName: 'From List',
			name: 'list',
			type: 'list',
			placeholder: 'Select an organization…',
			typeOptions: { searchListMethod: 'searchOrganizations', searchable: true },
		},
		{
			displayName: 'By UID',
			name: 'uid',
			type: 'string',
			placeholder: 'e.g. f4fcdc86-ba2e-4ce0-81f0-cf1d5f2dd26d',
		},
	],
};

/**
 * The UID of an item's organization, or an empty text if the field was left empty.
 *
 * @throws InputError for an expression that returns nothing: that is not a request for the default
 */
export function readOrganization(context: IExecuteFunctions, itemIndex: number): string {
	const value: unknown = context.getNodeParameter('organization', itemIndex, '', {
		extractValue: true,
	});
	const organizationUid = String(value ?? '').trim();
	if (organizationUid !== '' || !isExpression(context.getNode().parameters['organization'])) {
		return organizationUid;
	}
	throw new InputError(
		"The expression in 'Organization' returns nothing for this item",
		"Check what it returns. To use the organization that the login opens, leave 'Organization' empty",
	);
}
