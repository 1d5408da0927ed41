import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { join, resolve } from 'node:path';

import { readExamples } from '../demo/examples.mts';
import { Cleanup } from '../harness/cleanup.mts';
import { credentialsFor, newLogin } from '../harness/credentials.mts';
import { withCredentials } from '../harness/rest.mts';
import { secretsFoundIn, secretsOf } from '../harness/secrets.mts';
import { startHarness, type Harness } from '../harness/harness.mts';
import { NEWEST } from '../harness/versions.mts';
import { diagnostics } from '../harness/diagnostics.mts';
import { openPage } from './browser.mts';
import { Editor } from './editor.mts';

declare const testHasFailed: boolean;

const root = resolve(import.meta.dirname, '../..');
/** Those that documents show; the others stay on this machine. */
const SHOWN = /^(credential|http-request|call-method|organizations|example-\d)$/;
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

const shoot = async (name: string) => await editor.shoot(pictureOf(name));

describe('the nodes panel', () => {
	it.each([
		['crm.com', 'CRM.COM'],
		['billing', 'CRM.COM'],
		['aurea', 'Aurea Campaign Manager'],
		['lyris', 'Aurea Campaign Manager'],
		['lhq', 'Aurea Campaign Manager'],
	])('answers the search "%s" with the node %s', async (words, name) => {
		await editor.newWorkflow();
		expect(await editor.searchNodes(words)).toContain(name);
		if (words === 'crm.com') await shoot('nodes-panel');
	});

	it.each([
		['CRM.COM', ['Call a method', 'Get a token', 'Release a token']],
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

	it('calls a CRM.COM method chosen from a list, as in the README', async () => {
		await editor.newWorkflow();
		await editor.addNode('CRM.COM', 'Call a method');
		await editor.chooseCredential('CRM.COM User Login');
		await editor.chooseFromList('webApiMethod', 'contact', 'contact_information/show');
		await editor.addToCollection('Add identifier', {
			name: 'contact_information_identifier',
			value: 'CI000111',
		});
		const output = await editor.executeStep();
		await shoot('call-method');
		expect(output).toContain('Lovelace');
		expect(secretsFoundIn(output, secretsOf(harness.fakes))).toEqual([]);
	});

	it('explains that a web page has answered', async () => {
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
				`${harness.fakes.crmComUrl}/crmapi/rest/v2/contact_information/show?contact_information_identifier=number%3DCI000111`,
			);
		await editor.choose('authentication', 'Predefined Credential Type');
		await editor.choose('nodeCredentialType', 'CRM.COM User Login API');
		await editor.chooseCredential('CRM.COM User Login');
		const output = await editor.executeStep();
		await shoot('http-request');
		expect(output).toContain('Lovelace');
		expect(harness.fakes.calls.count('contact_information/show')).toBe(1);
		expect(told.join('\n')).toContain('Lovelace');
		expect(secretsFoundIn(told.join('\n'), secretsOf(harness.fakes))).toEqual([]);
	});
});

describe('the examples', () => {
	it.each(Array.from({ length: 9 }, (_, index) => [index + 1]))(
		'imports example %d without a complaint',
		async (number) => {
			const example = (await readExamples()).find(({ file }) => file.startsWith(`${number}-`))!;
			const id = await harness.rest.createWorkflow(
				withCredentials(example.workflow, harness.credentials),
			);
			await editor.openWorkflow(id);
			await shoot(`example-${number}`);
			expect(await editor.nodesOnCanvas()).toBe(
				example.workflow.nodes.filter(({ type }) => !type.endsWith('stickyNote')).length,
			);
			expect(await editor.complaintsOnCanvas()).toBe(0);
		},
	);
});
