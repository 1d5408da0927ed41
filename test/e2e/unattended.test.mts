import { readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';

import { describe, expect, it } from '@jest/globals';

import { rowsOf } from '../fakes/crmCom.mts';
import { newCredential } from '../harness/credentials.mts';
import { PACKAGE } from '../harness/package.mts';
import { mapper, method } from '../harness/parameters.mts';
import { itemsOf } from '../harness/rest.mts';
import { secretsFoundIn, secretsOf } from '../harness/secrets.mts';
import { many, nodeOf, workflowOf } from '../harness/workflows.mts';
import { errorOf, jsonOf, runNode, useHarness } from './useHarness.mts';

/** Unattended runs, on a real n8n. */
const harness = useHarness({ N8N_LOG_LEVEL: 'debug' });
const USER = 'crmComUserLoginApi';
const LOGIN = 'authentication/token';
const SHOW = 'contact_information/show';
const LIST = 'access_tokens/list';

const crmCom = (id: string, parameters: object, more: object = {}) => ({
	type: `${PACKAGE}.crmCom`,
	parameters: { operation: 'callMethod', ...parameters } as never,
	credentials: { [USER]: { id, name: '' } },
	...more,
});
const show = (number: string) => ({
	method: method(`GET ${SHOW}`),
	parameters: mapper({ contact_information_identifier: `=number=${number}` }),
});

describe('a read that meets hiccups', () => {
	const readWholeList = async () => {
		const id = await newCredential(harness, USER);
		const getMany = {
			operation: 'getMany',
			method: method(`GET ${LIST}`),
			parameters: mapper({ accounts_receivable_identifier: 'number=192' }),
			returnAll: true,
		};
		return await runNode(harness, crmCom(id, getMany));
	};

	it('reads a list of 1,500 rows whole and in order past a 503, a reset and a 429', async () => {
		harness.fakes.crmCom.lists.set(LIST, rowsOf(1_500));
		const at =
			(offset: number) =>
			({ url }: { url: string }) =>
				new URL(url, 'http://vendor').searchParams.get('offset') === String(offset);
		const { faults } = harness.fakes;
		faults.plan(LIST, { kind: 'status', status: 503 }, 1, at(300));
		faults.plan(LIST, { kind: 'reset' }, 1, at(800));
		const headers = { 'Retry-After': '1' };
		faults.plan(LIST, { kind: 'status', status: 429, headers }, 1, at(1_400));
		const execution = await readWholeList();
		expect(errorOf(execution)).toBeUndefined();
		expect(jsonOf(execution).map(({ reference_number: number }) => number)).toEqual(
			Array.from({ length: 1_500 }, (_, index) => `R-${index + 1}`),
		);
		expect(harness.fakes.calls.count(LOGIN)).toBe(1);
		// 15 pages, three of them twice, and what was requested in vain.
		expect(harness.fakes.calls.count(LIST)).toBeLessThanOrEqual(18 + 6);
	});

	it('reads 2,000 rows ahead at 300 ms a page, in order and at most five pages at once', async () => {
		harness.fakes.crmCom.lists.set(LIST, rowsOf(2_000));
		harness.fakes.faults.plan(LIST, { kind: 'slow', milliseconds: 300 });
		const execution = await readWholeList();
		expect(jsonOf(execution).map(({ reference_number: number }) => number)).toEqual(
			Array.from({ length: 2_000 }, (_, index) => `R-${index + 1}`),
		);
		expect(harness.fakes.calls.mostAtOnce(LIST)).toBe(5);
		expect(harness.fakes.calls.count(LIST)).toBeLessThanOrEqual(30);
	});

	it('makes only 210 calls for 200 items to a server that stays busy', async () => {
		harness.fakes.faults.plan(SHOW, { kind: 'status', status: 503 });
		const id = await newCredential(harness, USER);
		const more = { onError: 'continueRegularOutput' };
		const execution = await runNode(harness, crmCom(id, show('CI000111'), more), many(200));
		expect(jsonOf(execution)).toHaveLength(200);
		expect(jsonOf(execution)[199]).toEqual({
			error: expect.objectContaining({ httpCode: '503', mayBeDone: false }),
		});
		expect(harness.fakes.calls.count(SHOW)).toBe(210);
	});
});

it("lets a workflow branch on an error's code, with the failed item", async () => {
	const id = await newCredential(harness, USER);
	const more = { onError: 'continueErrorOutput' };
	const workflow = workflowOf(crmCom(id, show('{{ $json.number }}'), more), [
		{ number: 'CI000111', order: 1 },
		{ number: 'CI9', order: 2 },
	]);
	const isNotFound = {
		leftValue: '={{ $json.error.code }}',
		rightValue: 'NOTFOUNDEXCEPTION',
		operator: { type: 'string', operation: 'endsWith' },
	};
	const condition = { options: { version: 2 }, combinator: 'and', conditions: [isNotFound] };
	workflow.nodes.push(
		nodeOf('Not Found?', {
			type: 'n8n-nodes-base.if',
			typeVersion: 2.2,
			parameters: { conditions: condition },
		}),
		nodeOf('Create It', { type: 'n8n-nodes-base.noOp', parameters: {} }),
	);
	const to = (node: string) => [{ node, type: 'main' as const, index: 0 }];
	workflow.connections['Subject'] = { main: [[], to('Not Found?')] };
	workflow.connections['Not Found?'] = { main: [to('Create It'), []] };
	const execution = await harness.rest.run(await harness.rest.createWorkflow(workflow), 'Start');
	expect(itemsOf(execution, 'Create It').map(({ json }) => json)).toEqual([
		{
			number: 'CI9',
			order: 2,
			error: {
				message: 'The contact information was not found',
				description: 'Check the parameters of the method',
				httpCode: null,
				code: 'COM.CRM.EXCEPTION.CONTACTINFORMATION.CONTACTNOTFOUNDEXCEPTION',
				mayBeDone: false,
			},
		},
	]);
});

it('explains each login in the log of n8n, without a secret', async () => {
	const id = await newCredential(harness, USER);
	const run = async () => await runNode(harness, crmCom(id, show('CI000111')));
	await run();
	harness.fakes.faults.plan(SHOW, { kind: 'status', status: 503 }, 1);
	await run();
	for (let renewal = 0; renewal < 2; renewal++) {
		harness.fakes.crmCom.endAllSessions();
		await run();
	}
	const wrong = await newCredential(harness, USER, { password: 'wrong-Pa55word' });
	await runNode(harness, crmCom(wrong, show('CI000111')));
	const log = readFileSync(harness.n8n.logFile, 'utf8');
	const lines = [...log.matchAll(/crmComUserLoginApi at [\d.:]+: (.*?)(?: \{.*)?$/gm)].map(
		// n8n colours its log.
		([, line]) => stripVTControlCharacters(line!).trim(),
	);
	expect(lines.slice(-7)).toEqual([
		'logged in since there was no session',
		expect.stringMatching(
			/^GET contact_information\/show failed \(HTTP 503\), and is sent again in 0\.[456]\d* s$/,
		),
		'the session has ended (COM.CRM.EXCEPTION.SECURITY.SESSIONEXPIREDEXCEPTION), so the next request logs in',
		'logged in since the session has ended',
		'the session has ended (COM.CRM.EXCEPTION.SECURITY.SESSIONEXPIREDEXCEPTION), so the next request logs in',
		'logged in since the session has ended',
		'login rejected (COM.CRM.EXCEPTION.SECURITY.INVALIDCREDENTIALSEXCEPTION), and not repeated for 1 min',
	]);
	expect(secretsFoundIn(log, [...secretsOf(harness.fakes), 'wrong-Pa55word'])).toEqual([]);
});
