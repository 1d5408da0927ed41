import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';

import { FAULTS } from '../faults/catalogue.mts';
import { canMeet, judge, type Place } from '../faults/judge.mts';
import { OPERATIONS, type Scene } from '../faults/operations.mts';
import { startEngine, type Engine } from './n8n.mts';

/** The deadline of a request is shortened for these tests: half a second stands for 30. */
const SHORTENED = 60;

let engine: Engine;
const unhandled: unknown[] = [];
const onUnhandled = (reason: unknown) => unhandled.push(reason);

beforeAll(async () => {
	engine = await startEngine();
	process.on('unhandledRejection', onUnhandled);
});
beforeEach(() => {
	const { timeout } = AbortSignal;
	jest.spyOn(AbortSignal, 'timeout').mockImplementation((milliseconds) => timeout.call(AbortSignal, Math.ceil(milliseconds / SHORTENED)));
});
afterAll(() => {
	process.off('unhandledRejection', onUnhandled);
});

/** The engine's own node for requests takes them in another form than n8n's. */
function parametersOf({ node, parameters, credential }: Scene) {
	if (node !== 'httpRequest') return parameters;
	const url = String(parameters['url']).replace(/^=/, '');
	const { timeout } = parameters['options'] as { timeout?: number };
	return { credentialType: credential.type, request: `=${JSON.stringify({ url, timeout: timeout === undefined ? undefined : timeout / 10 })}` };
}

const place: Place = {
	limit: 10_000,
	hasOwnRequestNode: false,
	async run(scene, { continues }) {
		const { items, error, record } = await engine.run({
			node: scene.node === 'httpRequest' ? 'request' : scene.node,
			parameters: parametersOf(scene),
			credential: scene.credential,
			items: scene.items,
			settings: continues ? { onError: 'continueRegularOutput' } : {},
		});
		return { items: items.map(({ json, pairedItem }) => ({ json, from: (pairedItem as { item: number }).item })), error, record };
	},
	test: async (type, data) => await engine.testCredential(type, data),
};

describe.each(OPERATIONS.map((operation) => [operation.name, operation] as const))('%s', (_name, operation) => {
	it('ends well after every fault, or with an error that helps, and harms no other item', async () => {
		const wrong: Record<string, string[]> = {};
		for (const fault of FAULTS.filter((candidate) => canMeet(operation, candidate))) {
			const complaints = await judge(place, operation, fault);
			if (complaints.length > 0) wrong[fault.name] = complaints;
		}
		expect(wrong).toEqual({});
		expect(unhandled).toEqual([]);
	});
});
