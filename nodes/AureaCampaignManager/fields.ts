import type { INodeProperties } from 'n8n-workflow';

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
