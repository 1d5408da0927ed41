import { getEventListeners } from 'node:events';

import { describe, expect, it } from '@jest/globals';
import type { IHttpRequestOptions } from 'n8n-workflow';

import { send, type HttpRequest } from '../../nodes/shared/http.ts';
import { rejectedBy, type AnyError } from './failures.mts';

const request: HttpRequest = {
	method: 'POST',
	url: 'https://crm.example.com/api/login',
	ignoreSslIssues: false,
	secrets: ['s3cret'],
};

/** The error of a request whose sending fails like this. */
async function errorOf({ error }: { error: unknown }): Promise<AnyError> {
	const httpRequest = async () => {
		throw error;
	};
	return await rejectedBy(send({ httpRequest }, request));
}

/** The options with which n8n's helper is called for a request. */
async function toRequestOptions(sent: HttpRequest): Promise<IHttpRequestOptions> {
	let options: IHttpRequestOptions | undefined;
	const httpRequest = async (given: IHttpRequestOptions) => {
		options = given;
		return { statusCode: 200, headers: {}, body: {} };
	};
	await send({ httpRequest }, sent);
	return options!;
}

describe('the request options for n8n', () => {
	it('asks for JSON and sets no body when there is none', async () => {
		const options = await toRequestOptions({
			...request,
			method: 'GET',
			query: { 'a b': 'c&d', e: '' },
		});
		expect(options).toMatchObject({
			method: 'GET',
			url: 'https://crm.example.com/api/login?a%20b=c%26d&e=',
			timeout: 30_000,
			disableFollowRedirect: true,
		});
		expect(options.headers).toEqual({ Accept: 'application/json' });
		expect(options).not.toHaveProperty('body');
		expect(options.json).toBe(true);
	});

	it('replaces a lone surrogate, which a URL cannot hold', async () => {
		const query = { a: 'x\ud800', 'b\udc00': '😀' };
		expect((await toRequestOptions({ ...request, query })).url).toBe(
			`${request.url}?a=x%EF%BF%BD&b%EF%BF%BD=%F0%9F%98%80`,
		);
	});

	it.each([
		[{ a: 1 }, '{"a":1}'],
		['{"n":12345678901234567890}', '{"n":12345678901234567890}'],
		[{}, '{}'],
	])('sends the body %j as it is', async (body, text) => {
		const options = await toRequestOptions({ ...request, body, headers: { 'X-Own': 'yes' } });
		expect(options).toMatchObject({
			body: text,
			headers: { 'X-Own': 'yes', Accept: 'application/json', 'Content-Type': 'application/json' },
		});
		expect(options.url).toBe(request.url);
	});
});

