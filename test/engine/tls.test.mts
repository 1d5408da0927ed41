import { describe, expect, it } from '@jest/globals';

import { outputOf, useEngine, userCredential } from './useEngine.mts';

const harness = useEngine({ tls: true });
const getToken = { node: 'crmCom', parameters: { operation: 'getToken' } } as const;

describe('a server with a self-signed certificate', () => {
	it('rejects a self-signed certificate and names the way out', async () => {
		const outcome = await harness.engine.run({
			...getToken,
			credential: userCredential(harness.fakes),
		});
		expect(outcome.error?.message).toMatch(/has a certificate that n8n does not trust$/);
		expect(outcome.error?.description).toContain('Ignore SSL Issues');
		expect(harness.fakes.calls.all).toEqual([]);
	});

	it('works with Ignore SSL Issues in operations, the test and authenticated requests', async () => {
		const credential = userCredential(harness.fakes, { ignoreSslIssues: true });
		const got = await harness.engine.run({ ...getToken, credential });
		const released = await harness.runCrmCom(
			{ operation: 'releaseToken' },
			{ credential, items: outputOf(got) },
		);
		expect(outputOf(released)).toEqual([{ released: true }]);
		expect(await harness.engine.testCredential(credential.type, credential.data)).toBe('OK');
		for (const helper of ['legacy', 'new']) {
			const url = `${harness.fakes.crmCom.url}/crmapi/rest/v2/accounts_receivable/show`;
			const parameters = { helper, credentialType: credential.type, request: { url } };
			expect(
				(await harness.engine.run({ node: 'request', parameters, credential })).error,
			).toBeUndefined();
		}
	});

	it('reports a closed connection when an https server is called by http', async () => {
		const credential = userCredential(harness.fakes, {
			serverUrl: harness.fakes.crmCom.url.replace('https', 'http'),
		});
		const outcome = await harness.engine.run({ ...getToken, credential });
		expect(outcome.error?.message).toMatch(
			/^127\.0\.0\.1:\d+ closed the connection before it answered$/,
		);
	});
});
