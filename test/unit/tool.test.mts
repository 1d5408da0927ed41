import { describe, expect, it, jest } from '@jest/globals';
import type { IExecuteFunctions, ILoadOptionsFunctions } from 'n8n-workflow';

import { CrmCom } from '../../nodes/CrmCom/CrmCom.node.ts';
import { getParameterNames, getParameters } from '../../nodes/CrmCom/resourceMapping.ts';
import { toOneText } from '../../nodes/shared/errorOutput.ts';
import {
	ApiError,
	InputError,
	BY_EXPRESSION,
	CHECK_EXPRESSION,
} from '../../nodes/shared/errors.ts';
import { forEachItem } from '../../nodes/shared/items.ts';
import { isTool } from '../../nodes/shared/tool.ts';
import { rejectedBy } from './failures.mts';

const NODE = { name: 'CRM.COM', typeVersion: 1, parameters: {} };

/** A node in n8n, with what these functions read. */
function contextOf(type: string, parameters: Record<string, unknown> = {}) {
	return {
		getNode: () => ({ ...NODE, type }),
		getNodeParameter: (name: string, _index: number, fallback?: unknown) =>
			parameters[name] ?? fallback,
		getCurrentNodeParameter: (name: string, { extractValue = false } = {}) =>
			name !== 'method' || extractValue ? parameters[name] : { value: parameters[name] },
		getInputData: () => [{ json: {} }],
		continueOnFail: () => false,
		getExecutionCancelSignal: () => undefined,
		getCredentials: jest.fn(),
	};
}

const TOOL = 'n8n-nodes-crmcom-aurea.crmComTool';
const PLAIN = 'n8n-nodes-crmcom-aurea.crmCom';

it("recognizes a tool by its node's type", () => {
	expect(isTool(contextOf(TOOL) as never)).toBe(true);
	expect(isTool(contextOf(PLAIN) as never)).toBe(false);
});

it('tells a model what is wrong and what to do', () => {
	expect(toOneText('No', new InputError('No', 'Do this'))).toBe('No. Do this');
	expect(toOneText('No', new ApiError('No', { advice: 'a <b>' }))).toBe('No. a <b>');
	expect(toOneText('No', new ApiError('No', { advice: '' }))).toBe('No');
	expect(toOneText('No? v1 failed', new InputError('', 'Do this'))).toBe('No? v1 failed. Do this');
	expect(toOneText('It failed!', new InputError('', 'Do this'))).toBe('It failed! Do this');
	expect(toOneText('No', new Error('No'))).toBe('No');
	const forBuilders = `Do this. ${BY_EXPRESSION}a={{ $json.a }}. ${CHECK_EXPRESSION}`;
	expect(toOneText('No', new InputError('No', forBuilders))).toBe('No. Do this');
});

it('returns an error of a tool as an item, and throws it elsewhere', async () => {
	const fail = async () => await Promise.reject(new InputError('No', 'Do this'));
	const run = async (type: string) =>
		await forEachItem(contextOf(type) as unknown as IExecuteFunctions, 1, fail);
	expect(await run(TOOL)).toEqual([[{ json: { error: 'No. Do this' }, pairedItem: { item: 0 } }]]);
	expect((await rejectedBy(run(PLAIN))).message).toBe('No');
});

it.each([
	['getToken', 'Get Token'],
	['releaseToken', 'Release Token'],
])('refuses %s in a tool before it reads a credential', async (operation, name) => {
	const context = contextOf(TOOL, { operation });
	const error = await rejectedBy(
		new CrmCom().execute.call(context as unknown as IExecuteFunctions),
	);
	expect(error).toMatchObject({
		message: `${name} is not available to AI agents, since its token would go to the model`,
		description: 'Use another operation: all others log in by themselves',
	});
	expect(context.getCredentials).not.toHaveBeenCalled();
});

