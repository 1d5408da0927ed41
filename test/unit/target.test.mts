import { describe, expect, it } from '@jest/globals';

import { belongsTo, targetOf } from '../../nodes/shared/session/target.ts';

describe('where a request goes (P10)', () => {
	const base = 'https://crm.example.com/crmapi/rest/v2';

	it.each([
		['https://crm.example.com/crmapi/rest/v2/a'],
		['https://CRM.EXAMPLE.COM:443/crmapi/rest/v2/a?x=../..'],
		['https://crm.example.com/x/../crmapi/rest/v2/a'],
		['https://crm.example.com/crmapi/rest/v2'],
		['https://crm.example.com\\crmapi\\rest\\v2\\a'],
		['https://crm.example.com/crmapi/rest/v2/a%20b/%C3%BC/%78%3Fc%23'],
	])('accepts %s as part of the server', (url) => expect(belongsTo(new URL(url), base)).toBe(true));

	it.each([
		['http://crm.example.com/crmapi/rest/v2/a'],
		['https://crm.example.com:8443/crmapi/rest/v2/a'],
		['https://crm.example.com./crmapi/rest/v2/a'],
		['https://crm.example.com@evil.example/crmapi/rest/v2/a'],
		['https://crm.example.com.evil.example/crmapi/rest/v2/a'],
		['https://crm.example.com/crmapi/rest/v2x/a'],
		['https://crm.example.com/crmapi/rest/v2/../v1/a'],
		['https://crm.example.com/crmapi/rest/v2/%2e%2e/a'],
		['https://crm.example.com/crmapi/rest/v2/..%2fa'],
		['https://crm.example.com/crmapi/rest/v2/..%252fa'],
		['https://crm.example.com/crmapi/rest/v2/%25%32%65%25%32%65/a'],
		['https://crm.example.com/crmapi/rest/v2/%252%65%252%65/a'],
		['https://crm.example.com/crmapi/rest/v2/..%25%32%46a'],
		['https://crm.example.com/crmapi/rest/v2/..%%35%43a'],
		['https://crm.example.com/crmapi/rest/v2/..%5ca'],
		['https://crm.example.com/crmapi/rest/v2/a;x%5c..%5c..%5c..%5c..%5cevil'],
		['https://crm.example.com/crmapi/rest/v2/a;x%252f..%252f..%252f..%252f..%252fevil'],
		['https://crm.example.com/crmapi/rest/v2/..;x=1/a'],
		['https://crm.example.com/crmapi/rest/v2/..%3b/a'],
		['https://crm.example.com/'],
	])('rejects %s as outside the server', (url) =>
		expect(belongsTo(new URL(url), base)).toBe(false),
	);

	it('rejects a path that was encoded very often', () => {
		for (const code of ['25', '%3'].map((part) => `%${part.repeat(50_000)}2f`))
			expect(belongsTo(new URL(`${base}/..${code}a`), base)).toBe(false);
	});

	it.each([
		['http://[::1]:80/crmapi/rest/v2/a', 'http://[::1]/crmapi/rest/v2', true],
		['http://[0:0:0:0:0:0:0:1]/crmapi/rest/v2/a', 'http://[::1]/crmapi/rest/v2', true],
		['http://[::2]/crmapi/rest/v2/a', 'http://[::1]/crmapi/rest/v2', false],
		['http://0x7f.1/crmapi/rest/v2/a', 'http://127.0.0.1/crmapi/rest/v2', true],
		[
			'https://BÜCHER.example/crmapi/rest/v2/a',
			'https://xn--bcher-kva.example/crmapi/rest/v2',
			true,
		],
		[
			'https://bucher.example/crmapi/rest/v2/a',
			'https://xn--bcher-kva.example/crmapi/rest/v2',
			false,
		],
		['https://cam.example.com/any/path', 'https://cam.example.com', true],
		['https://cam.example.com/a%41/x', 'https://cam.example.com/a%41', true],
		['https://cam.example.com/', 'https://cam.example.com', true],
	])('tells whether %s belongs to %s: %s', (url, server, belongs) =>
		expect(belongsTo(new URL(url), server)).toBe(belongs),
	);

	it("resolves a request as n8n's client does", () => {
		const base = 'http://h/b';
		expect(targetOf({ baseURL: base, url: '/c' })?.href).toBe('http://h/b/c');
		expect(targetOf({ baseURL: `${base}/`, url: 'c' })?.href).toBe('http://h/b/c');
		expect(targetOf({ baseURL: base, url: 'http://evil/' })?.href).toBe('http://evil/');
		expect(targetOf({ baseURL: base, url: '//evil/x' })?.href).toBeUndefined();
		expect(targetOf({ url: 'http://a/', uri: 'http://b/' })?.href).toBe('http://a/');
		expect(targetOf({ uri: 'relative' })).toBeUndefined();
		expect(targetOf({})).toBeUndefined();
		expect(targetOf({ baseURL: base })?.href).toBe('http://h/b/');
		expect(targetOf({ baseURL: base, url: 'c//d' })?.href).toBe('http://h/b/c//d');
		expect(targetOf({ baseURL: base, url: 'h2://evil/' })?.href).toBe('h2://evil/');
		expect(targetOf({ baseURL: base, url: 'a%://c' })?.href).toBe('http://h/b/a%://c');
		expect(targetOf({ baseURL: base, url: '//c//d' })?.href).toBeUndefined();
		expect(targetOf({ baseURL: `${base}//`, url: '/c//d/' })?.href).toBe('http://h/b/c//d/');
	});
});
