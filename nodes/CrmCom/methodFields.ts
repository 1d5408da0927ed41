import type { IDisplayOptions, INodeProperties } from 'n8n-workflow';

import { DEFAULT_TIMEOUT_MS } from '../shared/http';

/** The fields in which a user names a method and its parameters, and options that calls have. */

type ShowOnly = NonNullable<IDisplayOptions['show']>;

/** @param listsOnly whether the list offers list methods only */
export function methodFields(showOnly: ShowOnly, { listsOnly }: { listsOnly: boolean }) {
	const fields: INodeProperties[] = [
		{
			displayName: 'Method',
			name: 'method',
			type: 'resourceLocator',
			default: { mode: 'list', value: '' },
			required: true,
			description: listsOnly
				? 'The list method of the Web API to read, such as GET payments/list'
				: 'The method of the Web API to call, such as GET accounts_receivable/show',
			modes: [
				{
					displayName: 'From List',
					name: 'list',
					type: 'list',
					placeholder: 'Select a method…',
					typeOptions: {
						searchListMethod: listsOnly ? 'searchListMethods' : 'searchMethods',
						searchable: true,
						skipCredentialsCheckInRLC: true,
					},
				},
				{
					displayName: 'By Path',
					name: 'name',
					type: 'string',
					placeholder: listsOnly ? 'e.g. GET payments/list' : 'e.g. GET accounts_receivable/show',
					hint: 'As in the CRM.COM documentation, with GET or POST in front. For most documented methods, the path is enough.',
				},
			],
			displayOptions: { show: showOnly },
		},
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
			displayOptions: { show: showOnly },
		},
		{
			displayName:
				'A parameter whose name ends in <b>_identifier</b> names a record by one of its fields: write <code>number=192</code> or, with an expression, <code>number={{ $json.number }}</code>',
			name: 'identifierNotice',
			type: 'notice',
			default: '',
			displayOptions: { show: { ...showOnly, specifyParameters: ['fields'] } },
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
			displayOptions: { show: { ...showOnly, specifyParameters: ['fields'] } },
		},
		{
			displayName: 'Additional Parameters',
			name: 'additionalParameters',
			type: 'fixedCollection',
			typeOptions: { multipleValues: true },
			placeholder: 'Add parameter',
			default: {},
			description: 'Parameters that are not among those above',
			displayOptions: { show: { ...showOnly, specifyParameters: ['fields', 'input'] } },
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
		},
		{
			displayName: 'JSON',
			name: 'jsonParameters',
			type: 'json',
			default: '{}',
			description: 'The parameters as a JSON object, without the token. It is sent as it is.',
			displayOptions: { show: { ...showOnly, specifyParameters: ['json'] } },
		},
	];
	return fields;
}

export const listFieldOption: INodeProperties = {
	displayName: 'List Field',
	name: 'listField',
	type: 'string',
	default: '',
	placeholder: 'e.g. payments',
	description: 'The field of the response that has the rows, if they are not the data itself',
};

export const renewSessionOption: INodeProperties = {
	displayName: 'Renew Session',
	name: 'renewSession',
	type: 'boolean',
	default: true,
	description:
		'Whether to repeat a call in a new session if its session has ended. A POST is repeated only after HTTP 401.',
};

export const timeoutOption: INodeProperties = {
	displayName: 'Timeout',
	name: 'timeout',
	type: 'number',
	typeOptions: { minValue: 1 },
	default: DEFAULT_TIMEOUT_MS,
	description: 'How long to wait for a response, in milliseconds',
};
