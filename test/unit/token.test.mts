import { describe, expect, it } from '@jest/globals';

import { hashKey } from '../../nodes/shared/session/strategy.ts';
import {
	claimedLifetimeMs,
	decodeClaims,
	sessionLifetimeMs,
	textClaim,
} from '../../nodes/shared/session/token.ts';
import { signJwt } from '../fakes/tokens.mts';

const HOUR = 3_600_000;

describe('the lifetime of a token (P14)', () => {
	it.each([
		[{ exp: '1495720582', iat: '1495713382' }, 7200],
		[{ exp: 1495720582, iat: 1495713382 }, 7200],
		[{ exp: '20', iat: '0' }, 20],
		[{ exp: ' 7300 ', iat: '100.0' }, 7200],
		[{ exp: 10, iat: '0' }, 10],
		[{ exp: 31 * 24 * 3_600, iat: 0 }, 31 * 24 * 3_600],
		[{ exp: 31 * 24 * 3_600 + 1, iat: 0 }, undefined],
		[{ exp: '20 s', iat: '0' }, undefined],
		[{ exp: ['20'], iat: '0' }, undefined],
		[{ exp: '5', iat: '0' }, undefined],
		[{ exp: '0', iat: '7200' }, undefined],
		[{ exp: '3155760000', iat: '0' }, undefined],
		[{ exp: 'soon', iat: '0' }, undefined],
		[{ exp: '', iat: '0' }, undefined],
		[{ exp: '7200', iat: '' }, undefined],
		[{ exp: '7200', iat: ' ' }, undefined],
		[{ exp: '7200' }, undefined],
		[{}, undefined],
	])('reads the lifetime that %j claims', (claims, seconds) => {
		expect(claimedLifetimeMs(signJwt(claims))).toBe(
			seconds === undefined ? undefined : seconds * 1000,
		);
	});

	const claims = Buffer.from('{"exp":20,"iat":0}').toString('base64url');

	it.each([
		['9F86D081884C7D659A2FEAA0C55AD015'],
		['1234567890'],
		['a.b.c'],
		['..'],
		[''],
		[`a.${claims}`],
		[`a.${claims}.c.d`],
		['a.bnVsbA.c'],
		['a.W10.c'],
		['a.NyIi.c'],
		['a.Nw.c'],
		['a.IngI.c'],
	])('finds no claims in %s', (token) => {
		expect(decodeClaims(token)).toBeUndefined();
		expect(claimedLifetimeMs(token)).toBeUndefined();
	});

	it('reads a claim only when it is text', () => {
		const read = decodeClaims(signJwt({ usr: 'demo', oun: 1, org: '' }));
		expect(
			['usr', 'oun', 'org', 'jti', 'constructor'].map((name) => textClaim(read, name)),
		).toEqual(['demo', null, null, null, null]);
		expect(textClaim(undefined, 'usr')).toBeNull();
	});

	it('ends the session after the shorter lifetime, less a tenth or a minute', () => {
		expect(sessionLifetimeMs('opaque', HOUR)).toBe(HOUR - 60_000);
		expect(sessionLifetimeMs(signJwt({ exp: '7200', iat: '0' }), HOUR)).toBe(HOUR - 60_000);
		expect(sessionLifetimeMs(signJwt({ exp: '100', iat: '0' }), HOUR)).toBe(90_000);
	});
});

it('hashes different keys differently, even when their parts run together', () => {
	expect(hashKey('a', 'b')).toBe(hashKey('a', 'b'));
	expect(hashKey('ab', '')).not.toBe(hashKey('a', 'b'));
	expect(hashKey('a","b')).not.toBe(hashKey('a', 'b'));
	expect(hashKey('pass')).not.toContain('pass');
});