describe('a long list', () => {
	/** Runs an operation against a server that answers each call with a number of rows. */
	async function run(
		type: string,
		operation: string,
		count: number,
		{
			isNested = false,
			beside,
			...more
		}: {
			isNested?: boolean;
			/** What the answer has in addition to a set of processed rows. */
			beside?: object;
			returnAll?: boolean;
			limit?: number;
			method?: string;
		} = {},
	) {
		const rows = Array.from({ length: count }, (_, index) => ({ index }));
		const parameters: Record<string, unknown> = {
			operation,
			method: 'GET communications/configuration/categories/list',
			limit: 500,
			...more,
		};
		const context = {
			...contextOf(type),
			getNodeParameter: (name: string, _index: number, fallback: unknown) =>
				parameters[name] ?? fallback,
			getCredentials: async () => ({
				serverUrl: 'https://crm.example.com',
				username: `tool${++users}`,
				password: 'p',
				organisation: 'o',
			}),
			addExecutionHints: jest.fn(),
			helpers: {
				httpRequest: async ({ url }: { url: string }) => ({
					statusCode: 200,
					headers: {},
					body: {
						status: { code: 'OK' },
						data: url.endsWith('authentication/token')
							? { token: 'TOKEN-1' }
							: beside !== undefined
								? { processed_set: rows, ...beside }
								: isNested
									? { total: count, categories: rows }
									: rows,
					},
				}),
			},
		};
		const [items = []] = await new CrmCom().execute.call(context as unknown as IExecuteFunctions);
		return items.length === 1 ? items[0]!.json['error'] : items.length;
	}
	let users = 0;

	it('is too long for an agent if Call Method returns more than 100 rows', async () => {
		expect(await run(TOOL, 'callMethod', 100)).toBe(100);
		expect(await run(TOOL, 'callMethod', 101)).toMatch(
			/^The list has 101 rows, which is too many for an AI agent\. Use the operation Get Many/,
		);
		expect(await run(PLAIN, 'callMethod', 101)).toBe(101);
		// A method that may have changed something must not be called again.
		expect(await run(TOOL, 'callMethod', 101, { method: 'POST not/known' })).toBe(
			'The list has 101 rows, which is too many for an AI agent. CRM.COM has carried out the call: do not repeat it. Its response was left out',
		);
		expect(await run(TOOL, 'callMethod', 101, { isNested: true })).toMatch(
			/^The list has 101 rows/,
		);
	});

	it('is too long for an agent if it has more than 100,000 characters', async () => {
		const wordy = { unprocessed_set: [], words: 'x'.repeat(100_000) };
		expect(await run(TOOL, 'callMethod', 1, { method: 'GET not/known', beside: wordy })).toMatch(
			/^The response has 1000\d\d characters, which is too much for an AI agent\. Ask for fewer fields with the parameter fields_set/,
		);
		const shorter = { ...wordy, words: 'x'.repeat(99_000) };
		expect(
			await run(TOOL, 'callMethod', 1, { method: 'GET not/known', beside: shorter }),
		).toBeUndefined();
	});

	it('tells an agent which entries were refused, in addition to the others', async () => {
		const refused = { unprocessed_set: [{ request_unique_identifier: 'E1', error_code: 'NO' }] };
		// A warning, and the response.
		expect(await run(TOOL, 'callMethod', 1, { method: 'POST not/known', beside: refused })).toBe(2);
		expect(
			await run(PLAIN, 'callMethod', 1, { method: 'POST not/known', beside: refused }),
		).toBeUndefined();
	});

	it('tells an agent which entries were refused, if the response is too long for it', async () => {
		const refused = { unprocessed_set: [{ request_unique_identifier: 'E1', error_code: 'NO' }] };
		expect(await run(TOOL, 'callMethod', 101, { method: 'POST not/known', beside: refused })).toBe(
			'The list has 101 rows, which is too many for an AI agent. CRM.COM has refused 1 of 102 entries: E1: NO. CRM.COM has carried out the call: do not repeat it. Its response was left out',
		);
	});

	it('is read by an agent up to a limit only', async () => {
		// The first item says that there may be more.
		expect(await run(TOOL, 'getMany', 200, { limit: 100 })).toBe(101);
		for (const tooMuch of [{ returnAll: true }, { limit: 101 }])
			expect(await run(TOOL, 'getMany', 200, tooMuch)).toMatch(
				/^An AI agent can read at most 100 rows at once\. Set 'Limit' to 100 or less/,
			);
		expect(await run(PLAIN, 'getMany', 200, { returnAll: true })).toBe(200);
	});
});

