import { describe, expect, it, jest } from '@jest/globals';

import { ApiError } from '../../nodes/shared/errors.ts';
import { BoundedMap } from '../../nodes/shared/session/bounded.ts';
import { claimedLifetime, lifeOfSession } from '../../nodes/shared/session/expiry.ts';
import { hashKey } from '../../nodes/shared/session/identity.ts';
import { isObjectText, putMember, readMembers } from '../../nodes/shared/session/jsonText.ts';
import { readClaims, textClaim } from '../../nodes/shared/session/jwt.ts';
import { Memory } from '../../nodes/shared/session/memory.ts';
import { ageOf, now as moment, type Moment } from '../../nodes/shared/session/moment.ts';
import { forRun, forTest, refusals } from '../../nodes/shared/session/refusals.ts';
import { belongsTo, targetOf } from '../../nodes/shared/session/target.ts';
import { signJwt } from '../fakes/tokens.mts';

const HOUR = 3_600_000;

describe('the life of a token', () => {
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
		[{ exp: '7200' }, undefined],
		[{}, undefined],
	])('as %j claims it', (claims, seconds) => {
		expect(claimedLifetime(signJwt(claims))).toBe(
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
	])('is not claimed by %s, which has no claims', (token) => {
		expect(readClaims(token)).toBeUndefined();
		expect(claimedLifetime(token)).toBeUndefined();
	});

	it('is told by text only where a claim is text', () => {
		const read = readClaims(signJwt({ usr: 'demo', oun: 1, org: '' }));
		expect(
			['usr', 'oun', 'org', 'jti', 'constructor'].map((name) => textClaim(read, name)),
		).toEqual(['demo', null, null, null, null]);
		expect(textClaim(undefined, 'usr')).toBeNull();
	});

	it('ends the session by the shorter of both, less a tenth or a minute', () => {
		expect(lifeOfSession('opaque', HOUR)).toBe(HOUR - 60_000);
		expect(lifeOfSession(signJwt({ exp: '7200', iat: '0' }), HOUR)).toBe(HOUR - 60_000);
		expect(lifeOfSession(signJwt({ exp: '100', iat: '0' }), HOUR)).toBe(90_000);
	});
});

it('tells identities apart, also where their parts run together', () => {
	expect(hashKey('a', 'b')).toBe(hashKey('a', 'b'));
	expect(hashKey('ab', '')).not.toBe(hashKey('a', 'b'));
	expect(hashKey('a","b')).not.toBe(hashKey('a', 'b'));
	expect(hashKey('pass')).not.toContain('pass');
});

describe('putting a member into JSON text', () => {
	it.each([
		['{}', '{"token":"T"}'],
		[' { } ', ' {"token":"T" } '],
		['{"a":1}', '{"token":"T","a":1}'],
		[
			'{"n":12345678901234567890,"s":"\\u0000"}',
			'{"token":"T","n":12345678901234567890,"s":"\\u0000"}',
		],
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

	it('knows what is the JSON of an object', () => {
		expect(['{}', ' {"a":1}', '\n{}'].map(isObjectText)).toEqual([true, true, true]);
		expect(['[]', '{', '', 'null', '"{}"', 'x{}'].map(isObjectText)).toEqual([
			false,
			false,
			false,
			false,
			false,
			false,
		]);
	});

	it('can be undone by reading the members: texts as they are, others as their JSON', () => {
		const text = '{ "a" : "x\\"y" , "n":12345678901234567890, "o": { "b": [1, "}"] } , "s":"" }';
		expect(readMembers(text)).toEqual([
			['a', 'x"y'],
			['n', '12345678901234567890'],
			['o', '{ "b": [1, "}"] }'],
			['s', ''],
		]);
		expect(readMembers('{}')).toEqual([]);
	});

	it('reads a long run of spaces without delay', () => {
		const text = `{"token":1${' '.repeat(2_000_000)},"a":"${' '.repeat(2_000_000)}x"}`;
		expect(putMember(text, 'token', 'T')).toHaveLength(text.length + 2);
	});

	it('replaces thousands of the same name without delay', () => {
		const members = (value: string) =>
			`{${Array.from({ length: 100_000 }, () => `"token":${value}`).join(',')}}`;
		expect(putMember(members('1'), 'token', 'T')).toBe(members('"T"'));
	});

	it('reads a string of any number of escapes', () => {
		const text = JSON.stringify({ a: '"\\'.repeat(3_000_000) });
		expect(putMember(text, 'token', 'T')).toHaveLength(text.length + '"token":"T",'.length);
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
		['https://crm.example.com/crmapi/rest/v2/a;x%5c..%5c..%5c..%5c..%5cevil'],
		['https://crm.example.com/crmapi/rest/v2/a;x%252f..%252f..%252f..%252f..%252fevil'],
		[`https://crm.example.com/crmapi/rest/v2/..%${'25'.repeat(50_000)}2fa`],
		['https://crm.example.com/crmapi/rest/v2/..;x=1/a'],
		['https://crm.example.com/crmapi/rest/v2/..%3b/a'],
		['https://crm.example.com/'],
	])('%s does not', (url) => expect(belongsTo(new URL(url), base)).toBe(false));

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
		['https://cam.example.com/', 'https://cam.example.com', true],
	])('%s of %s: %s', (url, server, belongs) =>
		expect(belongsTo(new URL(url), server)).toBe(belongs),
	);

	it("is read as n8n's client reads it", () => {
		const base = 'http://h/b';
		expect(targetOf({ baseURL: base, url: '/c' })?.href).toBe('http://h/b/c');
		expect(targetOf({ baseURL: `${base}/`, url: 'c' })?.href).toBe('http://h/b/c');
		expect(targetOf({ baseURL: base, url: 'http://evil/' })?.href).toBe('http://evil/');
		expect(targetOf({ baseURL: base, url: '//evil/x' })?.href).toBeUndefined();
		expect(targetOf({ url: 'http://a/', uri: 'http://b/' })?.href).toBe('http://a/');
		expect(targetOf({ uri: 'relative' })).toBeUndefined();
		expect(targetOf({})).toBeUndefined();
		expect(targetOf({ baseURL: base, url: '//c//d' })?.href).toBeUndefined();
		expect(targetOf({ baseURL: `${base}//`, url: '/c//d/' })?.href).toBe('http://h/b/c//d/');
	});
});

