/** What differs if a node is a tool of an AI agent. */
import type { FunctionsBase, IDisplayOptions, INodeExecutionData } from 'n8n-workflow';

import { InputError } from './errors';

/** Hides a property, or an option. */
export const HIDDEN_IN_TOOL = { hide: { '@tool': [true] } } satisfies IDisplayOptions;

/** How many rows a tool returns at most: a longer list would fill the model's context. */
export const MAX_ROWS_FOR_AGENTS = 100;

/** How many characters a tool returns at most, for the same reason. */
const MAX_CHARACTERS_FOR_AGENTS = 100_000;

/** @throws InputError for more than a model can read */
export function assertReadable(items: readonly INodeExecutionData[]): void {
	const { length } = JSON.stringify(items.map(({ json }) => json));
	if (length <= MAX_CHARACTERS_FOR_AGENTS) return;
	throw new InputError(
		`The response has ${length} characters, which is too much for an AI agent`,
		"Ask for fewer fields with the parameter fields_set, or for fewer rows with a 'Limit'",
	);
}

/** Whether a node runs as a tool. Not all versions of n8n tell it in another way. */
export function isTool(context: Pick<FunctionsBase, 'getNode'>): boolean {
	return context.getNode().type.endsWith('Tool');
}
