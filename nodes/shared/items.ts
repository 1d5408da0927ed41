import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { toErrorData, toNodeError, toOneText } from './errorOutput';
import { isTool } from './tool';
import { mapWithConcurrency } from './concurrency';

type ItemResult = INodeExecutionData | INodeExecutionData[];

/**
 * Processes each input item, several at once, and returns the results in the items' order, each paired with its
 * item.
 *
 * @throws the error of the first item that fails, with its index. If the node continues on fail, or is an AI
 * agent's tool, that item becomes `{ error: {…} }` instead, and the others are unaffected.
 */
export async function forEachItem(
	context: IExecuteFunctions,
	concurrency: number,
	process: (itemIndex: number) => Promise<ItemResult>,
): Promise<INodeExecutionData[][]> {
	const continueOnFail = context.continueOnFail();
	const signal = context.getExecutionCancelSignal();
	const itemCount = context.getInputData().length;
	const outputs = await mapWithConcurrency(itemCount, concurrency, async (itemIndex) => {
		// After Stop, no further item starts, whatever Continue On Fail says.
		signal?.throwIfAborted();
		const pairedItem = { item: itemIndex };
		try {
			const result = await process(itemIndex);
			return [result].flat().map((item) => ({ ...item, pairedItem }));
		} catch (error) {
			const nodeError = toNodeError(context.getNode(), error, itemIndex);
			// A thrown error ends the agent; its model can act on a returned one.
			if (isTool(context)) {
				return [{ json: { error: toOneText(nodeError.message, error) }, pairedItem }];
			}
			if (!continueOnFail) throw nodeError;
			// Only this key, so that every version of n8n sends the whole item to the error output.
			return [{ json: { error: toErrorData(error, nodeError) }, pairedItem }];
		}
	});
	return [outputs.flat()];
}

/** An output item: the operation's fields and, if the user wants them, those of the input item. */
export function outputItem(
	context: IExecuteFunctions,
	itemIndex: number,
	json: INodeExecutionData['json'],
	includeOtherFields: boolean,
): INodeExecutionData {
	if (!includeOtherFields) return { json };
	const input = context.getInputData()[itemIndex];
	return {
		json: { ...input?.json, ...json },
		...(input?.binary === undefined ? {} : { binary: input.binary }),
	};
}
