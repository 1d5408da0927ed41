import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';

import { readServerUrl as readAureaServer } from '../../nodes/AureaCampaignManager/api.ts';
import { userLogin } from '../../nodes/CrmCom/auth.ts';
import { callApi, readServerUrl as readCrmComServer } from '../../nodes/CrmCom/api.ts';
import { ApiError } from '../../nodes/shared/errors.ts';
import { mapWithConcurrency } from '../../nodes/shared/concurrency.ts';
import { toDisplayText } from '../../nodes/shared/redact.ts';
import type { JsonObject } from '../../nodes/shared/jsonObject.ts';
import { putMember, readMembers, writeMembers } from '../../nodes/shared/jsonText.ts';
import { now } from '../../nodes/shared/session/clock.ts';
import type { OutgoingRequest } from '../../nodes/shared/session/request.ts';
import { Sessions } from '../../nodes/shared/session/sessions.ts';
import { hashKey } from '../../nodes/shared/session/strategy.ts';
import { belongsTo } from '../../nodes/shared/session/target.ts';
import {
	claimedLifetimeMs,
	decodeClaims,
	sessionLifetimeMs,
} from '../../nodes/shared/session/token.ts';

/** How often each property is tried, on inputs that fast-check generates and shrinks. Mutation testing needs fewer. */
const RUNS = { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 300) };

const holds = <Ts extends [unknown, ...unknown[]]>(property: fc.IPropertyWithHooks<Ts>) =>
	fc.assert(property, RUNS);
const holdsInTime = async <Ts extends [unknown, ...unknown[]]>(
	property: fc.IAsyncPropertyWithHooks<Ts>,
) => await fc.assert(property, RUNS);

const text = fc.string({ unit: 'grapheme' });
const segment = fc.stringMatching(/^[a-z0-9_-]{1,8}$/);
const path = fc
	.array(segment, { maxLength: 4 })
	.map((segments) => segments.map((name) => `/${name}`).join(''));
const host = fc.domain();
const port = fc.option(fc.integer({ min: 1024, max: 65_535 }));
const origin = fc
	.tuple(fc.constantFrom('http', 'https'), host, port)
	.map(([scheme, name, number]) => `${scheme}://${name}${number === null ? '' : `:${number}`}`);

describe('the envelope', () => {
	const body = fc.oneof(
		fc.jsonValue(),
		fc.record({ status: fc.jsonValue(), data: fc.jsonValue() }),
		fc.record({
			status: fc.record({
				code: fc.oneof(fc.constantFrom('OK', 'ok', 'Ok', 'OK ', 'NO', ''), fc.jsonValue()),
				message: fc.jsonValue(),
				description: fc.jsonValue(),
			}),
			data: fc.jsonValue(),
		}),
	);
	const ask = async (statusCode: number, answer: unknown) =>
		await callApi(
			{ httpRequest: async () => ({ statusCode, headers: {}, body: answer }) },
			{
				method: 'GET',
				url: 'https://crm.example.com/x',
				ignoreSslIssues: false,
				secrets: ['s3cret'],
			},
			{ method: 'x', advice: 'Check it' },
		);

	it('accepts only the code OK, in any case, with an HTTP status that is not an error', async () => {
		await holdsInTime(
			fc.asyncProperty(
				fc.constantFrom(200, 201, 400, 401, 404, 500),
				body,
				async (status, answer) => {
					const code = (answer as { status?: { code?: unknown } } | null)?.status?.code;
					const isGood =
						status < 400 && typeof code === 'string' && code.trim().toUpperCase() === 'OK';
					const [outcome] = await Promise.allSettled([ask(status, answer)]);
					expect(outcome.status).toBe(isGood ? 'fulfilled' : 'rejected');
					if (outcome.status === 'fulfilled')
						return expect(outcome.value.data).toBe((answer as { data: unknown }).data);
					expect(outcome.reason).toBeInstanceOf(ApiError);
					const { message, description } = outcome.reason as ApiError;
					expect(message.length).toBeGreaterThan(0);
					expect(message.length).toBeLessThanOrEqual(500);
					expect(description.length).toBeGreaterThan(0);
				},
			),
		);
	});
});

describe('a JWT', () => {
	const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

	it('reads the claims of a JWT whatever its signature, and none from any other text', () => {
		holds(
			fc.property(fc.dictionary(text, fc.jsonValue()), text, (claims, signature) => {
				const token = [part({ alg: 'none' }), part(claims), signature.replaceAll('.', '')].join(
					'.',
				);
				expect(JSON.stringify(decodeClaims(token))).toBe(
					JSON.stringify(JSON.parse(JSON.stringify(claims))),
				);
			}),
		);
		holds(
			fc.property(text, (token) => expect(decodeClaims(token.replaceAll('.', ''))).toBeUndefined()),
		);
	});

	it('ends a session before the JWT expires and within the documented lifetime', () => {
		const seconds = fc.integer({ min: -1_000_000, max: 10_000_000 });
		const documented = 3_600_000;
		holds(
			fc.property(seconds, seconds, fc.boolean(), (iat, life, asText) => {
				const claims = asText
					? { iat: String(iat), exp: String(iat + life) }
					: { iat, exp: iat + life };
				const token = [part({}), part(claims), ''].join('.');
				const end = sessionLifetimeMs(token, documented);
				expect(end).toBeGreaterThan(0);
				expect(end).toBeLessThan(documented);
				const claimed = claimedLifetimeMs(token);
				const isRead = life >= 10 && life <= 31 * 24 * 3_600 && (!asText || iat >= 0);
				if (iat >= 0 || !asText) expect(claimed).toBe(isRead ? life * 1000 : undefined);
				if (claimed !== undefined) expect(end).toBeLessThan(life * 1000);
			}),
		);
	});
});

