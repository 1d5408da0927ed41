import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { join, resolve } from 'node:path';

import type { INodeParameters } from 'n8n-workflow';

import { pointedAt, readExamples } from '../demo/examples.mts';
import { rowsOf } from '../fakes/crmCom.mts';
import { Cleanup } from '../harness/cleanup.mts';
import { credentialsFor, newLogin } from '../harness/credentials.mts';
import { PACKAGE } from '../harness/package.mts';
import { showContact } from '../harness/parameters.mts';
import { withCredentials } from '../harness/rest.mts';
import { secretsFoundIn, secretsOf } from '../harness/secrets.mts';
import { startHarness, type Harness } from '../harness/harness.mts';
import { NEWEST } from '../harness/versions.mts';
import { diagnostics } from '../harness/diagnostics.mts';
import { openPage } from './browser.mts';
import { Editor } from './editor.mts';

declare const testHasFailed: boolean;

const root = resolve(import.meta.dirname, '../..');
/** Screenshots that documents show; the others stay on this machine. */
const SHOWN =
	/^(credential|http-request|action|call-method|organizations|example-\d+|get-many|agent-tool|workflow)$/;
const pictureOf = (name: string) =>
	join(root, SHOWN.test(name) ? 'docs/images' : 'test/editor/screenshots', `${name}.png`);

const harness = {} as Harness;
const cleanup = new Cleanup();
let editor: Editor;
/** Everything that n8n tells the browser while it runs, and that the browser's console shows. */
const told: string[] = [];

beforeAll(async () => {
	const page = await openPage(cleanup);
	const report = (line: string) => process.stderr.write(`${line}\n`);
	Object.assign(harness, await startHarness({ version: NEWEST, cleanup, report }));
	page.on('console', (message) => told.push(message.text()));
	page.on('websocket', (socket) =>
		socket.on('framereceived', ({ payload }) => told.push(payload.toString())),
	);
	editor = new Editor(page, harness.n8n.url);
	await editor.signIn();
}, 30 * 60_000);
beforeEach(() => {
	harness.fakes.calls.clear();
	harness.fakes.faults.clear();
});
afterEach(async () => {
	if (!testHasFailed) return;
	await editor.shoot(pictureOf('failed'));
	process.stderr.write(
		`${diagnostics([harness.n8n], harness.fakes)}What was seen: ${pictureOf('failed')}\n`,
	);
});
afterAll(async () => await cleanup.run(), 60_000);

/** A node of a workflow. */
function nodeOf(name: string, type: string, typeVersion: number, parameters: INodeParameters) {
	const position: [number, number] = [{ Start: 0, Input: 220 }[name] ?? 440, 0];
	return { id: name, name, type, typeVersion, position, parameters };
}

function leadsTo(from: string, node: string) {
	return { [from]: { main: [[{ node, type: 'main' as const, index: 0 }]] } };
}

const CALL_METHOD = 'Call a method';
const GET_MANY = 'Get many rows of a list';

const shoot = async (name: string) => await editor.shoot(pictureOf(name));

describe('the nodes panel', () => {
	it.each([
		['crm.com', 'CRM.COM'],
		['billing', 'CRM.COM'],
		['payments', 'CRM.COM'],
		['aurea', 'Aurea Campaign Manager'],
		['lyris', 'Aurea Campaign Manager'],
		['lhq', 'Aurea Campaign Manager'],
	])('answers the search "%s" with the node %s', async (words, name) => {
		await editor.newWorkflow();
		expect(await editor.searchNodes(words)).toContain(name);
		if (words === 'crm.com') await shoot('nodes-panel');
	});

	it.each([
		['CRM.COM', ['Get many payments of an account', 'Complete a job', 'Get a token']],
		['Aurea Campaign Manager', ['Get a token', 'List organizations', 'Switch organization']],
	])('shows the actions of %s', async (name, actions) => {
		await editor.newWorkflow();
		await editor.searchNodes(name);
		const shown = await editor.actionsOf(name);
		await shoot(`actions-of-${name.toLowerCase().replaceAll(/[^a-z]+/g, '-')}`);
		expect(shown).toEqual(expect.arrayContaining(actions));
	});
});

