/** Everyday actions: Call Method and Get Many under names of their own. */
import { describe, expect, it } from '@jest/globals';

import { rowsOf } from '../fakes/crmCom.mts';
import { resourceLocator } from '../harness/parameters.mts';
import { failedWith, items, outputOf, pairsOf, useEngine } from './useEngine.mts';

const harness = useEngine();
const LOGIN = 'authentication/token';
const PAYMENTS = 'payments/list';
const UPDATE = 'contact_information/update';

const account = (value: unknown, mode = 'number') => ({
	accounts_receivable_identifier: resourceLocator(mode, value as string),
});
const payments = (more: object = {}) => ({
	resource: 'payment',
	operation: 'getMany',
	...account('192'),
	...more,
});
const HEX = '93EE9CB4D8D82B91815EE58DE7E209F8';
const queryOf = (name: string) =>
	Object.fromEntries(new URL(harness.fakes.calls.of(name)[0]!.url, 'http://v').searchParams);
const bodyOf = (name: string) => JSON.parse(harness.fakes.calls.of(name)[0]!.body) as object;

describe('an action that reads a list', () => {
	it('reads it as Get Many does, up to the limit or whole, with one login', async () => {
		harness.fakes.crmCom.lists.set(PAYMENTS, rowsOf(250, 'P'));
		const limited = await harness.runCrmCom(payments({ limit: 2 }));
		expect(outputOf(limited)).toEqual([
			expect.objectContaining({ number: 'P0000001' }),
			expect.objectContaining({ number: 'P0000002' }),
		]);
		expect(queryOf(PAYMENTS)).toMatchObject({
			accounts_receivable_identifier: 'number=192',
			number_of_results: '2',
			offset: '0',
		});
		const whole = await harness.runCrmCom(
			payments({
				returnAll: true,
				options: { pageSize: 100 },
				additionalFields: { fields_set: 'number' },
			}),
		);
		expect(outputOf(whole)).toHaveLength(250);
		expect(harness.fakes.calls.count(LOGIN)).toBe(1);
	});

	it('sends what is under Additional Fields', async () => {
		await harness.runCrmCom(
			payments({
				additionalFields: {
					type_identifier: resourceLocator('id', 'AB'),
					category_identifier: resourceLocator('other', 'code=C7'),
					fields_set: 'number,amount',
				},
			}),
		);
		expect(queryOf(PAYMENTS)).toMatchObject({
			type_identifier: 'id=AB',
			category_identifier: 'code=C7',
			fields_set: 'number,amount',
		});
	});
});

describe('a record that an action is about', () => {
	it.each([
		['its number', '192', 'number', 'number=192'],
		['a number', 192, 'number', 'number=192'],
		['its number by expression', '={{ $json.number }}', 'number', 'number=192'],
		['the field in front, as a model writes it', 'number=192', 'number', 'number=192'],
		['another documented field in front', 'id=7', 'number', 'id=7'],
		['a name with an equals sign', 'a=b', 'name', 'name=a=b'],
		['another field', 'alternative_code=X', 'other', 'alternative_code=X'],
		['a row that has the field', '={{ $json }}', 'number', 'number=192'],
		['a row that does not', '={{ { id: $json.id } }}', 'number', 'id=A1'],
		['another field in front, with spaces', ' code = X', 'number', 'code=X'],
		['JSON, as a model writes it', '{"number":"192"}', 'name', 'number=192'],
		['an ID of 32 characters by the field that is chosen', HEX, 'name', `name=${HEX}`],
		['a name that looks like a number of another', 'number=5 Ltd', 'name', 'name=number=5 Ltd'],
		['a text around which a model has put quotes', '"192"', 'number', 'number=192'],
	])('is named by %s', async (_what, value, mode, sent) => {
		const given = items(1, () => ({ number: '192', id: 'A1', secret: 'S3' }));
		await harness.runCrmCom(payments(account(value, mode)), { items: given });
		expect(queryOf(PAYMENTS)).toMatchObject({ accounts_receivable_identifier: sent });
	});

	it('is reported as missing before anything is sent', async () => {
		const { error } = await harness.runCrmCom(payments(account('={{ $json.none }}')));
		expect(error).toMatchObject({
			message: "GET payments/list needs 'Account' (accounts_receivable_identifier)",
		});
		expect(harness.fakes.calls.counts()).toEqual({});
	});
});

it('is named by the first field if the value has no mode, and is rejected if the mode is unknown', async () => {
	for (const plain of ['192', { __rl: true, mode: '', value: '192' }]) {
		await harness.runCrmCom(payments({ accounts_receivable_identifier: plain }));
		expect(queryOf(PAYMENTS)).toMatchObject({ accounts_receivable_identifier: 'number=192' });
		harness.fakes.calls.clear();
	}
	const { error } = await harness.runCrmCom(payments(account('X', 'code')));
	expect(error?.message).toBe(
		"'Account' (accounts_receivable_identifier) is named by a field that is not in its list",
	);
	expect(harness.fakes.calls.counts()).toEqual({});
});

it("does not list everybody's subscriptions", async () => {
	const { error } = await harness.runCrmCom({
		resource: 'subscription',
		operation: 'getMany',
		...account('={{ $json.acount }}'),
	});
	expect(error?.message).toBe(
		"GET subscriptions/list needs 'Account' (accounts_receivable_identifier)",
	);
	expect(harness.fakes.calls.counts()).toEqual({});
});