describe('the memory', () => {
	const make = () => new Memory<{ endsAt: number }>(({ endsAt }) => Date.now() >= endsAt);
	const live = () => ({ endsAt: Date.now() + HOUR });

	it('is bounded', async () => {
		const memory = make();
		for (let index = 0; index < 10_000; index++)
			await memory.obtain(`key ${index}`, async () => live());
		expect(memory.size).toBe(1_000);
		expect(memory.knows('key 9999')).toBe(true);
		expect(memory.knows('key 0')).toBe(false);
	});

	it('lets go of what is over, also where nothing new comes', async () => {
		const memory = make();
		for (const key of ['a', 'b', 'c']) await memory.obtain(key, async () => live());
		const then = Date.now() + 2 * HOUR;
		jest.spyOn(Date, 'now').mockReturnValue(then);
		await memory.obtain('a', async () => live());
		expect(memory.size).toBe(1);
	});

	it('keeps what is not over when it lets go of the rest: a flight, a live value, a failure of a moment ago, a note of its makings', async () => {
		let now = 1_000_000_000_000;
		jest.spyOn(Date, 'now').mockImplementation(() => now);
		const memory = make();
		const sweep = async () => {
			// What is obtained now is gone again by the next time.
			await memory.obtain(`sweep ${now}`, async () => ({ endsAt: now }));
			return memory.size - 1;
		};
		await memory.obtain('live', async () => ({ endsAt: now + 200_000 }));
		let land = (_value: { endsAt: number }) => {};
		const landing = new Promise<{ endsAt: number }>((resolve) => {
			land = resolve;
		});
		const flight = memory.obtain('flight', async () => await landing);
		now += 60_000;
		await memory.obtain('noted', async () => ({ endsAt: now }));
		await memory
			.obtain('failed', async () => await Promise.reject(new Error('no')))
			.catch(() => undefined);
		expect(memory.knows('failed')).toBe(true);
		expect(await sweep()).toBe(4);
		now += 59_999;
		expect(await sweep()).toBe(5);
		now += 1;
		expect(await sweep()).toBe(3);
		now += 100_000;
		expect(await sweep()).toBe(1);
		land({ endsAt: now });
		await flight;
		now += 60_000;
		expect(await sweep()).toBe(0);
	});

	it('gives a failure again for half a second, and a value until its very end', async () => {
		let [now, made] = [1_000_000_000_000, 0];
		jest.spyOn(Date, 'now').mockImplementation(() => now);
		const memory = make();
		const fail = async () => {
			made += 1;
			return await Promise.reject(new Error('no'));
		};
		await memory.obtain('a', fail).catch(() => undefined);
		expect(memory.knows('a')).toBe(true);
		expect(memory.knows('another')).toBe(false);
		now += 499;
		await expect(memory.obtain('a', fail)).rejects.toThrow('no');
		expect(made).toBe(1);
		now += 1;
		expect(memory.knows('a')).toBe(false);
		await expect(memory.obtain('a', fail)).rejects.toThrow('no');
		expect(made).toBe(2);
		now += 500;
		const endsAt = now + 10;
		await memory.obtain('a', async () => ({ endsAt }));
		now = endsAt - 1;
		expect(memory.knows('a')).toBe(true);
		now = endsAt;
		expect(memory.knows('a')).toBe(false);
	});

	it('is over by either clock: one may be set back, and one may stand still', async () => {
		let [now, steady] = [1_000_000_000_000, 0];
		jest.spyOn(Date, 'now').mockImplementation(() => now);
		jest.spyOn(performance, 'now').mockImplementation(() => steady);
		const memory = new Memory<{ madeAt: Moment }>(({ madeAt }) => ageOf(madeAt) >= HOUR);
		const make = async () => ({ madeAt: moment() });
		const first = await memory.obtain('a', make);
		now -= 3 * HOUR;
		steady += HOUR - 1;
		expect(await memory.obtain('a', make)).toBe(first);
		steady += 1;
		const second = await memory.obtain('a', make);
		expect(second).not.toBe(first);
		now += HOUR;
		expect(await memory.obtain('a', make)).not.toBe(second);
	});

	it('retires a value once, and not where that would make a third within a minute', async () => {
		let now = 1_000_000_000_000;
		jest.spyOn(Date, 'now').mockImplementation(() => now);
		const memory = make();
		const value = () => ({ endsAt: now + HOUR });
		const first = await memory.obtain('a', async () => value());
		expect(memory.retire('unknown', first)).toBe(true);
		expect(memory.retire('a', first)).toBe(true);
		expect(memory.retire('a', first)).toBe(true);
		const second = await memory.obtain('a', async () => value());
		expect(memory.retire('a', first)).toBe(true);
		expect(memory.knows('a')).toBe(true);
		now += 59_999;
		expect(memory.retire('a', second)).toBe(false);
		expect(await memory.obtain('a', async () => value())).toBe(second);
		now += 1;
		expect(memory.retire('a', second)).toBe(true);
		expect(memory.knows('a')).toBe(false);
	});

	it('removes from a bounded map what is over, and nothing else', () => {
		const map = new BoundedMap<number>(10);
		for (const value of [1, 2, 3]) map.set(String(value), value);
		map.removeWhere((value) => value === 2);
		expect([map.size, map.get('1'), map.get('2'), map.get('3')]).toEqual([2, 1, undefined, 3]);
	});

	it('lets go of nothing that is under way, where it is full', async () => {
		const memory = make();
		let land = (_value: { endsAt: number }) => {};
		const landing = new Promise<{ endsAt: number }>((resolve) => {
			land = resolve;
		});
		const flight = memory.obtain('flight', async () => await landing);
		for (let index = 0; index < 2_000; index++)
			await memory.obtain(`key ${index}`, async () => live());
		const makeAnother = jest.fn(async () => live());
		const joined = memory.obtain('flight', makeAnother);
		land(live());
		expect(await joined).toBe(await flight);
		expect(makeAnother).not.toHaveBeenCalled();
	});

	it('lets go of the longest unused where all is held', () => {
		const map = new BoundedMap<number>(3, () => true);
		for (const value of [1, 2, 3, 4]) map.set(String(value), value);
		expect([map.size, map.get('1'), map.get('2'), map.get('4')]).toEqual([3, undefined, 2, 4]);
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
});

describe('refusals', () => {
	const refusal = (message = 'no') =>
		new ApiError(message, { description: 'do this', refused: true });

	it('are remembered for a minute, then twice as long, up to a quarter of an hour', async () => {
		let [now, asked] = [1_000_000_000_000, 0];
		jest.spyOn(Date, 'now').mockImplementation(() => now);
		const refuse = async () => {
			asked += 1;
			throw refusal();
		};
		const gaps: number[] = [];
		for (let last = now; gaps.length < 7; now += 1_000) {
			const before = asked;
			await refusals.ask('doubling', refuse).catch(() => undefined);
			if (asked > before) {
				gaps.push((now - last) / 1_000);
				last = now;
			}
		}
		expect(gaps).toEqual([0, 60, 120, 240, 480, 900, 900]);
	});

	it('say that they are remembered, and how to be asked again', async () => {
		await refusals.ask('told', async () => await Promise.reject(refusal())).catch(() => undefined);
		await expect(refusals.ask('told', async () => 'never')).rejects.toMatchObject({
			message: 'no',
			remembered: true,
			description: expect.stringMatching(
				/^do this\. So that no account gets locked, .+ in 1 min at the earliest/,
			),
		});
		expect(await refusals.ask('told', async () => 'afresh', forTest)).toBe('afresh');
		expect(await refusals.ask('told', async () => 'cleared')).toBe('cleared');
	});

	it('are asked for once by a crowd, which is let in together where the answer is good', async () => {
		let asked = 0;
		const crowd = async (key: string, outcome: () => Promise<unknown>) =>
			await Promise.allSettled(
				Array.from(
					{ length: 20 },
					async () =>
						await refusals.ask(key, async () => {
							asked += 1;
							await new Promise((resolve) => setTimeout(resolve, 5));
							return await outcome();
						}),
				),
			);
		await crowd('bad', async () => await Promise.reject(refusal()));
		expect(asked).toBe(1);
		asked = 0;
		const good = await crowd('good', async () => 'yes');
		expect(asked).toBe(20);
		expect(good.every(({ status }) => status === 'fulfilled')).toBe(true);
		asked = 0;
		const broken = await crowd('broken', async () => await Promise.reject(new Error('network')));
		expect(asked).toBe(1);
		expect(
			broken.every(
				(outcome) =>
					outcome.status === 'rejected' && (outcome.reason as Error).message === 'network',
			),
		).toBe(true);
	});

	it('are asked for once by a crowd also where a good answer was long ago', async () => {
		let [now, asked] = [1_000_000_000_000, 0];
		jest.spyOn(Date, 'now').mockImplementation(() => now);
		const refuse = async () => {
			asked += 1;
			return await Promise.reject(refusal());
		};
		const crowd = async (key: string) =>
			await Promise.allSettled(
				Array.from({ length: 20 }, async () => await refusals.ask(key, refuse)),
			);
		await refusals.ask('changed long ago', async () => 'good');
		now += 5_000;
		await crowd('changed long ago');
		expect(asked).toBe(1);
		asked = 0;
		await refusals.ask('changed just now', async () => 'good');
		now += 4_900;
		await crowd('changed just now');
		expect(asked).toBe(20);
	});

	it('are not forgotten where the clock is set back, nor kept longer', async () => {
		let [now, steady, asked] = [1_000_000_000_000, 0, 0];
		jest.spyOn(Date, 'now').mockImplementation(() => now);
		jest.spyOn(performance, 'now').mockImplementation(() => steady);
		const refuse = async () => {
			asked += 1;
			return await Promise.reject(refusal());
		};
		const run = forRun();
		for (let time = 0; time < 3; time++) {
			await refusals.ask('set back', refuse).catch(() => undefined);
			await refusals.ask('set back', refuse, run).catch(() => undefined);
			now -= HOUR;
		}
		expect(asked).toBe(2);
		steady += 60_000;
		await refusals.ask('set back', refuse).catch(() => undefined);
		await refusals.ask('set back', refuse, run).catch(() => undefined);
		expect(asked).toBe(3);
	});

	it('of a login are remembered also where a thousand others come after', async () => {
		const refuse = async () => await Promise.reject(refusal());
		await refusals.ask('held', refuse).catch(() => undefined);
		for (let index = 0; index < 2_000; index++)
			await refusals.ask(`good ${index}`, async () => 'yes');
		await expect(refusals.ask('held', async () => 'never')).rejects.toMatchObject({
			remembered: true,
		});
	});

	it('of one run of an operation are not asked for again in it, but in the next', async () => {
		let asked = 0;
		const refuse = async () => {
			asked += 1;
			return await Promise.reject(refusal());
		};
		const run = forRun();
		for (let item = 0; item < 3; item++)
			await refusals.ask('run', refuse, run).catch(() => undefined);
		expect(asked).toBe(1);
		await new Promise((resolve) => setTimeout(resolve, 2));
		await refusals.ask('run', refuse, forRun()).catch(() => undefined);
		expect(asked).toBe(2);
		expect(await refusals.ask('run', async () => "a session's own")).toBe("a session's own");
	});

	it('of an inner question are not those of an outer one', async () => {
		const inner = async () =>
			await refusals.ask('inner', async () => await Promise.reject(refusal()));
		for (let time = 0; time < 2; time++) await refusals.ask('outer', inner).catch(() => undefined);
		expect(await refusals.ask('outer', async () => 'asked')).toBe('asked');
	});
});
