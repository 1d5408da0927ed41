import { afterEach, describe, expect, it } from '@jest/globals';

import type { Outcome } from './n8n.mts';
import { aureaCredential, jsonOf, keyCredential, harness, userCredential } from './useEngine.mts';

const at = harness();
const CALLS = {
	crmCom: [
		'authentication/token',
		'authentication/token/release',
		'authentication/web_api_key/token',
		'contact_information/show',
		'contact_information/list',
	],
	aurea: ['sessions', 'sessions/switch', '{orgUid}/lists'],
};

/** What an attacker, or a careless import, may put into any field. */
const PAYLOADS = [
	'../../admin',
	'..%2f..%2fadmin',
	'%2e%2e/admin',
	'a?b=c&token=stolen',
	'a#b',
	'a%2fb',
	'a\r\nX-Injected: yes',
	'a\nX-Injected: yes',
	'a\u0000b',
	'"; DROP TABLE x; --',
	"' or '1'='1",
	'{{ 123457 * 654323 }}',
	'={{ 123457 * 654323 }}',
	'<img src=x onerror=alert(1)>',
	'__proto__',
	'constructor',
	'{"__proto__":{"polluted":"yes"}}',
	'\ud83d',
	'x'.repeat(2_000),
];

/** Whatever was put in: no other path, no other header, no other value than the text itself. */
afterEach(() => {
	expect('polluted' in {}).toBe(false);
});

function expectNothingElse({ record, error }: Pick<Outcome, 'record' | 'error'>): void {
	// Refused before anything was sent, or sent: one of the two has happened.
	expect(error !== undefined || at.vendors.calls.all.length > 0).toBe(true);
	for (const { vendor, name, headers, url } of at.vendors.calls.all) {
		const isKnown =
			CALLS[vendor].includes(name) || (vendor === 'aurea' && name.startsWith('sessions/switch'));
		expect([isKnown, name]).toEqual([true, name]);
		expect(headers).not.toHaveProperty('x-injected');
		expect(url).not.toContain('/admin');
	}
	// An expression that was evaluated.
	expect(record).not.toContain(String(123_457 * 654_323));
}

