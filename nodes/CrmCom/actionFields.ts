/** The fields of an action, built from the documented parameters of its method. */
import type { IDisplayOptions, INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import { isListOperation, type Action } from './actions';
import type { MethodParameter } from './catalogue';
import { recordFields } from './identifierFields';
import { parameterLabel, titleCase } from './labels';
import type { Method } from './method';
import { isPageParameter } from './pagination';

/** The mode of a record's field in which the user writes `field=value`. */
export const OTHER_FIELD = 'other';

export const ADDITIONAL_FIELDS = 'additionalFields';

/** What the documentation of many methods leaves out. */
const DESCRIPTIONS: Readonly<Record<string, string>> = {
	fields_set: 'The fields to return, separated by commas. Without it, the server decides.',
};

/** The editor has room for about ten characters. */
const FIELD_NAMES: Readonly<Record<string, string>> = {
	alternative_code: 'Alt. Code',
	back_office_code: 'Back Office',
	id_number: 'ID Card',
	passport_number: 'Passport',
	reference_number: 'Reference',
	registration_number: 'Reg. No.',
	social_security_number: 'Soc. Sec.',
	vat_registration_number: 'VAT No.',
};

type Show = NonNullable<IDisplayOptions['show']>;

/** The mandatory parameters and those that the action shows at once. */
export function shownFields(action: Action, method: Method, show: Show): INodeProperties[] {
	return parametersOf(method)
		.filter((parameter) => isShown(parameter, action))
		.map((parameter) => ({
			...toField(parameter, method),
			...(parameter.mandatory === true ? { required: true } : {}),
			displayOptions: { show },
		}));
}

/** The others, which users can add. */
export function additionalFields(action: Action, method: Method, show: Show): INodeProperties[] {
	const options = parametersOf(method)
		.filter((parameter) => !isShown(parameter, action))
		.map((parameter) => toField(parameter, method))
		.sort((a, b) => a.displayName.localeCompare(b.displayName));
	if (options.length === 0) return [];
	const isList = isListOperation(action.value);
	return [
		{
			displayName: isList
				? 'Filters'
				: action.value === 'update'
					? 'Fields to Update'
					: 'Additional Fields',
			name: ADDITIONAL_FIELDS,
			type: 'collection',
			placeholder: isList ? 'Add Filter' : 'Add Field',
			default: {},
			displayOptions: { show },
			options,
		},
	];
}

/** The documented parameters, except those of a page, which Get Many sets itself. */
export function parametersOf({ documentation }: Method): readonly MethodParameter[] {
	return (documentation?.parameters ?? []).filter(({ name }) => !isPageParameter(name));
}

export function isShown({ name, mandatory }: MethodParameter, { shown = [] }: Action): boolean {
	return mandatory === true || shown.includes(name);
}

/** Every field is text: other types would send a `0` or `false` that nobody typed. */
function toField(parameter: MethodParameter, method: Method): INodeProperties {
	const { name, type, values } = parameter;
	const description = describe(parameter, method);
	const field = {
		displayName: parameterLabel(name),
		name,
		default: '',
		...(description === '' ? {} : { description }),
	};
	if (type === 'identifier') return { ...field, ...recordField(parameter) };
	const choices = type === 'boolean' ? ['true', 'false'] : values;
	if (choices !== undefined) {
		const options = choices.map(toOption);
		const none = { name: 'Not Set', value: '' };
		return {
			...field,
			type: 'options',
			options: parameter.mandatory === true ? options : [none, ...options],
		};
	}
	return type === 'json'
		? {
				...field,
				type: 'string',
				typeOptions: { rows: 3 },
				placeholder: 'e.g. { "name": "value" }',
			}
		: { ...field, type: 'string' };
}

function toOption(value: string): INodePropertyOptions {
	return { name: titleCase(value), value };
}

/** A record is named by one of its fields; the documentation may list none. */
function recordField(
	parameter: MethodParameter,
): Pick<INodeProperties, 'type' | 'default' | 'modes'> {
	const fields = recordFields(parameter);
	return {
		type: 'resourceLocator',
		default: { mode: fields[0] ?? 'id', value: '' },
		modes: [
			...fields.map((field) => ({
				displayName: FIELD_NAMES[field] ?? titleCase(field),
				name: field,
				type: 'string' as const,
				...(field === 'id' ? { placeholder: 'e.g. 9D2F6A1B0C3E…' } : {}),
			})),
			{
				displayName: 'Other',
				name: OTHER_FIELD,
				type: 'string',
				placeholder: `e.g. ${fields.includes('number') ? 'number=192' : 'name=…'}`,
				hint: 'The name of the field, an equals sign and its value',
			},
		],
	};
}

/** What the documentation says of a parameter, except the fields that name a record: those are modes. */
function describe(parameter: MethodParameter, method: Method): string {
	const { name, mandatory, note = '', type } = parameter;
	const said = note
		.split(/;\s*/)
		.filter((part) => part !== '' && !(type === 'identifier' && /^by /.test(part)));
	if (isAlternative(parameter)) {
		const labels = method.documentation?.parameters
			.filter(isAlternative)
			.map((each) => parameterLabel(each.name));
		said.unshift(`one of these is needed: ${labels?.join(', ')}`);
	} else if (mandatory === null && !note.includes('mandatory')) {
		said.push('mandatory in some cases or releases');
	}
	const sentences = said.map((part) => `${part.charAt(0).toUpperCase()}${part.slice(1)}`);
	return DESCRIPTIONS[name] ?? sentences.join('. ');
}

export function isAlternative({ alternative }: MethodParameter): boolean {
	return alternative === true;
}
