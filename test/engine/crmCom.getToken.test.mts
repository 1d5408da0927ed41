import { describe, expect, it } from '@jest/globals';

import { showContact } from '../harness/parameters.mts';
import {
	addUser,
	advanceClock,
	failedWith,
	expectAbsent,
	items,
	outputOf,
	keyCredential,
	MINUTE,
	pairsOf,
	useEngine,
	userCredential,
} from './useEngine.mts';

const harness = useEngine();
const byUser = { authentication: 'userLogin', operation: 'getToken' };
const byKey = { authentication: 'webApiKey', operation: 'getToken' };
const LOGIN = 'authentication/token';
const KEY_LOGIN = 'authentication/web_api_key/token';
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const OTHER_UNIT = '9D2F6A1B0C3E4D5F8A7B6C5D4E3F2A1B';

const lifetime = ({ issuedAt, expiresAt }: Record<string, unknown>) =>
	(Date.parse(String(expiresAt)) - Date.parse(String(issuedAt))) / 1000;

describe('Get Token by user login', () => {
	it('returns a working opaque token in the documented shape', async () => {
		const outcome = await harness.runCrmCom(byUser);
		const [token] = [...harness.fakes.crmCom.sessions.keys()];
		expect(outputOf(outcome)).toEqual([
			{
				token,
				tokenType: 'opaque',
				issuedAt: expect.stringMatching(ISO),
				expiresAt: expect.stringMatching(ISO),
				expiresWhenIdle: true,
				organisation: 'CRMDEMO',
				unit: null,
				username: 'demo',
				sessionId: null,
				serverUrl: `${harness.fakes.crmCom.url}/crmapi/rest/v2`,
			},
		]);
		expect(lifetime(outputOf(outcome)[0]!)).toBe(3600);
		expect(harness.fakes.calls.counts()).toEqual({ [LOGIN]: 1 });
		const answer = await fetch(
			`${outputOf(outcome)[0]!['serverUrl']}/contact_information/show?token=${token}&contact_information_identifier=number=CI000111`,
		);
		expect(await answer.json()).toMatchObject({
			status: { code: 'OK' },
			data: { first_name: 'Ada' },
		});
	});

	it('reads a JWT whose numbers are strings', async () => {
		harness.fakes.crmCom.release = 'R12';
		harness.fakes.clock.advance(-5 * 3_600_000);
		const outcome = await harness.runCrmCom(byUser);
		const [json] = outputOf(outcome);
		expect(json).toMatchObject({
			tokenType: 'jwt',
			expiresWhenIdle: false,
			organisation: 'CRMDEMO',
			unit: '1',
			username: 'demo',
			sessionId: expect.stringMatching(/^[0-9A-F]{32}$/),
		});
		expect(lifetime(json!)).toBe(7200);
		expect(Math.abs(Date.parse(String(json!['issuedAt'])) - Date.now())).toBeLessThan(60_000);
	});

	it.each([
		['exp before iat', { exp: '1', iat: '1495713382' }],
		['a century ahead', { exp: '9995713382' }],
		[
			'no claims at all',
			{
				exp: undefined,
				iat: undefined,
				usr: undefined,
				org: undefined,
				oun: undefined,
				jti: undefined,
			},
		],
		['claims of other types', { exp: {}, iat: [], usr: 7, org: null, oun: false, jti: [] }],
	])('uses the documented lifetime for a JWT with %s', async (_what, claims) => {
		harness.fakes.crmCom.release = 'R12';
		harness.fakes.crmCom.jwtClaims = claims;
		const outcome = await harness.runCrmCom(byUser);
		const [json] = outputOf(outcome);
		expect(json).toMatchObject({ tokenType: 'jwt', username: 'demo', organisation: 'CRMDEMO' });
		expect(lifetime(json!)).toBe(3600);
	});

	it('returns what a JWT says rather than what was entered', async () => {
		harness.fakes.crmCom.release = 'R12';
		harness.fakes.crmCom.jwtClaims = { usr: 'ADA', org: 'MAIN', oun: OTHER_UNIT };
		expect(outputOf(await harness.runCrmCom(byUser))[0]).toMatchObject({
			username: 'ADA',
			organisation: 'MAIN',
			unit: OTHER_UNIT,
		});
	});

	it('treats a unit of spaces as none', async () => {
		const credential = userCredential(harness.fakes, { unit: '1' });
		await harness.runCrmCom({ ...byUser, options: { unit: ' ' } }, { credential });
		expect(JSON.parse(harness.fakes.calls.all[0]!.body)).toMatchObject({ unit: '1' });
	});

	it('sends the unit only when there is one', async () => {
		const credential = userCredential(harness.fakes, { unit: ' ' });
		await harness.runCrmCom(byUser, { credential });
		expect(JSON.parse(harness.fakes.calls.all[0]!.body)).toEqual({
			username: 'demo',
			password: credential.data.password,
			organisation: 'CRMDEMO',
		});
		const outcome = await harness.runCrmCom(
			{ ...byUser, options: { unit: OTHER_UNIT } },
			{ credential: userCredential(harness.fakes, { unit: '1' }) },
		);
		expect(JSON.parse(harness.fakes.calls.all[1]!.body)).toMatchObject({ unit: OTHER_UNIT });
		expect(outputOf(outcome)[0]).toMatchObject({ unit: OTHER_UNIT });
	});

	it('returns the response as it came when Simplify is off', async () => {
		const outcome = await harness.runCrmCom({ ...byUser, simplify: false });
		const [json] = outputOf(outcome);
		expect(json!['response']).toEqual({
			data: { token: json!['token'] },
			status: { code: 'OK', message: '', description: null },
		});
		expect(Object.keys(json!)).toHaveLength(11);
	});

	it('logs in once for 1,000 items and pairs each output with its item', async () => {
		const outcome = await harness.runCrmCom(byUser, { items: items(1000) });
		expect(harness.fakes.calls.counts()).toEqual({ [LOGIN]: 1 });
		expect(new Set(outputOf(outcome).map(({ token }) => token)).size).toBe(1);
		expect(pairsOf(outcome)).toEqual(items(1000, (item) => ({ item })));
	});

	it('sends nothing when there are no items', async () => {
		const outcome = await harness.runCrmCom(byUser, { items: [] });
		expect(outcome.items).toEqual([]);
		expect(harness.fakes.calls.counts()).toEqual({});
	});

	it('logs in for each item with Separate Logins', async () => {
		const outcome = await harness.runCrmCom(
			{ ...byUser, options: { separateLogins: true } },
			{ items: items(7) },
		);
		expect(new Set(outputOf(outcome).map(({ token }) => token)).size).toBe(7);
		expect(harness.fakes.calls.counts()).toEqual({ [LOGIN]: 7 });
	});

	it('keeps the input fields when Include Other Input Fields is on', async () => {
		const outcome = await harness.runCrmCom(
			{ ...byUser, options: { includeOtherFields: true } },
			{ items: [{ customer: 'CI000111', token: 'replaced' }] },
		);
		expect(outputOf(outcome)[0]).toMatchObject({ customer: 'CI000111', tokenType: 'opaque' });
		expect(outputOf(outcome)[0]!['token']).not.toBe('replaced');
	});

	it('refuses an expression for the unit that returns nothing', async () => {
		const outcome = await harness.runCrmCom({
			...byUser,
			options: { unit: '={{ $json.none }}' },
		});
		expect(outcome.error?.message).toBe(
			"The expression in 'Unit ID' returns nothing for this item",
		);
		expect(harness.fakes.calls.all).toEqual([]);
		const literal = await harness.runCrmCom({ ...byUser, options: { unit: '' } });
		expect(literal.error).toBeUndefined();
	});

	it('logs in once for each identity when credential and unit are expressions', async () => {
		const [a, b] = [addUser(harness.fakes), addUser(harness.fakes)];
		a.units.push(OTHER_UNIT);
		const rows = [a, b, a, b, a].map(({ username, password }, index) => ({
			username,
			password,
			unit: index === 4 ? OTHER_UNIT : '1',
		}));
		const outcome = await harness.runCrmCom(
			{ ...byUser, options: { unit: '={{ $json.unit }}' } },
			{
				credential: userCredential(harness.fakes, {
					username: '={{ $json.username }}',
					password: '={{ $json.password }}',
				}),
				items: rows,
			},
		);
		const tokens = outputOf(outcome).map(({ token }) => token);
		expect(tokens[0]).toBe(tokens[2]);
		expect(tokens[1]).toBe(tokens[3]);
		expect(new Set(tokens).size).toBe(3);
		expect(harness.fakes.calls.counts()).toEqual({ [LOGIN]: 3 });
		expect(outputOf(outcome).map(({ username }) => username)).toEqual(
			rows.map(({ username }) => username),
		);
		expect(
			[...harness.fakes.crmCom.sessions].map(([token, { user }]) => [token, user.username]),
		).toEqual(
			expect.arrayContaining([
				[tokens[0], a.username],
				[tokens[1], b.username],
			]),
		);
	});
});

