import { describe, expect, it, jest } from '@jest/globals';

import type { HttpRequest } from '../../nodes/shared/http.ts';
import { readRetryAfter, responseError } from '../../nodes/shared/httpErrors.ts';
import { getText, isJsonObject } from '../../nodes/shared/jsonObject.ts';
import { parseToken } from '../../nodes/shared/session/token.ts';
import { thrownBy } from './failures.mts';

const request: HttpRequest = {
	method: 'POST',
	url: 'https://crm.example.com/api/login',
	ignoreSslIssues: false,
	secrets: ['s3cret'],
};
const expectation = { api: 'the API', advice: 'Check the login' };

describe('a member of a response', () => {
	it.each([
		[{ name: 'Ada' }, 'Ada'],
		[{ name: '' }, null],
		[{ name: 7 }, null],
		[{}, null],
		[Object.create({ name: 'inherited' }), null],
	])('reads the text of %j as %j', (record, text) =>
		expect(getText(record as never, 'name')).toBe(text),
	);
});

it.each([
	[{}, true],
	[Object.create(null), true],
	[[], false],
	[null, false],
	['x', false],
	[undefined, false],
])('tells whether %j is a JSON object: %j', (value, expected) =>
	expect(isJsonObject(value)).toBe(expected),
);

describe('a token', () => {
	const errorOfToken = (value: unknown) => thrownBy(() => parseToken(value, request));

	it.each([['!'], ['~'], ['9F86D081'], ['a'.repeat(8_192)]])(
		'accepts a token of visible characters',
		(token) => expect(parseToken(token, request)).toBe(token),
	);

	it.each([[undefined], [null], ['']])('reports %j as a missing token', (value) => {
		expect(errorOfToken(value)).toMatchObject({
			message: 'crm.example.com accepted the login but returned no token',
			reason: 'rejected',
			description: expect.stringMatching(/^The login was accepted/),
		});
	});

	it.each([
		[7],
		[{}],
		[' abc'],
		['abc '],
		['a b'],
		['abc\n'],
		['\u007f'],
		['é'],
		['a'.repeat(8_193)],
	])('refuses the token %j as unusable', (value) => {
		expect(errorOfToken(value)).toMatchObject({
			message: 'crm.example.com accepted the login but returned a token that cannot be used',
			reason: 'rejected',
		});
	});
});

