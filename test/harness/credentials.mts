import type { ICredentialDataDecryptedObject, IDataObject } from 'n8n-workflow';

import type { Fakes } from '../fakes/server.mts';
import type { Rest } from './rest.mts';

/** Where logins are known, and where credentials are kept. */
interface Place {
	readonly fakes: Fakes;
	readonly rest: Rest;
}

/** So that no two logins of one run are the same. */
let made = 0;

/** The credentials that fit the fake vendors, by type. */
export function credentialsFor({
	crmCom,
	crmComUrl,
	aurea,
	aureaUrl,
}: Fakes): Record<string, { name: string; data: ICredentialDataDecryptedObject }> {
	const [user, key, lhqUser] = [crmCom.users[0]!, crmCom.keys[0]!, aurea.users[0]!];
	const { username, password, organisation } = user;
	return {
		crmComUserLoginApi: {
			name: 'CRM.COM User Login',
			data: { serverUrl: crmComUrl, username, password, organisation },
		},
		crmComWebApiKeyApi: {
			name: 'CRM.COM Web API Key',
			data: { serverUrl: crmComUrl, webApiKey: key.key },
		},
		aureaLoginApi: {
			name: 'Aurea Campaign Manager Login',
			data: { serverUrl: aureaUrl, username: lhqUser.username, password: lhqUser.password },
		},
	};
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
export function newLogin(
	{ fakes: { crmCom, aurea } }: Pick<Place, 'fakes'>,
	type: string,
): Record<string, string> {
	const number = ++made;
	if (type === 'aureaLoginApi') {
		const user = {
			...aurea.users[0]!,
			username: `lhq${number}@example.com`,
			password: `lhq-Pa55-${number}-secret`,
		};
		aurea.users.push(user);
		return { username: user.username, password: user.password };
	}
	if (type === 'crmComWebApiKeyApi') {
		const key = `SYSKEY-${number}-secret`;
		crmCom.keys.push({ key, username: 'demo', organisation: 'CRMDEMO' });
		return { webApiKey: key };
	}
	const user = {
		username: `user${number}`,
		password: `own-Pa55-${number}-secret`,
		organisation: 'CRMDEMO',
		units: ['1'],
	};
	crmCom.users.push(user);
	return { username: user.username, password: user.password };
}
