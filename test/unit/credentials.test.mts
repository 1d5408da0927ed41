import { describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import type { ICredentialDataDecryptedObject } from 'n8n-workflow';

import { AureaLoginApi } from '../../credentials/AureaLoginApi.credentials.ts';
import { CrmComUserLoginApi } from '../../credentials/CrmComUserLoginApi.credentials.ts';
import { CrmComWebApiKeyApi } from '../../credentials/CrmComWebApiKeyApi.credentials.ts';
import { aureaSessions } from '../../nodes/AureaCampaignManager/auth.ts';
import { userLoginSessions, webApiKeySessions } from '../../nodes/CrmCom/auth.ts';
import { sessionHooks } from '../../nodes/shared/session/hooks.ts';

const serverUrl = 'https://crm.example.com';
const onServer = { serverUrl, ignoreSslIssues: false };
const CHANGED: Record<string, string | boolean> = {
	serverUrl: 'https://other.example.com',
	ignoreSslIssues: true,
};
const CREDENTIALS = [new AureaLoginApi(), new CrmComUserLoginApi(), new CrmComWebApiKeyApi()];

describe('an identity', () => {
	it.each([
		[
			'userLogin',
			userLoginSessions,
			{ ...onServer, username: 'u', password: 'p', organisation: 'o', unit: '' },
		],
		['webApiKey', webApiKeySessions, { ...onServer, webApiKey: 'k', unit: '' }],
		['aurea', aureaSessions, { serverUrl, username: 'u', password: 'p', organizationUid: '' }],
	])(
		'changes the cache key of %s with every field and nothing else',
		(_name, { strategy }, fields: ICredentialDataDecryptedObject) => {
			const keyOf = (own: ICredentialDataDecryptedObject) => strategy.read(own).key;
			// Whoever adds a field to a credential has to say here whether it decides who logs in where.
			const { properties } = CREDENTIALS.find(({ name }) => name === strategy.credentialType)!;
			const typed = properties.filter(({ type }) => type !== 'hidden').map(({ name }) => name);
			expect(Object.keys(fields).sort()).toEqual(typed.sort());
			const identity = keyOf(fields);
			for (const name of Object.keys(fields)) {
				const changed = {
					...fields,
					[name]: CHANGED[name] ?? 'changed',
				};
				expect([name, keyOf(changed)]).not.toEqual([name, identity]);
			}
			expect(keyOf({ ...fields, sessionToken: '', allowedHttpRequestDomains: 'all' })).toBe(
				identity,
			);
			expect(keyOf({ ...fields, serverUrl: ` ${serverUrl}/ ` })).toBe(identity);
		},
	);

	it('never shares a cache key between the two kinds of login of one server', () => {
		const fields = { serverUrl, username: '', password: '', organisation: '', webApiKey: '' };
		expect(userLoginSessions.strategy.read(fields).key).not.toBe(
			webApiKeySessions.strategy.read(fields).key,
		);
	});
});

describe('a request', () => {
	const deepFreeze = <Value extends object>(value: Value): Value => {
		for (const member of Object.values(value))
			if (typeof member === 'object' && member !== null) deepFreeze(member as object);
		return Object.freeze(value);
	};
	const answers = {
		crmCom: { status: { code: 'OK' }, data: { token: 'THE-TOKEN' } },
		aurea: { token: 'THE-TOKEN', org: {} },
	};

	it.each([
		[
			'crmCom',
			userLoginSessions,
			{ uri: `${serverUrl}/crmapi/rest/v2/x`, method: 'GET', qs: { a: 1 }, headers: {} },
		],
		[
			'crmCom',
			userLoginSessions,
			{ uri: `${serverUrl}/crmapi/rest/v2/x`, method: 'POST', body: { a: 1 }, headers: {} },
		],
		[
			'crmCom',
			userLoginSessions,
			{ uri: `${serverUrl}/crmapi/rest/v2/x`, method: 'POST', form: { a: 1 }, qs: {}, headers: {} },
		],
		[
			'aurea',
			aureaSessions,
			{ url: `${serverUrl}/x`, method: 'POST', body: { a: 1 }, headers: { a: 'b' } },
		],
	] as const)(
		'authenticates a request of %s idempotently without changing the original',
		async (vendor, sessions, request) => {
			const hooks = sessionHooks(sessions as never);
			const httpRequest = async () => ({ statusCode: 200, headers: {}, body: answers[vendor] });
			const credentials = { serverUrl, username: 'copies', password: 'p', organisation: 'o' };
			await hooks.preAuthentication.call({ helpers: { httpRequest } as never }, credentials);
			const once = await hooks.authenticate(
				credentials,
				deepFreeze(structuredClone(request)) as never,
			);
			expect(JSON.stringify(once)).toContain('THE-TOKEN');
			expect(await hooks.authenticate(credentials, deepFreeze(structuredClone(once)))).toEqual(
				once,
			);
		},
	);

	it('disables response streaming, which would expose the token, except in pagination', async () => {
		const hooks = sessionHooks(userLoginSessions);
		const httpRequest = async () => ({ statusCode: 200, headers: {}, body: answers.crmCom });
		const credentials = { serverUrl, username: 'streams', password: 'p', organisation: 'o' };
		await hooks.preAuthentication.call({ helpers: { httpRequest } as never }, credentials);
		const uri = `${serverUrl}/crmapi/rest/v2/x`;
		expect(
			await hooks.authenticate(credentials, { uri, useStream: true, encoding: null } as never),
		).toMatchObject({ useStream: false, encoding: null });
		expect(await hooks.authenticate(credentials, { uri } as never)).not.toHaveProperty('useStream');
		// A page of n8n's pagination, which reads the stream itself.
		expect(
			await hooks.authenticate(credentials, { uri, simple: false, useStream: true } as never),
		).toMatchObject({ useStream: true });
	});
});

it('keeps no credentials object alive', async () => {
	setFlagsFromString('--expose_gc');
	const collectGarbage = runInNewContext('gc') as () => void;
	const hooks = sessionHooks(userLoginSessions);
	const httpRequest = async () => ({
		statusCode: 200,
		headers: {},
		body: { status: { code: 'OK' }, data: { token: 'T' } },
	});
	const used = await (async () => {
		const credentials = { serverUrl, username: 'gc', password: 'p', organisation: 'o' };
		await hooks.preAuthentication.call({ helpers: { httpRequest } as never }, credentials);
		await hooks.authenticate(credentials, {
			uri: `${serverUrl}/crmapi/rest/v2/x`,
			method: 'GET',
		} as never);
		return new WeakRef(credentials);
	})();
	for (let round = 0; round < 20 && used.deref() !== undefined; round++) {
		await sleep(10);
		collectGarbage();
	}
	expect(used.deref()).toBeUndefined();
});
