import { describe, expect, it, jest } from '@jest/globals';
import type { IDataObject } from 'n8n-workflow';

import { SALES } from '../fakes/aurea.mts';
import { resourceLocator } from '../harness/parameters.mts';
import {
	aureaCredential,
	expectAbsent,
	outputOf,
	useEngine,
	userCredential,
} from './useEngine.mts';

const harness = useEngine();

describe('an operation with Include Other Input Fields', () => {
	const uid = SALES;
	const operations = [
		[
			'Get Token of CRM.COM',
			() => ({
				node: 'crmCom' as const,
				parameters: { operation: 'getToken' },
				credential: userCredential(harness.fakes),
			}),
		],
		[
			'Get Token of Aurea',
			() => ({
				node: 'aureaCampaignManager' as const,
				parameters: { operation: 'getToken' },
				credential: aureaCredential(harness.fakes),
			}),
		],
		[
			'Switch Organization',
			() => ({
				node: 'aureaCampaignManager' as const,
				parameters: {
					operation: 'switchOrganization',
					organization: resourceLocator('uid', ` ${uid} `),
				},
				credential: aureaCredential(harness.fakes),
			}),
		],
	] as const;

	it.each(operations)(
		'keeps the input fields in %s only when Include Other Input Fields is on',
		async (_name, setup) => {
			for (const includeOtherFields of [false, true, undefined]) {
				const { node, parameters, credential } = setup();
				const options = includeOtherFields === undefined ? {} : { includeOtherFields };
				const outcome = await harness.engine.run({
					node,
					parameters: { ...parameters, options },
					credential,
					items: [{ mine: 1, token: 'old' }],
				});
				const [item] = outputOf(outcome);
				expect(item!['mine']).toBe(includeOtherFields === true ? 1 : undefined);
				expect(item!['token']).not.toBe('old');
			}
		},
	);
});

describe('what the vendor says about a token', () => {
	it('masks the token in the errors of a release and a switch', async () => {
		const token = 'A-token-that-is-told';
		const body = {
			status: { code: 'NO', message: `${token} is not valid` },
			message: `${token} is not valid`,
		};
		harness.fakes.faults.plan('*', { kind: 'status', status: 200, body }, 1);
		const released = await harness.runCrmCom({ operation: 'releaseToken', token });
		expect(released.error?.message).toBe('*** is not valid');
		expect(released.error?.description).toMatch(/^The token may already have ended/);
		harness.fakes.faults.plan('*', { kind: 'status', status: 403, body }, 1);
		const switched = await harness.runAurea({
			operation: 'switchOrganization',
			organization: resourceLocator('uid', 'x'),
			tokenSource: 'input',
			token: ` ${token} `,
		});
		expect(switched.error?.message).toBe('*** is not valid');
		for (const { error } of [released, switched])
			expectAbsent([error?.message, error?.description].join('\n'), token);
	});

	it('names the method when the vendor rejects it without saying why', async () => {
		harness.fakes.faults.plan(
			'*',
			{ kind: 'status', status: 200, body: { status: { code: 'NO' } } },
			1,
		);
		const { error } = await harness.runCrmCom({ operation: 'releaseToken', token: 'T' });
		expect(error?.message).toBe('CRM.COM rejected Release Token without saying why');
	});
});