describe('Get Token by Web API key', () => {
	it('sends the key as the user name with an empty password and an empty object', async () => {
		const credential = keyCredential(harness.fakes);
		const outcome = await harness.runCrmCom(byKey, { credential });
		expect(outputOf(outcome)).toEqual([
			{
				token: expect.stringMatching(/^[0-9A-F]{32}$/),
				tokenType: 'opaque',
				issuedAt: expect.stringMatching(ISO),
				expiresAt: expect.stringMatching(ISO),
				expiresWhenIdle: false,
				organisation: null,
				unit: null,
				username: null,
				sessionId: null,
				serverUrl: `${harness.fakes.crmCom.url}/crmapi/rest/v2`,
			},
		]);
		expect(lifetime(outputOf(outcome)[0]!)).toBe(7200);
		const [call] = harness.fakes.calls.of(KEY_LOGIN);
		expect(call).toMatchObject({ method: 'POST', body: '{}', outcome: 'OK' });
		expect(call!.headers['authorization']).toBe(
			`Basic ${Buffer.from(`${credential.data.webApiKey}:`).toString('base64')}`,
		);
		expect(call!.headers['content-type']).toBe('application/json');
	});

	it('reports a wrong key without showing it', async () => {
		const outcome = await harness.runCrmCom(byKey, {
			credential: keyCredential(harness.fakes, { webApiKey: 'WRONGKEY-2222' }),
		});
		expect(outcome.error?.message).toBe('The Web API key is wrong');
		expect(outcome.error?.description).toContain('INVALIDWEBAPIKEY');
		expectAbsent(outcome.record, 'WRONGKEY-2222');
	});
});

