import { describe, expect, it } from '@jest/globals';
import { request } from 'undici';

import { pointedAt, readExamples } from '../demo/examples.mts';
import { newCredential } from '../harness/credentials.mts';
import { PACKAGE } from '../harness/package.mts';
import { withCredentials, type WorkflowFile } from '../harness/rest.mts';
import { secretsFoundIn } from '../harness/secrets.mts';
import { httpRequest, many, triggeredWorkflow, type Subject } from '../harness/workflows.mts';
import { errorOf, jsonOf, runNode, useHarness } from './useHarness.mts';

const harness = useHarness();
const USER = 'crmComUserLoginApi';
const KEY = 'crmComWebApiKeyApi';
const AUREA = 'aureaLoginApi';
const LOGIN = 'authentication/token';
const SHOW = 'contact_information/show';
const RELEASE = 'authentication/token/release';

const everyTwoSeconds = { rule: { interval: [{ field: 'seconds', secondsInterval: 2 }] } };
const schedule: Subject = {
	type: 'n8n-nodes-base.scheduleTrigger',
	typeVersion: 1.2,
	parameters: everyTwoSeconds,
};

const show = (id: string) =>
	httpRequest(USER, id, {
		url: `${harness.fakes.crmCom.url}/crmapi/rest/v2/${SHOW}?contact_information_identifier=number%3DCI000111`,
	});

/** Lets an active workflow run by itself a number of times. */
async function letRun(workflow: WorkflowFile, times: number) {
	const id = await harness.rest.createWorkflow(workflow);
	await harness.rest.activate(id);
	try {
		await harness.rest.executionsOf(id, times);
	} finally {
		await harness.rest.deactivate(id);
	}
	await harness.rest.idle(id);
	return await harness.rest.executionsOf(id, times);
}

describe('a workflow on a schedule', () => {
	it('shares one session among all scheduled runs', async () => {
		const runs = await letRun(
			triggeredWorkflow(schedule, show(await newCredential(harness, USER))),
			4,
		);
		expect(runs.map(({ status }) => status)).toEqual(runs.map(() => 'success'));
		expect(harness.fakes.calls.counts()).toEqual({ [LOGIN]: 1, [SHOW]: runs.length });
		for (const { raw } of runs)
			expect(secretsFoundIn(raw, harness.fakes.crmCom.sessions.keys())).toEqual([]);
	});

	it('gets and releases a separate token in each scheduled run, as the example does', async () => {
		const example = (await readExamples()).find(({ file }) => file.startsWith('11-'))!;
		const credentials = { ...harness.credentials, [KEY]: await newCredential(harness, KEY) };
		const workflow = withCredentials(pointedAt(harness.fakes, example.workflow), credentials);
		const nodes = workflow.nodes.map((node) =>
			node.type === schedule.type ? { ...node, parameters: everyTwoSeconds } : node,
		);
		const runs = await letRun({ ...workflow, nodes }, 3);
		expect(runs.map(({ status }) => status)).toEqual(runs.map(() => 'success'));
		expect(harness.fakes.calls.counts()).toEqual({
			'authentication/web_api_key/token': runs.length,
			'payments/get_latest': runs.length,
			[RELEASE]: runs.length,
		});
		expect(new Set(harness.fakes.crmCom.released.slice(-runs.length)).size).toBe(runs.length);
	});

	it('fails with a clear message and logs in once while the login is rejected', async () => {
		const id = await newCredential(harness, USER, { password: 'refused-Pa55' });
		const runs = await letRun(triggeredWorkflow(schedule, show(id)), 3);
		for (const run of runs)
			expect(errorOf(run)).toMatchObject({
				message: expect.stringContaining('The user name or the password is wrong'),
			});
		expect(harness.fakes.calls.counts()).toEqual({ [LOGIN]: 1 });
	});
});