describe('an organization', () => {
	it('masks the password in a failed switch and gives no hint without a warning', async () => {
		const [, second] = harness.fakes.aurea.users[0]!.organizations;
		const credential = aureaCredential(harness.fakes);
		const password = String(credential.data['password']);
		const run = async () =>
			await harness.runAurea(
				{
					operation: 'switchOrganization',
					organization: resourceLocator('uid', second!.uid),
				},
				{ credential },
			);
		expect((await run()).hints).toEqual([]);
		harness.fakes.faults.plan(
			'sessions/switch',
			{ kind: 'status', status: 403, body: { message: `Not with ${password}` } },
			1,
		);
		expect((await run()).error?.message).toBe('Not with ***');
	});

	it('does not take the organization name from an item of another organization', async () => {
		const [first, second] = harness.fakes.aurea.users[0]!.organizations;
		const [{ token } = {}] = outputOf(await harness.runAurea({ operation: 'getToken' }));
		const parameters = {
			operation: 'switchOrganization',
			organization: resourceLocator('uid', second!.uid),
			tokenSource: 'input',
			token: String(token),
		};
		const items = [
			{ organizationUid: first!.uid, organizationName: first!.name },
			{ organizationUid: second!.uid, organizationName: second!.name },
			{ organizationUid: second!.uid, organizationName: 7 },
		];
		const outcome = await harness.runAurea(parameters, { items });
		expect(outputOf(outcome).map(({ organizationName }) => organizationName)).toEqual([
			null,
			second!.name,
			null,
		]);
	});

	it('refuses a switch with a token of another server', async () => {
		const parameters = {
			operation: 'switchOrganization',
			organization: resourceLocator('uid', 'x'),
			tokenSource: 'input',
			token: 'T',
		};
		const { error } = await harness.runAurea(parameters, {
			items: [{ serverUrl: 'https://other.example.com' }],
		});
		expect(error?.message).toMatch(
			/^The token of this item was issued by https:\/\/other\.example\.com, but/,
		);
		expect(harness.fakes.calls.all).toEqual([]);
	});

	it("shows the vendor's warning once beside the output of a switch", async () => {
		harness.fakes.aurea.users[0]!.resetPassword = true;
		const [, second] = harness.fakes.aurea.users[0]!.organizations;
		const { hints } = await harness.runAurea(
			{
				operation: 'switchOrganization',
				organization: resourceLocator('uid', second!.uid),
				options: { separateLogins: true },
			},
			{ items: [{}, {}, {}] },
		);
		expect(hints).toEqual([
			expect.stringMatching(/asks for a new password\. Sign in to its website once/),
		]);
	});

	it('reports a response without a list of organizations', async () => {
		harness.fakes.aurea.organizationsInstead = { value: null };
		const { error } = await harness.runAurea({ operation: 'listOrganizations' });
		expect(error).toMatchObject({
			message: 'The response to the login has no list of organizations',
			description:
				"The login was accepted. Check that 'Server URL' is the API of Aurea Campaign Manager",
		});
	});
});

describe('a switch that an expression gives as text', () => {
	const crmCom = (parameters: object, items: IDataObject[] = [{}, {}]) =>
		harness.runCrmCom({ operation: 'getToken', ...parameters }, { items });
	const aurea = (parameters: object, items: IDataObject[] = [{}, {}]) =>
		harness.runAurea(parameters, { items });

	it.each([
		['true', 2],
		['false', 1],
	])(
		'reads Separate Logins as %s and logs in %d times for two items',
		async (separateLogins, logins) => {
			await crmCom({ options: { separateLogins } });
			await aurea({ operation: 'getToken', options: { separateLogins } });
			expect(harness.fakes.calls.counts()).toEqual({
				'authentication/token': logins,
				sessions: logins,
			});
			harness.fakes.calls.clear();
			const uids = harness.fakes.aurea.users[0]!.organizations.slice(0, 2).map(({ uid }) => ({
				organizationUid: uid,
			}));
			await aurea({ operation: 'switchOrganization', options: { separateLogins } }, uids);
			expect(harness.fakes.calls.count('sessions')).toBe(logins);
		},
	);

	it('turns a switch on only when its text is true', async () => {
		const fieldsOf = async (value: string) => {
			const outcomes = [
				await crmCom({ simplify: value, options: { includeOtherFields: value } }, [{ mine: 1 }]),
				await aurea(
					{ operation: 'getToken', simplify: value, options: { includeOtherFields: value } },
					[{ mine: 1 }],
				),
			];
			return outcomes.map((outcome) =>
				['response', 'mine'].map((name) => name in outputOf(outcome)[0]!),
			);
		};
		expect(await fieldsOf('true')).toEqual([
			[false, true],
			[false, true],
		]);
		expect(await fieldsOf('false')).toEqual([
			[true, false],
			[true, false],
		]);
		const all = await aurea(
			{ operation: 'listOrganizations', returnAll: 'true', options: { adminOnly: 'false' } },
			[{}],
		);
		expect(all.items).toHaveLength(harness.fakes.aurea.users[0]!.organizations.length);
	});
});