it('treats reading the balance of a wallet as a read', async () => {
	const balance = {
		resource: 'wallet',
		operation: 'getBalance',
		wallet_identifier: resourceLocator('number', 'W1'),
	};
	expect(outputOf(await harness.runCrmCom(balance))).toEqual([{}]);
	harness.fakes.faults.plan('wallets/get_balance', { kind: 'status', status: 503 });
	const { error } = await harness.runCrmCom(balance);
	expect(error?.description).not.toContain('carried out');
	expect(harness.fakes.calls.count('wallets/get_balance')).toBe(2);
});

it('is an error if none of the documented alternatives is given', async () => {
	const accounts = { resource: 'account', operation: 'getMany' };
	for (const email_address of ['', '={{ $json.none }}']) {
		const { error } = await harness.runCrmCom({ ...accounts, email_address });
		expect(error?.message).toBe(
			"One of these is needed: 'Email Address' (email_address), 'Subscription' (subscription_identifier), 'Contact' (contact_information_identifier), 'Payment Preference' (payment_preference_identifier), 'Presentment Preference' (presentment_preference_identifier), 'Wallet' (wallet_identifier)",
		);
	}
	expect(harness.fakes.calls.counts()).toEqual({});
	const wallet = { wallet_identifier: resourceLocator('number', 'W1') };
	await harness.runCrmCom({ ...accounts, additionalFields: wallet });
	expect(queryOf('accounts_receivable/list')).toMatchObject({ wallet_identifier: 'number=W1' });
});

describe('an action that changes something', () => {
	const update = {
		resource: 'contact',
		operation: 'update',
		contact_information_identifier: resourceLocator('id', '={{ $json.id }}'),
		additionalFields: { title: 'Dr', first_name: '={{ $json.name }}' },
	};

	const known = () => harness.fakes.crmCom.contacts[0]!.id;

	it('sends what is given, once for each item and in order, and nothing else', async () => {
		const given = ['Ada', ''].map((name) => ({ id: known(), name }));
		const outcome = await harness.runCrmCom(update, { items: given });
		const sent = harness.fakes.calls.of(UPDATE).map(({ body }) => JSON.parse(body) as object);
		const named = { contact_information_identifier: { id: known() }, title: 'Dr' };
		const token = expect.any(String);
		expect(sent).toEqual([
			{ ...named, first_name: 'Ada', token },
			{ ...named, token },
		]);
		expect(outputOf(outcome)).toEqual([{ success: true }, { success: true }]);
		expect(pairsOf(outcome)).toEqual([{ item: 0 }, { item: 1 }]);
	});

	it('fails item by item, in the words of the vendor', async () => {
		const body = { status: { code: 'NO', message: 'No such title' } };
		harness.fakes.faults.plan(UPDATE, { kind: 'status', status: 200, body }, 1);
		const outcome = await harness.runCrmCom(update, {
			items: [{ id: known() }, { id: known() }],
			settings: { onError: 'continueRegularOutput' },
		});
		expect(outputOf(outcome)).toEqual([failedWith('No such title'), { success: true }]);
	});

	it('sends an enumeration, a number and a boolean in their types', async () => {
		await harness.runCrmCom({
			resource: 'payment',
			operation: 'create',
			...account('192'),
			type_identifier: resourceLocator('name', 'Cash'),
			life_cycle_state: 'POSTED',
			payment_method_identifier: resourceLocator('id', 'M1'),
			payment_amount: '12.50',
			additionalParameters: { parameter: [{ name: 'reference_number', value: 'R1' }] },
		});
		const [call] = harness.fakes.calls.of('payments/create');
		expect(call!.body.replace(/,"token":"[^"]+"/, '')).toBe(
			'{"accounts_receivable_identifier":{"number":"192"},"type_identifier":{"name":"Cash"},"life_cycle_state":"POSTED","payment_method_identifier":{"id":"M1"},"payment_amount":12.50,"reference_number":"R1"}',
		);
		await harness.runCrmCom({
			resource: 'job',
			operation: 'cancel',
			job_identifier: resourceLocator('number', 'J1'),
			additionalFields: { cancel_provided_items: 'true' },
		});
		expect(bodyOf('jobs/all_scopes/cancel')).toMatchObject({ cancel_provided_items: true });
	});
});

it('does not send an update of a contact without a field to change', async () => {
	const { error } = await harness.runCrmCom({
		resource: 'contact',
		operation: 'update',
		contact_information_identifier: resourceLocator('id', HEX),
	});
	expect(error?.message).toBe('There is nothing to update: all fields are empty');
	expect(harness.fakes.calls.counts()).toEqual({});
});

it('does not send invalid JSON', async () => {
	const { error } = await harness.runCrmCom({
		resource: 'contact',
		operation: 'create',
		type: 'PERSON',
		additionalFields: { demographics: '{ name: "x" }' },
	});
	expect(error?.message).toBe("'Demographics' (demographics) is not valid JSON");
	expect(harness.fakes.calls.counts()).toEqual({});
});

it.each([
	['__CUSTOM_API_CALL__', 'A custom API call is not made by this node', 'HTTP Request node'],
	['invoice', "The resource 'invoice' does not exist", "Choose one from the 'Resource' list"],
])('explains that there is no resource %s', async (resource, message, advice) => {
	const { error } = await harness.runCrmCom({ resource });
	expect(error).toMatchObject({ message, description: expect.stringContaining(advice) });
	expect(harness.fakes.calls.counts()).toEqual({});
});
