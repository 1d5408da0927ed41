import { BY_EXPRESSION, CHECK_EXPRESSION, InputError } from '../shared/errors';
import { isJsonObject } from '../shared/jsonObject';
import {
	isObjectText,
	isStructuredText,
	readMembers,
	textOfJson,
	writeMembers,
} from '../shared/jsonText';
import { toDisplayText } from '../shared/redact';
import type { MethodParameter } from './catalogue';
import { identifierFields } from './identifierFields';
import { parameterInWords } from './labels';
import type { Method } from './method';

/**
 * The JSON of an identifier. A record is named by one of its fields: `number=192` in a GET,
 * `{"number":"192"}` in a POST (documented). Either can be given for both.
 *
 * @throws InputError if it is not complete, or is a documented identifier and names no field
 */
export function identifierToJson(
	name: string,
	value: unknown,
	parameter: MethodParameter | undefined,
	method: Method,
): string {
	const { parametersIn } = method;
	const text = isJsonObject(value) ? JSON.stringify(value) : withoutQuotes(String(value).trim());
	if (isObjectText(text)) return objectToJson(name, text, parametersIn);
	// Without the `^`, a long text that has no `=` would be searched again from each character.
	const [, field, wanted] = /^([^=]*)=(.*)/s.exec(text) ?? [];
	if (field !== undefined && wanted !== undefined && !Array.isArray(value)) {
		assertComplete(name, field, wanted);
		const [trimmedField, trimmedValue] = [field.trim(), withoutQuotes(wanted.trim())];
		return JSON.stringify(
			parametersIn === 'query'
				? `${trimmedField}=${trimmedValue}`
				: { [trimmedField]: trimmedValue },
		);
	}
	if (parameter?.type !== 'identifier' || Array.isArray(value) || isStructuredText(text)) {
		return JSON.stringify(value);
	}
	if (isId(text)) return identifierToJson(name, `id=${text}`, parameter, method);
	throw new InputError(
		`${parameterInWords(name)} needs the name of a field in front of its value`,
		adviseOnIdentifier(text, identifierFields(parameter), parameter),
	);
}

/**
 * Puts a known field in front of a value, unless the value already has one. An object that has the field is
 * named by it. What can name no record is left to the checks of every parameter.
 */
export function nameByField(value: unknown, field: string): unknown {
	if (Array.isArray(value) && value.length === 1) return nameByField(value[0], field);
	if (isJsonObject(value)) {
		const own = Object.hasOwn(value, field) ? value[field] : undefined;
		if (typeof own === 'string') return `${field}=${own}`;
		return own === undefined || typeof own === 'object' ? value : nameByField(own, field);
	}
	if (typeof value !== 'string' && !Number.isSafeInteger(value)) return value;
	const text = withoutQuotes(String(value).trim());
	// A name may have an equals sign of its own.
	const isNamed = field === 'name' ? /^name\s*=/i.test(text) : /^[a-z_]+\s*=/i.test(text);
	return text === '' || isNamed || isObjectText(text) ? text : `${field}=${text}`;
}

/** What to write instead of the text: an example that uses the text if it is a bare value. */
function adviseOnIdentifier(
	text: string,
	fields: readonly string[],
	{ name }: MethodParameter,
): string {
	const [example = 'number'] = fields.filter((known) => known !== 'id');
	const byExpression = `${BY_EXPRESSION}${example}={{ $json.${example} }}`;
	// An access token is named by a secret code.
	const isSecret = name.endsWith('access_token_identifier');
	const isValue = /^[^\s:{}[\]]+$/.test(text) && text !== 'undefined' && !isSecret;
	const written = `${example}=${isValue ? toDisplayText(text, []) : '…'}`;
	const others = fields.filter((known) => known !== example);
	const known =
		fields.length === 0
			? `Write it with the field that names the record, such as ${written} or id=…`
			: `Write ${written}${others.length === 0 ? '' : `, or name it by ${others.join(', ')}`}`;
	return `${known}. ${byExpression}${isValue ? '' : `. ${CHECK_EXPRESSION}`}`;
}

/** An ID has 32 hexadecimal characters (documented). */
export function isId(text: string): boolean {
	return /^[\da-f]{32}$/i.test(text);
}

/** Models put quotes around text. */
function withoutQuotes(text: string): string {
	return /^(["'])([^"']*)\1$/s.exec(text)?.[2]?.trim() ?? text;
}

/**
 * An identifier that is given as an object. A whole row is named by its `id`; any other object with several
 * fields or nested objects is sent as it is.
 */
function objectToJson(name: string, text: string, parametersIn: Method['parametersIn']): string {
	const members = [...readMembers(text)].filter(([, json]) => json !== 'null');
	const id = members.find(([field, json]) => field === 'id' && /^["\d]/.test(json));
	if (id !== undefined && members.length > 1) {
		return objectToJson(name, writeMembers(new Map([id])), parametersIn);
	}
	const [pair, another] = members;
	const [field = '', wanted = ''] = pair === undefined ? [] : [pair[0], textOfJson(pair[1])];
	assertComplete(name, field, wanted);
	if (parametersIn === 'body') return text;
	return JSON.stringify(another || isStructuredText(wanted) ? text : `${field}=${wanted}`);
}

function assertComplete(name: string, field: string, wanted: string): void {
	if (field.trim() !== '' && wanted.trim() !== '') return;
	throw new InputError(
		`'${name}' is not complete`,
		`Write it as in number=192. ${CHECK_EXPRESSION}`,
	);
}
