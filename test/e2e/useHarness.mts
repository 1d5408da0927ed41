import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';

import type { IDataObject } from 'n8n-workflow';

import { Cleanup } from '../harness/cleanup.mts';
import { itemsOf, taskOf, type Execution } from '../harness/rest.mts';
import { startHarness, type Harness } from '../harness/harness.mts';
import { NEWEST } from '../harness/versions.mts';
import { diagnostics } from '../harness/diagnostics.mts';
import { workflowOf, type Subject } from '../harness/workflows.mts';

/** Set by the environment of these tests. */
declare const testHasFailed: boolean;

/** The version of n8n under test. */
export const VERSION = process.env['N8N_VERSION'] ?? NEWEST;
/** How long an uncached installation may take, in milliseconds. */
const START_TIMEOUT_MS = 30 * 60_000;

/** A real n8n for the tests of one file; if one fails, it shows what happened. */
export function useHarness(environment: Record<string, string> = {}): Harness {
	const harness = {} as Harness;
	const cleanup = new Cleanup();
	beforeAll(async () => {
		const report = (line: string) => process.stderr.write(`${line}\n`);
		try {
			Object.assign(
				harness,
				await startHarness({ version: VERSION, environment, cleanup, report }),
			);
		} catch (error) {
			// Jest reports this at the very end, once for each test.
			report(String(error));
			throw error;
		}
	}, START_TIMEOUT_MS);
	beforeEach(() => {
		harness.fakes.calls.clear();
		harness.fakes.faults.clear();
	});
	afterEach(() => {
		if (testHasFailed) process.stderr.write(diagnostics([harness.n8n], harness.fakes));
	});
	afterAll(async () => await cleanup.run(), 60_000);
	return harness;
}

/** Runs one node of n8n for some items. */
export async function runNode(
	{ rest }: Harness,
	subject: Subject,
	given?: IDataObject[],
): Promise<Execution> {
	return await rest.run(await rest.createWorkflow(workflowOf(subject, given)), 'Start');
}

export const jsonOf = (execution: Execution) =>
	itemsOf(execution, 'Subject').map(({ json }) => json);

export const errorOf = (execution: Execution) =>
	(taskOf(execution, 'Subject')?.error ?? execution.data.resultData.error) as
		| { message: string; description?: string | null; context?: { itemIndex?: number } }
		| undefined;
