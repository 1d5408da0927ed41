import type { ICredentialDataDecryptedObject } from 'n8n-workflow';

import { CHECK_EXPRESSION, InputError } from './errors';

export type Credentials = ICredentialDataDecryptedObject;

/** Maximum length of a credential's field, in characters. */
const MAX_FIELD_LENGTH = 5_000;

/**
 * A credential's field as it is sent, without surrounding spaces.
 *
 * @throws InputError if an expression returned something other than text: the login would fail, and the vendor
 * would count it
 */
export function getField(credentials: Credentials, name: string): string {
	return readText(credentials, name).trim();
}

/** A credential's password, unchanged: spaces may belong to it. @throws InputError as `getField` does */
export function getPassword(credentials: Credentials): string {
	return readText(credentials, 'password');
}

function readText(credentials: Credentials, name: string): string {
	const value: unknown = credentials[name];
	if (value === undefined || value === null) return '';
	// An expression may give a number.
	if (typeof value === 'string' || Number.isSafeInteger(value)) return String(value);
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