describe('a credential that is typed in', () => {
	const types = [
		[
			'CRM.COM User Login API',
			'crmComUserLoginApi',
			'password',
			'The user name or the password is wrong',
		],
		['CRM.COM Web API Key API', 'crmComWebApiKeyApi', 'webApiKey', 'The Web API key is wrong'],
		[
			'Aurea Campaign Manager Login API',
			'aureaLoginApi',
			'password',
			'Invalid username or password',
		],
	] as const;

	it.each(types)(
		'tests %s as soon as it is saved and shows the words of the vendor',
		async (displayName, type, secret, rejection) => {
			const { data } = credentialsFor(harness.fakes)[type]!;
			await editor.newCredential(displayName);
			await editor.fillCredential({
				...(data as Record<string, string>),
				[secret]: 'refused-Pa55',
			});
			const refused = await editor.saveCredential();
			await shoot(type === 'crmComUserLoginApi' ? 'credential-refused' : `${type}-refused`);
			expect(refused).toContain(rejection);
			await editor.fillCredential({ [secret]: String(data[secret]) });
			expect(await editor.saveCredential()).toContain('Connection tested successfully');
			await shoot(type === 'crmComUserLoginApi' ? 'credential' : `${type}-accepted`);
		},
	);

	it.each(types)(
		'tests %s again on Retry even while a session is cached',
		async (displayName, type, secret, rejection) => {
			const login = newLogin(harness, type);
			await editor.newCredential(displayName);
			await editor.fillCredential({
				...(credentialsFor(harness.fakes)[type]!.data as Record<string, string>),
				...login,
			});
			expect(await editor.saveCredential()).toContain('Connection tested successfully');
			const { crmCom, aurea } = harness.fakes;
			for (const user of [...crmCom.users, ...aurea.users])
				if (user.password === login[secret]) user.password = 'changed-at-the-vendor';
			for (const entry of crmCom.keys)
				if (entry.key === login[secret]) entry.key = 'changed-at-the-vendor';
			expect(await editor.retryTest()).toContain(rejection);
		},
	);
});

