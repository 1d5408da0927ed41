import type { ICredentialDataDecryptedObject } from 'n8n-workflow';

import { InputFailure } from './errors';
import { isOn } from './flags';

/** No password and no key is longer, in characters. */
const LONGEST_FIELD = 5_000;

/** A field's text without spaces around it; an expression may have given a number. */
export function fieldOf(credentials: ICredentialDataDecryptedObject, name: string): string {
	return rawFieldOf(credentials, name).trim();
}

/** A field's text as it is: spaces may belong to a password. */
export function rawFieldOf(credentials: ICredentialDataDecryptedObject, name: string): string {
	const value = credentials[name];
	return value === undefined || value === null ? '' : String(value);
}

/** A field as it is sent: a password as it is, all else without spaces around it. */
export function sentFieldOf(credentials: ICredentialDataDecryptedObject, name: string): string {
	return name === 'password' ? rawFieldOf(credentials, name) : fieldOf(credentials, name);
}

/** Whether a switch is on. */
export function flagOf(credentials: ICredentialDataDecryptedObject, name: string): boolean {
	return isOn(credentials[name]);
}

/**
 * Refuses a login that cannot succeed, so that the vendor counts no failed one.
 *
 * @param labels the fields that must be filled in, by their labels in the credential
 * @throws InputFailure naming the first that is empty
 */
export function requireFields(
	credentials: ICredentialDataDecryptedObject,
	labels: Readonly<Record<string, string>>,
): void {
	for (const [name, label] of Object.entries(labels)) {
		const value = sentFieldOf(credentials, name);
		if (value.length > LONGEST_FIELD) {
			throw new InputFailure(
				`${label} is too long`,
				'Correct it in the credential. If it is an expression, check what it gives for this item',
			);
		}
		if (value !== '') continue;
		throw new InputFailure(
			`${label} is empty in the credential`,
			'Fill it in. If it is an expression, check what it gives for this item',
		);
	}
}
