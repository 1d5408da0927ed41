import { describe, expect, it } from '@jest/globals';

import { CURRENT, SALES } from '../fakes/aurea.mts';
import { resourceLocator } from '../harness/parameters.mts';
import {
	addOrganizations,
	aureaCredential,
	failedWith,
	expectAbsent,
	items,
	outputOf,
	pairsOf,
	useEngine,
} from './useEngine.mts';

const harness = useEngine();
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const uid = (value: string) => resourceLocator('uid', value);

type RunParameters = Parameters<typeof harness.engine.run>[0];

const run = async (
	parameters: RunParameters['parameters'],
	given: object[] = [{}],
	more: Partial<RunParameters> = {},
) => await harness.runAurea(parameters, { items: given as never, ...more });

/** Proves a token at the vendor: it creates a list in the organization. */
async function createsList(token: unknown, organization: unknown): Promise<number> {
	const { status } = await fetch(`${harness.fakes.aurea.url}/${String(organization)}/lists/`, {
		method: 'POST',
		headers: { 'X-LHQ-TOKEN': String(token), 'Content-Type': 'application/json' },
		body: '{"mailingListName":"News","fromName":"A","fromEmail":"a@example.com"}',
	});
	return status;
}

describe('Get Token', () => {
	it('returns a token of the current organization in the documented shape', async () => {
		const outcome = await run({ operation: 'getToken' });
		expect(outputOf(outcome)).toEqual([
			{
				token: expect.stringMatching(UUID),
				sessionId: expect.stringMatching(UUID),
				issuedAt: expect.stringMatching(ISO),
				expiresAt: null,
				organizationUid: CURRENT,
				organizationName: "Zanza's EL6 Testing",
				siteId: 12347260,
				farmUrl: 'https://www.elabs6.com',
				userName: 'lhquser9@example.com',
				email: 'lhquser9@example.com',
				roleName: 'user',
				isAdmin: false,
				serverUrl: harness.fakes.aurea.url,
			},
		]);
		expect(await createsList(outputOf(outcome)[0]!['token'], CURRENT)).toBe(200);
	});

	it('switches to the chosen organization and drops the details of the old one', async () => {
		const outcome = await run({ operation: 'getToken', organization: uid(SALES) });
		expect(outputOf(outcome)[0]).toMatchObject({
			organizationUid: SALES,
			organizationName: 'Sales2',
			siteId: null,
			farmUrl: null,
			roleName: null,
			isAdmin: true,
			userName: 'lhquser9@example.com',
		});
		expect(Object.keys(outputOf(outcome)[0]!)).toHaveLength(13);
		expect(await createsList(outputOf(outcome)[0]!['token'], SALES)).toBe(200);
		expect(harness.fakes.calls.counts()).toEqual({
			sessions: 1,
			'sessions/switch': 1,
			'{orgUid}/lists': 1,
		});
	});

	it('does not switch to the current organization', async () => {
		await run({ operation: 'getToken', organization: uid(CURRENT) });
		expect(harness.fakes.calls.counts()).toEqual({ sessions: 1 });
	});

	it("follows the credential's organization when none is chosen", async () => {
		const credential = aureaCredential(harness.fakes, { organizationUid: SALES });
		const outcome = await run({ operation: 'getToken' }, [{}], { credential });
		expect(outputOf(outcome)[0]).toMatchObject({ organizationUid: SALES });
	});

	it('logs in once for 1,000 items, and once for each with Separate Logins', async () => {
		const shared = await run({ operation: 'getToken' }, items(1000));
		expect(harness.fakes.calls.counts()).toEqual({ sessions: 1 });
		expect(pairsOf(shared)).toEqual(items(1000, (item) => ({ item })));
		await run({ operation: 'getToken', options: { separateLogins: true } }, items(4));
		expect(harness.fakes.calls.counts()).toEqual({ sessions: 5 });
	});

	it('returns the response as it came when Simplify is off', async () => {
		const outcome = await run({ operation: 'getToken', simplify: false });
		expect(outputOf(outcome)[0]!['response']).toMatchObject({
			lhqUserId: 31294,
			org: { lhqOrgUid: CURRENT },
		});
	});

	it('accepts HTTP 200 as a successful login', async () => {
		harness.fakes.aurea.loginStatus = 200;
		expect(outputOf(await run({ operation: 'getToken' }))[0]).toMatchObject({
			organizationUid: CURRENT,
		});
	});

	it('accepts a response with nothing but a token', async () => {
		harness.fakes.faults.plan('sessions', {
			kind: 'text',
			text: '{"token":"t-1"}',
			type: 'text/plain',
		});
		const [json] = outputOf(await run({ operation: 'getToken' }));
		expect(
			Object.entries(json!)
				.filter(([, value]) => value !== null)
				.map(([name]) => name),
		).toEqual(['token', 'issuedAt', 'serverUrl']);
		expect(Object.keys(json!)).toHaveLength(13);
	});

	it('names the accessible organizations instead of trying an unknown one', async () => {
		const outcome = await run({ operation: 'getToken', organization: uid('no-such') });
		expect(outcome.error?.message).toBe('The login has no access to the organization no-such');
		expect(outcome.error?.description).toContain(`Sales2 (${SALES})`);
		expect(harness.fakes.calls.counts()).toEqual({ sessions: 1 });
	});

	it.each([
		['a wrong password', { password: 'wrong-Pa55' }, 'Invalid username or password'],
		['an empty password', { password: '' }, "'Password' is empty in the credential"],
		['an address that is none', { serverUrl: 'api' }, "'Server URL' is not an http(s) address"],
	])('says what is wrong with %s', async (_what, changes, message) => {
		const credential = aureaCredential(harness.fakes, changes);
		const outcome = await run({ operation: 'getToken' }, [{}], { credential });
		expect(outcome.error).toMatchObject({ message, context: { itemIndex: 0 } });
		expect(outcome.error?.description).toBeTruthy();
		if (credential.data.password) expectAbsent(outcome.record, credential.data.password);
	});

	it.each([
		[{ error: { code: 7, message: 'Not today' } }, 'Not today'],
		[{ errors: [{ detail: 'Not you' }] }, 'Not you'],
		[{ errors: ['Not here'] }, 'Not here'],
		['Not so', 'Not so'],
		[{ status: 7 }, /answered HTTP 403$/],
		['<h1>Forbidden</h1>', /answered HTTP 403$/],
	])('finds the words of an error in %j', async (body, message) => {
		const fault =
			typeof body === 'string'
				? { kind: 'text', status: 403, text: body }
				: { kind: 'status', status: 403, body };
		harness.fakes.faults.plan('sessions', fault as never);
		expect((await run({ operation: 'getToken' })).error?.message).toMatch(message);
	});

	it('reports a locked account and warns of what the vendor asks of its user', async () => {
		harness.fakes.aurea.users[0]!.locked = true;
		expect((await run({ operation: 'getToken' })).error?.message).toBe('The account is locked');
		Object.assign(harness.fakes.aurea.users[0]!, { locked: false, resetPassword: true });
		const credential = aureaCredential(harness.fakes, {
			serverUrl: `${harness.fakes.aurea.url}/sessions`,
		});
		const other = { ...harness.fakes.aurea.users[0]!, username: 'other' };
		harness.fakes.aurea.users.push(other);
		credential.data.username = 'other';
		const outcome = await run({ operation: 'getToken' }, items(3), { credential });
		expect(outcome.error).toBeUndefined();
		expect(outcome.hints).toEqual([expect.stringContaining('asks for a new password')]);
		other.firstTimeLogin = true;
		const apart = await run(
			{ operation: 'getToken', options: { separateLogins: true } },
			items(20),
			{ credential },
		);
		expect(apart.hints).toEqual([
			expect.stringMatching(/asks for a new password and is waiting for the first login/),
		]);
	});
});