describe('a node', () => {
	it('gets a CRM.COM token and shows it in the output', async () => {
		await editor.newWorkflow();
		await editor.addNode('CRM.COM', 'Get a token');
		await editor.chooseCredential('CRM.COM User Login');
		const output = await editor.executeStep();
		await shoot('get-token');
		expect(output).toContain([...harness.fakes.crmCom.sessions.keys()].at(-1)!);
		expect(harness.fakes.calls.counts()).toEqual({ 'authentication/token': 1 });
	});

	it('does an everyday action with a value that is dragged from the previous item', async () => {
		const parameters = { resource: 'payment', operation: 'getMany', authentication: 'userLogin' };
		const id = await harness.rest.createWorkflow({
			name: 'Payments of an account',
			nodes: [
				nodeOf('Start', 'n8n-nodes-base.manualTrigger', 1, {}),
				nodeOf('Input', 'n8n-nodes-base.set', 3.4, {}),
				{
					...nodeOf('Payments', `${PACKAGE}.crmCom`, 1, parameters),
					credentials: {
						crmComUserLoginApi: { id: harness.credentials['crmComUserLoginApi']!, name: '' },
					},
				},
			],
			connections: { ...leadsTo('Start', 'Input'), ...leadsTo('Input', 'Payments') },
			pinData: { Input: [{ json: { number: '192' } }] },
		});
		await editor.openWorkflow(id);
		await editor.openNode('Payments');
		await editor.dragFromInput('number', 'accounts_receivable_identifier');
		expect(await editor.executeStep('P0000001')).toContain('P0000003');
		await shoot('action');
		const [{ url } = { url: '' }] = harness.fakes.calls.of('payments/list');
		expect(new URL(url, 'http://v').searchParams.get('accounts_receivable_identifier')).toBe(
			'number=192',
		);
	});

	it('gets its name from the action that a search finds, and changes a contact', async () => {
		await editor.newWorkflow();
		await editor.searchNodes('contacts');
		await editor.addFound('CRM.COM', 'Update a contact');
		expect(await editor.nameOfNode()).toBe('Update a contact');
		await editor.chooseCredential('CRM.COM User Login');
		await editor
			.record('contact_information_identifier')
			.fill(harness.fakes.crmCom.contacts[0]!.id);
		await editor.addTo('Add Field', 'Title');
		await editor.field('title').fill('Dr');
		const output = await editor.executeStep();
		await shoot('update-contact');
		expect(output).toContain('success');
		const [{ body } = { body: '{}' }] = harness.fakes.calls.of('contact_information/update');
		expect(JSON.parse(body)).toMatchObject({ title: 'Dr' });
	});

	it('finds a CRM.COM method by its summary, shows its parameters, and runs it', async () => {
		await editor.newWorkflow();
		await editor.addNode('CRM.COM', CALL_METHOD);
		await editor.chooseCredential('CRM.COM User Login');
		await editor.chooseByWords('method', 'payments of an account', 'GET payments/list');
		await editor.mapperHas(['accounts_receivable_identifier']);
		await editor.field('accounts_receivable_identifier').fill('number=192');
		const payments = await editor.executeStep();
		expect(payments).toContain('P0000001');
		expect(harness.fakes.calls.count('payments/list')).toBe(1);
		// Another method has other parameters.
		const show = await editor.findByWords(
			'method',
			'find customer',
			'GET accounts_receivable/show',
		);
		await shoot('call-method');
		await show.click();
		await editor.mapperHas(['accounts_receivable_identifier']);
		await editor.field('accounts_receivable_identifier').fill('number=192');
		const account = await editor.executeStep('Lovelace');
		expect(secretsFoundIn(payments + account, secretsOf(harness.fakes))).toEqual([]);
	});

	it('takes the parameters of a method from the input item', async () => {
		const show = { ...showContact, specifyParameters: 'fields', authentication: 'userLogin' };
		const { crmComUserLoginApi } = harness.credentials;
		const id = await harness.rest.createWorkflow({
			name: 'From the input item',
			nodes: [
				nodeOf('Start', 'n8n-nodes-base.manualTrigger', 1, {}),
				nodeOf('Input', 'n8n-nodes-base.set', 3.4, {
					mode: 'raw',
					jsonOutput: '{ "contact_information_identifier": "number=CI000111" }',
				}),
				{
					...nodeOf('Contact', `${PACKAGE}.crmCom`, 1, show),
					credentials: { crmComUserLoginApi: { id: crmComUserLoginApi!, name: '' } },
				},
			],
			connections: { ...leadsTo('Start', 'Input'), ...leadsTo('Input', 'Contact') },
		});
		await editor.openWorkflow(id);
		await editor.openNode('Contact');
		await editor.choose('specifyParameters', 'Using Fields of the Input Item');
		expect(await editor.executeStep('Lovelace')).toContain('Ada');
		await shoot('input-item');
	});

	it('reads a long list of CRM.COM', async () => {
		harness.fakes.crmCom.lists.set('currencies/list', rowsOf(250));
		await editor.newWorkflow();
		await editor.addNode('CRM.COM', GET_MANY);
		await editor.chooseCredential('CRM.COM User Login');
		await editor.chooseByWords('method', 'currencies', 'GET currencies/list');
		await editor.turnOn('returnAll');
		const output = await editor.executeStep();
		await shoot('get-many');
		expect(output).toContain('250 items');
		expect(harness.fakes.calls.count('currencies/list')).toBeLessThanOrEqual(4 + 4);
	});

	it('shows markup in the words of a vendor as text (P12)', async () => {
		const words = 'Please <a href="https://evil.example">log in</a> to <unit> & go';
		harness.fakes.faults.plan('contact_information/show', {
			kind: 'status',
			status: 200,
			body: {
				status: {
					code: 'A.VERY.LONG.CODE.'.repeat(8),
					message: words,
					description: `More: ${words}`,
				},
			},
		});
		await editor.newWorkflow();
		await editor.addNode('CRM.COM', CALL_METHOD);
		await editor.chooseCredential('CRM.COM User Login');
		await editor.chooseByWords('method', 'contact', 'GET contact_information/show');
		await editor.field('contact_information_identifier').fill('number=CI000111');
		const output = await editor.executeStep();
		await shoot('error-markup');
		// The notification shows the message as HTML, so its tags must be defused.
		expect(output).toContain('Please ‹a href="https://evil.example"›log in‹/a› to ‹unit› & go');
		expect(output).toContain(`More: ${words}`);
		expect(await editor.linksTo('evil.example')).toBe(0);
	});

	it('offers a tool of an agent no operation that returns a token', async () => {
		const example = (await readExamples()).find(({ file }) => file.startsWith('06-'))!;
		const id = await harness.rest.createWorkflow(
			withCredentials(example.workflow, harness.credentials),
		);
		await editor.openWorkflow(id);
		await editor.openNode('List Payments');
		await shoot('agent-tool');
		// Execute step asks for the values that the model would fill in.
		expect(await editor.executeTool({ account: '192' })).toContain('P0000001');
		await editor.choose('resource', 'Web API');
		const operations = await editor.optionsOf('operation');
		expect(operations.filter((name) => name !== 'Custom API Call')).toEqual([
			'Call Method',
			'Get Many',
		]);
	});

	it('explains that a web page answered', async () => {
		harness.fakes.faults.plan('authentication/token', { kind: 'html' });
		await editor.newWorkflow();
		await editor.addNode('CRM.COM', 'Get a token');
		await editor.chooseCredential('CRM.COM User Login');
		const output = await editor.executeStep();
		await shoot('error');
		expect(output).toContain(
			'answered with a web page instead of a response from the CRM.COM Web API',
		);
	});

	it('picks an Aurea organization from the searched list', async () => {
		await editor.newWorkflow();
		await editor.addNode('Aurea Campaign Manager', 'Switch organization');
		await editor.chooseCredential('Aurea Campaign Manager Login');
		await editor.fixed('organization');
		const found = await editor.chooseFromList('organization', 'sal', 'Sales2');
		expect(found).toEqual(['Sales2']);
		const output = await editor.executeStep();
		await shoot('organizations');
		expect(output).toContain('Sales2');
	});
});

