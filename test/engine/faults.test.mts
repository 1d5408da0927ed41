import { beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';

import { FAULTS } from '../faults/catalogue.mts';
import { canMeet, judge, type Place } from '../faults/judge.mts';
import { OPERATIONS, type Setup } from '../faults/operations.mts';
import { startEngine, type Engine } from './n8n.mts';

/**
 * The deadline of 30 s in these tests, and any shorter one, in milliseconds: far above what a busy machine
 * takes to answer.
 */
const SHORTENED = { login: 1_500, call: 3_000 };

/**
 * Each fault meets every eighth operation here, and all of them on a real n8n (`npm run test:faults`), or
 * here with `FAULTS=all`.
 */
const SHARE = process.env['FAULTS'] === 'all' ? 1 : 8;

const isWait = (ms: number) => ms >= 300 && ms <= 2_400 && ms % 1_000 !== 0;

let engine: Engine;

beforeAll(async () => {
	engine = await startEngine();
});
beforeEach(() => {
	const { timeout } = AbortSignal;
	jest
		.spyOn(AbortSignal, 'timeout')
		.mockImplementation((milliseconds) =>
			timeout.call(AbortSignal, milliseconds < 30_000 ? SHORTENED.call : SHORTENED.login),
		);
	// Also shortens the waits before a retry, from 0.3 to 2.4 s, but not the calls' timeouts.
	const { setTimeout } = globalThis;
	jest
		.spyOn(globalThis, 'setTimeout')
		.mockImplementation((run: () => void, milliseconds = 0) =>
			setTimeout(run, isWait(milliseconds) ? 5 : milliseconds),
		);
});

/** The engine's own node for requests takes them in another form than n8n's. */
function parametersOf({ node, parameters, credential }: Setup) {
	if (node !== 'httpRequest') return parameters;
	const url = String(parameters['url']).replace(/^=/, '');
	const { timeout } = parameters['options'] as { timeout?: number };
	return {
		credentialType: credential.type,
		request: `=${JSON.stringify({ url, timeout: timeout === undefined ? undefined : timeout / 10 })}`,
	};
}

const place: Place = {
	limit: 10_000,
	hasOwnRequestNode: false,
	async run(setup, { continues }) {
		const { items, error, record } = await engine.run({
			node: setup.node === 'httpRequest' ? 'request' : setup.node,
			parameters: parametersOf(setup),
			credential: setup.credential,
			items: setup.items,
			settings: continues ? { onError: 'continueRegularOutput' } : {},
		});
		return {
			items: items.map(({ json, pairedItem }) => ({
				json,
				from: (pairedItem as { item: number }).item,
			})),
			error,
			record,
		};
	},
	test: async (type, data) => await engine.testCredential(type, data),
};

/** The operations that meet each fault, out of those that can. */
const chosen = new Map(
	FAULTS.map((fault, index) => {
		const able = OPERATIONS.filter((operation) => canMeet(operation, fault));
		return [
			fault,
			able.filter((_operation, place) => place % SHARE === index % Math.min(SHARE, able.length)),
		];
	}),
);

it('lets each fault meet an operation', () => {
	expect(FAULTS.filter((fault) => chosen.get(fault)!.length === 0).map(({ name }) => name)).toEqual(
		[],
	);
});

describe.each(OPERATIONS.map((operation) => [operation.name, operation] as const))(
	'%s',
	(_name, operation) => {
		it('succeeds or fails helpfully after every fault and harms no other item', async () => {
			const wrong: Record<string, string[]> = {};
			for (const fault of FAULTS.filter((candidate) =>
				chosen.get(candidate)!.includes(operation),
			)) {
				const complaints = await judge(place, operation, fault);
				if (complaints.length > 0) wrong[fault.name] = complaints;
			}
			expect(wrong).toEqual({});
		});
	},
);
