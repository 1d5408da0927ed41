import type { INodeProperties } from 'n8n-workflow';

/** Fields that operations of both vendors have, in the same words. */

/** Leads those who need no token in their items to the better way. */
export const credentialNotice: INodeProperties = {
	displayName:
		'A token in an item is stored with the execution. To call the API you need none: give this credential to an HTTP Request node as its <b>Predefined Credential Type</b>, and it logs in by itself.',
	name: 'credentialNotice',
	type: 'notice',
	default: '',
};

export const simplifyField: INodeProperties = {
	displayName: 'Simplify',
	name: 'simplify',
	type: 'boolean',
	default: true,
	description: 'Whether to return a simplified version of the response instead of the raw data',
};

export const includeOtherFieldsOption: INodeProperties = {
	displayName: 'Include Other Input Fields',
	name: 'includeOtherFields',
	type: 'boolean',
	default: false,
	description:
		"Whether to pass to the output all the input item's fields (along with the ones of this operation)",
};

export const separateLoginsOption: INodeProperties = {
	displayName: 'Separate Logins',
	name: 'separateLogins',
	type: 'boolean',
	default: false,
	description:
		'Whether to log in once for each item, so that each gets a token of its own. Otherwise items of the same login share one token.',
};

export const returnAllField: INodeProperties = {
	displayName: 'Return All',
	name: 'returnAll',
	type: 'boolean',
	default: false,
	description: 'Whether to return all results or only up to a given limit',
};

export const limitField: INodeProperties = {
	displayName: 'Limit',
	name: 'limit',
	type: 'number',
	typeOptions: { minValue: 1 },
	default: 50,
	description: 'Max number of results to return',
};
