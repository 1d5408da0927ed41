import { CHECK_EXPRESSION, InputError } from '../shared/errors';
import { isJsonObject } from '../shared/jsonObject';
import { isStructuredText, parseJson, textOfJson } from '../shared/jsonText';
import { methodName, type MethodParameter } from './catalogue';
import { identifierToJson } from './identifiers';
import { parameterInWords } from './labels';
import type { Method } from './method';
import type { Page } from './pagination';

/**
 * The parameters of a call: the JSON of each value, by name, in their order. As text, numbers of any
 * length keep their digits.
 */
export type Parameters = ReadonlyMap<string, string>;

/** A number as JSON writes it. */
const JSON_NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

/** What a user has given for a parameter. An expression may return anything. */
export type Given = readonly [name: string, value: unknown];

/**
 * Converts what a user has given, each value by its documented type.
 *
 * @throws InputError if a value cannot be sent, a name is given twice, or a mandatory one is missing
 */
export function toParameters(all: readonly Given[], method: Method): Parameters {
	const documentationOf = (name: string) =>
		method.documentation?.parameters.find((known) => known.name === name);
	const given = all.filter(([name, value]) => !isAbsent(value, documentationOf(name)));
	assertNames(given);
	for (const [name, value] of given) assertSendable(name, value);
	assertMandatory(
		method,
		given.map(([name]) => name),
	);
	return new Map(
		given.map(([name, value]) => [name, toJson(name, value, documentationOf(name), method)]),
	);
}

/** Whether a value counts as missing. Lists and identifiers are text for the server, so an empty array does. */
function isAbsent(value: unknown, parameter: MethodParameter | undefined): boolean {
	const isText = parameter?.type === 'list' || parameter?.type === 'identifier';
	return isText && Array.isArray(value) ? value.every(isBlank) : isBlank(value);
}

function isBlank(value: unknown): boolean {
	return value === '' || value === null || value === undefined;
}

function assertNames(given: readonly Given[]): void {
	const names = given.map(([name]) => name);
	const twice = names.find((name, index) => names.indexOf(name) !== index);
	if (twice !== undefined) {
		throw new InputError(`The parameter '${twice}' is given twice`, 'Remove one of the two');
	}
	if (names.includes('token')) {
		throw new InputError(
			"The parameter 'token' cannot be set",
			'Remove it: the credential logs in by itself',
		);
	}
}

/**
 * Rejects what JSON has no value for, such as NaN: `null` would clear a field in an update. Also rejects what a
 * faulty expression leaves behind: the text of an invalid date or of an object, or braces that it did not open.
 */
function assertSendable(name: string, value: unknown): void {
	if (stringify(value, name) === undefined) throw unsendable(name);
	if (typeof value !== 'string') return;
	const text = value.trim();
	const isTorn = text.endsWith('}}') && countOf('{', text) < countOf('}', text);
	// In an identifier, a field precedes it.
	const isDateLost = /^(\w+\s*=\s*)?Invalid DateTime$/.test(text);
	const isObjectLost = text.includes('[object Object]');
	if (isDateLost || isObjectLost || (isTorn && !isStructuredText(text))) throw unsendable(name);
}

function countOf(character: string, text: string): number {
	return text.split(character).length - 1;
}

/** The JSON of a value, or undefined if it has none. @throws InputError for a part that would be lost */
export function stringify(value: unknown, name: string): string | undefined {
	return JSON.stringify(value, function (this: unknown, key: string, part: unknown) {
		// Beyond 2^53, a number has lost its last digits.
		const isNumberLost = typeof part === 'number' && !Number.isSafeInteger(Math.trunc(part));
		const isEntryLost = part === undefined && Array.isArray(this);
		// An invalid date serializes as null.
		const isDateLost =
			part === 'Invalid DateTime' ||
			(part === null && (this as Readonly<Record<string, unknown>>)[key] !== null);
		if (isNumberLost) throw unsendable(key || name, '. A long number has to be text');
		if (isEntryLost || isDateLost) throw unsendable(key || name);
		return part;
	}) as string | undefined;
}

function unsendable(name: string, more = ''): InputError {
	return new InputError(
		`The value of '${name}' cannot be sent`,
		`Nothing was sent. ${CHECK_EXPRESSION}${more}`,
	);
}

/** The JSON of a parameter's value, by its documented type. */
function toJson(
	name: string,
	value: unknown,
	parameter: MethodParameter | undefined,
	method: Method,
): string {
	const text = typeof value === 'string' ? value.trim() : undefined;
	const isIdentifier = parameter?.type === 'identifier' || name.endsWith('_identifier');
	if (isIdentifier) return identifierToJson(name, value, parameter, method);
	switch (parameter?.type) {
		case 'number':
			return text !== undefined && JSON_NUMBER.test(text) ? text : JSON.stringify(value);
		case 'boolean':
			// Models write True, too.
			return /^(true|false)$/i.test(text ?? '')
				? String(text).toLowerCase()
				: JSON.stringify(value);
		case 'list':
			return listToJson(value);
		case 'string':
		case 'date':
			return JSON.stringify(typeof value === 'number' ? String(value) : value);
		// JSON, and what is not documented.
		default:
			return text !== undefined && isStructuredText(text) ? text : JSON.stringify(value);
	}
}

/** A list is text with commas (documented). It may be given as an array, or as the text of one. */
function listToJson(value: unknown): string {
	const given: unknown =
		typeof value === 'string' && isStructuredText(value) ? parseJson(value) : value;
	// An entry that is an object has no text.
	if (!Array.isArray(given) || given.some(isJsonObject)) return JSON.stringify(value);
	return JSON.stringify(given.filter((entry) => !isBlank(entry)).join(','));
}

/** Rejects a call without a parameter that is mandatory in every release, before anything is sent. */
function assertMandatory({ documentation }: Method, names: readonly string[]): void {
	if (documentation === undefined) return;
	const given = new Set(names);
	const missing = documentation.parameters
		.filter(({ name, mandatory }) => mandatory === true && !given.has(name))
		.map(({ name }) => parameterInWords(name));
	if (missing.length === 0) return;
	throw new InputError(
		`${methodName(documentation)} needs ${missing.join(', ')}`,
		`Nothing was sent. Add what is missing to the parameters. ${CHECK_EXPRESSION}`,
	);
}

/** What the documentation says of parameters that may be missing, if the vendor has refused a call. */
export function adviseOnParameters({ documentation }: Method, parameters: Parameters): string {
	const given = new Set(parameterNames(parameters));
	const conditional = (documentation?.parameters ?? []).filter(
		({ mandatory }) => mandatory === null,
	);
	if (conditional.length === 0 || conditional.some(({ name }) => given.has(name))) return '';
	const names = conditional.map(({ name }) => parameterInWords(name)).join(', ');
	return `. Depending on the case, the documentation may want some of these: ${names}`;
}

/** The parameters, with those of a page added. */
export function withPage(parameters: Parameters, page: Page): Parameters {
	return new Map([
		...parameters,
		...Object.entries(page).map(([name, value]) => [name, String(value)] as const),
	]);
}

/** The names of the parameters that are given, so not null. */
export function parameterNames(parameters: Parameters): string[] {
	return [...parameters].filter(([, json]) => json !== 'null').map(([name]) => name);
}

/** Parameters as they travel in a URL: as text, and without those that are null. */
export function toQuery(parameters: Parameters): Record<string, string> {
	const given = [...parameters].filter(([, json]) => json !== 'null');
	return Object.fromEntries(given.map(([name, json]) => [name, textOfJson(json)]));
}
