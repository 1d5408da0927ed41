import type { FunctionsBase, IDisplayOptions } from 'n8n-workflow';

import { ApiError, InputError } from './errors';

/** What is different where a node is a tool of an AI agent. */

/** Hides a property, or an option. */
export const HIDDEN_IN_TOOL = { hide: { '@tool': [true] } } satisfies IDisplayOptions;

/** How many rows a tool returns at most: a longer list would fill the model's context. */
export const MAX_ROWS_FOR_AGENTS = 100;

/** Whether a node runs as a tool, on every version of n8n: not all tell it otherwise. */
export function isTool(context: Pick<FunctionsBase, 'getNode'>): boolean {
	return context.getNode().type.endsWith('Tool');
}

/** An error as sentences for a model: what is wrong, and what to do about it. */
export function describeForModel(message: string, error: unknown): string {
	const advice = error instanceof ApiError || error instanceof InputError ? error.advice : '';
	return advice === '' ? message : `${message}. ${advice}`;
}
