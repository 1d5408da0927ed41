import type { IExecuteFunctions } from 'n8n-workflow';

import { InputError } from '../shared/errors';
import { isJsonObject } from '../shared/input';
import { isObjectText, putMember } from '../shared/jsonText';
import type { Page } from './pagination';
import type { MethodRequest } from './sessionRequest';

/** Reads the parameters of a method call out of an item's fields. */

type Parameters = MethodRequest['parameters'];

/** A row of a fixed collection. An expression may give anything. */
interface Row {
	readonly name?: unknown;
	readonly value?: unknown;
	readonly field?: unknown;
}

export function readParameters(context: IExecuteFunctions, itemIndex: number): Parameters {
	const read = (name: string, fallback: string): unknown =>
		context.getNodeParameter(name, itemIndex, fallback);
	return read('specifyParameters', 'fields') === 'json'
		? readJson(read('jsonParameters', '{}'))
		: readFields(context, itemIndex);
}

/** JSON that was typed stays text, so that numbers beyond 2^53 keep their digits. */
function readJson(typed: unknown): Parameters {
	if (isJsonObject(typed)) return typed;
	if (typeof typed === 'string' && isObjectText(typed)) return typed;
	throw new InputError("'JSON' is not a valid JSON object", 'Write it as in { "name": "value" }');
}

function readFields(context: IExecuteFunctions, itemIndex: number): Parameters {
	const rows = (name: string) =>
		context.getNodeParameter(name, itemIndex, []) as unknown as readonly Row[];
	const pairs = [
		...rows('parameters.parameter').map(({ name, value }) => [toText(name), value] as const),
		// A record is named by one of its fields, as in `number=CI000111` (documented).
		...rows('identifiers.identifier').map(
			(row) => [toText(row.name), identifierText(row)] as const,
		),
	];
	return Object.fromEntries(pairs.filter(([name]) => name !== ''));
}

function identifierText(row: Row): string {
	const [name, field, value] = [row.name, row.field, row.value].map(toText);
	if (name !== '' && field !== '' && value !== '') return `${field}=${value}`;
	throw new InputError(
		'An identifier is not complete',
		"Fill in its 'Name', 'Field' and 'Value', or remove it. If the value is an expression, check what it returns for this item",
	);
}

function toText(value: unknown): string {
	return String(value ?? '').trim();
}

/** The parameters with those of a page among them. */
export function withPage(parameters: Parameters, page: Page): Parameters {
	if (typeof parameters !== 'string') return { ...parameters, ...page };
	return Object.entries(page).reduce(
		(text: string, [name, value]) => putMember(text, name, value as number) ?? text,
		parameters,
	);
}