describe('List Organizations', () => {
	it('returns one item for each organization in the documented shape', async () => {
		const outcome = await run({ operation: 'listOrganizations', returnAll: true });
		expect(outputOf(outcome)).toEqual(
			harness.fakes.aurea.users[0]!.organizations.map(
				({ uid: organizationUid, name, isAdmin, workGroupId }) => ({
					organizationUid,
					organizationName: name,
					isAdmin,
					workGroupId,
					isCurrent: organizationUid === CURRENT,
				}),
			),
		);
		expect(pairsOf(outcome)).toEqual(items(4, () => ({ item: 0 })));
		expectAbsent(outcome.record, ...harness.fakes.aurea.sessions.keys());
	});

	it('applies the filters before the limit', async () => {
		addOrganizations(harness.fakes, 200);
		const names = async (parameters: object) =>
			outputOf(await run({ operation: 'listOrganizations', ...parameters })).map(
				({ organizationName }) => organizationName,
			);
		expect(await names({})).toHaveLength(50);
		expect(await names({ limit: 3 })).toHaveLength(3);
		expect(await names({ returnAll: true })).toHaveLength(204);
		expect(await names({ returnAll: true, options: { nameContains: ' BRANCH 20 ' } })).toEqual([
			'Branch 20',
			'Branch 200',
		]);
		expect(await names({ limit: 2, options: { adminOnly: true } })).toEqual(['Sales2', 'Branch 2']);
	});

	it('logs in once for many items', async () => {
		const outcome = await run({ operation: 'listOrganizations', limit: 1 }, items(20));
		expect(pairsOf(outcome)).toEqual(items(20, (item) => ({ item })));
		expect(harness.fakes.calls.counts()).toEqual({ sessions: 1 });
	});

	it('lists an organization without a name only if there is no filter by name', async () => {
		harness.fakes.aurea.organizationsInstead = { value: [{ uid: 'nameless' }] };
		const uids = async (options: Record<string, string>) =>
			outputOf(await run({ operation: 'listOrganizations', options })).map(
				({ organizationUid }) => organizationUid,
			);
		expect(await uids({})).toEqual(['nameless']);
		expect(await uids({ nameContains: 'e' })).toEqual([]);
	});

	it.each([[null], [undefined], ['none'], [{}]])(
		'reports a response with %j instead of a list',
		async (value) => {
			harness.fakes.aurea.organizationsInstead = { value };
			const outcome = await run({ operation: 'listOrganizations' });
			expect(outcome.error?.message).toBe('The response to the login has no list of organizations');
		},
	);

	it('returns no items when there are no organizations', async () => {
		harness.fakes.aurea.organizationsInstead = { value: [] };
		const outcome = await run({ operation: 'listOrganizations' });
		expect([outcome.error, outcome.items]).toEqual([undefined, []]);
	});
});

