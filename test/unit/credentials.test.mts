import { describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import type { ICredentialDataDecryptedObject } from 'n8n-workflow';

import { aureaSessions } from '../../nodes/AureaCampaignManager/auth.ts';
import { userLoginSessions, webApiKeySessions } from '../../nodes/CrmCom/auth.ts';
import { sessionHooks } from '../../nodes/shared/session/hooks.ts';

const serverUrl = 'https://crm.example.com';

describe('an identity', () => {
	it.each([
		[
			'userLogin',
			userLoginSessions,
			{ serverUrl, username: 'u', password: 'p', organisation: 'o', unit: '' },
		],
		['webApiKey', webApiKeySessions, { serverUrl, webApiKey: 'k', unit: '' }],
		['aurea', aureaSessions, { serverUrl, username: 'u', password: 'p', organizationUid: '' }],
	])(
		'of %s changes with every field, and with nothing else',
		(_name, { strategy }, fields: ICredentialDataDecryptedObject) => {
			const identity = strategy.cacheKey(fields);
			for (const name of Object.keys(fields)) {
				const changed = {
					...fields,
					[name]: name === 'serverUrl' ? 'https://other.example.com' : 'changed',
				};
				expect([name, strategy.cacheKey(changed)]).not.toEqual([name, identity]);
			}
			expect(
				strategy.cacheKey({ ...fields, sessionToken: '', allowedHttpRequestDomains: 'all' }),
			).toBe(identity);
			expect(strategy.cacheKey({ ...fields, serverUrl: ` ${serverUrl}/ ` })).toBe(identity);
		},
	);

	it('is never shared by the two kinds of login of a server', () => {
		const fields = { serverUrl, username: '', password: '', organisation: '', webApiKey: '' };
		expect(userLoginSessions.strategy.cacheKey(fields)).not.toBe(
			webApiKeySessions.strategy.cacheKey(fields),
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
		'of %s is copied and never changed, and the same however often it is authenticated',
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

	it('is answered as a whole where n8n would have a stream, which holds the token', async () => {
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

	it('keeps a restriction of its user', async () => {
		const hooks = sessionHooks(userLoginSessions);
		const httpRequest = async () => ({ statusCode: 200, headers: {}, body: answers.crmCom });
		const credentials = { serverUrl, username: 'domains', password: 'p', organisation: 'o' };
		await hooks.preAuthentication.call({ helpers: { httpRequest } as never }, credentials);
		const domainsFor = async (allowedDomains?: string) => {
			const request = { uri: `${serverUrl}/crmapi/rest/v2/x`, method: 'GET', allowedDomains };
			return (await hooks.authenticate(credentials, request as never)).allowedDomains;
		};
		expect(await domainsFor()).toBe('crm.example.com');
		expect(await domainsFor('*.example.com, other.example')).toBe('crm.example.com');
		expect(await domainsFor('CRM.example.com.')).toBe('crm.example.com');
		expect(await domainsFor('example.com')).toBe('example.com');
		expect(await domainsFor('*.crm.example.com')).toBe('*.crm.example.com');
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