describe.each(PAYLOADS.map((payload) => [payload.slice(0, 30), payload] as const))(
	'%j is only text',
	(_shown, payload) => {
		const byItem = (name: string) => ({ [name]: '={{ $json.payload }}' });
		const items = [{ payload }];

		it.each(['username', 'password', 'organisation', 'unit'])(
			'in the field %s of a login',
			async (field) => {
				const credential = userCredential(at.vendors, byItem(field));
				expectNothingElse(
					await at.engine.run({
						node: 'crmCom',
						parameters: { operation: 'getToken' },
						credential,
						items,
					}),
				);
				const sent = at.vendors.calls
					.of('authentication/token')
					.map(({ body }) => (JSON.parse(body) as Record<string, unknown>)[field]);
				expect(sent.map((value) => JSON.stringify(value))).toEqual([JSON.stringify(payload)]);
			},
		);

		it('in a Web API key', async () => {
			const credential = keyCredential(at.vendors, byItem('webApiKey'));
			expectNothingElse(
				await at.engine.run({
					node: 'crmCom',
					parameters: { operation: 'getToken', authentication: 'webApiKey' },
					credential,
					items,
				}),
			);
			const sent = at.vendors.calls.all.map(({ headers }) =>
				Buffer.from(String(headers['authorization']).slice(6), 'base64').toString(),
			);
			expect(sent).toEqual([Buffer.from(`${payload}:`).toString()]);
		});

		it.each(['username', 'password', 'organizationUid'])(
			"in the field %s of Aurea's login, behind a request",
			async (field) => {
				const credential = aureaCredential(at.vendors, byItem(field));
				const url = `${at.vendors.aureaUrl}/${at.vendors.aurea.users[0]!.currentUid}/lists/`;
				const parameters = { credentialType: credential.type, request: JSON.stringify({ url }) };
				expectNothingElse(await at.engine.run({ node: 'request', parameters, credential, items }));
			},
		);

		it('in a server address', async () => {
			const credential = userCredential(at.vendors, {
				serverUrl: `${at.vendors.crmComUrl}/crmapi/rest/v2/${payload}`,
			});
			const outcome = await at.engine.run({
				node: 'crmCom',
				parameters: { operation: 'getToken' },
				credential,
			});
			if (outcome.error === undefined) expectNothingElse(outcome);
			expect(at.vendors.calls.all.every(({ headers }) => headers['x-injected'] === undefined)).toBe(
				true,
			);
		});

		it('in an organization to switch to, and in a token', async () => {
			const credential = aureaCredential(at.vendors);
			const organization = { __rl: true, mode: 'uid', value: '={{ $json.payload }}' };
			const switched = await at.engine.run({
				node: 'aureaCampaignManager',
				parameters: {
					operation: 'switchOrganization',
					organization,
					tokenSource: 'input',
					token: 'abc',
				},
				credential,
				items,
			});
			expectNothingElse(switched);
			const parameters = {
				operation: 'switchOrganization',
				organization: { __rl: true, mode: 'uid', value: 'u-1' },
				tokenSource: 'input',
				token: '={{ $json.payload }}',
			};
			expectNothingElse(
				await at.engine.run({ node: 'aureaCampaignManager', parameters, credential, items }),
			);
			const release = { operation: 'releaseToken', token: '={{ $json.payload }}' };
			expectNothingElse(
				await at.engine.run({
					node: 'crmCom',
					parameters: release,
					credential: userCredential(at.vendors),
					items,
				}),
			);
		});

		it("in a method's path, its parameters and their names", async () => {
			const credential = userCredential(at.vendors);
			const call = async (parameters: object) =>
				await at.engine.run({
					node: 'crmCom',
					parameters: { operation: 'callMethod', ...parameters },
					credential,
					items,
				});
			const path = await call({
				webApiMethod: { __rl: true, mode: 'path', value: '={{ $json.payload }}' },
			});
			expect(path.record).not.toContain(String(123_457 * 654_323));
			expect(
				at.vendors.calls.all.every(
					({ url, headers }) => !url.includes('/admin') && headers['x-injected'] === undefined,
				),
			).toBe(true);
			at.vendors.calls.clear();
			const webApiMethod = { __rl: true, mode: 'path', value: 'contact_information/show' };
			const shown = await call({
				webApiMethod,
				parameters: {
					parameter: [{ name: '={{ $json.payload }}', value: '={{ $json.payload }}' }],
				},
			});
			expectNothingElse(shown);
			const identifier = [
				{ name: 'contact_information_identifier', field: 'number', value: '={{ $json.payload }}' },
			];
			expectNothingElse(await call({ webApiMethod, identifiers: { identifier } }));
			for (const { url } of at.vendors.calls.of('contact_information/show')) {
				expect(new URL(url, 'http://vendor').searchParams.getAll('token')).toHaveLength(1);
			}
		});

		it('in what a vendor answers', async () => {
			const organizations = [{ uid: payload, name: payload, isAdmin: true, workGroupId: 1 }];
			at.vendors.aurea.organizationsInstead = { value: organizations };
			const listed = await at.engine.run({
				node: 'aureaCampaignManager',
				parameters: { operation: 'listOrganizations', returnAll: true },
				credential: aureaCredential(at.vendors),
			});
			expect(listed.items.map(({ json }) => json['organizationName'])).toEqual([
				JSON.parse(JSON.stringify(payload)),
			]);
			expectNothingElse(listed);
			const { results } = await at.engine.searchList(
				'searchOrganizations',
				aureaCredential(at.vendors),
			);
			expect(results.map(({ value }) => value)).toEqual([payload]);
		});
	},
);

describe('a vendor that answers with members of a prototype', () => {
	it('changes none, and they are no fields of the output', async () => {
		at.vendors.faults.plan('contact_information/show', {
			kind: 'text',
			type: 'application/json',
			text: '{"__proto__":{"polluted":"yes"},"constructor":{"prototype":{"polluted":"yes"}},"status":{"code":"OK"},"data":{"__proto__":{"polluted":"yes"},"number":"1"}}',
		});
		const parameters = {
			operation: 'callMethod',
			webApiMethod: { __rl: true, mode: 'path', value: 'contact_information/show' },
		};
		const outcome = await at.engine.run({
			node: 'crmCom',
			parameters,
			credential: userCredential(at.vendors),
		});
		expect(jsonOf(outcome)[0]).toMatchObject({ number: '1' });
		expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
		expect((jsonOf(outcome)[0] as Record<string, unknown>)['polluted']).toBeUndefined();
	});
});