describe('Switch Organization', () => {
	const organizations = () =>
		harness.fakes.aurea.users[0]!.organizations.map(({ uid: organizationUid }) => ({
			organizationUid,
		}));

	it('gets a token for each organization in order with a single login', async () => {
		addOrganizations(harness.fakes, 40);
		harness.fakes.faults.plan('sessions/switch', { kind: 'slow', milliseconds: 30 }, 3);
		const given = organizations();
		const outcome = await run({ operation: 'switchOrganization' }, given);
		expect(outputOf(outcome)[0]).toEqual({
			token: expect.stringMatching(UUID),
			sessionId: expect.stringMatching(UUID),
			issuedAt: expect.stringMatching(ISO),
			expiresAt: null,
			organizationUid: SALES,
			organizationName: 'Sales2',
			serverUrl: harness.fakes.aurea.url,
			userSession: {},
		});
		expect(outputOf(outcome).map(({ organizationUid }) => ({ organizationUid }))).toEqual(given);
		expect(outputOf(outcome).map(({ organizationName }) => organizationName)).toEqual(
			harness.fakes.aurea.users[0]!.organizations.map(({ name }) => name),
		);
		expect(pairsOf(outcome)).toEqual(items(44, (item) => ({ item })));
		expect(harness.fakes.calls.counts()).toEqual({ sessions: 1, 'sessions/switch': 44 });
		for (const { token, organizationUid } of outputOf(outcome).slice(0, 5)) {
			expect(await createsList(token, organizationUid)).toBe(200);
		}
	});

	it('never exceeds the concurrency limit for switches', async () => {
		addOrganizations(harness.fakes, 20);
		harness.fakes.faults.plan('sessions/switch', { kind: 'slow', milliseconds: 20 });
		await run({ operation: 'switchOrganization', options: { concurrency: 3 } }, organizations());
		expect(harness.fakes.calls.mostAtOnce('sessions/switch')).toBe(3);
	});

	it('switches once for a repeated organization', async () => {
		const outcome = await run(
			{ operation: 'switchOrganization' },
			items(10, () => ({ organizationUid: SALES })),
		);
		expect(outcome.items).toHaveLength(10);
		expect(harness.fakes.calls.counts()).toEqual({ sessions: 1, 'sessions/switch': 1 });
	});

	it('uses the token of the item and does not log in', async () => {
		const login = await run({ operation: 'getToken' });
		harness.fakes.calls.clear();
		const given = { ...outputOf(login)[0], organizationUid: SALES, organizationName: 'Sales2' };
		const outcome = await run({ operation: 'switchOrganization', tokenSource: 'input' }, [given]);
		expect(outputOf(outcome)[0]).toMatchObject({
			organizationUid: SALES,
			organizationName: 'Sales2',
		});
		expect(harness.fakes.calls.counts()).toEqual({ 'sessions/switch': 1 });
		expect(harness.fakes.calls.all[0]!.headers['x-lhq-token']).toBe(outputOf(login)[0]!['token']);
	});

	it('suggests Separate Logins when a switch ends the token it was made with', async () => {
		harness.fakes.aurea.switchEndsOldToken = true;
		const shared = await run(
			{ operation: 'switchOrganization', options: { concurrency: 1 } },
			organizations(),
		);
		expect(shared.error).toMatchObject({
			message: 'The token is not valid',
			context: { itemIndex: 1 },
		});
		expect(shared.error?.description).toContain('Separate Logins');
		harness.fakes.calls.clear();
		const apart = await run(
			{ operation: 'switchOrganization', options: { separateLogins: true } },
			organizations(),
		);
		expect(apart.items).toHaveLength(4);
		expect(harness.fakes.calls.counts()).toEqual({ sessions: 4, 'sessions/switch': 4 });
	});

	it.each([['..'], ['.'], ['={{ $json.none }}'], ['x'.repeat(1_000_000)]])(
		'sends nothing for the organization %.20j, and does not repeat it',
		async (value) => {
			harness.fakes.aurea.organizationsInstead = { value: null };
			const outcome = await run({ operation: 'switchOrganization' }, [{ organizationUid: value }]);
			expect(outcome.error?.message).toBe('The organization is missing or is not a UID');
			expect(harness.fakes.calls.counts()).toEqual({});
		},
	);

	it.each([['switchOrganization'], ['getToken']])(
		'does not take an expression that returns nothing to mean the default, in %s',
		async (operation) => {
			const organization = resourceLocator('uid', '={{ $json.organizationUid }}');
			const outcome = await run({ operation, organization }, [{ organizationUid: '' }, {}]);
			expect(outcome.error?.message).toBe(
				"The expression in 'Organization' returns nothing for this item",
			);
			expect(harness.fakes.calls.counts()).toEqual({});
		},
	);

	it('finds an organization whatever the case of its UID, and returns the UID as it is listed', async () => {
		const outcome = await run({ operation: 'switchOrganization' }, [
			{ organizationUid: SALES.toUpperCase() },
		]);
		expect(outputOf(outcome)[0]).toMatchObject({ organizationUid: SALES });
	});

	it.each([
		[
			'credential',
			"Check the organization. On some servers, a switch ends the token it was made with. If so, turn on 'Separate Logins'",
		],
		[
			'input',
			"Check the organization, and that the token is still valid. On some servers, a switch ends the token it was made with. If so, set 'Token Source' to Credential and turn on 'Separate Logins'",
		],
	])('says what to do about a switch that fails with a token of the %s', async (source, advice) => {
		harness.fakes.faults.plan('sessions/switch', { kind: 'status', status: 403 });
		const given = { token: 'any-token', organizationUid: SALES };
		const outcome = await run({ operation: 'switchOrganization', tokenSource: source }, [given]);
		expect(outcome.error?.description).toBe(
			`${advice} (HTTP 403 from ${new URL(harness.fakes.aurea.url).host})`,
		);
	});

	it('says what a 404 probably means', async () => {
		harness.fakes.aurea.organizationsInstead = { value: null };
		harness.fakes.faults.plan('sessions/switch', { kind: 'status', status: 404 });
		const outcome = await run({ operation: 'switchOrganization' }, [{ organizationUid: 'gone' }]);
		expect(outcome.error?.description).toMatch(
			/^Check the organization: the server knows none with the UID gone/,
		);
	});

	it('tries a wrong password once, however many organizations there are', async () => {
		addOrganizations(harness.fakes, 50);
		const credential = aureaCredential(harness.fakes, { password: 'wrong-Pa55' });
		const settings = { onError: 'continueRegularOutput' } as const;
		for (const parameters of [
			{ operation: 'getToken', organization: uid('={{ $json.organizationUid }}') },
			{ operation: 'switchOrganization', options: { separateLogins: true, concurrency: 20 } },
		]) {
			const outcome = await run(parameters, organizations(), { credential, settings });
			expect(outputOf(outcome)).toEqual(
				items(54, () => failedWith('Invalid username or password')),
			);
		}
		expect(harness.fakes.calls.counts()).toEqual({ sessions: 1 });
	});

	it('keeps an unusual UID within its segment of the path', async () => {
		harness.fakes.aurea.organizationsInstead = { value: null };
		await run({ operation: 'switchOrganization' }, [{ organizationUid: '../../admin?x=1#y' }]);
		expect(harness.fakes.calls.all.at(-1)!.url).toBe(
			'/sessions/switch/..%2F..%2Fadmin%3Fx%3D1%23y',
		);
	});

	it('fails only the affected item in either continue-on-error mode', async () => {
		const given = [
			{ organizationUid: SALES },
			{ organizationUid: 'no-such' },
			{ organizationUid: CURRENT },
		];
		for (const onError of ['continueRegularOutput', 'continueErrorOutput'] as const) {
			const outcome = await run({ operation: 'switchOrganization' }, given, {
				settings: { onError },
			});
			const all = [...outcome.items, ...outcome.errorItems];
			expect(
				all.filter(({ json }) => json['token']).map(({ json }) => json['organizationUid']),
			).toEqual([SALES, CURRENT]);
			expect(all.find(({ json }) => json['error'])!.json).toMatchObject(
				failedWith('The login has no access to the organization no-such'),
			);
		}
	});

	it('keeps the input fields when Include Other Input Fields is on', async () => {
		const outcome = await run(
			{ operation: 'switchOrganization', options: { includeOtherFields: true } },
			[{ organizationUid: SALES, note: 'kept' }],
		);
		expect(outputOf(outcome)[0]).toMatchObject({ note: 'kept', organizationName: 'Sales2' });
	});

	it('says why a dead token cannot be exchanged, without showing it', async () => {
		const outcome = await run({ operation: 'switchOrganization', tokenSource: 'input' }, [
			{ token: 'dead-token-77', organizationUid: SALES },
		]);
		expect(outcome.error?.message).toBe('The token is not valid');
		expectAbsent(JSON.stringify(outcome.error), 'dead-token-77');
	});
});

