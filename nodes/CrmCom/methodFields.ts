/** The fields in which a user names a method and its parameters. */
import type { IDisplayOptions, INodeProperties } from 'n8n-workflow';

import { WEB_API } from './actions';

/** Parameters are shown only once there is a method that has them. */
const showWithMethod = (specifyParameters?: string[]): IDisplayOptions => ({
	show: {
		resource: [WEB_API],
		operation: ['callMethod', 'getMany'],
		...(specifyParameters === undefined ? {} : { specifyParameters }),
	},
	// `hide`, since `show` for all other values would show everything for an expression. With a slash, since n8n
	// 1 cannot resolve the path without it.
	hide: { '/method.value': [''] },
});

/** The method; Get Many offers only list methods. */
export const methodFields: INodeProperties[] = [
	methodField('callMethod', {
		description: 'The method of the Web API to call, such as GET accounts_receivable/show',
		searchListMethod: 'searchMethods',
		placeholder: 'e.g. GET accounts_receivable/show',
	}),
	methodField('getMany', {
		description: 'The list method of the Web API to read, such as GET payments/list',
		searchListMethod: 'searchListMethods',
		placeholder: 'e.g. GET payments/list',
	}),
];

function methodField(
	operation: string,
	{
		description,
		searchListMethod,
		placeholder,
	}: { description: string; searchListMethod: string; placeholder: string },
): INodeProperties {
	return {
		displayName: 'Method',
		name: 'method',
		type: 'resourceLocator',
		default: { mode: 'list', value: '' },
		required: true,
		description,
		modes: [
			{
				displayName: 'From List',
				name: 'list',
				type: 'list',
				placeholder: 'Select a method…',
				typeOptions: { searchListMethod, searchable: true, skipCredentialsCheckInRLC: true },
			},
			{
				displayName: 'By Path',
				name: 'name',
				type: 'string',
				placeholder,
				hint: 'As in the CRM.COM documentation, with GET or POST in front. For most documented methods, the path is enough.',
			},
		],
		displayOptions: { show: { resource: [WEB_API], operation: [operation] } },
	};
}

/** For parameters that the documentation, as far as it could be read, does not have. */
export const undocumentedField: INodeProperties = {
	displayName: 'Undocumented Parameters',
	name: 'additionalParameters',
	type: 'fixedCollection',
	typeOptions: { multipleValues: true },
	placeholder: 'Add Undocumented Parameter',
	default: {},
	description:
		"Parameters that aren't listed above. The vendor's public documentation doesn't list them all.",
	options: [
		{
			displayName: 'Parameter',
			name: 'parameter',
			values: [
				{
					displayName: 'Name',
					name: 'name',
					type: 'string',
					default: '',
					placeholder: 'e.g. accounts_receivable_identifier',
				},
				{
					displayName: 'Value',
					name: 'value',
					type: 'string',
					default: '',
					placeholder: 'e.g. number=192',
				},
			],
		},
	],
};

/** Its parameters, in one of three ways. */
export const parameterFields: INodeProperties[] = [
	{
		displayName: 'Specify Parameters',
		name: 'specifyParameters',
		type: 'options',
		options: [
			{ name: 'Using Fields Below', value: 'fields' },
			{
				name: 'Using Fields of the Input Item',
				value: 'input',
				description: "Fields with the names of the method's documented parameters",
			},
			{ name: 'Using JSON', value: 'json' },
		],
		default: 'fields',
		displayOptions: showWithMethod(),
	},
	{
		displayName:
			'For a record, such as <b>Account</b>, <b>Job</b> or <b>Type</b>, write which field identifies it: <code>number=192</code>. After dragging a value in, put the field in front of it: <code>number={{ $json.number }}</code>',
		name: 'identifierNotice',
		type: 'notice',
		default: '',
		displayOptions: showWithMethod(['fields']),
	},
	{
		displayName: 'Parameters',
		name: 'parameters',
		type: 'resourceMapper',
		noDataExpression: true,
		default: { mappingMode: 'defineBelow', value: null },
		typeOptions: {
			loadOptionsDependsOn: ['method.value'],
			resourceMapper: {
				resourceMapperMethod: 'getParameters',
				mode: 'add',
				fieldWords: { singular: 'parameter', plural: 'parameters' },
				valuesLabel: 'Parameters',
				addAllFields: false,
				supportAutoMap: false,
				hideNoDataError: true,
			},
		},
		displayOptions: showWithMethod(['fields']),
	},
	{
		displayName: 'Fields to Send',
		name: 'inputFields',
		type: 'multiOptions',
		typeOptions: { loadOptionsMethod: 'getParameterNames', loadOptionsDependsOn: ['method.value'] },
		default: [],
		description:
			'Choose from the list, or specify IDs using an <a href="https://docs.n8n.io/code/expressions/">expression</a>',
		hint: 'If you choose none, every listed parameter that the input item has is sent',
		displayOptions: showWithMethod(['input']),
	},
	{ ...undocumentedField, displayOptions: showWithMethod(['fields', 'input']) },
	{
		displayName: 'JSON',
		name: 'jsonParameters',
		type: 'json',
		default: '{}',
		description: 'The parameters as a JSON object, without the token. It is sent as it is.',
		hint: 'Such as { "accounts_receivable_identifier": "number=192" } for a GET, and { "accounts_receivable_identifier": { "number": "192" } } for a POST',
		displayOptions: showWithMethod(['json']),
	},
];
