import type { INodeProperties } from 'n8n-workflow';

import { limitField, returnAllField } from '../../shared/fields';
import { callMethodOptions } from './callMethodOptions';

const showOnlyForCallMethod = { operation: ['callMethod'] };

export const callMethodFields: INodeProperties[] = [
	{
		displayName: 'HTTP Method',
		name: 'httpMethod',
		type: 'options',
		options: [
			{ name: 'GET', value: 'GET' },
			{ name: 'POST', value: 'POST' },
		],
		default: 'GET',
		description: 'The HTTP method that the documentation of the Web API method names',
		displayOptions: { show: showOnlyForCallMethod },
	},
	{
		displayName: 'Web API Method',
		name: 'webApiMethod',
		type: 'resourceLocator',
		default: { mode: 'path', value: '' },
		required: true,
		modes: [
			{
				displayName: 'By Path',
				name: 'path',
				type: 'string',
				placeholder: 'e.g. contact_information/show',
			},
			{
				displayName: 'From List',
				name: 'list',
				type: 'list',
				placeholder: 'Select a method…',
				typeOptions: { searchListMethod: 'searchMethods', searchable: true },
			},
		],
		description: 'The method to call: one of a few well-known ones, or any other by its path',
		displayOptions: { show: showOnlyForCallMethod },
	},
	{
		displayName: 'Specify Parameters',
		name: 'specifyParameters',
		type: 'options',
		options: [
			{ name: 'Using Fields Below', value: 'fields' },
			{ name: 'Using JSON', value: 'json' },
		],
		default: 'fields',
		displayOptions: { show: showOnlyForCallMethod },
	},
	{
		displayName: 'Identifiers',
		name: 'identifiers',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true },
		placeholder: 'Add identifier',
		default: {},
		description:
			'What says which record is meant, as in contact_information_identifier = number=CI000111',
		displayOptions: {
			show: { ...showOnlyForCallMethod, specifyParameters: ['fields'], httpMethod: ['GET'] },
		},
		options: [
			{
				displayName: 'Identifier',
				name: 'identifier',
				values: [
					{
						displayName: 'Name',
						name: 'name',
						type: 'string',
						default: '',
						placeholder: 'e.g. contact_information_identifier',
					},
					{
						displayName: 'Field',
						name: 'field',
						type: 'string',
						default: 'number',
						placeholder: 'e.g. number',
						description: 'The field of the record that the value is of',
					},
					{
						displayName: 'Value',
						name: 'value',
						type: 'string',
						default: '',
						placeholder: 'e.g. CI000111',
					},
				],
			},
		],
	},
	{
		displayName: 'Parameters',
		name: 'parameters',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true },
		placeholder: 'Add parameter',
		default: {},
		displayOptions: { show: { ...showOnlyForCallMethod, specifyParameters: ['fields'] } },
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
						placeholder: 'e.g. fields_set',
					},
					{
						displayName: 'Value',
						name: 'value',
						type: 'string',
						default: '',
						placeholder: 'e.g. number,reference_number',
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
		description: 'The parameters as a JSON object, without the token',
		displayOptions: { show: { ...showOnlyForCallMethod, specifyParameters: ['json'] } },
	},
	{
		displayName: 'Output',
		name: 'output',
		type: 'options',
		options: [
			{
				name: 'One Item',
				value: 'single',
				description: 'The data of the answer as one item',
			},
			{
				name: 'One Item per Row',
				value: 'rows',
				description: 'The rows of the list in the answer, from one call',
			},
			{
				name: 'One Item per Row, Page by Page',
				value: 'pages',
				description:
					'All rows of a list method. It sets number_of_results and offset by itself; the offset is taken to count rows.',
			},
		],
		default: 'single',
		displayOptions: { show: showOnlyForCallMethod },
	},
	{
		...returnAllField,
		displayOptions: { show: { ...showOnlyForCallMethod, output: ['pages'] } },
	},
	{
		...limitField,
		displayOptions: { show: { ...showOnlyForCallMethod, output: ['pages'], returnAll: [false] } },
	},
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		displayOptions: { show: showOnlyForCallMethod },
		options: callMethodOptions,
	},
];
