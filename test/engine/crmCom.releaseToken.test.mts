import { describe, expect, it } from '@jest/globals';

import { expectAbsent, failedWith, items, outputOf, pairsOf, useEngine } from './useEngine.mts';

const harness = useEngine();
const parameters = { authentication: 'userLogin', operation: 'releaseToken' };
const RELEASE = 'authentication/token/release';

async function tokens(count: number): Promise<string[]> {
	const outcome = await harness.runCrmCom(
		{ operation: 'getToken', options: { separateLogins: true } },
		{ items: items(count) },
	);
	harness.fakes.calls.clear();
	return outputOf(outcome).map(({ token }) => String(token));
}

const release = async (given: Record<string, unknown>[], changes = {}, settings = {}) =>
	await harness.runCrmCom({ ...parameters, ...changes }, { items: given as never, settings });

describe('Release Token', () => {
	it('ends the token of each item without logging in', async () => {
		const given = await tokens(3);
		const outcome = await release(given.map((token) => ({ token })));
		expect(outputOf(outcome)).toEqual([{ released: true }, { released: true }, { released: true }]);
		expect(pairsOf(outcome)).toEqual([{ item: 0 }, { item: 1 }, { item: 2 }]);
		expect(harness.fakes.crmCom.liveSessions()).toBe(0);
		expect(harness.fakes.calls.counts()).toEqual({ [RELEASE]: 3 });
	});

	it('releases a token once, however many items carry it', async () => {
		const [token] = await tokens(1);
		const outcome = await release(items(100, () => ({ token })));
		expect(outcome.items).toHaveLength(100);
		expect(harness.fakes.calls.counts()).toEqual({ [RELEASE]: 1 });
		expect(JSON.parse(harness.fakes.calls.all[0]!.body)).toEqual({ token });
	});

	it('accepts a token of digits that has become a number', async () => {
		harness.fakes.crmCom.sessions.set('1234567890', {
			user: harness.fakes.crmCom.users[0]!,
			unit: '1',
			endsAt: Infinity,
			idle: false,
			kind: 'userLogin',
		});
		expect(outputOf(await release([{ token: 1234567890 }]))).toEqual([{ released: true }]);
	});

	it('ignores spaces around a token', async () => {
		const [token] = await tokens(1);
		expect(outputOf(await release([{ token: ` ${token} ` }]))).toEqual([{ released: true }]);
	});

	it('refuses a number that has lost digits, since it may be another token', async () => {
		const { error } = await release([{ token: 12345678901234567890 }]);
		expect(error).toMatchObject({
			message: 'The token of this item is a number that has lost its last digits',
			description: 'Keep it as text, in quotes, where it comes from',
		});
		expect(harness.fakes.calls.all).toEqual([]);
	});

	it.each([['x'.repeat(8_193)], ['two words'], ['é']])(
		'refuses %s, which cannot be a token',
		async (token) => {
			expect((await release([{ token }])).error).toMatchObject({
				message: 'The token of this item is not valid',
				description: "Check what the field 'Token' returns for this item",
				context: { itemIndex: 0 },
			});
			expect(harness.fakes.calls.all).toEqual([]);
		},
	);

	it.each([[{ token: '' }], [{}], [{ token: null }], [{ token: { a: 1 } }]])(
		'answers %j with the expression to paste',
		async (item) => {
			const outcome = await release([item]);
			expect(outcome.error?.message).toBe('There is no token to release in this item');
			expect(outcome.error?.description).toContain("{{ $('Get a token').item.json.token }}");
			expect(harness.fakes.calls.counts()).toEqual({});
		},
	);

	it('never sends a token to a server that did not issue it', async () => {
		const [token = ''] = await tokens(1);
		for (const serverUrl of [
			'https://other.example.com/crmapi/rest/v2',
			'nonsense',
			'http://127.0.0.1:1/crmapi/rest/v2',
		]) {
			const outcome = await release([{ token, serverUrl }]);
			expect(outcome.error?.message).toMatch(/but the credential is for http:\/\/127\.0\.0\.1/);
		}
		expect(harness.fakes.calls.counts()).toEqual({});
		const outcome = await release([
			{ token, serverUrl: `${harness.fakes.crmCom.url}/crmapi/rest/v2` },
		]);
		expect(outputOf(outcome)).toEqual([{ released: true }]);
	});

	it('shows why the vendor rejects a release, without the token', async () => {
		const outcome = await release([{ token: 'DEADBEEF00000000DEADBEEF00000000' }]);
		expect(outcome.error).toMatchObject({
			message: 'The token is not valid',
			context: { itemIndex: 0 },
		});
		expectAbsent(JSON.stringify(outcome.error), 'DEADBEEF00000000DEADBEEF00000000');
	});

	it.each(['notFound', 'refused', 'ok'] as const)(
		'copes with an R12 server that answers "%s"',
		async (answer) => {
			Object.assign(harness.fakes.crmCom, { release: 'R12', releaseFromR12: answer });
			const [token = ''] = await tokens(1);
			const outcome = await release([{ token }]);
			if (answer === 'ok') expect(outputOf(outcome)).toEqual([{ released: true }]);
			if (answer === 'notFound')
				expect(outcome.error?.message).toBe('This CRM.COM server does not offer Release Token');
			if (answer === 'refused') expect(outcome.error?.message).toBe('This method is deprecated');
			if (answer !== 'ok') expect(outcome.error?.description).toMatch(/R12/);
			expectAbsent(JSON.stringify(outcome.error ?? {}), token);
		},
	);

	it('shows the words of a server that has the method, at any HTTP status', async () => {
		const [token = ''] = await tokens(1);
		harness.fakes.faults.plan('authentication/token/release', {
			kind: 'status',
			status: 404,
			body: { status: { code: 'X.TOKENNOTFOUND', message: 'The token was not found' } },
		});
		expect((await release([{ token }])).error?.message).toBe('The token was not found');
	});

	it('fails only the affected item in either continue-on-error mode', async () => {
		for (const onError of ['continueRegularOutput', 'continueErrorOutput']) {
			const [first, last] = await tokens(2);
			const outcome = await release(
				[{ token: first }, { token: 'dead' }, { token: last }],
				{},
				{ onError },
			);
			const all = [...outcome.items, ...outcome.errorItems];
			expect(
				all
					.filter(({ json }) => json['released'])
					.map(({ pairedItem }) => (pairedItem as { item: number }).item),
			).toEqual([0, 2]);
			expect(all.find(({ json }) => json['error'])).toMatchObject({
				json: failedWith('The token is not valid'),
			});
		}
	});
});
