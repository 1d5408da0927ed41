/** Reads the fields of an action as the parameters of its method. */
import type { IExecuteFunctions } from 'n8n-workflow';

import { CHECK_EXPRESSION, InputError } from '../shared/errors';
import { isJsonObject } from '../shared/jsonObject';
import { isStructuredText } from '../shared/jsonText';
import {
	ADDITIONAL_FIELDS,
	isAlternative,
	isShown,
	OTHER_FIELD,
	parametersOf,
} from './actionFields';
import type { Action } from './actions';
import type { MethodParameter } from './catalogue';
import { recordFields } from './identifierFields';
import { nameByField } from './identifiers';
import { parameterInWords } from './labels';
import type { Method } from './method';
import { parameterNames, type Given, type Parameters } from './parameters';

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
		if (type === 'identifier') return [name, readRecord(value, parameter)];
		if (type === 'json') assertJson(value, name);
		return [name, value];
	});
}

function assertJson(value: unknown, name: string): void {
	if (typeof value !== 'string' || value.trim() === '' || isStructuredText(value)) return;
	throw new InputError(
		`${parameterInWords(name)} is not valid JSON`,
		'Nothing was sent. Write it as in { "name": "value" }',
	);
}

/** The identifier that a record's field holds. A bare value belongs to the first field. */
function readRecord(given: unknown, parameter: MethodParameter): unknown {
	const fields = recordFields(parameter);
	const { mode, value } =
		isJsonObject(given) && '__rl' in given ? given : { mode: undefined, value: given };
	if (mode === OTHER_FIELD) return value;
	const field = mode === undefined || mode === '' ? fields[0] : fields.find((one) => one === mode);
	if (field !== undefined) return nameByField(value, field);
	throw new InputError(
		`${parameterInWords(parameter.name)} is named by a field that is not in its list`,
		'Nothing was sent. Choose how to name it again',
	);
}

/**
 * Rejects an action's call that has none of the alternatives of which the documentation requires one: a list
 * would cover all customers.
 */
export function assertAlternative(
	action: Action,
	{ documentation }: Method,
	parameters: Parameters,
): void {
	const alternatives = (documentation?.parameters ?? []).filter(isAlternative);
	const given = new Set(parameterNames(parameters));
	if (alternatives.length === 0 || alternatives.some(({ name }) => given.has(name))) return;
	// Those in sight first: the others are under Additional Fields.
	const [shown, hidden] = [true, false].map((isInSight) =>
		alternatives.filter((parameter) => isShown(parameter, action) === isInSight),
	);
	const names = [...shown!, ...hidden!].map(({ name }) => parameterInWords(name));
	throw new InputError(
		`One of these is needed: ${names.join(', ')}`,
		`Nothing was sent. Fill one in. ${CHECK_EXPRESSION}`,
	);
}

/** Rejects an update that would change nothing, and a record without a field: what was meant is missing. */
export function assertContent({ documentation, path }: Method, parameters: Parameters): void {
	const verb = /\/(create|update)$/.exec(path)?.[1];
	const isRecord = (given: string) =>
		verb === 'update' &&
		documentation?.parameters.some(({ name, mandatory }) => name === given && mandatory === true);
	if (verb === undefined || parameterNames(parameters).some((name) => !isRecord(name))) return;
	throw new InputError(
		`There is nothing to ${verb}: all fields are empty`,
		`Nothing was sent. Fill one in. ${CHECK_EXPRESSION}`,
	);
}