describe('an HTTP error', () => {
	const errorFor = (status: number, body: unknown, more: { notFound?: string } = {}) =>
		responseError({ status, headers: {}, body }, request, { ...expectation, ...more });

	it.each([
		[401, 'crm.example.com answered HTTP 401', 'Check the login (HTTP 401 from crm.example.com)'],
		[
			404,
			'crm.example.com has nothing at /api/login (HTTP 404)',
			"Check 'Server URL': the server has nothing at /api/login (HTTP 404 from crm.example.com)",
		],
		[
			429,
			'crm.example.com answered HTTP 429',
			'The server is receiving too many requests: try again later, or less often (HTTP 429 from crm.example.com)',
		],
		[
			500,
			'crm.example.com answered HTTP 500',
			'The server has a problem: try again later (HTTP 500 from crm.example.com)',
		],
		[
			503,
			'crm.example.com answered HTTP 503',
			'The server has a problem: try again later (HTTP 503 from crm.example.com)',
		],
	])('says what to do about HTTP %d', (status, message, description) => {
		expect(errorFor(status, '')).toMatchObject({
			message,
			description,
			httpStatus: status,
		});
	});

	it('handles a body nested 100,000 levels deep', () => {
		let body: unknown = 'words';
		for (let level = 0; level < 100_000; level++) body = level % 2 ? [body] : { message: body };
		expect(errorFor(401, body)).toMatchObject({
			message: 'crm.example.com answered HTTP 401',
			reason: 'rejected',
		});
	});

	it.each([
		[500, true],
		[504, true],
		[408, true],
		[404, false],
		[429, false],
		[400, false],
		[200, true],
	])(
		'says of HTTP %d whether the request may have been carried out: %s (P1)',
		(status, mayBeDone) => expect(errorFor(status, '').mayBeDone).toBe(mayBeDone),
	);

	it('finds words that are up to ten levels deep', () => {
		const nested = (depth: number): unknown =>
			depth === 0 ? { title: 'Words' } : [nested(depth - 1)];
		expect(errorFor(401, nested(10)).message).toBe('Words');
		expect(errorFor(401, nested(11)).message).toBe('crm.example.com answered HTTP 401');
	});

	it('lets the caller explain what a 404 means', () => {
		expect(errorFor(404, '', { notFound: 'Check the organization' }).description).toBe(
			'Check the organization (HTTP 404 from crm.example.com)',
		);
	});

	it.each([
		[{ message: 'No such user' }, 'No such user'],
		[{ error: { message: 'Nested' } }, 'Nested'],
		[{ message: '', error_description: 'The second best' }, 'The second best'],
		[{ errors: ['The first', 'the second'] }, 'The first'],
		[{ detail: 'Detailed' }, 'Detailed'],
		[{ title: 'Titled', detail: 'first' }, 'first'],
		['plain words with s3cret', 'plain words with ***'],
		['1 < 2', '1 < 2'],
		[' \n<h1>Sorry</h1>', undefined],
		['<h1>Sorry</h1>', undefined],
		['{"message":"Cut of', undefined],
		[' ["Cut of', undefined],
		[{ message: 7 }, undefined],
		[{ other: 'ignored' }, undefined],
		[Object.create({ message: 'inherited' }), undefined],
		[7, undefined],
		[null, undefined],
	])('extracts from %j the words %j', (body, words) => {
		expect(errorFor(400, body).message).toBe(words ?? 'crm.example.com answered HTTP 400');
	});

	it.each([
		[400, 'rejected'],
		[401, 'rejected'],
		[403, 'rejected'],
		[409, 'rejected'],
		[423, 'rejected'],
		[404, 'unclear'],
		[405, 'unclear'],
		[408, 'unclear'],
		[410, 'unclear'],
		[425, 'unclear'],
		[500, 'unclear'],
		[501, 'unclear'],
		[429, 'unavailable'],
		[502, 'unavailable'],
		[503, 'unavailable'],
		[504, 'unavailable'],
	])('classifies HTTP %d as %s (P6, P7)', (status, reason) =>
		expect(errorFor(status, '').reason).toBe(reason),
	);
});

describe('the wait that a busy server asks for', () => {
	const waitOf = (value: unknown, status = 503) =>
		readRetryAfter({ status, headers: { 'retry-after': value } as never, body: '' });

	it('is read in seconds', () => {
		expect([
			waitOf('0'),
			waitOf(' 20 '),
			waitOf('-1'),
			waitOf('1.5'),
			waitOf('x'),
			waitOf(7),
		]).toEqual([0, 20_000, undefined, undefined, undefined, undefined]);
		expect([waitOf('1', 429), waitOf('1', 500)]).toEqual([1_000, undefined]);
	});

	it('is read as a date', () => {
		const now = Date.parse('2026-11-29T12:00:00Z');
		jest.spyOn(Date, 'now').mockReturnValue(now);
		expect(waitOf('Sun, 29 Nov 2026 12:00:10 GMT')).toBe(10_000);
		expect(waitOf('Sun, 29 Nov 2026 11:00:00 GMT')).toBe(0);
	});
});

