import { afterEach, describe, expect, it } from '@jest/globals';

import { mapper, method, resourceLocator, showContact } from '../harness/parameters.mts';
import type { Outcome } from './n8n.mts';
import {
	aureaCredential,
	outputOf,
	keyCredential,
	useEngine,
	userCredential,
} from './useEngine.mts';

const harness = useEngine();
const CALLS: Readonly<Record<string, readonly string[]>> = {
	crmCom: [
		'authentication/token',
		'authentication/token/release',
		'authentication/web_api_key/token',
		'contact_information/show',
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

/** Whatever the payload: no other path, header or value than the text itself. */
afterEach(() => {
	expect('polluted' in {}).toBe(false);
});

function expectNothingElse({ record, error }: Pick<Outcome, 'record' | 'error'>): void {
	// It was either refused before anything was sent, or sent.
	expect(error !== undefined || harness.fakes.calls.all.length > 0).toBe(true);
	for (const { vendor, name, headers, url } of harness.fakes.calls.all) {
		const isKnown =
			CALLS[vendor]?.includes(name) || (vendor === 'aurea' && name.startsWith('sessions/switch'));
		expect([isKnown, name]).toEqual([true, name]);
		expect(headers).not.toHaveProperty('x-injected');
		expect(url).not.toContain('/admin');
	}
	// An expression that was evaluated.
	expect(record).not.toContain(String(123_457 * 654_323));
}

describe.each(PAYLOADS.map((payload) => [payload.slice(0, 30), payload] as const))(
	'the payload %j',
	(_shown, payload) => {
		const byItem = (name: string) => ({ [name]: '={{ $json.payload }}' });
		const items = [{ payload }];

		it.each(['username', 'password', 'organisation'])(
			'sends a payload in the login field %s unchanged',
			async (field) => {
				const credential = userCredential(harness.fakes, byItem(field));
				expectNothingElse(
					await harness.runCrmCom({ operation: 'getToken' }, { credential, items }),
				);
				const sent = harness.fakes.calls
					.of('authentication/token')
					.map(({ body }) => (JSON.parse(body) as Record<string, unknown>)[field]);
				expect(sent.map((value) => JSON.stringify(value))).toEqual([JSON.stringify(payload)]);
			},
		);

		it('sends a payload in a Web API key unchanged', async () => {
			const credential = keyCredential(harness.fakes, byItem('webApiKey'));
			expectNothingElse(
				await harness.runCrmCom(
					{ operation: 'getToken', authentication: 'webApiKey' },
					{ credential, items },
				),
			);
			const sent = harness.fakes.calls.all.map(({ headers }) =>
				Buffer.from(String(headers['authorization']).slice(6), 'base64').toString(),
			);
			expect(sent).toEqual([Buffer.from(`${payload}:`).toString()]);
		});

		it.each(['username', 'password', 'organizationUid'])(
			"injects nothing through the Aurea login field %s of a request's credential",
			async (field) => {
				const credential = aureaCredential(harness.fakes, byItem(field));
				const url = `${harness.fakes.aurea.url}/${harness.fakes.aurea.users[0]!.currentUid}/lists/`;
				const parameters = { credentialType: credential.type, request: JSON.stringify({ url }) };
				expectNothingElse(
					await harness.engine.run({ node: 'request', parameters, credential, items }),
				);
			},
		);

		it('injects nothing through a server address', async () => {
			const credential = userCredential(harness.fakes, {
				serverUrl: `${harness.fakes.crmCom.url}/crmapi/rest/v2/${payload}`,
			});
			const outcome = await harness.runCrmCom({ operation: 'getToken' }, { credential });
			if (outcome.error === undefined) expectNothingElse(outcome);
			expect(
				harness.fakes.calls.all.every(({ headers }) => headers['x-injected'] === undefined),
			).toBe(true);
		});

		it('injects nothing through an organization or a token', async () => {
			const credential = aureaCredential(harness.fakes);
			const organization = resourceLocator('uid', '={{ $json.payload }}');
			const switched = await harness.runAurea(
				{
					operation: 'switchOrganization',
					organization,
					tokenSource: 'input',
					token: 'abc',
				},
				{ credential, items },
			);
			expectNothingElse(switched);
			const parameters = {
				operation: 'switchOrganization',
				organization: resourceLocator('uid', 'u-1'),
				tokenSource: 'input',
				token: '={{ $json.payload }}',
			};
			expectNothingElse(await harness.runAurea(parameters, { credential, items }));
			const release = { operation: 'releaseToken', token: '={{ $json.payload }}' };
			expectNothingElse(await harness.runCrmCom(release, { items }));
		});

		it("injects nothing through a method's path, parameters or parameter names", async () => {
			const credential = userCredential(harness.fakes);
			const call = async (parameters: object) =>
				await harness.runCrmCom({ operation: 'callMethod', ...parameters }, { credential, items });
			const path = await call({
				method: method('={{ $json.payload }}'),
			});
			expect(path.record).not.toContain(String(123_457 * 654_323));
			expect(
				harness.fakes.calls.all.every(
					({ url, headers }) => !url.includes('/admin') && headers['x-injected'] === undefined,
				),
			).toBe(true);
			harness.fakes.calls.clear();
			const shown = await call({
				...showContact,
				additionalParameters: {
					parameter: [{ name: '={{ $json.payload }}', value: '={{ $json.payload }}' }],
				},
			});
			expectNothingElse(shown);
			const parameters = mapper({ contact_information_identifier: '=number={{ $json.payload }}' });
			expectNothingElse(await call({ ...showContact, parameters }));
			for (const { url } of harness.fakes.calls.of('contact_information/show')) {
				expect(new URL(url, 'http://vendor').searchParams.getAll('token')).toHaveLength(1);
			}
		});

		it('returns a payload in a vendor response as plain text', async () => {
			const organizations = [{ uid: payload, name: payload, isAdmin: true, workGroupId: 1 }];
			harness.fakes.aurea.organizationsInstead = { value: organizations };
			const listed = await harness.runAurea({ operation: 'listOrganizations', returnAll: true });
			expect(listed.items.map(({ json }) => json['organizationName'])).toEqual([
				JSON.parse(JSON.stringify(payload)),
			]);
			expectNothingElse(listed);
			const { results } = await harness.engine.searchList(
				'searchOrganizations',
				aureaCredential(harness.fakes),
			);
			expect(results.map(({ value }) => value)).toEqual([payload]);
		});
	},
);

describe('a vendor that answers with members of a prototype', () => {
	it('pollutes no prototype and outputs none of its members', async () => {
		harness.fakes.faults.plan('contact_information/show', {
			kind: 'text',
			type: 'application/json',
			text: '{"__proto__":{"polluted":"yes"},"constructor":{"prototype":{"polluted":"yes"}},"status":{"code":"OK"},"data":{"__proto__":{"polluted":"yes"},"number":"1"}}',
		});
		const outcome = await harness.runCrmCom(showContact);
		expect(outputOf(outcome)[0]).toMatchObject({ number: '1' });
		expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
		expect((outputOf(outcome)[0] as Record<string, unknown>)['polluted']).toBeUndefined();
	});
});
