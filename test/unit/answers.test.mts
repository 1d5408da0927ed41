import { describe, expect, it } from '@jest/globals';

import { isRejection, readToken, unexpectedResponseError } from '../../nodes/shared/answers.ts';
import type { HttpRequest } from '../../nodes/shared/http.ts';
import { isJsonObject, getText } from '../../nodes/shared/records.ts';
import { thrownBy } from './errorOf.mts';

const request: HttpRequest = {
	method: 'POST',
	url: 'https://crm.example.com/api/login',
	ignoreSslIssues: false,
	secrets: ['s3cret'],
};
const expectation = { api: 'the API', advice: 'Check the login' };

describe('a text of an answer', () => {
	it.each([
		[{ name: 'Ada' }, 'Ada'],
		[{ name: '' }, null],
		[{ name: 7 }, null],
		[{}, null],
		[Object.create({ name: 'inherited' }), null],
	])('in %j is %j', (record, text) => expect(getText(record as never, 'name')).toBe(text));
});

it.each([
	[{}, true],
	[Object.create(null), true],
	[[], false],
	[null, false],
	['x', false],
	[undefined, false],
])('%j is a record: %j', (value, expected) => expect(isJsonObject(value)).toBe(expected));

describe('a token', () => {
	const refusalOf = (value: unknown) => thrownBy(() => readToken(value, request));

	it.each([['!'], ['~'], ['9F86D081'], ['a'.repeat(8_192)]])(
		'of visible characters is read',
		(token) => expect(readToken(token, request)).toBe(token),
	);

	it.each([[undefined], [null], ['']])('that is %j was not given', (value) => {
		expect(refusalOf(value)).toMatchObject({
			message: 'crm.example.com accepted the login but gave no token',
			refused: true,
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
	])('that is %j cannot be used', (value) => {
		expect(refusalOf(value)).toMatchObject({
			message: 'crm.example.com gave a token that cannot be used',
			refused: true,
		});
	});
});

describe('an HTTP error', () => {
	const failureOf = (status: number, body: unknown, more: { notFound?: string } = {}) =>
		unexpectedResponseError({ status, headers: {}, body }, request, { ...expectation, ...more });

	it.each([
		[
			401,
			'crm.example.com answered with HTTP 401',
			'Check the login (HTTP 401 from crm.example.com)',
		],
		[
			404,
			'crm.example.com has nothing at /api/login (HTTP 404)',
			'Check Server URL: the server has nothing at /api/login (HTTP 404 from crm.example.com)',
		],
		[
			429,
			'crm.example.com answered with HTTP 429',
			'The server is asked too often: try again later, or less often (HTTP 429 from crm.example.com)',
		],
		[
			500,
			'crm.example.com answered with HTTP 500',
			'The server has a problem: try again later, or turn on Retry On Fail (HTTP 500 from crm.example.com)',
		],
		[
			503,
			'crm.example.com answered with HTTP 503',
			'The server has a problem: try again later, or turn on Retry On Fail (HTTP 503 from crm.example.com)',
		],
	])('%d says what to do', (status, message, description) => {
		expect(failureOf(status, '')).toMatchObject({
			message,
			description,
			httpStatus: status,
			refused: isRejection(status),
		});
	});

	it('is one also where its body is nested without end', () => {
		let body: unknown = 'words';
		for (let level = 0; level < 100_000; level++) body = level % 2 ? [body] : { message: body };
		expect(failureOf(401, body)).toMatchObject({
			message: 'crm.example.com answered with HTTP 401',
			refused: true,
		});
	});

	it('404 may mean something else than a wrong address', () => {
		expect(failureOf(404, '', { notFound: 'Check the organization' }).description).toBe(
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
		[{ message: 7 }, undefined],
		[{ other: 'ignored' }, undefined],
		[Object.create({ message: 'inherited' }), undefined],
		[7, undefined],
		[null, undefined],
	])('with %j has the words %j', (body, words) => {
		expect(failureOf(400, body).message).toBe(words ?? 'crm.example.com answered with HTTP 400');
	});

	it.each([
		[400, true],
		[401, true],
		[403, true],
		[409, true],
		[423, true],
		[404, false],
		[405, false],
		[408, false],
		[410, false],
		[425, false],
		[429, false],
		[500, false],
		[503, false],
	])('%d is an answer to the login itself: %j', (status, expected) =>
		expect(isRejection(status)).toBe(expected),
	);
});

describe('an answer of something else', () => {
	it.each([
		['', 'nothing'],
		[undefined, 'nothing'],
		[null, 'nothing'],
		['<!DOCTYPE html>', 'a web page'],
		[' \r\n\t<html>', 'a web page'],
		['words, and 1 < 2', 'text'],
		[[1], 'other JSON'],
		[7, 'other JSON'],
	])('%j is told as %s', (body, kind) => {
		expect(
			unexpectedResponseError({ status: 200, headers: {}, body }, request, expectation),
		).toMatchObject({
			message: `crm.example.com answered with ${kind} instead of an answer of the API`,
			description:
				'Check Server URL: at /api/login there is something else, such as a website, a proxy or a login page',
			httpStatus: undefined,
			refused: false,
		});
	});
});
