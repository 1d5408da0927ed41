import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';

import type { IDataObject } from 'n8n-workflow';

import { Cleanup } from '../host/cleanup.mts';
import { itemsOf, taskOf, type Execution } from '../host/rest.mts';
import { openStage, type Stage } from '../host/stage.mts';
import { NEWEST } from '../host/versions.mts';
import { whatHappened } from '../host/whatHappened.mts';
import { workflowOf, type Subject } from '../host/workflows.mts';

/** Set by the environment of these tests. */
declare const testHasFailed: boolean;

/** The version of n8n under test. */
export const VERSION = process.env['N8N_VERSION'] ?? NEWEST;
/** An installation that is not cached yet takes this long at most, in milliseconds. */
const OPEN_WITHIN = 30 * 60_000;

/** A real n8n for the tests of one file; what happened is shown where one of them fails. */
export function theatre(environment: Record<string, string> = {}): Stage {
	const stage = {} as Stage;
	const cleanup = new Cleanup();
	beforeAll(async () => {
		const report = (line: string) => process.stderr.write(`${line}\n`);
		Object.assign(stage, await openStage({ version: VERSION, environment, cleanup, report }));
	}, OPEN_WITHIN);
	beforeEach(() => {
		stage.vendors.calls.clear();
		stage.vendors.faults.clear();
	});
	afterEach(() => {
		if (testHasFailed) process.stderr.write(whatHappened([stage.n8n], stage.vendors));
	});
	afterAll(async () => await cleanup.run(), 60_000);
	return stage;
}

/** Runs one node of n8n for some items. */
export async function runNode(
	{ rest }: Stage,
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
