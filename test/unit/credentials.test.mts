import { describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import type { ICredentialDataDecryptedObject } from 'n8n-workflow';

import { sessions as aurea } from '../../nodes/AureaCampaignManager/logins.ts';
import { userLogin, webApiKey } from '../../nodes/CrmCom/logins.ts';
import { sessionHooks } from '../../nodes/shared/session/hooks.ts';

const serverUrl = 'https://crm.example.com';

describe('an identity', () => {
	it.each([
		['userLogin', userLogin.sessions, { serverUrl, username: 'u', password: 'p', organisation: 'o', unit: '' }],
		['webApiKey', webApiKey.sessions, { serverUrl, webApiKey: 'k', unit: '' }],
		['aurea', aurea, { serverUrl, username: 'u', password: 'p', organizationUid: '' }],
	])('of %s changes with every field, and with nothing else', (_name, { kind }, fields: ICredentialDataDecryptedObject) => {
		const identity = kind.identity(fields);
		for (const name of Object.keys(fields)) {
			const changed = { ...fields, [name]: name === 'serverUrl' ? 'https://other.example.com' : 'changed' };
			expect([name, kind.identity(changed)]).not.toEqual([name, identity]);
		}
		expect(kind.identity({ ...fields, sessionToken: '', allowedHttpRequestDomains: 'all' })).toBe(identity);
		expect(kind.identity({ ...fields, serverUrl: ` ${serverUrl}/ ` })).toBe(identity);
	});

	it('is never shared by the two kinds of login of a server', () => {
		const fields = { serverUrl, username: '', password: '', organisation: '', webApiKey: '' };
		expect(userLogin.sessions.kind.identity(fields)).not.toBe(webApiKey.sessions.kind.identity(fields));
	});
});

it('keeps no credentials object alive', async () => {
	setFlagsFromString('--expose_gc');
	const collectGarbage = runInNewContext('gc') as () => void;
	const hooks = sessionHooks(userLogin.sessions);
	const httpRequest = async () => ({ statusCode: 200, headers: {}, body: { status: { code: 'OK' }, data: { token: 'T' } } });
	const used = await (async () => {
		const credentials = { serverUrl, username: 'gc', password: 'p', organisation: 'o' };
		await hooks.preAuthentication.call({ helpers: { httpRequest } as never }, credentials);
		await hooks.authenticate(credentials, { uri: `${serverUrl}/crmapi/rest/v2/x`, method: 'GET' } as never);
		return new WeakRef(credentials);
	})();
	for (let round = 0; round < 20 && used.deref() !== undefined; round++) {
		await sleep(10);
		collectGarbage();
	}
	expect(used.deref()).toBeUndefined();
});
