import { describe, expect, it } from '@jest/globals';

import { request } from 'undici';

import { secretsFoundIn, secretsOf } from '../harness/secrets.mts';
import { rowsOf, SUBSCRIPTION_ID } from '../fakes/crmCom.mts';
import { SALES } from '../fakes/aurea.mts';
import { resourceLocator } from '../harness/parameters.mts';
import { pointedAt, readExamples } from '../demo/examples.mts';
import { newCredential } from '../harness/credentials.mts';
import { itemsOf, withCredentials } from '../harness/rest.mts';
import { runNode, useHarness } from './useHarness.mts';

const harness = useHarness();

async function exampleOf(file: string) {
	return (await readExamples()).find((candidate) => candidate.file.startsWith(file))!;
}

/** @returns the id of the new workflow */
async function create(file: string): Promise<string> {
	const { rest, fakes, credentials } = harness;
	const { workflow } = await exampleOf(file);
	return await rest.createWorkflow(withCredentials(pointedAt(fakes, workflow), credentials));
}

async function run(file: string) {
	const example = await exampleOf(file);
	return { example, execution: await harness.rest.run(await create(file), example.trigger) };
}

describe('the examples, as they are shipped', () => {
	it.each(Array.from({ length: 18 }, (_, index) => [`${String(index + 1).padStart(2, '0')}-`]))(
		'runs example %s as described',
		async (file) => {
			const { example, execution } = await run(file);
			expect(example.faultsOf(execution, harness.fakes)).toEqual([]);
		},
	);

	it.each([
		[
			'a refused call',
			'contact_information/show',
			{
				kind: 'status',
				status: 200,
				body: { status: { code: 'X.Y', message: 'The contact is gone' } },
			},
			'CRM.COM: The contact is gone',
		],
		[
			'an HTTP error',
			'contact_information/create',
			{ kind: 'status', status: 500 },
			/^CRM\.COM: (?!OK).+/,
		],
		['a connection that breaks', 'contact_information/show', { kind: 'reset' }, /connection/],
		[
			'an empty answer',
			'contact_information/show',
			{ kind: 'text', text: '', type: 'application/json' },
			/^CRM\.COM: (?!OK).+/,
		],
		['a web page', 'contact_information/show', { kind: 'html' }, /^CRM\.COM: (?!OK).+/],
		[
			'an HTTP error with an envelope',
			'contact_information/show',
			{
				kind: 'status',
				status: 401,
				body: { status: { code: 'X.Y', message: 'No such contact' } },
			},
			/^CRM\.COM: .*No such contact/,
		],
	] as const)(
		'stops example 10 and releases its token after %s',
		async (_what, call, fault, message) => {
			harness.fakes.faults.plan(call, fault);
			const before = harness.fakes.crmCom.released.length;
			const { execution } = await run('10-');
			expect(execution.status).toBe('error');
			expect(execution.data.resultData.error!.message).toMatch(message);
			expect(harness.fakes.crmCom.released).toHaveLength(before + 1);
		},
	);

	it.each([
		[
			'a refused call',
			{
				kind: 'status',
				status: 200,
				body: { status: { code: 'NO', message: null, description: 'No such account' } },
			},
			'CRM.COM: No such account',
		],
		['an HTTP error', { kind: 'status', status: 500 }, /^CRM\.COM: (?!OK).+/],
	] as const)('stops example 11 and releases its token after %s', async (_what, fault, message) => {
		harness.fakes.faults.plan('payments/get_latest', fault);
		const { execution } = await run('11-');
		expect(execution.data.resultData.error!.message).toMatch(message);
		expect(harness.fakes.calls.count('authentication/token/release')).toBe(1);
	});

	it.each([['10-'], ['11-']])(
		'completes example %s when the server no longer offers a release',
		async (file) => {
			harness.fakes.faults.plan('authentication/token/release', { kind: 'status', status: 404 }, 1);
			const { execution } = await run(file);
			expect(execution.status).toBe('success');
			expect(itemsOf(execution, 'Release Token').map(({ json }) => json['error'])).toEqual([
				expect.objectContaining({
					message: 'This CRM.COM server does not offer Release Token',
				}),
			]);
		},
	);

	it('pays once in example 16, however often it runs', async () => {
		harness.fakes.crmCom.records.set('payment', []);
		await run('16-');
		const { execution } = await run('16-');
		expect(execution.status).toBe('success');
		expect(itemsOf(execution, 'Paid Already')).toHaveLength(1);
		expect(harness.fakes.calls.count('payments/create')).toBe(1);
		// A lookup that fails for another reason must not lead to a payment.
		harness.fakes.crmCom.records.set('payment', []);
		const body = { status: { code: 'BUSY', message: 'Please wait' } };
		harness.fakes.faults.plan('payments/show', { kind: 'status', status: 200, body });
		const failed = await run('16-');
		expect(failed.execution.data.resultData.error!.message).toBe(
			'Nothing was paid, since the payment could not be looked up: Please wait',
		);
		expect(harness.fakes.calls.count('payments/create')).toBe(1);
	});

	it('splits the answer of a bulk call in example 17', async () => {
		const { execution } = await run('17-');
		const namesOf = (node: string) =>
			itemsOf(execution, node).map(({ json }) => json['request_unique_identifier']);
		expect([namesOf('Carried Out'), namesOf('Refused')]).toEqual([['E1'], ['E2']]);
	});

	it('uploads the file of example 18 with its token in the URL, and stops on an error', async () => {
		await run('18-');
		const [call] = harness.fakes.calls.of('attachments/add');
		expect(call!.body).toContain('filename="note.txt"');
		expect(call!.body).toContain('A note for the contact');
		expect(new URL(call!.url, 'http://v').searchParams.has('token')).toBe(true);
		const body = { status: { code: 'NO', message: 'The file is too large' } };
		harness.fakes.faults.plan('attachments/add', { kind: 'status', status: 200, body });
		const { execution } = await run('18-');
		expect(execution.data.resultData.error!.message).toBe('CRM.COM: The file is too large');
	});

	it('writes in example 2 the addresses that it has read, under the name that create takes', async () => {
		await run('02-');
		const [call] = harness.fakes.calls.of('contact_information/create');
		expect(JSON.parse(call!.body)).toMatchObject({
			demographics: { email_set: [{ email_address: 'ada@example.com' }] },
		});
	});

	it.each([
		['beside its other fields', { id: SUBSCRIPTION_ID, entity: 'SUBSCRIPTIONS' }],
		['within its data', { data: { id: SUBSCRIPTION_ID } }],
	])('reads the record in example 15 whose ID is %s in the webhook', async (_what, body) => {
		const id = await create('15-');
		await harness.rest.activate(id);
		try {
			const { statusCode } = await request(`${harness.n8n.url}/webhook/crm-com-change`, {
				method: 'POST',
				headers: { 'content-type': 'application/json' },
				body: JSON.stringify(body),
			});
			expect(statusCode).toBe(200);
			const [execution] = await harness.rest.executionsOf(id, 1);
			expect(itemsOf(execution!, 'Changed Subscription').map(({ json }) => json)).toEqual([
				expect.objectContaining({ id: SUBSCRIPTION_ID, number: 'S0000000329' }),
			]);
		} finally {
			await harness.rest.deactivate(id);
		}
	});

	it('stops example 7 after an HTTP error', async () => {
		harness.fakes.faults.plan('accounts_receivable/show', { kind: 'status', status: 500 });
		const { execution } = await run('07-');
		expect(execution.data.resultData.error!.message).toMatch(/^CRM\.COM: .+/);
		expect(harness.fakes.calls.count('{orgUid}/lists')).toBe(0);
	});

	it('fails example 2 with the words of CRM.COM, though it has no check of its own', async () => {
		harness.fakes.faults.plan('contact_information/show', {
			kind: 'status',
			status: 200,
			body: { status: { code: 'NO', message: 'The contact is gone' } },
		});
		const { execution } = await run('02-');
		expect(execution.data.resultData.error!.message).toBe('The contact is gone');
		expect(harness.fakes.calls.count('contact_information/create')).toBe(0);
	});

	it('stops example 7 after an error of CRM.COM', async () => {
		harness.fakes.faults.plan('accounts_receivable/show', {
			kind: 'status',
			status: 200,
			body: { status: { code: 'NO', message: 'Not you' } },
		});
		const { execution } = await run('07-');
		expect(execution.data.resultData.error!.message).toBe('CRM.COM: Not you');
		expect(harness.fakes.calls.count('{orgUid}/lists')).toBe(0);
	});

	it('continues example 9 after a failure and names every failure at the end', async () => {
		const { faults } = harness.fakes;
		faults.plan(
			'sessions/switch',
			{ kind: 'status', status: 403, body: { message: 'Not allowed here' } },
			1,
			({ url }) => url.endsWith(SALES),
		);
		faults.plan('{orgUid}/lists', { kind: 'status', status: 500 }, 1, ({ url }) =>
			url.startsWith('/015c5c5c'),
		);
		const { execution } = await run('09-');
		const { message } = execution.data.resultData.error!;
		expect(message).toMatch(/^2 of 4 organizations failed: /);
		expect(message).toContain('Sales2 (Not allowed here)');
		expect(message).toMatch(/Zanza's EL3 Testing \(.+\)/);
		expect(
			itemsOf(execution, 'Create List').filter(({ json }) => json['error'] === undefined),
		).toHaveLength(2);
	});

	it('reports failures in example 9 even when only one kind of step failed', async () => {
		harness.fakes.faults.plan('{orgUid}/lists', { kind: 'reset' }, 1);
		const { execution } = await run('09-');
		expect(execution.data.resultData.error!.message).toMatch(
			/^1 of 4 organizations failed: .+ \(the connection failed\)$/,
		);
	});

	it('serves other workflows from example 5 with one login', async () => {
		const { rest, fakes } = harness;
		const { workflow } = (await readExamples()).find(({ file }) => file.startsWith('05-'))!;
		const credential = await newCredential(harness, 'crmComUserLoginApi');
		const job = await rest.createWorkflow(
			withCredentials(pointedAt(fakes, workflow), { crmComUserLoginApi: credential }),
		);
		const caller = {
			type: 'n8n-nodes-base.executeWorkflow',
			typeVersion: 1.2,
			onError: 'continueRegularOutput' as const,
			parameters: {
				workflowId: resourceLocator('id', job),
				workflowInputs: {
					mappingMode: 'defineBelow',
					value: { accountNumber: '={{ $json.number }}' },
					schema: [{ id: 'accountNumber', displayName: 'accountNumber', type: 'string' }],
				},
				mode: 'each',
				options: {},
			},
		};
		const execution = await runNode(harness, caller, [
			{ number: '192' },
			{ number: 'none' },
			{ number: '192' },
		]);
		const answers = itemsOf(execution, 'Subject').map(({ json }) => json);
		expect(answers.filter(({ name }) => name === 'Ada Lovelace')).toHaveLength(2);
		expect(answers.map(({ error }) => error)).toContain('The accounts receivable was not found');
		expect(fakes.calls.counts()).toEqual({
			'authentication/token': 1,
			'accounts_receivable/show': 3,
		});
	});

	it('reads all pages of a long list into the file of example 3', async () => {
		const { crmCom, calls } = harness.fakes;
		crmCom.lists.set('jobs/all_scopes/get_overdue', rowsOf(250));
		const { execution } = await run('03-');
		expect(itemsOf(execution, 'Read Overdue Jobs')).toHaveLength(250);
		expect(itemsOf(execution, 'Jobs as a File')[0]!.binary!['data']!.fileName).toMatch(
			/^overdue-jobs-.+\.csv$/,
		);
		// Three pages, the empty one, and those requested ahead.
		expect(calls.count('jobs/all_scopes/get_overdue')).toBeLessThanOrEqual(4 + 4);
	});

	it('answers example 6 with what the tools told the model', async () => {
		const { execution } = await run('06-');
		const [answer] = itemsOf(execution, 'Answer');
		for (const words of ['Ada Lovelace', 'P0000001'])
			expect(answer!.json['output']).toContain(words);
		expect(
			secretsFoundIn(JSON.stringify(harness.model.requests), secretsOf(harness.fakes)),
		).toEqual([]);
	});

	it('passes on only new payments in example 4', async () => {
		const { lists } = harness.fakes.crmCom;
		const id = await create('04-');
		const newPayments = async () =>
			itemsOf(await harness.rest.run(id, 'Start'), 'New Payments').map(
				({ json }) => json['number'],
			);
		const payments = rowsOf(3, 'P');
		lists.set('payments/list', payments);
		expect(await newPayments()).toEqual(['P0000001', 'P0000002', 'P0000003']);
		lists.set('payments/list', [...payments, ...rowsOf(1, 'N')]);
		expect(await newPayments()).toEqual(['N0000001']);
	});

	it('names the failing logins in example 12 in the words of the vendor', async () => {
		harness.fakes.faults.plan('authentication/web_api_key/token', {
			kind: 'status',
			status: 200,
			body: { status: { code: 'NO', message: 'The key has expired' } },
		});
		harness.fakes.faults.plan('sessions', {
			kind: 'status',
			status: 401,
			body: { message: 'Invalid username or password' },
		});
		const { execution } = await run('12-');
		expect(execution.status).toBe('success');
		const report = itemsOf(execution, 'Report').map(({ json }) => json);
		expect(report).toEqual([
			{ login: 'North', works: true, problem: '' },
			{ login: 'South', works: false, problem: 'The key has expired' },
			{ login: 'Newsletter', works: false, problem: 'Invalid username or password' },
		]);
		expect(harness.fakes.calls.count('authentication/token/release')).toBe(1);
	});
});
