import { describe, expect, it } from '@jest/globals';
import { Readable } from 'node:stream';

import {
	confineTo,
	hasSingleUseBody,
	withBodyMember,
	withHeader,
	withQuery,
	type OutgoingRequest,
} from '../../nodes/shared/session/request.ts';
import { targetOf } from '../../nodes/shared/session/target.ts';

describe('a header', () => {
	it('replaces a header of the same name in any case, and no other', () => {
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

	it('replaces the parameter wherever it was and keeps the others', () => {
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

	it('keeps the request in its older or newer form', () => {
		const old = put({ uri: 'https://a/m?token=1' });
		expect(old).toEqual({ uri: 'https://a/m', baseURL: undefined, qs: { token: 'T' } });
		const newer = put({ baseURL: 'https://a/', url: '/m' });
		expect(newer).toEqual({ url: 'https://a/m', baseURL: undefined, qs: { token: 'T' } });
	});
});

describe('a member of the body', () => {
	const put = (request: object) => withBodyMember(request, 'token', 'T');

	it.each([[undefined], [null], ['']])(
		'makes the member the whole body when there is %j',
		(body) => {
			expect(put({ body, headers: { 'CONTENT-TYPE': 'application/json; charset=utf-8' } })).toEqual(
				{
					body: { token: 'T' },
					headers: { 'content-type': 'application/json' },
				},
			);
			expect(put({ body })).toEqual({
				body: { token: 'T' },
				headers: { 'content-type': 'application/json' },
			});
		},
	);

	it.each([
		['application/json'],
		['Application/JSON; charset=utf-8'],
		['application/vnd.crm+json'],
		['application/problem.details-1+json'],
	])('puts the member into a body of type %s', (type) => {
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
	])('does not put the member into a body of type %j', (type) => {
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
	])('does not put the member into %j', (request) => expect(put(request)).toBeUndefined());

	it('puts the member into an object from another context or without a prototype', () => {
		const other = Object.create(Object.create(null) as object) as Record<string, unknown>;
		other['a'] = 1;
		expect(put({ body: other })?.body).toEqual({ a: 1, token: 'T' });
		expect(put({ body: Object.assign(Object.create(null) as object, { a: 1 }) })?.body).toEqual({
			a: 1,
			token: 'T',
		});
	});
});

it('follows the address, not a header of the request (P10)', () => {
	const target = new URL('https://crm.example.com/m');
	const headers = { HOST: 'evil.example', host: 'evil.example', Accept: 'x' };
	expect(confineTo(target, { uri: target.href, headers }).headers).toEqual({ Accept: 'x' });
	const plain = { uri: target.href, headers: { Accept: 'x' } };
	expect(confineTo(target, plain).headers).toEqual(plain.headers);
	expect(confineTo(target, { uri: target.href })).not.toHaveProperty('headers');
});

it('lets no redirect carry a confined request elsewhere, in either form of n8n', () => {
	const target = new URL('https://crm.example.com/m');
	const confined = confineTo(target, {
		uri: 'https://crm.example.com/m',
		followRedirect: true,
		followAllRedirects: true,
		allowedDomains: 'example.com',
	});
	expect(confined).toMatchObject({
		uri: target.href,
		followRedirect: false,
		followAllRedirects: false,
		disableFollowRedirect: true,
		allowedDomains: 'example.com',
	});
});

describe('a body that can be read only once', () => {
	const file = Readable.from(['x']);

	it.each([
		['a stream', { body: file }],
		['a form whose field is a stream', { body: { a: 'x', file } }],
		['such a form beside other content', { body: 'x', formData: { file } }],
		['a field with several files', { formData: { files: ['x', file] } }],
		['a file with its name', { formData: { file: { value: file, options: { filename: 'a' } } } }],
	])('is %s', (_what, request) => expect(hasSingleUseBody(request as never)).toBe(true));

	it.each([
		['nothing', {}],
		['text', { body: 'pipe' }],
		['JSON', { body: { a: [1, null, { value: 'x' }], pipe: 'x' } }],
		['a form of texts', { formData: { a: 'x', b: { value: 'y' } } }],
		['bytes', { body: Buffer.from('x') }],
	])('is not %s', (_what, request) => expect(hasSingleUseBody(request as never)).toBe(false));
});