describe('a failing Get Token', () => {
	it.each([
		['a wrong password', { password: 'wrong-Pa55' }, 'The user name or the password is wrong'],
		['an unknown organisation', { organisation: 'NOPE' }, 'Organisation NOPE does not exist'],
		['a wrong unit', { unit: '2' }, 'The user does not belong to this unit'],
		['an empty user name', { username: '' }, "'User Name' is empty in the credential"],
		[
			'an address that is none',
			{ serverUrl: 'crm.example.com' },
			"'Server URL' is not an http(s) address",
		],
		[
			'a host that does not exist',
			{ serverUrl: 'http://no.such.host.invalid' },
			'no.such.host.invalid is a host that does not exist',
		],
	])('says what is wrong with %s, and what to do', async (_what, changes, message) => {
		const credential = userCredential(harness.fakes, changes);
		const outcome = await harness.runCrmCom(byUser, { credential });
		expect(outcome.error).toMatchObject({ message, context: { itemIndex: 0 } });
		expect(outcome.error?.description).toBeTruthy();
		expectAbsent(outcome.record, credential.data.password);
	});

	it('names the host of a server that is down', async () => {
		const { crmCom } = harness.fakes;
		const credential = userCredential(harness.fakes);
		await harness.fakes.stop();
		const outcome = await harness.runCrmCom(byUser, { credential });
		expect(outcome.error?.message).toBe(`${new URL(crmCom.url).host} refuses connections`);
		expectAbsent(outcome.record, credential.data.password);
	});

	it.each([
		[
			'a web page',
			{ kind: 'html' },
			/answered with a web page instead of a response from the CRM\.COM Web API$/,
		],
		['an empty answer', { kind: 'text', text: '' }, /answered with nothing/],
		[
			'cut JSON',
			{ kind: 'text', text: '{"status":{"code"', type: 'application/json' },
			/^The response of .* is broken or was cut off$/,
		],
		[
			'OK without a token',
			{ kind: 'status', status: 200, body: { status: { code: 'OK' }, data: {} } },
			/accepted the login but returned no token/,
		],
		[
			'a token that is a number',
			{ kind: 'status', status: 200, body: { status: { code: 'ok' }, data: { token: 42 } } },
			/accepted the login but returned a token that cannot be used/,
		],
		[
			'an error without words',
			{
				kind: 'status',
				status: 200,
				body: { status: { code: 'X.Y', message: null, description: '' } },
			},
			/^CRM\.COM rejected Get Token without saying why$/,
		],
		[
			'a code with n8n\'s "EEXIST" in it',
			{ kind: 'status', status: 200, body: { status: { code: 'X', message: 'CODEEXISTS' } } },
			/^CODEEXISTS$/,
		],
		[
			'OK with an HTTP error',
			{ kind: 'status', status: 400, body: { status: { code: 'OK' }, data: { token: 'T' } } },
			/answered HTTP 400$/,
		],
		[
			'a gateway that is down',
			{ kind: 'status', status: 503, body: { message: 'Try later' } },
			/^Try later$/,
		],
		[
			'a wrong path',
			{ kind: 'html', status: 404 },
			/has nothing at \/crmapi\/rest\/v2\/authentication\/token \(HTTP 404\)$/,
		],
		[
			'a redirect to another host',
			{ kind: 'redirect', status: 307, location: 'http://127.0.0.2:1/steal' },
			/redirects this request to http:\/\/127\.0\.0\.2:1 instead/,
		],
		['a connection that is reset', { kind: 'reset' }, /closed the connection before it answered/],
	] as const)('reports %s', async (_what, fault, message) => {
		harness.fakes.faults.plan(LOGIN, fault);
		const credential = userCredential(harness.fakes);
		const outcome = await harness.runCrmCom(byUser, { credential });
		expect(outcome.error?.message).toMatch(message);
		expect(outcome.error?.description).toBeTruthy();
		expectAbsent(outcome.record, credential.data.password);
	});

	it('masks a password that the vendor repeats', async () => {
		const credential = userCredential(harness.fakes);
		const message = `No: ${credential.data.password} / ${encodeURIComponent(credential.data.password)}`;
		harness.fakes.faults.plan(LOGIN, {
			kind: 'status',
			status: 200,
			body: { status: { code: 'X', message } },
		});
		const outcome = await harness.runCrmCom(byUser, { credential });
		expect(outcome.error?.message).toBe('No: *** / ***');
		expectAbsent(outcome.record, credential.data.password);
	});

	it('fails only the affected item and continues with the others', async () => {
		const [good, other] = [addUser(harness.fakes), addUser(harness.fakes)];
		const rows = [good, { ...other, password: 'not-Pa55' }, good, other].map(
			({ username, password }) => ({ username, password }),
		);
		const credential = userCredential(harness.fakes, {
			username: '={{ $json.username }}',
			password: '={{ $json.password }}',
		});
		for (const onError of ['continueRegularOutput', 'continueErrorOutput'] as const) {
			const outcome = await harness.runCrmCom(byUser, {
				credential,
				items: rows,
				settings: { onError },
			});
			const all = [...outcome.items, ...outcome.errorItems];
			expect(all).toHaveLength(4);
			const failed =
				onError === 'continueErrorOutput' ? outcome.errorItems : outcome.items.slice(1, 2);
			expect(failed).toEqual([
				expect.objectContaining({
					json: expect.objectContaining(failedWith('The user name or the password is wrong')),
				}),
			]);
			expect(failed[0]!.pairedItem).toMatchObject({ item: 1 });
			expect(
				all
					.filter(({ json }) => json['token'])
					.map(({ pairedItem }) => (pairedItem as { item: number }).item),
			).toEqual([0, 2, 3]);
		}
	});

	it('refuses a user name of spaces without sending it', async () => {
		const outcome = await harness.runCrmCom(byUser, {
			credential: userCredential(harness.fakes, { username: '   ' }),
		});
		expect(outcome.error?.message).toBe("'User Name' is empty in the credential");
		expect(harness.fakes.calls.all).toEqual([]);
	});

	it('tries a wrong password once across Separate Logins and parallel workflows', async () => {
		const credential = userCredential(harness.fakes, { password: 'not-Pa55' });
		const get = {
			node: 'crmCom',
			parameters: { ...byUser, options: { separateLogins: true } },
			credential,
			items: items(50),
		} as const;
		await Promise.all(Array.from({ length: 10 }, async () => await harness.engine.run(get)));
		expect(harness.fakes.calls.counts()).toEqual({ [LOGIN]: 1 });
	});

	it('does not repeat a rejected login for a minute, whoever asks (P6)', async () => {
		const rejection = { status: { code: 'X', message: 'Not now' } };
		harness.fakes.faults.plan(LOGIN, { kind: 'status', status: 200, body: rejection }, 1);
		const credential = userCredential(harness.fakes);
		const get = { node: 'crmCom', parameters: byUser, credential } as const;
		const callMethod = showContact;
		expect((await harness.engine.run(get)).error?.message).toBe('Not now');
		const again = (await harness.engine.run({ ...get, parameters: callMethod })).error;
		expect(again?.message).toBe('Not now');
		expect(again?.description).toContain('n8n waits another 1 min before it repeats this login');
		expect(harness.fakes.calls.counts()).toEqual({ [LOGIN]: 1 });
		advanceClock(1 * MINUTE);
		expect((await harness.engine.run(get)).error).toBeUndefined();
		expect((await harness.engine.run({ ...get, parameters: callMethod })).error).toBeUndefined();
	});

	it('forgets a rejected login after a successful test of the credential (P6)', async () => {
		const rejection = { status: { code: 'X', message: 'Not now' } };
		harness.fakes.faults.plan(LOGIN, { kind: 'status', status: 200, body: rejection }, 1);
		const credential = userCredential(harness.fakes);
		const get = { node: 'crmCom', parameters: byUser, credential } as const;
		expect((await harness.engine.run(get)).error?.message).toBe('Not now');
		expect(await harness.engine.testCredential(credential.type, credential.data)).toBe('OK');
		expect((await harness.engine.run(get)).error).toBeUndefined();
	});

	it('retries an unavailable login once and then shares its failure (P7)', async () => {
		const down = { kind: 'status', status: 503, body: { message: 'Try later' } } as const;
		const get = {
			node: 'crmCom',
			parameters: { ...byUser, options: { separateLogins: true } },
			credential: userCredential(harness.fakes),
			items: items(50),
		} as const;
		harness.fakes.faults.plan(LOGIN, down, 1);
		expect((await harness.engine.run(get)).items).toHaveLength(50);
		harness.fakes.calls.clear();
		advanceClock(1 * MINUTE);
		harness.fakes.faults.plan(LOGIN, down);
		expect((await harness.engine.run(get)).error?.message).toBe('Try later');
		expect(harness.fakes.calls.counts()).toEqual({ [LOGIN]: 2 });
	});

	it('logs in once for concurrent items and every retry, and names the failing item (P6)', async () => {
		const outcome = await harness.runCrmCom(byUser, {
			credential: userCredential(harness.fakes, { password: 'not-Pa55' }),
			items: items(200),
			settings: { retryOnFail: true, maxTries: 3, waitBetweenTries: 0 },
		});
		expect(outcome.error).toMatchObject({
			message: 'The user name or the password is wrong',
			context: { itemIndex: 0 },
		});
		expect(harness.fakes.calls.counts()).toEqual({ [LOGIN]: 1 });
	});
});
