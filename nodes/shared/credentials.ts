import type { ICredentialDataDecryptedObject } from 'n8n-workflow';

import { InputError } from './errors';
import { isTrue } from './flags';

/** No password and no key is longer, in characters. */
const MAX_FIELD_LENGTH = 5_000;

/** A field's text without spaces around it; an expression may have given a number. */
export function getField(credentials: ICredentialDataDecryptedObject, name: string): string {
	return getRawField(credentials, name).trim();
}

/** A field's text as it is: spaces may belong to a password. */
export function getRawField(credentials: ICredentialDataDecryptedObject, name: string): string {
	const value = credentials[name];
	return value === undefined || value === null ? '' : String(value);
}

/** A field as it is sent: a password as it is, all else without spaces around it. */
export function getSentField(credentials: ICredentialDataDecryptedObject, name: string): string {
	return name === 'password' ? getRawField(credentials, name) : getField(credentials, name);
}

/** Whether a switch is on. */
export function isFieldTrue(credentials: ICredentialDataDecryptedObject, name: string): boolean {
	return isTrue(credentials[name]);
}

/**
 * Refuses a login that cannot succeed, so that the vendor counts no failed one.
 *
 * @param labels the fields that must be filled in, by their labels in the credential
 * @throws InputError naming the first that is empty
 */
export function assertFields(
	credentials: ICredentialDataDecryptedObject,
	labels: Readonly<Record<string, string>>,
): void {
	for (const [name, label] of Object.entries(labels)) {
		const value = getSentField(credentials, name);
		if (value.length > MAX_FIELD_LENGTH) {
			throw new InputError(
				`${label} is too long`,
				'Correct it in the credential. If it is an expression, check what it gives for this item',
			);
		}
		if (value !== '') continue;
		throw new InputError(
			`${label} is empty in the credential`,
			'Fill it in. If it is an expression, check what it gives for this item',
		);
	}
}