describe('a webhook called a hundred times at once', () => {
	const webhook = (path: string): Subject => ({
		type: 'n8n-nodes-base.webhook',
		typeVersion: 2,
		webhookId: path,
		parameters: { path, httpMethod: 'POST', responseMode: 'lastNode', options: {} },
	});

	async function call(path: string, workflow: WorkflowFile) {
		const id = await harness.rest.createWorkflow(workflow);
		await harness.rest.activate(id);
		try {
			const url = `${harness.n8n.url}/webhook/${path}`;
			const headers = { 'content-type': 'application/json' };
			const answers = many(100).map(async (body) => {
				const response = await request(url, {
					method: 'POST',
					headers,
					body: JSON.stringify(body),
				});
				return {
					status: response.statusCode,
					body: (await response.body.json()) as Record<string, unknown>,
				};
			});
			return await Promise.all(answers);
		} finally {
			await harness.rest.deactivate(id);
		}
	}

	it('logs in once and gives each caller its own answer', async () => {
		const { contacts } = harness.fakes.crmCom;
		for (let index = 0; index < 100; index++)
			contacts.push({ ...contacts[0]!, number: `W${index}` });
		const node = show(await newCredential(harness, USER));
		const url = `=${harness.fakes.crmCom.url}/crmapi/rest/v2/${SHOW}?contact_information_identifier=number%3DW{{ $json.body.index }}`;
		const answers = await call(
			'concurrent-a',
			triggeredWorkflow(webhook('concurrent-a'), {
				...node,
				parameters: { ...node.parameters, url },
			}),
		);
		contacts.length = 1;
		expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
		expect(answers.map(({ body }) => (body['data'] as { number: string }).number)).toEqual(
			answers.map((_, index) => `W${index}`),
		);
		expect(harness.fakes.calls.counts()).toEqual({ [LOGIN]: 1, [SHOW]: 100 });
	});

	it('gives each run its own token with Get Token', async () => {
		const id = await newCredential(harness, USER);
		const getToken: Subject = {
			type: `${PACKAGE}.crmCom`,
			parameters: { operation: 'getToken', options: { includeOtherFields: true } },
			credentials: { [USER]: { id, name: '' } },
		};
		const answers = await call(
			'concurrent-b',
			triggeredWorkflow(webhook('concurrent-b'), getToken),
		);
		expect(answers.map(({ body }) => (body['body'] as { index: number }).index)).toEqual(
			answers.map((_, index) => index),
		);
		expect(new Set(answers.map(({ body }) => body['token'])).size).toBe(100);
		expect(harness.fakes.calls.counts()).toEqual({ [LOGIN]: 100 });
	});
});

describe('a restart of n8n', () => {
	it('logs in once for each credential after a restart of n8n', async () => {
		const [user, aurea] = [await newCredential(harness, USER), await newCredential(harness, AUREA)];
		const uid = harness.fakes.aurea.users[0]!.currentUid;
		const lists = httpRequest(AUREA, aurea, { url: `${harness.fakes.aurea.url}/${uid}/lists/` });
		const workflows = async () => {
			expect(jsonOf(await runNode(harness, show(user), many(5)))).toHaveLength(5);
			expect(errorOf(await runNode(harness, lists, many(5)))).toBeUndefined();
		};
		await workflows();
		await workflows();
		expect([harness.fakes.calls.count(LOGIN), harness.fakes.calls.count('sessions')]).toEqual([
			1, 1,
		]);
		await harness.restart();
		await workflows();
		await workflows();
		expect([harness.fakes.calls.count(LOGIN), harness.fakes.calls.count('sessions')]).toEqual([
			2, 2,
		]);
		expect(harness.fakes.calls.all.every(({ outcome }) => outcome === 'OK')).toBe(true);
	});

	it('keeps a scheduled workflow running after a restart, with a new session', async () => {
		const id = await harness.rest.createWorkflow(
			triggeredWorkflow(schedule, show(await newCredential(harness, USER))),
		);
		await harness.rest.activate(id);
		await harness.rest.executionsOf(id, 1);
		await harness.restart();
		const before = (await harness.rest.executionsOf(id, 1)).length;
		await harness.rest.executionsOf(id, before + 2);
		await harness.rest.deactivate(id);
		expect(harness.fakes.calls.count(LOGIN)).toBe(2);
	});
});
