import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { toNodeError } from './errors';

/** How many items are worked on at once where nothing says otherwise. */
export const DEFAULT_CONCURRENCY = 5;

/** So many of the items to come are read while one is worked on. */
const READ_AHEAD = 10;

/**
 * The option Concurrency, which is the node's and not an item's: the first item decides. What cannot be read or is no
 * number comes to light where that item is worked on, or means the usual.
 */
export function readConcurrency(context: IExecuteFunctions, usual: number): number {
	try {
		const value: unknown = context.getNodeParameter('options.concurrency', 0, usual);
		return Math.max(1, Math.floor(Number(value)) || usual);
	} catch {
		return usual;
	}
}

type Worker = (itemIndex: number) => Promise<INodeExecutionData | INodeExecutionData[]>;

/**
 * Does one thing for each input item, several at once, and gives the results in the items' order,
 * each paired with its item.
 *
 * @throws the error of the first failing item, with its index, unless the node continues on fail:
 * then that item becomes `{ error }` and the others are unharmed.
 */
export async function forEachItem(
	context: IExecuteFunctions,
	concurrency: number,
	work: Worker,
): Promise<INodeExecutionData[][]> {
	const goesOn = context.continueOnFail();
	const cancelled = context.getExecutionCancelSignal();
	const outputs = await mapWithConcurrency(
		context.getInputData().length,
		concurrency,
		async (itemIndex) => {
			// Somebody has stopped the execution: then no further item is begun, whatever Continue On Fail says.
			cancelled?.throwIfAborted();
			const pairedItem = { item: itemIndex };
			try {
				const result = await work(itemIndex);
				return [result].flat().map((item) => ({ ...item, pairedItem }));
			} catch (error) {
				const nodeError = toNodeError(context.getNode(), error, itemIndex);
				if (!goesOn) throw nodeError;
				return [{ json: { error: nodeError.message }, pairedItem }];
			}
		},
	);
	return [outputs.flat()];
}

/**
 * Runs `work` for each index below `count`, at most `concurrency` (from 1 up) at once. After a failure no other
 * is begun; of several failures the one of the lowest index is thrown.
 */
export async function mapWithConcurrency<Result>(
	count: number,
	concurrency: number,
	work: (index: number) => Promise<Result>,
): Promise<Result[]> {
	const results: Result[] = [];
	const failures = new Map<number, unknown>();
	let next = 0;
	const runOneAfterAnother = async () => {
		while (next < count && failures.size === 0) {
			const index = next++;
			try {
				results[index] = await work(index);
			} catch (error) {
				failures.set(index, error);
			}
		}
	};
	const lanes = Math.min(count, concurrency);
	await Promise.all(Array.from({ length: lanes }, runOneAfterAnother));
	const [first] = [...failures.keys()].sort((a, b) => a - b);
	if (first !== undefined) throw failures.get(first);
	return results;
}

/**
 * Reads something for each index a little ahead of its use: n8n reads a credential out of its database for each item,
 * which would otherwise be waited for before each request.
 *
 * @returns the value of an index; indexes are to be asked for in their order, each once
 */
export function readAhead<Value>(
	count: number,
	read: (index: number) => Promise<Value>,
): (index: number) => Promise<Value> {
	const ahead = new Map<number, Promise<Value>>();
	let next = 0;
	return async (index) => {
		// Items that came to nothing before they needed it are passed over.
		next = Math.max(next, index);
		for (; next < count && next <= index + READ_AHEAD; next++) {
			const value = read(next);
			// Who asks for it hears of its failure; where nobody does, nothing else is to.
			value.catch(() => undefined);
			ahead.set(next, value);
		}
		const value = ahead.get(index) ?? read(index);
		ahead.delete(index);
		return await value;
	};
}

/** Things made once for each key, however many ask: those who come later share the first's. */
export class PromiseCache<Value> {
	private readonly made = new Map<string, Promise<Value>>();

	async get(key: string, make: () => Promise<Value>): Promise<Value> {
		const known = this.made.get(key);
		if (known) return await known;
		const value = make();
		this.made.set(key, value);
		return await value;
	}
}

/** An output item of an operation: its fields, beside the input item's where the user wants those. */
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
