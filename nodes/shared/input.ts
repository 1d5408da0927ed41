import type { ICredentialDataDecryptedObject } from 'n8n-workflow';

import { CHECK_EXPRESSION, InputError } from './errors';

/** Reads what users type, what expressions give and what vendors send: any of it may be anything. */

/** A JSON object, read member by member: nothing of it is certain to be there, or of its type. */
export type JsonObject = Readonly<Record<string, unknown>>;

export type Credentials = ICredentialDataDecryptedObject;

/** Maximum length of a credential's field, in characters. */
const MAX_FIELD_LENGTH = 5_000;

export function isJsonObject(value: unknown): value is JsonObject {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A member's text, or null if it is missing, empty or of another type. */
export function getText(object: JsonObject, name: string): string | null {
	const value = Object.hasOwn(object, name) ? object[name] : undefined;
	return typeof value === 'string' && value !== '' ? value : null;
}

/** A member's finite number, or null if it is missing or of another type. */
export function getNumber(object: JsonObject, name: string): number | null {
	const value = Object.hasOwn(object, name) ? object[name] : undefined;
	return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** Whether a field, a resource locator or its value alone, was saved as an expression. */
export function isExpression(saved: unknown): boolean {
	const value = isJsonObject(saved) && 'value' in saved ? saved['value'] : saved;
	return typeof value === 'string' && value.startsWith('=');
}

/** Whether a switch is on. An expression may give it as text, of which only "true" means on. */
export function isTrue(value: unknown): boolean {
	return value === true || (typeof value === 'string' && value.trim().toLowerCase() === 'true');
}

/**
 * A whole number from 1 up, which an expression may give as text.
 *
 * @param label the field's name in the editor
 * @throws InputError for anything else
 */
export function toPositiveInteger(value: unknown, label: string): number {
	const number = typeof value === 'string' ? Number(value) : value;
	if (typeof number === 'number' && Number.isSafeInteger(number) && number >= 1) return number;
	throw new InputError(`'${label}' must be a whole number of at least 1`, CHECK_EXPRESSION);
}

/**
 * A URL, or undefined if the text is none.
 *
 * Does not use `URL.canParse`: in Node.js 20, after a few thousand calls, it rejects every address
 * with a non-ASCII letter (seen on 20.20.2).
 */
export function parseUrl(text: string, base?: string): URL | undefined {
	try {
		return new URL(text, base);
	} catch {
		return undefined;
	}
}

/**
 * A credential's field as it is sent: a password unchanged, since spaces may belong to it, any other
 * field without surrounding spaces. An expression may give a number.
 *
 * @throws InputError for what an expression may return instead of text: a login with it would fail,
 * and the vendor would count that
 */
export function getField(credentials: Credentials, name: string): string {
	const value: unknown = credentials[name];
	if (value === undefined || value === null) return '';
	if (typeof value === 'string' || Number.isSafeInteger(value)) {
		return name === 'password' ? String(value) : String(value).trim();
	}
	throw new InputError(
		`The expression in the field '${name}' of the credential does not return text`,
		'Check what it returns for this item. A long number has to be text',
	);
}

/**
 * Stops a login that cannot succeed, so that the vendor does not count a failed attempt.
 *
 * @param labels the required fields, with their names in the editor
 * @throws InputError for the first field that is empty or too long
 */
export function assertFields(
	fields: Readonly<Record<string, string>>,
	labels: Readonly<Record<string, string>>,
): void {
	for (const [name, label] of Object.entries(labels)) {
		const value = fields[name] ?? '';
		if (value === '') {
			throw new InputError(
				`'${label}' is empty in the credential`,
				`Fill it in. ${CHECK_EXPRESSION}`,
			);
		}
		if (value.length > MAX_FIELD_LENGTH) {
			throw new InputError(
				`'${label}' is too long`,
				`Correct it in the credential. ${CHECK_EXPRESSION}`,
			);
		}
	}
}