describe('the address of a server', () => {
	it.each([
		['CRM.COM', readCrmComServer],
		['Aurea', readAureaServer],
	])(
		'reads a server address of %s idempotently, without a query, and keeps its host',
		(_vendor, read) => {
			holds(
				fc.property(
					origin,
					path,
					fc.constantFrom('', '/', '//', '?a=b', '#x', ' ', '/authentication/token', '/sessions'),
					(base, below, end) => {
						const server = read(` ${base}${below}${end}`);
						expect(read(server)).toBe(server);
						expect(new URL(server).origin).toBe(new URL(base).origin);
						expect(server).toMatch(/^https?:\/\/[^?#\s]*[^/?#\s]$/);
					},
				),
			);
		},
	);
});

describe('where a token may go', () => {
	it('allows a token below the base URL of its server and nowhere else', () => {
		holds(
			fc.property(origin, path, path, origin, segment, (own, base, below, other, extra) => {
				const server = own + base;
				expect(belongsTo(new URL(server + below), server)).toBe(true);
				const isOwn = new URL(other).origin === new URL(own).origin;
				if (!isOwn) expect(belongsTo(new URL(other + base + below), server)).toBe(false);
				if (base === '' || base.split('/').includes(extra)) return;
				// A sibling with the same beginning, a step up, and a disguised step up.
				expect(belongsTo(new URL(`${server}${extra}`), server)).toBe(false);
				for (const up of ['..', '%2e%2e', '%252e%252e', '..;x=y', '.%2E', '..%2f', '..%5c']) {
					expect(belongsTo(new URL(`${server}/${up}/${extra}`), server)).toBe(false);
				}
			}),
		);
	});
});

describe('attaching a token', () => {
	const { attach } = userLogin;
	const login = (token: string) => ({ token }) as never;
	const bodies = fc.oneof(
		fc.dictionary(segment, fc.jsonValue()),
		fc.dictionary(segment, fc.jsonValue()).map((value) => JSON.stringify(value)),
		fc.constantFrom(undefined, '', 'plain text', '[1]'),
	);
	const requests = fc.record({
		method: fc.constantFrom('GET', 'POST'),
		body: bodies,
		qs: fc.dictionary(segment, segment),
		headers: fc.dictionary(segment, segment),
		isOld: fc.boolean(),
	});
	const target = new URL('https://crm.example.com/crmapi/rest/v2/contact_information/show?a=b');
	const frozen = (value: unknown): unknown => {
		if (typeof value === 'object' && value !== null)
			Object.values(Object.freeze(value)).forEach(frozen);
		return value;
	};
	const countIn = (request: OutgoingRequest, token: string) =>
		JSON.stringify(request).split(token).length - 1;

	it('puts the token into one place, changes nothing else and is idempotent', () => {
		holds(
			fc.property(requests, ({ isOld, method, body, qs, headers }) => {
				const address = isOld ? { uri: target.href } : { url: target.href };
				const request = frozen({
					method,
					qs,
					headers,
					...(body === undefined ? {} : { body }),
					...address,
				}) as OutgoingRequest;
				const token = 'T0KEN-which-is-nowhere-else';
				const once = attach(request, target, login(token));
				expect(countIn(once, token)).toBe(1);
				expect(attach(once, target, login(token))).toEqual(once);
				expect(countIn(attach(once, target, login('AN0THER')), token)).toBe(0);
				expect(once.qs ?? {}).toMatchObject(qs);
				expect(once.headers ?? {}).toMatchObject(headers);
				if (typeof body === 'object') expect(once.body).toMatchObject(body);
			}),
		);
	});
});

describe('JSON as text', () => {
	const spaced = fc.tuple(
		fc.dictionary(fc.oneof(segment, text), fc.jsonValue()),
		fc.constantFrom(undefined, 1, '\t'),
	);

	it('sets a member and keeps the others, whatever they hold', () => {
		holds(
			fc.property(spaced, fc.oneof(text, fc.integer()), ([object, indent], value) => {
				const json = JSON.stringify(object, undefined, indent);
				const changed = putMember(json, 'token', value)!;
				expect(JSON.stringify(sorted(JSON.parse(changed)))).toBe(
					JSON.stringify(sorted({ ...(JSON.parse(json) as object), token: value })),
				);
				expect(putMember(changed, 'token', value)).toBe(changed);
				expect(JSON.parse(writeMembers(readMembers(json)))).toEqual(JSON.parse(json));
				expect(
					[...readMembers(json).values()].map((member) => JSON.parse(member) as unknown),
				).toEqual(
					[...readMembers(json).keys()].map((name) => (JSON.parse(json) as JsonObject)[name]),
				);
			}),
		);
	});

	const sorted = (value: unknown) =>
		Object.entries(value as object).sort(([a], [b]) => (a < b ? -1 : 1));
});

describe('concurrent items', () => {
	it('never exceeds the concurrency limit and keeps the order of items', async () => {
		await holdsInTime(
			fc.asyncProperty(
				fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 12 }),
				fc.integer({ min: 1, max: 8 }),
				async (turns, bound) => {
					let [running, most] = [0, 0];
					const results = await mapWithConcurrency(turns.length, bound, async (index) => {
						most = Math.max(most, ++running);
						for (let turn = 0; turn < turns[index]!; turn++) await Promise.resolve();
						running -= 1;
						return index;
					});
					expect(results).toEqual(turns.map((_, index) => index));
					expect(most).toBeLessThanOrEqual(bound);
					expect(most).toBe(Math.min(bound, turns.length));
				},
			),
		);
	});

	it('throws the first failure in item order and then starts no more items', async () => {
		await holdsInTime(
			fc.asyncProperty(
				fc.array(fc.boolean(), { minLength: 1, maxLength: 12 }),
				fc.integer({ min: 1, max: 8 }),
				async (fails, bound) => {
					const begun: number[] = [];
					const work = mapWithConcurrency(fails.length, bound, async (index) => {
						begun.push(index);
						if (fails[index]) throw new Error(String(index));
					});
					const first = fails.indexOf(true);
					const outcome = await work.then(
						() => -1,
						(failed: Error) => Number(failed.message),
					);
					expect(outcome).toBe(first);
					if (first >= 0) expect(begun.length).toBeLessThanOrEqual(first + bound);
				},
			),
		);
	});
});

