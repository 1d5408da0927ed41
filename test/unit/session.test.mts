import { describe, expect, it, jest } from '@jest/globals';

import { claimedLifetime, endOfSession } from '../../nodes/shared/session/expiry.ts';
import { identityOf } from '../../nodes/shared/session/identity.ts';
import { putMember } from '../../nodes/shared/session/jsonText.ts';
import { Memory } from '../../nodes/shared/session/memory.ts';
import { belongsTo, targetOf } from '../../nodes/shared/session/target.ts';
import { signJwt } from '../vendors/tokens.mts';

const HOUR = 3_600_000;

describe('the life of a token', () => {
	it.each([
		[{ exp: '1495720582', iat: '1495713382' }, 7200],
		[{ exp: 1495720582, iat: 1495713382 }, 7200],
		[{ exp: '20', iat: '0' }, 20],
		[{ exp: '5', iat: '0' }, undefined],
		[{ exp: '0', iat: '7200' }, undefined],
		[{ exp: '3155760000', iat: '0' }, undefined],
		[{ exp: 'soon', iat: '0' }, undefined],
		[{ exp: '' , iat: '0' }, undefined],
		[{ exp: '7200' }, undefined],
		[{}, undefined],
	])('as %j claims it', (claims, seconds) => {
		expect(claimedLifetime(signJwt(claims))).toBe(seconds === undefined ? undefined : seconds * 1000);
	});

	it.each([['9F86D081884C7D659A2FEAA0C55AD015'], ['1234567890'], ['a.b.c'], ['..'], [''], ['a.bnVsbA.c'], ['a.W10.c']])(
		'is not claimed by %s',
		(token) => expect(claimedLifetime(token)).toBeUndefined(),
	);

	it('ends the session by the shorter of both, less a tenth or a minute', () => {
		expect(endOfSession('opaque', 0, HOUR)).toBe(HOUR - 60_000);
		expect(endOfSession(signJwt({ exp: '7200', iat: '0' }), 0, HOUR)).toBe(HOUR - 60_000);
		expect(endOfSession(signJwt({ exp: '100', iat: '0' }), 5, HOUR)).toBe(5 + 90_000);
	});
});

it('tells identities apart, also where their parts run together', () => {
	expect(identityOf('a', 'b')).toBe(identityOf('a', 'b'));
	expect(identityOf('ab', '')).not.toBe(identityOf('a', 'b'));
	expect(identityOf('a","b')).not.toBe(identityOf('a', 'b'));
	expect(identityOf('pass')).not.toContain('pass');
});

describe('putting a member into JSON text', () => {
	it.each([
		['{}', '{"token":"T"}'],
		[' { } ', ' {"token":"T" } '],
		['{"a":1}', '{"token":"T","a":1}'],
		['{"n":12345678901234567890,"s":"\\u0000"}', '{"token":"T","n":12345678901234567890,"s":"\\u0000"}'],
		['{"token":"old"}', '{"token":"T"}'],
		['{"token" : {"token":[1,"}"]} , "b":2}', '{"token" :"T" , "b":2}'],
		['{"a":{"token":"inner"}}', '{"token":"T","a":{"token":"inner"}}'],
		['{"a":"\\"token\\":1","tok\\u0065n":null}', '{"a":"\\"token\\":1","tok\\u0065n":"T"}'],
		['{"token":1,"token":2}', '{"token":"T","token":"T"}'],
	])('%s', (text, expected) => {
		expect(putMember(text, 'token', 'T')).toBe(expected);
		expect(putMember(expected, 'token', 'T')).toBe(expected);
	});

	it.each([['[]'], ['"x"'], ['{'], ['{"a":}'], ['']])('is not possible in %s', (text) => {
		expect(putMember(text, 'token', 'T')).toBeUndefined();
	});

	it('reads a string of any length', () => {
		const text = JSON.stringify({ a: 'x'.repeat(5_000_000) });
		expect(putMember(text, 'token', 'T')).toHaveLength(text.length + '"token":"T",'.length);
	});
});

describe('where a request goes', () => {
	const base = 'https://crm.example.com/crmapi/rest/v2';

	it.each([
		['https://crm.example.com/crmapi/rest/v2/a'],
		['https://CRM.EXAMPLE.COM:443/crmapi/rest/v2/a?x=../..'],
		['https://crm.example.com/x/../crmapi/rest/v2/a'],
		['https://crm.example.com/crmapi/rest/v2'],
		['https://crm.example.com\\crmapi\\rest\\v2\\a'],
	])('%s belongs to the server', (url) => expect(belongsTo(new URL(url), base)).toBe(true));

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
		['https://crm.example.com/crmapi/rest/v2/..%5ca'],
		['https://crm.example.com/crmapi/rest/v2/..;x=1/a'],
		['https://crm.example.com/crmapi/rest/v2/..%3b/a'],
		['https://crm.example.com/'],
	])('%s does not', (url) => expect(belongsTo(new URL(url), base)).toBe(false));

	it("is read as n8n's client reads it", () => {
		const base = 'http://h/b';
		expect(targetOf({ baseURL: base, url: '/c' })?.href).toBe('http://h/b/c');
		expect(targetOf({ baseURL: `${base}/`, url: 'c' })?.href).toBe('http://h/b/c');
		expect(targetOf({ baseURL: base, url: 'http://evil/' })?.href).toBe('http://evil/');
		expect(targetOf({ baseURL: base, url: '//evil/x' })?.href).toBeUndefined();
		expect(targetOf({ url: 'http://a/', uri: 'http://b/' })?.href).toBe('http://a/');
		expect(targetOf({ uri: 'relative' })).toBeUndefined();
	});
});

describe('the memory', () => {
	const make = () => new Memory<{ endsAt: number }>({ endsAt: ({ endsAt }) => endsAt, isRefusal: () => true });
	const live = () => ({ endsAt: Date.now() + HOUR });

	it('is bounded, and lets go of what is over', async () => {
		const memory = make();
		for (let index = 0; index < 10_000; index++) await memory.obtain(`key ${index}`, async () => live());
		expect(memory.size).toBe(1_000);
		expect(memory.knows('key 9999')).toBe(true);
		expect(memory.knows('key 0')).toBe(false);
		const [then] = [Date.now() + 2 * HOUR];
		jest.spyOn(Date, 'now').mockReturnValue(then);
		await memory.obtain('new', async () => live());
		expect(memory.size).toBe(1);
	});

	it('keeps what is used, where it is full', async () => {
		const memory = make();
		for (let index = 0; index < 1_500; index++) {
			await memory.obtain(`key ${index}`, async () => live());
			await memory.obtain('used', async () => live());
		}
		const makeAnother = jest.fn(async () => live());
		await memory.obtain('used', makeAnother);
		expect(makeAnother).not.toHaveBeenCalled();
	});

	it('doubles the time for which a refusal is remembered, up to a quarter of an hour', async () => {
		const memory = make();
		let [now, asked] = [1_000_000_000_000, 0];
		jest.spyOn(Date, 'now').mockImplementation(() => now);
		const refuse = async () => {
			asked += 1;
			throw new Error('no');
		};
		const gaps: number[] = [];
		for (let last = now; gaps.length < 7; now += 1_000) {
			const before = asked;
			await memory.obtain('key', refuse).catch(() => undefined);
			if (asked > before) {
				gaps.push((now - last) / 1_000);
				last = now;
			}
		}
		expect(gaps).toEqual([0, 60, 120, 240, 480, 900, 900]);
	});
});
