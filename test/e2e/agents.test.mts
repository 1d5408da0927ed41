import { beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { INode, INodeParameters } from 'n8n-workflow';

import type { ModelAnswer } from '../fakes/model.mts';
import { rowsOf } from '../fakes/crmCom.mts';
import { newCredential } from '../harness/credentials.mts';
import { PACKAGE } from '../harness/package.mts';
import { mapper, method, resourceLocator } from '../harness/parameters.mts';
import type { Execution } from '../harness/rest.mts';
import { secretsFoundIn, secretsOf, writtenBy } from '../harness/secrets.mts';
import { isAtLeast } from '../harness/versions.mts';
import { inARow, nodeOf } from '../harness/workflows.mts';
import { useHarness, VERSION } from './useHarness.mts';

const harness = useHarness({ N8N_LOG_LEVEL: 'debug' });
const USER = 'crmComUserLoginApi';
const LOGIN = 'authentication/token';
const SHOW = 'contact_information/show';
const LIST = 'payments/list';

/** The agents of this n8n: from 3 on, tools run as ordinary nodes. */
const AGENTS = isAtLeast(VERSION, '2.0') ? [2.2, 3.1] : [2.2, 3];

beforeEach(() => {
	harness.model.requests.length = 0;
});

/** A tool of the agent, with what the model fills in. */
function tool(name: string, parameters: object, credentialId: string): INode {
	return nodeOf(name, {
		type: `${PACKAGE}.crmComTool`,
		parameters: parameters as INodeParameters,
		credentials: { [USER]: { id: credentialId, name: '' } },
	});
}

const fromAi = (name: string) => `={{ $fromAI('${name}', '', 'string') }}`;

const showTool = (credentialId: string) =>
	tool(
		'Show_Contact',
		{
			operation: 'callMethod',
			method: method(`GET ${SHOW}`),
			parameters: mapper({ contact_information_identifier: fromAi('contact') }),
		},
		credentialId,
	);

const freeTool = (credentialId: string) =>
	tool(
		'Any_Method',
		{
			operation: 'callMethod',
			method: method(fromAi('method')),
			additionalParameters: {
				parameter: [{ name: fromAi('name'), value: fromAi('value') }],
			},
		},
		credentialId,
	);

/** Runs an agent whose model calls tools as told, and then ends. */
async function runAgent(
	version: number,
	tools: readonly INode[],
	calls: ModelAnswer,
): Promise<Execution> {
	harness.model.answer = ({ messages }) =>
		messages.some(({ role }) => role === 'tool') ? 'That is all' : calls;
	const agent = nodeOf('Agent', {
		type: '@n8n/n8n-nodes-langchain.agent',
		typeVersion: version,
		parameters: { promptType: 'define', text: 'What does CI000111 owe?', options: {} },
	});
	const chatModel = nodeOf('Model', {
		type: '@n8n/n8n-nodes-langchain.lmChatOpenAi',
		typeVersion: 1.2,
		parameters: { model: { __rl: true, mode: 'id', value: 'fake' }, options: {} },
		credentials: { openAiApi: { id: harness.credentials['openAiApi']!, name: '' } },
	});
	const start = nodeOf('Start', { type: 'n8n-nodes-base.manualTrigger', parameters: {} });
	const leadsTo = (type: 'ai_languageModel' | 'ai_tool') => ({
		[type]: [[{ node: 'Agent', type, index: 0 }]],
	});
	const id = await harness.rest.createWorkflow({
		name: 'Agent',
		nodes: [start, agent, chatModel, ...tools],
		connections: {
			...inARow('Start', 'Agent'),
			Model: leadsTo('ai_languageModel'),
			...Object.fromEntries(tools.map(({ name }) => [name, leadsTo('ai_tool')])),
		},
		settings: { executionOrder: 'v1' },
	});
	return await harness.rest.run(id, 'Start');
}

/** What the model was told by its tools. */
const toolAnswers = () =>
	harness.model.requests
		.at(-1)!
		.messages.filter(({ role }) => role === 'tool')
		.map(({ content }) => (typeof content === 'string' ? content : JSON.stringify(content)));

const tokens = () => [...harness.fakes.crmCom.sessions.keys()];

describe.each(AGENTS.map((version) => [version]))('CRM.COM as a tool of agent %d', (version) => {
	it('tells the model what it does, and answers with data and without a token', async () => {
		const id = await newCredential(harness, USER);
		const execution = await runAgent(
			version,
			[showTool(id)],
			[{ tool: 'Show_Contact', input: { contact: 'number=CI000111' } }],
		);
		expect(execution.status).toBe('success');
		const [{ function: schema }] = harness.model.requests[0]!.tools! as [{ function: never }];
		expect(schema).toMatchObject({
			name: 'Show_Contact',
			description: expect.stringContaining('CRM COM'),
			parameters: { properties: { contact: expect.anything() } },
		});
		expect(toolAnswers().join()).toContain('Lovelace');
		expect(tokens().length).toBeGreaterThan(0);
		expect(
			secretsFoundIn(execution.raw + JSON.stringify(harness.model.requests), tokens()),
		).toEqual([]);
	});

	it("tells the model what an action does, and how to call a method, by the tool's name and description", async () => {
		const id = await newCredential(harness, USER);
		const payments = {
			resource: 'payment',
			operation: 'getMany',
			limit: 2,
			accounts_receivable_identifier: resourceLocator('number', fromAi('Account')),
		};
		// With *Set Automatically*, and in a workflow that was saved before there were resources.
		await runAgent(
			version,
			[tool('Payments', payments, id), showTool(id)],
			[{ tool: 'Payments', input: { Account: '192' } }],
		);
		const tools = harness.model.requests[0]!.tools! as ReadonlyArray<{
			function: { name: string; description: string };
		}>;
		const descriptions = new Map(
			tools.map((each) => [each.function.name, each.function.description]),
		);
		expect(descriptions.get('Payments')).toBe('Get many payments of an account in CRM COM');
		expect(descriptions.get('Show_Contact')).toBe('Call a method in CRM COM');
		expect(toolAnswers().join()).toContain('P0000001');
	});

	it('accepts the bare value of a record, and an identifier as it is', async () => {
		const id = await newCredential(harness, USER);
		const account = (name: string) =>
			tool(
				name,
				{
					operation: 'callMethod',
					method: method('GET accounts_receivable/show'),
					parameters: mapper({ accounts_receivable_identifier: fromAi('account') }),
				},
				id,
			);
		await runAgent(
			version,
			[account('Account')],
			['192', 'number=192'].map((value) => ({ tool: 'Account', input: { account: value } })),
		);
		expect(toolAnswers()).toHaveLength(2);
		for (const answer of toolAnswers()) expect(answer).toContain('Lovelace');
	});

	it('logs in once for twenty concurrent calls', async () => {
		const id = await newCredential(harness, USER);
		await runAgent(
			version,
			[showTool(id)],
			Array.from({ length: 20 }, () => ({
				tool: 'Show_Contact',
				input: { contact: 'number=CI000111' },
			})),
		);
		expect(harness.fakes.calls.counts()).toEqual({ [LOGIN]: 1, [SHOW]: 20 });
	});

	it('gives the model an error as a sentence that it can act on', async () => {
		const id = await newCredential(harness, USER);
		await runAgent(version, [showTool(id)], [{ tool: 'Show_Contact', input: { contact: 'Ada' } }]);
		expect(toolAnswers().join()).toContain('Write id_number=Ada');
	});

	it.each([['getToken'], ['releaseToken']])('refuses %s before any login', async (operation) => {
		const id = await newCredential(harness, USER);
		const parameters = { operation, token: fromAi('token') };
		const execution = await runAgent(
			version,
			[tool('Token', parameters, id)],
			[{ tool: 'Token', input: { token: 'A'.repeat(32) } }],
		);
		expect(harness.fakes.calls.counts()).toEqual({});
		expect(execution.raw + JSON.stringify(harness.model.requests)).toContain(
			'is not available to AI agents',
		);
	});

	it.each([
		['authentication/token'],
		['POST authentication/token/release'],
		['GET %61uthentication/token'],
		['GET a/../authentication/token'],
		['GET https://evil.example/crmapi/rest/v2/a/b'],
		['GET //evil.example/a/b'],
		[`GET a/${'b'.repeat(2_000)}`],
		['__proto__'],
	])('does not let the model call %j', async (name) => {
		const id = await newCredential(harness, USER);
		const input = { method: name, name: 'a', value: 'b' };
		await runAgent(version, [freeTool(id)], [{ tool: 'Any_Method', input }]);
		expect(harness.fakes.calls.counts()).toEqual({});
	});

	it.each([['token'], ['__proto__'], ['constructor']])(
		'does not let the model gain anything by setting the parameter %s',
		async (name) => {
			const id = await newCredential(harness, USER);
			const input = { method: 'GET currencies/list', name, value: 'stolen' };
			await runAgent(version, [freeTool(id)], [{ tool: 'Any_Method', input }]);
			const urls = harness.fakes.calls.of('currencies/list').map(({ url }) => url);
			// Only `token` is refused: the others are ordinary names, so the tool makes the call.
			expect(urls).toHaveLength(name === 'token' ? 0 : 1);
			expect(urls.filter((url) => url.includes('token=stolen'))).toEqual([]);
			expect(secretsFoundIn(JSON.stringify(harness.model.requests), tokens())).toEqual([]);
		},
	);

	it('reads up to a limit, and gives no list of more than 100 rows to the model', async () => {
		const id = await newCredential(harness, USER);
		harness.fakes.crmCom.lists.set(LIST, rowsOf(150, 'P'));
		const list = (parameters: object) =>
			tool(
				'Payments',
				{
					method: method(`GET ${LIST}`),
					parameters: mapper({ accounts_receivable_identifier: fromAi('account') }),
					...parameters,
				},
				id,
			);
		const call = [{ tool: 'Payments', input: { account: 'number=192' } }];
		await runAgent(version, [list({ operation: 'getMany', limit: 30 })], call);
		const answer = toolAnswers().join();
		expect(answer).toContain('P0000030');
		expect(answer).not.toContain('P0000031');
		expect(answer).toContain('The list may have more rows than these');
		await runAgent(version, [list({ operation: 'callMethod' })], call);
		expect(toolAnswers().join()).toContain('too many for an AI agent');
		// Some versions of n8n drop what the tool does not offer; then the limit is 50.
		await runAgent(version, [list({ operation: 'getMany', returnAll: true })], call);
		expect(toolAnswers().join()).not.toContain('P0000051');
	});
});

it('lets an agent use the HTTP Request tool with the credential of Aurea, without a token', async () => {
	const id = await newCredential(harness, 'aureaLoginApi');
	const request = nodeOf('Lists', {
		type: 'n8n-nodes-base.httpRequestTool',
		typeVersion: 4.2,
		parameters: {
			url: `${harness.fakes.aurea.url}/{orgUid}/lists/`,
			authentication: 'predefinedCredentialType',
			nodeCredentialType: 'aureaLoginApi',
			options: {},
		},
		credentials: { aureaLoginApi: { id, name: '' } },
	});
	const execution = await runAgent(AGENTS[1]!, [request], [{ tool: 'Lists', input: {} }]);
	expect(harness.fakes.calls.count('{orgUid}/lists')).toBe(1);
	const given = [...harness.fakes.aurea.sessions.keys()];
	expect(secretsFoundIn(execution.raw + JSON.stringify(harness.model.requests), given)).toEqual([]);
});

it('writes no token to the database or the log', async () => {
	await sleep(1_000);
	const given = [...tokens(), ...harness.fakes.aurea.sessions.keys()];
	expect(given.length).toBeGreaterThan(5);
	expect(secretsFoundIn(writtenBy(harness), given)).toEqual([]);
	const others = secretsOf(harness.fakes).filter((secret) => !secret.startsWith('own-Pa55'));
	expect(secretsFoundIn(writtenBy(harness), others)).toEqual([]);
});