describe('a response from something other than the API', () => {
	it.each([
		['', 'nothing'],
		[undefined, 'nothing'],
		[null, 'nothing'],
		['<!DOCTYPE html>', 'a web page'],
		[' \r\n\t<html>', 'a web page'],
		['words, and 1 < 2', 'text'],
		[[1], 'other JSON'],
		[7, 'other JSON'],
	])('describes the response %j as %s', (body, kind) => {
		expect(responseError({ status: 200, headers: {}, body }, request, expectation)).toMatchObject({
			message: `crm.example.com answered with ${kind} instead of a response from the API`,
			description:
				"Check 'Server URL': /api/login leads to something else, such as a website, a proxy or a login page",
			httpStatus: undefined,
			reason: 'unclear',
		});
	});

	it.each([
		['{"data":', true],
		[' \n["a"', true],
		['words {"data":', false],
		['words', false],
	])('is broken if it begins like JSON: %j, %j', (body, isBroken) => {
		const { message } = responseError({ status: 200, headers: {}, body }, request, expectation);
		const brokenOff = 'The response of crm.example.com is broken or was cut off';
		expect(message === brokenOff).toBe(isBroken);
	});

	it.each(['{"data":', '<html>'])('is a rejection only of a login: %j (P6)', (body) => {
		const response = { status: 200, headers: {}, body };
		expect(responseError(response, request, expectation)).toMatchObject({
			reason: 'unclear',
			mayBeDone: true,
		});
		const ofLogin = responseError(response, request, { ...expectation, isLogin: true });
		expect(ofLogin).toMatchObject({ reason: 'rejected', mayBeDone: true });
	});
});

describe('a redirect', () => {
	const own = 'crm.example.com redirects this request to another page instead of answering it';
	const redirected = (status: number, location: unknown, more: object = {}) =>
		responseError({ status, headers: { location } as never, body: 's3cret' }, request, {
			...expectation,
			...more,
		});

	it.each([
		[
			'https://evil.example/x?token=s3cret',
			'crm.example.com redirects this request to https://evil.example instead of answering it',
		],
		[
			'http://crm.example.com/x',
			'crm.example.com redirects this request to http://crm.example.com instead of answering it',
		],
		[
			'https://S3CRET.evil.example/x',
			'crm.example.com redirects this request to https://***.evil.example instead of answering it',
		],
		['/elsewhere', own],
		['https://crm.example.com/y', own],
		['http://[', own],
		['crm2.example.com:8443/x', own],
		[undefined, 'crm.example.com returns HTTP 302 for this request instead of answering it'],
		[7, 'crm.example.com returns HTTP 302 for this request instead of answering it'],
	])('to %j is explained', (location, message) => {
		const failure = redirected(302, location);
		expect(failure).toMatchObject({ message, httpStatus: 302, reason: 'unclear' });
		const isOwn = !message.includes(' to http');
		expect(failure.advice).toBe(
			isOwn
				? "The redirect was not followed. Check the path in 'Server URL': this is often a login page or a proxy"
				: `The redirect was not followed. If ${/to (http\S+)/.exec(message)![1]} is the right server, enter it as 'Server URL'`,
		);
	});

	it('may mean that the request was carried out if it is 303 See Other (P16)', () => {
		expect([302, 303, 307].map((status) => redirected(status, '/done').mayBeDone)).toEqual([
			false,
			true,
			false,
		]);
	});

	it('to a host that repeats a secret in lower case does not show it (P11)', () => {
		const { message } = responseError(
			{ status: 302, headers: { location: 'https://ToKeN-77.evil.example/' }, body: '' },
			{ ...request, secrets: ['ToKeN-77'] },
			expectation,
		);
		expect(message).toContain('https://***.evil.example');
	});

	it('is a rejection if a login was expected (P6)', () => {
		for (const location of ['/login', 'https://other.example/'])
			expect(redirected(302, location, { isLogin: true }).reason).toBe('rejected');
	});

	it('is about the method if the address is known to be right', () => {
		expect(redirected(302, '/login', { wrongAddress: 'Check the method' }).advice).toBe(
			'The redirect was not followed. Check the method',
		);
	});

	it('has a status from 300 to 399', () => {
		for (const status of [300, 399]) expect(redirected(status, '/x').message).toBe(own);
		for (const status of [299, 400]) expect(redirected(status, '/x').message).not.toBe(own);
	});
});
