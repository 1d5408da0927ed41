import { describe, expect, it } from '@jest/globals';

import { credentialsFor, newCredential } from '../harness/credentials.mts';
import { showContact } from '../harness/parameters.mts';
import { CREDENTIAL_TYPES, PACKAGE } from '../harness/package.mts';
import { httpRequest } from '../harness/workflows.mts';
import { isAtLeast } from '../harness/versions.mts';
import { errorOf, jsonOf, runNode, useHarness, VERSION } from './useHarness.mts';

/** An n8n that blocks requests except to allowed addresses; versions without this protection ignore the setting. */
const harness = useHarness({
	N8N_SSRF_PROTECTION_ENABLED: 'true',
	N8N_SSRF_ALLOWED_IP_RANGES: '127.0.0.0/8',
});

/** Presses Test in a credential that is restricted to some domains. */
const press = async (type: string, mode: string, allowedDomains = '') => {
	const { name, data } = credentialsFor(harness.fakes)[type]!;
	const restricted = { ...data, allowedHttpRequestDomains: mode, allowedDomains };
	return await harness.rest.testCredential({ name, type, data: restricted });
};

describe('an n8n with protection against requests to internal addresses', () => {
	it.each(CREDENTIAL_TYPES)(
		'tests %s with every list of domains that names its server',
		async (type) => {
			expect(await press(type, 'all')).toMatchObject({ status: 'OK' });
			expect(await press(type, 'domains', '127.0.0.1')).toMatchObject({ status: 'OK' });
		},
	);

	it.each(CREDENTIAL_TYPES)(
		"shows n8n's own reason if the list names other domains: %s",
		async (type) => {
			const { status, message } = await press(type, 'domains', 'example.com');
			// Before 2.35, n8n ignores the list in a test.
			if (!isAtLeast(VERSION, '2.35')) expect(status).toBe('OK');
			else expect(message).toMatch(/Domain not allowed: .*restricted/);
			expect(message).not.toContain('could not be reached');
		},
	);

	it('runs Call Method and HTTP Request with a credential that is restricted to its server', async () => {
		const id = await newCredential(harness, 'crmComUserLoginApi', {
			allowedHttpRequestDomains: 'domains',
			allowedDomains: '127.0.0.1',
		});
		const called = await runNode(harness, {
			type: `${PACKAGE}.crmCom`,
			parameters: showContact,
			credentials: { crmComUserLoginApi: { id, name: '' } },
		});
		expect(jsonOf(called)).toEqual([expect.objectContaining({ number: 'CI000111' })]);
		const url = `${harness.fakes.crmCom.url}/crmapi/rest/v2/contact_information/show?contact_information_identifier=number%3DCI000111`;
		const requested = await runNode(harness, httpRequest('crmComUserLoginApi', id, { url }));
		expect(errorOf(requested)).toBeUndefined();
	});
});