describe('the organization picker', () => {
	it("searches the account's organizations with a single login", async () => {
		const credential = aureaCredential(harness.fakes);
		const all = await harness.engine.searchList('searchOrganizations', credential);
		expect(all.results.map(({ name }) => name)).toEqual([
			'Sales2',
			"Zanza's EL14 Testing",
			"Zanza's EL3 Testing",
			"Zanza's EL6 Testing",
		]);
		const found = await harness.engine.searchList('searchOrganizations', credential, ' SALES');
		expect(found.results).toEqual([{ name: 'Sales2', value: SALES, description: SALES }]);
		const byUid = await harness.engine.searchList(
			'searchOrganizations',
			credential,
			SALES.slice(0, 8),
		);
		expect(byUid.results).toHaveLength(1);
		expect(harness.fakes.calls.counts()).toEqual({ sessions: 1 });
	});

	it('shows the organizations even when the credential names one that does not exist', async () => {
		const credential = aureaCredential(harness.fakes, { organizationUid: 'typo' });
		expect(await harness.engine.testCredential('aureaLoginApi', credential.data)).toMatch(
			/^The login has no access to the organization typo\. It has access to /,
		);
		expect(
			(await harness.engine.searchList('searchOrganizations', credential)).results,
		).toHaveLength(4);
		expect(
			(await run({ operation: 'listOrganizations' }, [{}], { credential })).items,
		).toHaveLength(4);
		expect(
			(await run({ operation: 'switchOrganization' }, [{ organizationUid: SALES }], { credential }))
				.items,
		).toHaveLength(1);
	});

	it("works again after a rejection once the credential's test succeeds", async () => {
		const credential = aureaCredential(harness.fakes);
		const [user] = harness.fakes.aurea.users;
		user!.password = 'another-Pa55';
		await expect(harness.engine.searchList('searchOrganizations', credential)).rejects.toThrow(
			'Invalid username or password',
		);
		user!.password = credential.data.password;
		await expect(harness.engine.searchList('searchOrganizations', credential)).rejects.toThrow(
			'Invalid username or password',
		);
		expect(await harness.engine.testCredential('aureaLoginApi', credential.data)).toBe('OK');
		await new Promise((resolve) => setTimeout(resolve, 600));
		expect(
			(await harness.engine.searchList('searchOrganizations', credential)).results,
		).toHaveLength(4);
	});

	it('remembers a rejected login', async () => {
		const credential = aureaCredential(harness.fakes, { password: 'wrong-Pa55' });
		for (let press = 0; press < 3; press++) {
			await expect(harness.engine.searchList('searchOrganizations', credential)).rejects.toThrow(
				'Invalid username or password',
			);
		}
		expect(harness.fakes.calls.counts()).toEqual({ sessions: 1 });
	});
});
