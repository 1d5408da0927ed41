import { describe, expect, it } from '@jest/globals';

import { readServerUrl as readAureaServer } from '../../nodes/AureaCampaignManager/api.ts';
import { readServerUrl as readCrmComServer } from '../../nodes/CrmCom/api.ts';
import { assertSameServer } from '../../nodes/shared/serverUrl.ts';

describe('a CRM.COM server URL', () => {
	it.each([
		['https://crm.example.com', 'https://crm.example.com/crmapi/rest/v2'],
		['  HTTPS://CRM.example.com:443//  ', 'https://crm.example.com/crmapi/rest/v2'],
		['http://crm.example.com:8080/', 'http://crm.example.com:8080/crmapi/rest/v2'],
		['https://crm.example.com/crmapi/rest/v2/', 'https://crm.example.com/crmapi/rest/v2'],
		[
			'https://crm.example.com/crmapi/rest/v2/contact_information/show?token=x#y',
			'https://crm.example.com/crmapi/rest/v2',
		],
		[
			'https://crm.example.com/gate/crmapi/rest/v2/authentication/token',
			'https://crm.example.com/gate/crmapi/rest/v2',
		],
		['https://crm.example.com/own/api', 'https://crm.example.com/own/api'],
		['https://crm.example.com/own/authentication/web_api_key/token', 'https://crm.example.com/own'],
		[
			'https://crm.example.com/authentication/token/release/',
			'https://crm.example.com/crmapi/rest/v2',
		],
		['https://bücher.example', 'https://xn--bcher-kva.example/crmapi/rest/v2'],
		['http://[::1]:8080', 'http://[::1]:8080/crmapi/rest/v2'],
	])('reads %s', (typed, base) => {
		expect(readCrmComServer(typed)).toBe(base);
		expect(readCrmComServer(base)).toBe(base);
	});

	it('reads a non-ASCII host however often it is called', () => {
		const typed = Array.from({ length: 20_000 }, () => readCrmComServer('https://bücher.example'));
		expect(new Set(typed)).toEqual(new Set(['https://xn--bcher-kva.example/crmapi/rest/v2']));
	});

	it('refuses a very long URL without delay', () => {
		for (const typed of [`https://h${'/'.repeat(1_000_000)}x`, `https://h/${'a'.repeat(2_000)}`])
			expect(() => readCrmComServer(typed)).toThrow(/^'Server URL' is not/);
		expect(readCrmComServer(`https://h/${'a'.repeat(1_990)}`)).toHaveLength(2_000);
	});

	it.each([
		[''],
		[' '],
		[undefined],
		[null],
		[7],
		[{}],
		['crm.example.com'],
		['ftp://crm.example.com'],
		['ftp://crm.example.com/http://crm.example.com'],
		['https://'],
		['javascript:alert(1)'],
		['https:/crm'],
		['https://a b'],
		['https://user:pass@crm.example.com'],
		['https://user@crm.example.com'],
		['https://:pass@crm.example.com'],
	])('refuses %j and shows how to type it', (typed) => {
		expect(() => readCrmComServer(typed)).toThrow(/^'Server URL'/);
		try {
			readCrmComServer(typed);
		} catch (error) {
			expect((error as { description: string }).description).toContain('https://crm.example.com');
			if (typeof typed !== 'string') expect((error as Error).message).toBe("'Server URL' is empty");
			expect(JSON.stringify(error)).not.toContain('pass');
		}
	});
});

it("strips a pasted method from Aurea's server URL and keeps any other path", () => {
	expect(readAureaServer('https://api.cam.aurea.com/')).toBe('https://api.cam.aurea.com');
	expect(readAureaServer('https://api.cam.aurea.com/sessions')).toBe('https://api.cam.aurea.com');
	expect(readAureaServer('https://api.cam.aurea.com/sessions/switch/015c5c5c')).toBe(
		'https://api.cam.aurea.com',
	);
	expect(readAureaServer('https://gate.example.com/cam///sessions')).toBe(
		'https://gate.example.com/cam',
	);
	expect(readAureaServer('https://gate.example.com/cam/')).toBe('https://gate.example.com/cam');
});

describe("a token's server", () => {
	const server = 'https://crm.example.com/crmapi/rest/v2';

	it.each([
		[undefined],
		[null],
		[''],
		[server],
		['https://crm.example.com'],
		[' https://CRM.example.com/ '],
	])('accepts %j as the server of the credential', (ofItem) => {
		expect(() => assertSameServer(ofItem, server, readCrmComServer)).not.toThrow();
	});

	it.each([
		['https://other.example.com', 'https://other.example.com/crmapi/rest/v2'],
		['ftp://crm.example.com', 'another server'],
		[7, 'another server'],
		[' ', 'another server'],
	])('refuses %j as another server', (ofItem, named) => {
		const refused = {
			message: `The token of this item was issued by ${named}, but the credential is for ${server}`,
			description: 'Nothing was sent. Choose the credential that the token was made with',
		};
		expect(() => assertSameServer(ofItem, server, readCrmComServer)).toThrow(
			expect.objectContaining(refused),
		);
	});
});