describe('Parallel Requests that cannot be read', () => {
	it('fails only the item whose Parallel Requests cannot be read', async () => {
		const [first, second] = harness.fakes.aurea.users[0]!.organizations;
		const outcome = await harness.runAurea(
			{
				operation: 'switchOrganization',
				options: { concurrency: '={{ $json.bad ? $("Missing").item.json.a : 5 }}' },
			},
			{
				items: [{ organizationUid: first!.uid, bad: true }, { organizationUid: second!.uid }],
				settings: { onError: 'continueRegularOutput' },
			},
		);
		expect(outputOf(outcome)).toEqual([
			{
				error: {
					message: "Referenced node doesn't exist",
					description: null,
					httpCode: null,
					code: null,
					mayBeDone: null,
				},
			},
			expect.objectContaining({ organizationUid: second!.uid }),
		]);
	});
});

describe('a password that has been changed at the vendor', () => {
	it('tries an outdated password once for 50 organizations at the same time', async () => {
		const user = harness.fakes.aurea.users[0]!;
		const { password } = user;
		const list = async (organizationUid: string) =>
			await harness.engine.run({
				node: 'request',
				parameters: {
					credentialType: 'aureaLoginApi',
					request: JSON.stringify({
						method: 'GET',
						uri: `${harness.fakes.aurea.url}/${organizationUid}/lists/`,
					}),
				},
				credential: aureaCredential(harness.fakes, {
					password,
					organizationUid: '={{ $json.uid }}',
				}),
				items: Array.from({ length: 50 }, (_, index) => ({
					uid: index === 0 ? organizationUid : `unknown-${index}`,
				})),
				settings: { onError: 'continueRegularOutput' },
			});
		await list(user.organizations[0]!.uid);
		user.password = 'changed';
		harness.fakes.calls.clear();
		const [then, since] = [Date.now() + 3_600_000, performance.now()];
		jest.spyOn(Date, 'now').mockImplementation(() => then + performance.now() - since);
		const outcome = await list(user.organizations[0]!.uid);
		expect(outcome.items).toHaveLength(50);
		expect(harness.fakes.calls.counts()).toEqual({ sessions: 1 });
	});
});

describe('what the vendor answers to a login', () => {
	it('masks the password wherever the response to a login repeats it', async () => {
		const [crm, aurea] = [userCredential(harness.fakes), aureaCredential(harness.fakes)];
		const [password, other] = [String(crm.data['password']), String(aurea.data['password'])];
		harness.fakes.faults.plan(
			'authentication/token',
			{
				kind: 'status',
				status: 200,
				body: { status: { code: 'OK' }, data: { token: 'A-token-of-CRM', [password]: password } },
			},
			1,
		);
		const ofCrm = await harness.runCrmCom(
			{ operation: 'getToken', simplify: false },
			{ credential: crm },
		);
		harness.fakes.faults.plan(
			'sessions',
			{
				kind: 'status',
				status: 201,
				body: {
					token: 'A-token-of-Aurea',
					userName: other,
					org: { name: other, lhqOrgUid: encodeURIComponent(other) },
					more: other,
				},
			},
			1,
		);
		const ofAurea = await harness.runAurea(
			{ operation: 'getToken', simplify: false },
			{ credential: aurea },
		);
		expect(outputOf(ofCrm)[0]).toMatchObject({
			token: 'A-token-of-CRM',
			response: { data: { token: 'A-token-of-CRM', '***': '***' } },
		});
		expect(outputOf(ofAurea)[0]).toMatchObject({
			token: 'A-token-of-Aurea',
			userName: '***',
			organizationName: '***',
			organizationUid: '***',
			response: { more: '***' },
		});
		expectAbsent(ofCrm.record + ofAurea.record, password, other);
	});
});

describe('an operation that does not exist', () => {
	it.each([['runCrmCom'], ['runAurea']] as const)('is explained in %s', async (run) => {
		const unknown = await harness[run]({ operation: 'unknown' });
		expect(unknown.error).toMatchObject({
			message: "The operation 'unknown' does not exist",
			description: "Choose one from the 'Operation' list",
		});
		// n8n adds it to the others.
		const custom = await harness[run]({ operation: '__CUSTOM_API_CALL__' });
		expect(custom.error).toMatchObject({
			message: 'A custom API call is not made by this node',
			description: expect.stringContaining('HTTP Request'),
		});
	});
});
