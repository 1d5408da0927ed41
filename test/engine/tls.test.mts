import { describe, expect, it } from '@jest/globals';

import { jsonOf, harness, userCredential } from './useEngine.mts';

const at = harness({ tls: true });
const getToken = { node: 'crmCom', parameters: { operation: 'getToken' } } as const;

describe('a server with a self-signed certificate', () => {
	it('is not trusted, and the way out is named', async () => {
		const outcome = await at.engine.run({ ...getToken, credential: userCredential(at.vendors) });
		expect(outcome.error?.message).toMatch(/has a certificate that n8n does not trust$/);
		expect(outcome.error?.description).toContain('Ignore SSL Issues');
		expect(at.vendors.calls.all).toEqual([]);
	});

	it('is used with Ignore SSL Issues: by the operations, the test and a request with the credential', async () => {
		const credential = userCredential(at.vendors, { ignoreSslIssues: true });
		const got = await at.engine.run({ ...getToken, credential });
		const released = await at.engine.run({
			node: 'crmCom',
			parameters: { operation: 'releaseToken' },
			credential,
			items: jsonOf(got),
		});
		expect(jsonOf(released)).toEqual([{ released: true }]);
		expect(await at.engine.testCredential(credential.type, credential.data)).toBe('OK');
		for (const helper of ['legacy', 'new']) {
			const url = `${at.vendors.crmComUrl}/crmapi/rest/v2/accounts_receivable/show`;
			const parameters = { helper, credentialType: credential.type, request: { url } };
			expect(
				(await at.engine.run({ node: 'request', parameters, credential })).error,
			).toBeUndefined();
		}
	});

	it('is not called by http', async () => {
		const credential = userCredential(at.vendors, {
			serverUrl: at.vendors.crmComUrl.replace('https', 'http'),
		});
		const outcome = await at.engine.run({ ...getToken, credential });
		expect(outcome.error?.message).toMatch(
			/^127\.0\.0\.1:\d+ closed the connection before it answered$/,
		);
	});
});