describe('items of many logins', () => {
	const logins = fc.record({
		serverUrl: fc.constantFrom('https://a.example', ' https://A.example/ ', 'https://b.example'),
		username: fc.constantFrom('u', 'v', ''),
		password: fc.constantFrom('p', 'p ', 'q'),
		organisation: fc.constantFrom('o', 'O'),
	});

	it('logs in once for each distinct login and gives each item its own token', async () => {
		await holdsInTime(
			fc.asyncProperty(fc.array(logins, { maxLength: 12 }), async (items) => {
				// What decides who logs in where, implemented independently.
				const whoOf = ({ serverUrl, ...login }: (typeof items)[number]) =>
					[serverUrl.includes('b.') ? 'b' : 'a', ...Object.values(login)].join('|');
				const made: string[] = [];
				const sessions = new Sessions(userLogin);
				const accountOf = (credentials: (typeof items)[number]) => ({
					...userLogin.read(credentials),
					logIn: async () => {
						made.push(whoOf(credentials));
						return { token: whoOf(credentials), receivedAt: now(), lifetimeMs: 3_540_000 };
					},
				});
				const found = await Promise.all(
					items.map(
						async (credentials) =>
							(await sessions.get({} as never, accountOf(credentials))).login.token,
					),
				);
				expect(found).toEqual(items.map(whoOf));
				expect(made.sort()).toEqual([...new Set(items.map(whoOf))].sort());
			}),
		);
	});
});

describe('an identity', () => {
	it('hashes only equal parts to the same key', () => {
		const parts = fc.array(fc.oneof(text, fc.constant(null), fc.boolean()), { maxLength: 5 });
		holds(
			fc.property(parts, parts, (one, other) => {
				expect(hashKey(...one) === hashKey(...other)).toBe(
					JSON.stringify(one) === JSON.stringify(other),
				);
			}),
		);
	});
});

describe('a text that is shown', () => {
	const secrets = fc
		.string({ unit: 'grapheme', minLength: 4, maxLength: 40 })
		.filter((secret) => !/^[*\s]+$|^.{1,5}$|^\p{L}{1,15}$|^\d{1,7}$/su.test(secret.trim()));

	it('removes a secret in any form and stays on one short line', () => {
		holds(
			fc.property(text, secrets, text, (before, secret, after) => {
				const forms = [
					secret,
					encodeURIComponent(secret),
					JSON.stringify(secret).slice(1, -1),
					Buffer.from(`${secret}:`).toString('base64'),
				];
				for (const form of forms) {
					const shown = toDisplayText(before + form + after, [secret]);
					// A line has none of a secret's line breaks, so only forms without them are looked for.
					if (!/\s|\p{Cc}|\p{Zl}|\p{Zp}/u.test(form))
						expect(shown.includes(form) && !(before + after).includes(form)).toBe(false);
					expect(shown).not.toMatch(/[\n\r\u2028]/);
					expect(shown.length).toBeLessThanOrEqual(500);
				}
			}),
		);
	});
});
