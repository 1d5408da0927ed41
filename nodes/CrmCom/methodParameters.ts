/** The parameters of a method that the user has chosen, as 'Specify Parameters' says. */
import type { IExecuteFunctions } from 'n8n-workflow';

import { CHECK_EXPRESSION, InputError } from '../shared/errors';
import { isExpression } from '../shared/input';
import { isJsonObject } from '../shared/jsonObject';
import { isObjectText, readMembers } from '../shared/jsonText';
import { isTool } from '../shared/tool';
import { recordFields } from './identifierFields';
import { isId, nameByField } from './identifiers';
import type { MethodParameter } from './catalogue';
import type { Method } from './method';
import { stringify, toParameters, type Given, type Parameters } from './parameters';

/**
 * The parameters of an item's call. JSON is sent as it is: the documentation covers only some releases, so
 * there it forbids nothing.
 *
 * @throws InputError
 */
export function readMethodParameters(
	context: IExecuteFunctions,
	itemIndex: number,
	method: Method,
): Parameters {
	const specify = context.getNodeParameter('specifyParameters', itemIndex, 'fields');
	if (specify === 'json') {
		const typed: unknown = context.getNodeParameter('jsonParameters', itemIndex, '{}');
		const isFromExpression = isExpression(context.getNode().parameters['jsonParameters']);
		return readJson(typed, isFromExpression, isTool(context));
	}
	const documented =
		specify === 'input'
			? readInputItem(context, itemIndex, method)
			: forModel(context, method, readMapper(context, itemIndex, method));
	return toParameters([...documented, ...readAdditional(context, itemIndex)], method);
}

/** JSON that was typed stays text. An empty field has no parameters. */
function readJson(typed: unknown, isFromExpression: boolean, isFromModel: boolean): Parameters {
	// A date that an expression returns is an object, too, but its JSON is not.
	const text = isJsonObject(typed) ? stringify(typed, 'JSON') : (typed ?? '');
	if (typeof text === 'string' && text.trim() === '') {
		if (!isFromExpression) return new Map();
		if (isFromModel) {
			throw new InputError("'JSON' is empty", 'Nothing was sent. Without parameters, write {}');
		}
		throw new InputError(
			"The expression in 'JSON' returns nothing for this item",
			'Nothing was sent. Check what it returns. For a call without parameters, let it return {}',
		);
	}
	if (typeof text === 'string' && isObjectText(text)) return readMembers(text);
	throw new InputError("'JSON' is not a valid JSON object", 'Write it as in { "name": "value" }');
}

/**
 * The resource mapper's values. Read whole: n8n would convert what is read as `parameters.value`. If an
 * expression chooses the method, the form may belong to another one: only this method's parameters are taken.
 */
function readMapper(
	context: IExecuteFunctions,
	itemIndex: number,
	{ documentation }: Method,
): Given[] {
	const mapper: unknown = context.getNodeParameter('parameters', itemIndex, {});
	const values = isJsonObject(mapper) ? mapper['value'] : undefined;
	const given = Object.entries(isJsonObject(values) ? values : {});
	if (!isExpression(context.getNode().parameters['method'])) return given;
	const known = new Set(documentation?.parameters.map(({ name }) => name));
	// A method without any documented parameter may take any.
	return known.size === 0 ? given : given.filter(([name]) => known.has(name));
}

/** A model writes a record's bare value: for most records, it is known which field people mean. */
function forModel(context: IExecuteFunctions, { documentation }: Method, given: Given[]): Given[] {
	if (!isTool(context)) return given;
	return given.map(([name, value]): Given => {
		const parameter = documentation?.parameters.find((known) => known.name === name);
		const isBare = typeof value === 'number' || (typeof value === 'string' && !isId(value.trim()));
		if (!isBare || parameter?.type !== 'identifier') return [name, value];
		const [field = 'id'] = recordFields(parameter);
		// Without such a field, an error says what to write.
		return [name, field === 'id' ? value : nameByField(value, field)];
	});
}

/** The fields of an item that have the names of the method's documented parameters. */
function readInputItem(
	context: IExecuteFunctions,
	itemIndex: number,
	{ documentation, httpMethod, path }: Method,
): Given[] {
	if (documentation === undefined) {
		throw new InputError(
			`The parameters of ${httpMethod} ${path} are not documented, so none can be taken from the input item`,
			"Set 'Specify Parameters' to Using Fields Below or Using JSON",
		);
	}
	const item = context.getInputData()[itemIndex]?.json ?? {};
	const chosen = readChoice(context, itemIndex, documentation.parameters);
	const isChosen = (name: string) => chosen.length === 0 || chosen.includes(name);
	return documentation.parameters
		.filter(({ name }) => Object.hasOwn(item, name) && isChosen(name))
		.map(({ name }): Given => [name, item[name]]);
}

/** The names that Fields to Send chooses; none for all. An expression may return text with commas. */
function readChoice(
	context: IExecuteFunctions,
	itemIndex: number,
	documented: readonly MethodParameter[],
): readonly string[] {
	const given: unknown = context.getNodeParameter('inputFields', itemIndex, []) ?? [];
	const names = (Array.isArray(given) ? given : String(given).split(','))
		.map((name: unknown) => String(name).trim())
		.filter((name) => name !== '');
	const known = new Set(documented.map(({ name }) => name));
	if (names.every((name) => known.has(name))) return names;
	// An expression may have returned anything, a secret too, so it is not repeated.
	throw new InputError(
		"'Fields to Send' has a name that the method does not take",
		`Nothing was sent. Choose from the list again. ${CHECK_EXPRESSION}`,
	);
}

/** The rows of Undocumented Parameters. */
export function readAdditional(context: IExecuteFunctions, itemIndex: number): Given[] {
	const rows: unknown = context.getNodeParameter('additionalParameters.parameter', itemIndex, []);
	return (Array.isArray(rows) ? rows : [])
		.filter(isJsonObject)
		.map(({ name, value }): Given => [String(name ?? '').trim(), value])
		.filter(([name]) => name !== '');
}