describe('a request without an answer', () => {
	const withCode = (code: unknown, more: object = {}) => ({
		error: Object.assign(new Error('s3cret'), { code }, more),
	});

	const TRY_AGAIN = 'Try again. If it keeps happening, ask whoever runs the server';

	it.each([
		[
			'ECONNREFUSED',
			'refuses connections',
			"Check the port in 'Server URL', and whether",
			'unavailable',
		],
		['ECONNRESET', 'closed the connection before it answered', TRY_AGAIN, 'unavailable'],
		['EPIPE', 'closed the connection before it answered', TRY_AGAIN, 'unavailable'],
		['ERR_BAD_RESPONSE', 'broke off its response', TRY_AGAIN, 'unavailable'],
		['Z_DATA_ERROR', 'broke off its response', TRY_AGAIN, 'unavailable'],
		['HPE_INVALID_CONSTANT', 'broke off its response', TRY_AGAIN, 'unavailable'],
		[
			'ENOTFOUND',
			'is a host that does not exist',
			"Check the spelling of 'Server URL'",
			'unavailable',
		],
		['EAI_AGAIN', 'could not be resolved to an address', 'and the network of n8n', 'unavailable'],
		['EHOSTUNREACH', 'cannot be reached from here', 'Check whether n8n may reach', 'unavailable'],
		['ENETUNREACH', 'cannot be reached from here', 'Check whether n8n may reach', 'unavailable'],
		['ETIMEDOUT', 'did not answer in time', "raise 'Timeout' where the node has", 'unclear'],
		['ECONNABORTED', 'did not answer in time', "raise 'Timeout' where the node has", 'unclear'],
		['ERR_CANCELED', 'did not answer in time', "raise 'Timeout' where the node has", 'unclear'],
		['EPROTO', 'does not speak TLS at this address', 'should begin with http:// or', 'unclear'],
		['CERT_HAS_EXPIRED', 'has a certificate that has expired', 'Ask whoever runs', 'unclear'],
		[
			'ERR_TLS_CERT_ALTNAME_INVALID',
			'has a certificate for another name',
			'Use the name',
			'unclear',
		],
		...[
			'DEPTH_ZERO_SELF_SIGNED_CERT',
			'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
			'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
		].map(
			(code) =>
				[
					code,
					'has a certificate that n8n does not trust',
					'NODE_EXTRA_CA_CERTS',
					'unclear',
				] as const,
		),
	] as const)(
		'explains %s: the server %s, with advice and the code',
		async (code, says, advice, reason) => {
			const error = await errorOf(withCode(code));
			expect(error).toMatchObject({
				message: `crm.example.com ${says}`,
				reason,
			});
			expect(error.description).toContain(advice);
			expect(error.description).toMatch(new RegExp(` \\(${code}\\)$`));
		},
	);

	it.each([
		['ECONNRESET', true],
		['ETIMEDOUT', true],
		['EWHATEVER', true],
		['ECONNREFUSED', false],
		['ENOTFOUND', false],
		['CERT_HAS_EXPIRED', false],
		['', false],
	])(
		'says of a request that ended with %s whether it may have been carried out: %s (P1)',
		async (code, mayBeDone) => {
			expect(await errorOf(withCode(code))).toMatchObject({ mayBeDone });
		},
	);

	it('may have been carried out if its connection was open (P1)', async () => {
		for (const [syscall, mayBeDone] of [
			['connect', false],
			['read', true],
		])
			expect(await errorOf(withCode('EHOSTUNREACH', { syscall }))).toMatchObject({ mayBeDone });
	});

	it("treats an unknown code as retryable, but not n8n's own rejection", async () => {
		expect(await errorOf(withCode('EWHATEVER'))).toMatchObject({
			message: 'crm.example.com could not be reached: ***',
			description: "Check 'Server URL' in the credential, and the network that n8n runs in",
			reason: 'unavailable',
		});
		expect((await errorOf({ error: { code: 'EWHATEVER' } })).message).toBe(
			'crm.example.com could not be reached',
		);
		expect(await errorOf({ error: new Error('Not allowed') })).toMatchObject({
			message: 'n8n did not send the request to crm.example.com: Not allowed',
			reason: 'unclear',
		});
		for (const error of ['words', null, undefined, { cause: 'words' }])
			expect(await errorOf({ error })).toMatchObject({
				message: 'n8n did not send the request to crm.example.com',
				reason: 'unclear',
			});
	});

	it('explains the first known code, however deeply it is nested', async () => {
		expect(
			(await errorOf(withCode('ERR_NETWORK', { cause: { cause: { code: 'ECONNRESET' } } })))
				.message,
		).toBe('crm.example.com closed the connection before it answered');
		expect((await errorOf(withCode(7, { cause: { code: 'EPIPE' } }))).message).toBe(
			'crm.example.com closed the connection before it answered',
		);
		const nested = (depth: number): object =>
			depth === 0 ? { code: 'EPIPE' } : { cause: nested(depth - 1) };
		expect((await errorOf({ error: nested(9) })).reason).toBe('unavailable');
		expect((await errorOf({ error: nested(10) })).reason).toBe('unclear');
		const circle: { cause?: unknown } = {};
		circle.cause = circle;
		expect((await errorOf({ error: circle })).message).toBe(
			'n8n did not send the request to crm.example.com',
		);
		expect((await errorOf(withCode('constructor'))).message).toBe(
			'crm.example.com could not be reached: ***',
		);
		expect((await errorOf({ error: { cause: 'a text' } })).message).toBe(
			'n8n did not send the request to crm.example.com',
		);
	});

	it('keeps the message of an error without a known code and masks secrets', async () => {
		expect(await errorOf({ error: new Error('The address is blocked: s3cret') })).toMatchObject({
			message: 'n8n did not send the request to crm.example.com: The address is blocked: ***',
			description: expect.stringMatching(/^Check 'Server URL' and 'Allowed HTTP Request Domains'/),
		});
		expect((await errorOf(withCode('EWHATEVER'))).message).toBe(
			'crm.example.com could not be reached: ***',
		);
		expect((await errorOf({ error: new Error('') })).message).toBe(
			'n8n did not send the request to crm.example.com',
		);
		expect((await errorOf({ error: 'thrown as a text' })).message).toBe(
			'n8n did not send the request to crm.example.com',
		);
		expect((await errorOf({ error: undefined })).message).toBe(
			'n8n did not send the request to crm.example.com',
		);
	});
});

it('returns a redirect as it is and does not follow it', async () => {
	const response = { statusCode: 302, headers: { location: '/elsewhere' }, body: 'x' };
	expect(await send({ httpRequest: async () => response }, request)).toEqual({
		status: 302,
		headers: { location: '/elsewhere' },
		body: 'x',
	});
});

describe('a request after Stop (P8)', () => {
	it('does not send a request after Stop', async () => {
		let sent = 0;
		const httpRequest = async () => ++sent;
		const signal = AbortSignal.abort();
		expect(await rejectedBy(send({ httpRequest }, { ...request, signal }))).toMatchObject({
			name: 'AbortError',
		});
		expect(sent).toBe(0);
	});

	it('leaves no listener on the signal of an execution', async () => {
		const { signal } = new AbortController();
		const httpRequest = async () => ({ statusCode: 200, headers: {}, body: {} });
		for (let sent = 0; sent < 3; sent++) await send({ httpRequest }, { ...request, signal });
		expect(getEventListeners(signal, 'abort')).toEqual([]);
	});

	it('aborts a pending request on Stop', async () => {
		const stop = new AbortController();
		const httpRequest = async ({ abortSignal }: IHttpRequestOptions) =>
			await new Promise((_resolve, reject) => {
				(abortSignal as AbortSignal).onabort = () => reject(new Error('canceled'));
			});
		const sending = send({ httpRequest }, { ...request, signal: stop.signal });
		stop.abort();
		expect(await rejectedBy(sending)).toMatchObject({ name: 'AbortError' });
	});
});