describe('the parameters that the editor offers', () => {
	const offer = async (parameters: Record<string, unknown>, type = PLAIN) =>
		await getParameters.call(contextOf(type, parameters) as unknown as ILoadOptionsFunctions);

	it('are those of the method, all as text, the mandatory ones required', async () => {
		const { fields, emptyFieldsNotice } = await offer({
			operation: 'callMethod',
			method: 'GET payments/list',
		});
		expect(emptyFieldsNotice).toContain("'Undocumented Parameters'");
		expect(fields[0]).toEqual({
			id: 'accounts_receivable_identifier',
			displayName: 'Account',
			required: true,
			display: true,
			defaultMatch: false,
			canBeUsedToMatch: false,
			type: 'string',
		});
		expect(fields.slice(1).map(({ required }) => required)).toEqual(
			fields.slice(1).map(() => false),
		);
	});

	it('have a choice for a boolean, but text if a model fills it in', async () => {
		const parameters = { operation: 'callMethod', method: 'GET accounts_receivable/vouchers/list' };
		const find = async (type: string) =>
			(await offer(parameters, type)).fields.find(({ id }) => id === 'eligible_for_use');
		expect(await find(PLAIN)).toMatchObject({
			type: 'options',
			options: [
				expect.objectContaining({ name: 'True', value: 'true' }),
				expect.objectContaining({ name: 'False', value: 'false' }),
			],
		});
		// The editor names the model's keys after the labels.
		expect(await find(TOOL)).toMatchObject({ type: 'string', displayName: 'eligible_for_use' });
	});

	it('are listed by name with their documentation for use from the input item', async () => {
		const parameters = { operation: 'callMethod', method: 'POST jobs/all_scopes/complete' };
		const names = await getParameterNames.call(
			contextOf(PLAIN, parameters) as unknown as ILoadOptionsFunctions,
		);
		expect(names[0]).toEqual({
			name: 'job_identifier',
			value: 'job_identifier',
			description: 'by id, number',
		});
	});

	it('have their documentation beside each choice, and none where there is none', async () => {
		const choicesOf = async (method: string, name: string) =>
			(await offer({ operation: 'callMethod', method })).fields.find(({ id }) => id === name)!
				.options!;
		expect((await choicesOf('GET currencies/list', 'life_cycle_state'))[0]).toEqual({
			name: 'Effective',
			value: 'EFFECTIVE',
			description: 'from R14.0.0',
		});
		const [choice] = await choicesOf('GET alerts/list', 'life_cycle_state');
		expect(Object.keys(choice!)).toEqual(['name', 'value']);
		const parameters = { operation: 'callMethod', method: 'POST payments/create' };
		const names = await getParameterNames.call(
			contextOf(PLAIN, parameters) as unknown as ILoadOptionsFunctions,
		);
		const undocumented = names.filter((option) => !('description' in option));
		expect(undocumented).not.toEqual([]);
	});

	it('leave the parameters of a page to Get Many', async () => {
		const names = async (operation: string) =>
			(await offer({ operation, method: 'GET currencies/list' })).fields.map(({ id }) => id);
		expect(await names('callMethod')).toEqual(
			expect.arrayContaining(['offset', 'number_of_results']),
		);
		const rest = await names('getMany');
		expect(rest).toContain('fields_set');
		expect(rest).not.toContain('offset');
		expect(rest).not.toContain('number_of_results');
	});

	it.each([[undefined], [null], [''], ['not a method'], [{}], ['GET not/known']])(
		'are none for the method %j',
		async (method) => expect((await offer({ operation: 'callMethod', method })).fields).toEqual([]),
	);
});