describe('the list of organizations', () => {
	it.each([
		['empty', { value: [] }, 'has no access to any organization'],
		['missing', { value: null }, 'no list of organizations'],
		['refused', undefined, 'Invalid username or password'],
	])('says why the list of organizations is %s', async (state, instead, words) => {
		harness.fakes.aurea.organizationsInstead = instead;
		const { data } = credentialsFor(harness.fakes)['aureaLoginApi']!;
		const name = `Picker ${state}`;
		await harness.rest.createCredential(name, 'aureaLoginApi', {
			...data,
			...newLogin(harness, 'aureaLoginApi'),
			...(instead === undefined ? { password: 'wrong-Pa55' } : {}),
		});
		await editor.newWorkflow();
		await editor.addNode('Aurea Campaign Manager', 'Switch organization');
		await editor.chooseCredential(name);
		await editor.fixed('organization');
		const shown = await editor.openList('organization');
		await shoot(`organizations-${state}`);
		harness.fakes.aurea.organizationsInstead = undefined;
		expect(shown).toContain(words);
	});
});

describe('an HTTP Request node', () => {
	it('logs in with the credential and shows no token', async () => {
		told.length = 0;
		await editor.newWorkflow();
		await editor.addNode('HTTP Request');
		await editor
			.field('url')
			.fill(
				`${harness.fakes.crmCom.url}/crmapi/rest/v2/accounts_receivable/show?accounts_receivable_identifier=number%3D192`,
			);
		await editor.choose('authentication', 'Predefined Credential Type');
		await editor.choose('nodeCredentialType', 'CRM.COM User Login API');
		await editor.chooseCredential('CRM.COM User Login');
		const output = await editor.executeStep();
		await shoot('http-request');
		expect(output).toContain('Lovelace');
		expect(harness.fakes.calls.count('accounts_receivable/show')).toBe(1);
		expect(told.join('\n')).toContain('Lovelace');
		expect(secretsFoundIn(told.join('\n'), secretsOf(harness.fakes))).toEqual([]);
	});
});

describe('the examples', () => {
	/** Imports an example into n8n and chooses its credentials, as a user does. */
	const importExample = async (number: number) => {
		const example = (await readExamples()).find(
			({ file }) => Number.parseInt(file, 10) === number,
		)!;
		const workflow = pointedAt(harness.fakes, example.workflow);
		const id = await harness.rest.createWorkflow(withCredentials(workflow, harness.credentials));
		await editor.openWorkflow(id);
		return example;
	};

	it.each(Array.from({ length: 18 }, (_, index) => [index + 1]))(
		'imports example %d without a complaint',
		async (number) => {
			const example = await importExample(number);
			await shoot(`example-${number}`);
			expect(await editor.nodesOnCanvas()).toBe(
				example.workflow.nodes.filter(({ type }) => !type.endsWith('stickyNote')).length,
			);
			expect(await editor.complaintsOnCanvas()).toBe(0);
			expect(await editor.notes()).toEqual([{ links: [], isCut: false }]);
		},
	);

	it('saves a list of CRM.COM as a file', async () => {
		harness.fakes.crmCom.lists.set('jobs/all_scopes/get_overdue', rowsOf(250, 'J'));
		await importExample(3);
		await editor.executeWorkflow();
		await shoot('workflow');
		expect(harness.fakes.calls.count('jobs/all_scopes/get_overdue')).toBeLessThanOrEqual(4 + 4);
	});

	it('shows what the first contact with CRM.COM has found', async () => {
		await importExample(13);
		await editor.executeWorkflow();
		await editor.openNode('Findings');
		const findings = await editor.outputOf();
		await shoot('findings');
		expect(findings).toContain('The offset of a list');
		expect(findings).toContain('tell us');
	});
});
