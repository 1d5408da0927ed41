import { describe, expect, it } from '@jest/globals';

import { searchListMethods, searchMethods } from '../../nodes/CrmCom/listSearch.ts';

const CONTACT = /contact_information\/(show|update|create)/;
const ACCOUNT = /accounts_receivable\/(list|show)$/;
const TICKET = /service_requests\/(list|show|create)/;

/** What people type, and a method that must be among the first five. */
const QUERIES: ReadonlyArray<readonly [text: string, method: RegExp]> = [
	// These used to find nothing, or something else.
	['contacts', CONTACT],
	['customers', ACCOUNT],
	['find contact', /GET contact_information\/show/],
	['phone', CONTACT],
	['email', /GET accounts_receivable\/list$/],
	['update job', /POST jobs\/.*update/],
	['change job', /POST jobs\/.*update/],
	['open jobs', /GET jobs\/all_scopes\/get_(overdue|draft)/],
	['tickets', TICKET],
	['file', /GET attachments\/list/],
	['upload', /GET attachments\/list/],
	['unpaid invoices', /invoices\/(list|write_off)/],
	['top up', /POST wallet_transactions\/create/],
	['top-up', /POST wallet_transactions\/create/],
	['top  up', /POST wallet_transactions\/create/],
	['list accounts', /GET accounts_receivable\/list$/],
	// The README's first workflow.
	['activity types', /GET activities\/configuration\/types\/list/],
	['find customer', /GET accounts_receivable\/list$/],
	['show account', /GET accounts_receivable\/show$/],
	// While somebody is still typing.
	['activiti', /activities/],
	['payments/lis', /GET payments\/list$/],
	['cust', ACCOUNT],
	['tick', TICKET],
	// From what integrators build.
	['create payment', /POST payments\/create/],
	['add contact', /POST contact_information\/create/],
	['add subscription', /POST subscriptions\/create/],
	['list contacts', /GET contact_information\/show/],
	// What names a record says nothing of which method is meant.
	['get payment by number', /GET payments\/show/],
	['search customer by name', ACCOUNT],
	// What a name says goes before what only the text says.
	['refund payment', /GET refunds\/list/],
	['account status', ACCOUNT],
	['new payment', /POST payments\/create/],
	['latest payments', /GET payments\/get_latest/],
	['payments of an account', /GET payments\/list/],
	['payments of the account', /GET payments\/list/],
	['wallet balance', /POST wallets\/get_balance$/],
	['account balance', /wallets\/get_balance|accounts_receivable\/show/],
	['create contact', /POST contact_information\/create/],
	['new customer', /POST (contact_information|accounts_receivable)\/create/],
	['update contact', /POST contact_information\/update/],
	['change address', /POST contact_information\/update/],
	['subscriptions', /GET subscriptions\/list/],
	['cancel subscription', /POST subscriptions\/cancel/],
	['activate a subscription', /POST subscriptions\/activate/],
	['overdue jobs', /GET jobs\/all_scopes\/get_overdue/],
	['complete job', /POST jobs\/all_scopes\/complete/],
	['create ticket', /POST service_requests\/create/],
	['close ticket', /service_requests/],
	['pending emails', /GET communications\/queue\/list/],
	['sms queue', /GET communications\/queue\/list/],
	['stock', /warehouses?(_transactions)?\//],
	['segments', /GET segmentation\/list/],
	['webhooks', /GET webhook_requests\/list/],
	['refund', /refunds\//],
	['credit notes', /GET credit_notes\/list/],
	['bills', /GET bills\/list/],
	['latest bill', /GET bills\/get_latest/],
	['prices', /(pricing|price_plans)\//],
	['vouchers', /GET vouchers\/list/],
	['users', /GET users\/list/],
	['activity', /activities\/(create|show)/],
	['leads', /leads\/(show|win|list|create)/],
	['loyalty points', /reward/],
	['bulk events', /POST customer_events\/bulk\//],
	['currencies', /GET currencies\/list/],
	['products', /GET products\/list/],
	// In the words of somebody who knows CRM systems, but not this one.
	['complaint', TICKET],
	['work order', /GET jobs\/.*(list|show|get_draft)/],
	['technician visit', /(jobs|activities)\//],
	['inventory', /warehouses\/|installed_items\//],
	['organization', /GET organisation\/general_settings\/show/],
	['suspend subscription', /POST subscriptions\/deactivate/],
	['terminate contract', /POST subscriptions\/cancel/],
	['take a payment', /POST payments\/create/],
	['payment methods', /GET payments\/configuration\/payment_methods\/list/],
	['job statuses', /GET jobs\/configuration\/statuses\/list/],
	['join loyalty program', /POST rewards_participants\/create/],
	['how much does the customer owe', ACCOUNT],
	['forgot password', /access_tokens\/forgot_pass_code/],
	['reschedule appointment', /POST jobs\/.*update/],
	['contact_information/sh', /GET contact_information\/show/],
	['post contact', /POST contact_information\/create/],
	['PAYMENTS list', /GET payments\/list/],
];

/** Words that the Web API does not use, or uses for something else. */
const EVERYDAY_WORDS = (
	'add address amend appointment bonus card cashback change client close complaint contract convert cost ' +
	'coupon customer delete device discount edit file find get inventory item loyalty mail message ' +
	'modify money new open opportunity order organization outage password pending person phone price ' +
	'read redeem reschedule resume search send sms stock suspend task terminate ticket topup trigger ' +
	'unpaid upload view'
).split(' ');

const FILLERS =
	'a all an and are at by can for from has how i id in is it many me name number of on or that the this to when where which with'.split(
		' ',
	);

describe('the search for a method by words', () => {
	const firstFive = async (text: string, search = searchMethods) =>
		(await search.call({} as never, text)).results.slice(0, 5).map(({ value }) => String(value));

	it.each(QUERIES)('finds for %j among the first five: %s', async (text, method) => {
		const found = await firstFive(text);
		expect(found.filter((name) => method.test(name))).not.toEqual([]);
	});

	// A change of the words or of the order shows in the snapshot, word by word.
	it('finds by everyday words what they stand for', async () => {
		const found: Record<string, readonly string[]> = {};
		for (const word of EVERYDAY_WORDS) {
			const { results } = await searchMethods.call({} as never, word);
			found[`${word}: ${results.length}`] = await firstFive(word);
		}
		expect(found).toMatchSnapshot();
	});

	it.each(FILLERS)('takes no notice of %j', async (filler) => {
		const whole = async (text: string) => await searchMethods.call({} as never, text);
		expect(await whole(`${filler} payment`)).toEqual(await whole('payment'));
	});

	it.each([
		['how to update a job', 'update job'],
		['how to do a job', 'job'],
		['to order', 'order'],
		['work update', 'update work'],
		['to-dos', 'todo'],
		['work  orders', 'workorder'],
		['top-ups', 'topup'],
	])('finds for %j what it finds for %j', async (text, same) => {
		const whole = async (words: string) => await searchMethods.call({} as never, words);
		expect(await whole(text)).toEqual(await whole(same));
	});

	it.each([
		['payment', /GET payments\/list/],
		['customers', /GET accounts_receivable\/list/],
		['jobs', /GET jobs\/all_scopes\/get_overdue/],
	])('finds lists for %j among the first five: %s', async (text, method) => {
		const found = await firstFive(text, searchListMethods);
		expect(found.filter((name) => method.test(name))).not.toEqual([]);
	});

	it('says what to try if nothing is found', async () => {
		expect((await searchMethods.call({} as never, 'xyzzy')).results).toEqual([
			{ name: 'No method found. Try one word, such as account or payment', value: '' },
		]);
	});

	it('begins with common methods, and ends with deprecated ones', async () => {
		const { results } = await searchMethods.call({} as never);
		expect(
			results.slice(0, 20).filter(({ name }) => / \(deprecated\)|configuration/.test(name)),
		).toEqual([]);
		expect(results.at(-1)!.name).toMatch(/ \(deprecated\) – /);
	});

	it('puts what reads before what changes, if the words say no more', async () => {
		const { results } = await searchMethods.call({} as never, 'jobs of technician');
		const verbs = results.slice(0, 5).map(({ value }) => String(value).split(' ')[0]);
		expect(verbs).toEqual(['GET', 'GET', 'GET', 'GET', 'GET']);
	});

	it('puts a name as it is typed before what else it may mean', async () => {
		expect((await firstFive('invoices'))[0]).toBe('GET invoices/list');
		expect((await firstFive('pay invoice'))[0]).toBe('POST payments/pay_invoice');
	});

	it("carries each method's page and summary", async () => {
		const [first] = (await searchMethods.call({} as never, 'GET payments/list')).results;
		expect(first).toEqual({
			// n8n shows nothing else of an entry.
			name: 'GET payments/list – List the payments of an account',
			value: 'GET payments/list',
			url: expect.stringMatching(/^https:\/\//),
		});
	});

	it('says which methods the documentation names only in passing', async () => {
		const { results } = await searchMethods.call({} as never, 'bills/get_latest');
		expect(results[0]!.name).toMatch(/^GET bills\/get_latest \(unconfirmed\) – /);
	});

	it('reads no more of a long text than a method may have', async () => {
		// With quadratic work, this would take a quarter of a minute.
		const { results } = await searchMethods.call({} as never, `a${'/'.repeat(100_000)}a`);
		expect(results).toHaveLength(1);
	});

	it('treats the singular and the plural of a word alike', async () => {
		for (const [one, many] of [
			['contact', 'contacts'],
			['customer', 'customers'],
			['activity', 'activities'],
			['address', 'addresses'],
			['status', 'status'],
		] as const)
			expect(await firstFive(one)).toEqual(await firstFive(many));
	});
});

it('offers documented methods before an incomplete path', async () => {
	const { results } = await searchMethods.call({} as never, 'payments/lis');
	expect(results[0]!.value).toBe('GET payments/list');
	expect(results.at(-1)!.name).toBe('POST payments/lis (not documented)');
});

it('offers only reads as lists that are not documented', async () => {
	const { results } = await searchListMethods.call({} as never, 'not/known');
	expect(results.filter(({ value }) => String(value).endsWith(' not/known'))).toEqual([
		{ name: 'GET not/known (not documented)', value: 'GET not/known' },
	]);
});

it('finds a deprecated method first by its exact path', async () => {
	const { results } = await searchMethods.call({} as never, 'access_tokens/list');
	expect(results[0]!.value).toBe('GET access_tokens/list');
});

it.each([['πελάτης'], ['???']])('finds nothing for %s', async (text) => {
	const { results } = await searchMethods.call({} as never, text);
	expect(results).toEqual([{ name: expect.stringMatching(/^No method found/), value: '' }]);
});
