import type {
	IDisplayOptions,
	IExecuteFunctions,
	INodeProperties,
	INodePropertyOptions,
} from 'n8n-workflow';

import { isJsonObject } from '../shared/input';
import type { Action } from './actions';
import type { MethodParameter } from './catalogue';
import { identifierFields } from './identifierFields';
import { withoutQuotes } from './identifiers';
import { parameterLabel, titleCase } from './labels';
import type { Method } from './method';
import { isPageParameter } from './pagination';
import type { Given } from './parameters';

/** The fields of an action: made of what is documented of its method's parameters, and read again. */

/** The mode of a record's field in which the user writes `field=value`. */
const OTHER_FIELD = 'other';

const ADDITIONAL_FIELDS = 'additionalFields';

/** What the documentation of many methods leaves out. */
const DESCRIPTIONS: Readonly<Record<string, string>> = {
	fields_set: 'The fields to return, separated by commas. Without it, the server decides.',
};

const KNOWN_TO_PEOPLE = ['number', 'code', 'username', 'name'];

const PLACEHOLDERS: Readonly<Record<string, string>> = {
	code: 'e.g. EUR',
	id: 'e.g. 9D2F6A1B0C3E4D5F8A7B6C5D4E3F2A1B',
	number: 'e.g. 192',
	username: 'e.g. jdoe',
};

type Show = NonNullable<IDisplayOptions['show']>;

/** The mandatory parameters and those that the action shows at once. */
export function shownFields(action: Action, method: Method, show: Show): INodeProperties[] {
	return parametersOf(method)
		.filter((parameter) => isShown(parameter, action))
		.map((parameter) => ({
			...toField(parameter),
			...(parameter.mandatory === true ? { required: true } : {}),
			displayOptions: { show },
		}));
}

/** The others, to be added. */
export function additionalFields(action: Action, method: Method, show: Show): INodeProperties[] {
	const options = parametersOf(method)
		.filter((parameter) => !isShown(parameter, action))
		.map(toField)
		.sort((a, b) => a.displayName.localeCompare(b.displayName));
	if (options.length === 0) return [];
	return [
		{
			displayName: 'Additional Fields',
			name: ADDITIONAL_FIELDS,
			type: 'collection',
			placeholder: 'Add Field',
			default: {},
			displayOptions: { show },
			options,
		},
	];
}

/** Get Many sets those of a page itself. */
function parametersOf({ documentation }: Method): readonly MethodParameter[] {
	return (documentation?.parameters ?? []).filter(({ name }) => !isPageParameter(name));
}

function isShown({ name, mandatory }: MethodParameter, { shown = [] }: Action): boolean {
	return mandatory === true || shown.includes(name);
}

/** Every field is text, since one of another type sends `0` or `false` that nobody has typed. */
function toField(parameter: MethodParameter): INodeProperties {
	const { name, type, values } = parameter;
	const description = describe(parameter);
	const field = {
		displayName: parameterLabel(name),
		name,
		default: '',
		...(description === '' ? {} : { description }),
	};
	if (type === 'identifier') return { ...field, ...recordField(parameter) };
	const choices = type === 'boolean' ? ['true', 'false'] : values;
	if (choices !== undefined) {
		return { ...field, type: 'options', options: choices.map(toOption) };
	}
	return type === 'json' ? { ...field, type: 'json' } : { ...field, type: 'string' };
}

function toOption(value: string): INodePropertyOptions {
	return { name: titleCase(value), value };
}

/** A record is named by one of its fields, of which the documentation may say none. */
function recordField(
	parameter: MethodParameter,
): Pick<INodeProperties, 'type' | 'default' | 'modes'> {
	const fields = recordModes(parameter);
	return {
		type: 'resourceLocator',
		default: { mode: fields[0] ?? 'id', value: '' },
		modes: [
			...fields.map((field) => ({
				// The editor has room for some ten characters.
				displayName: titleCase(field),
				name: field,
				type: 'string' as const,
				...(PLACEHOLDERS[field] === undefined ? {} : { placeholder: PLACEHOLDERS[field] }),
			})),
			{
				displayName: 'Other Field',
				name: OTHER_FIELD,
				type: 'string',
				placeholder: 'e.g. number=192',
			},
		],
	};
}

/** The fields that name a record, the one that people know first. Every record has an ID (documented). */
function recordModes(parameter: MethodParameter): string[] {
	const fields = [...identifierFields(parameter), 'id'];
	const known = KNOWN_TO_PEOPLE.find((field) => fields.includes(field));
	return [...new Set(known === undefined ? fields : [known, ...fields])];
}

/** What the documentation says of a parameter, but for the fields that name a record: those are modes. */
function describe({ name, mandatory, note = '', type }: MethodParameter): string {
	const said = [...new Set(note.split(/;\s*/))].filter(
		(part) => part !== '' && !(type === 'identifier' && part.startsWith('by ')),
	);
	if (mandatory === null && !/mandatory|required/.test(note)) {
		said.push('mandatory in some cases or releases');
	}
	const sentences = said.map((part) => `${part.charAt(0).toUpperCase()}${part.slice(1)}`);
	return DESCRIPTIONS[name] ?? sentences.join('. ');
}

/** What an item gives for the parameters of an action. */
export function readActionFields(
	context: IExecuteFunctions,
	itemIndex: number,
	action: Action,
	method: Method,
): Given[] {
	const additional: unknown = context.getNodeParameter(ADDITIONAL_FIELDS, itemIndex, {});
	return parametersOf(method).map((parameter): Given => {
		const { name, type } = parameter;
		const value: unknown = isShown(parameter, action)
			? context.getNodeParameter(name, itemIndex, '')
			: isJsonObject(additional)
				? additional[name]
				: undefined;
		return [name, type === 'identifier' ? readRecord(value, parameter) : value];
	});
}

/**
 * The identifier that a record's field holds: the mode is the name of the field, unless the value has it in
 * front, as a model may write it, or is an object.
 */
function readRecord(given: unknown, parameter: MethodParameter): unknown {
	if (!isJsonObject(given) || !('mode' in given)) return given;
	const { mode, value } = given;
	if (mode === OTHER_FIELD || typeof value === 'object') return value;
	const text = withoutQuotes(String(value ?? '').trim());
	const isNamed = recordModes(parameter).some((field) => text.startsWith(`${field}=`));
	return text === '' || isNamed ? text : `${String(mode)}=${text}`;
}
