import type { IDataObject } from 'n8n-workflow';

import type { Fakes } from '../fakes/server.mts';
import type { FakeCredential } from '../fakes/vendor.mts';
import { VENDOR_NAMES } from '../fakes/vendors.mts';
import type { Rest } from './rest.mts';

/** The fakes that know the logins, and the n8n that keeps the credentials. */
interface Place {
	readonly fakes: Fakes;
	readonly rest: Rest;
}

/** A counter, so that no two logins of one run are the same. */
let made = 0;

/** The credentials that fit the fake vendors, by type. */
export function credentialsFor(fakes: Fakes): Record<string, FakeCredential> {
	return Object.fromEntries(
		VENDOR_NAMES.flatMap((name) => Object.entries(fakes[name].credentials())),
	);
}

/**
 * Another user at the vendor and a credential for it, so that a test does not share a session with
 * another test.
 */
export async function newCredential(
	place: Place,
	type: string,
	changes: IDataObject = {},
): Promise<string> {
	const data = {
		...credentialsFor(place.fakes)[type]!.data,
		...newLogin(place, type),
		...changes,
	};
	return await place.rest.createCredential(`${type} ${++made}`, type, data as never);
}

/** A login of its own: a user or a key that nobody else uses. */
export function newLogin({ fakes }: Pick<Place, 'fakes'>, type: string): Record<string, string> {
	const vendor = VENDOR_NAMES.map((name) => fakes[name]).find(
		(known) => type in known.credentials(),
	);
	return vendor!.addLogin(type, ++made);
}
