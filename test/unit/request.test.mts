import { describe, expect, it } from '@jest/globals';

import {
	confineTo,
	withBodyMember,
	withHeader,
	withQuery,
	type OutgoingRequest,
} from '../../nodes/shared/session/request.ts';
import { targetOf } from '../../nodes/shared/session/target.ts';

describe('a header', () => {
	it('takes the place of one of the same name, however it is written, and of no other', () => {
		const request = {
			url: 'https://a/',
			headers: { 'x-lhq-token': 'old', 'X-LHQ-Token': 'older', Accept: '*/*' },
		};
		expect(withHeader(request, 'X-LHQ-TOKEN', 'T').headers).toEqual({
			Accept: '*/*',
			'X-LHQ-TOKEN': 'T',
		});
		expect(withHeader({ url: 'https://a/' }, 'X-LHQ-TOKEN', 'T').headers).toEqual({
			'X-LHQ-TOKEN': 'T',
		});
	});
});

describe('a query parameter', () => {
	const put = (request: OutgoingRequest) => withQuery(request, targetOf(request)!, 'token', 'T');

	it('takes the place of those in the URL, and leaves the others as they are written', () => {
		expect(put({ url: 'https://a/m?x=b%20c' })).toMatchObject({
			url: 'https://a/m?x=b%20c',
			qs: { token: 'T' },
		});
		expect(put({ url: 'https://a/m?token=1&x=b%20c&token=2' })).toMatchObject({
			url: 'https://a/m?x=b+c',
			qs: { token: 'T' },
		});
		expect(put({ url: 'https://a/m', qs: { x: 1, token: 'old' } }).qs).toEqual({
			x: 1,
			token: 'T',
		});
	});

	it('is put in the older form where the request has that', () => {
		const old = put({ uri: 'https://a/m?token=1' });
		expect(old).toEqual({ uri: 'https://a/m', baseURL: undefined, qs: { token: 'T' } });
		const newer = put({ baseURL: 'https://a/', url: '/m' });
		expect(newer).toEqual({ url: 'https://a/m', baseURL: undefined, qs: { token: 'T' } });
	});
});

describe("a body's member", () => {
	const put = (request: object) => withBodyMember(request, 'token', 'T');

	it.each([[undefined], [null], ['']])('is the whole body where there is %j', (body) => {
		expect(put({ body, headers: { 'CONTENT-TYPE': 'application/json; charset=utf-8' } })).toEqual({
			body: { token: 'T' },
			headers: { 'content-type': 'application/json' },
		});
		expect(put({ body })).toEqual({
			body: { token: 'T' },
			headers: { 'content-type': 'application/json' },
		});
	});

	it.each([
		['application/json'],
		['Application/JSON; charset=utf-8'],
		['application/vnd.crm+json'],
		['application/problem.details-1+json'],
	])('is put into a body of the type %s', (type) => {
		expect(put({ body: { a: 1 }, headers: { 'Content-Type': type } })).toMatchObject({
			body: { a: 1, token: 'T' },
		});
		expect(
			put({ body: '{"a":1}', headers: { accept: 'text/plain', 'content-type': type } }),
		).toMatchObject({ body: '{"token":"T","a":1}' });
	});

	it.each([
		['text/plain'],
		['application/x-www-form-urlencoded'],
		['text/x; application/json'],
		['application/jsonlines'],
		['application/(x)+json'],
		[''],
	])('is put into none of the type %j', (type) => {
		expect(put({ body: { a: 1 }, headers: { 'Content-Type': type } })).toBeUndefined();
	});

	it.each([
		[{ form: { a: 1 } }],
		[{ formData: { a: 1 } }],
		[{ body: [1] }],
		[{ body: 7 }],
		[{ body: new Map() }],
		[{ body: Buffer.from('{}') }],
		[{ body: 'words' }],
		[{ body: new URLSearchParams('a=1') }],
	])('is put into no %j', (request) => expect(put(request)).toBeUndefined());

	it('is put into an object of another context, as n8n hands them on, and of none', () => {
		const other = Object.create(Object.create(null) as object) as Record<string, unknown>;
		other['a'] = 1;
		expect(put({ body: other })?.body).toEqual({ a: 1, token: 'T' });
		expect(put({ body: Object.assign(Object.create(null) as object, { a: 1 }) })?.body).toEqual({
			a: 1,
			token: 'T',
		});
	});
});

describe('a restriction to domains', () => {
	const target = new URL('https://CRM.example.com/m');
	const domainsFor = (allowedDomains: string | undefined, url = target) =>
		confineTo(url, { url: url.href, allowedDomains }).allowedDomains;

	it('is the own host where there is none', () => {
		expect([undefined, '', '  '].map((domains) => domainsFor(domains))).toEqual(
			Array(3).fill('crm.example.com'),
		);
	});

	it.each([
		['crm.example.com'],
		[' CRM.Example.com. '],
		['other.example, *.example.com'],
		['*.EXAMPLE.com'],
	])('%s becomes the own host, which is within it', (domains) => {
		expect(domainsFor(domains)).toBe('crm.example.com');
	});

	it.each([
		['example.com'],
		['*.crm.example.com'],
		['other.example'],
		['xcrm.example.com'],
		['Stryker was here!'],
	])('%s stays, and refuses the own host as before', (domains) => {
		expect(domainsFor(domains)).toBe(domains);
	});

	it('knows a host that ends with a dot', () =>
		expect(domainsFor('crm.example.com', new URL('https://crm.example.com./m'))).toBe(
			'crm.example.com.',
		));
});
