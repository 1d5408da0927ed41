/** Fields that several operations have, in the same words, and how they are read. */
import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';

import { isTrue, toPositiveInteger } from './input';

/** How many items are processed at the same time by default. */
export const DEFAULT_CONCURRENCY = 5;

/**
 * Shows the better way to users who need no token in their items.
 *
 * @param betterWay HTML, a whole sentence
 */
export function tokenNotice(betterWay: string): INodeProperties {
	return {
		displayName: `A token in an item is stored with the execution. ${betterWay}`,
		name: 'tokenNotice',
		type: 'notice',
		default: '',
	};
}

export const simplifyField: INodeProperties = {
	displayName: 'Simplify',
	name: 'simplify',
	type: 'boolean',
	default: true,
	description: 'Whether to return a simplified version of the response instead of the raw data',
};

export const includeOtherFieldsOption: INodeProperties = {
	displayName: 'Include Other Input Fields',
	name: 'includeOtherFields',
	type: 'boolean',
	default: false,
	description:
		"Whether to pass to the output all the input item's fields (along with the ones of this operation)",
};

export const separateLoginsOption: INodeProperties = {
	displayName: 'Separate Logins',
	name: 'separateLogins',
	type: 'boolean',
	default: false,
	description:
		'Whether to log in separately for each item, so that each gets its own token. Otherwise, items with the same login share one token.',
};

export const concurrencyOption: INodeProperties = {
	displayName: 'Parallel Requests',
	name: 'concurrency',
	type: 'number',
	typeOptions: { minValue: 1 },
	default: DEFAULT_CONCURRENCY,
};

/**
 * The option belongs to the node, not to an item, so the first item decides.
 *
 * @returns undefined if it is not set, cannot be read or is not a number
 */
export function readConcurrency(context: IExecuteFunctions): number | undefined {
	try {
		const value = Math.floor(Number(context.getNodeParameter('options.concurrency', 0, 0)));
		return value === 0 || Number.isNaN(value) ? undefined : Math.max(1, value);
	} catch {
		return undefined;
	}
}

export const returnAllField: INodeProperties = {
	displayName: 'Return All',
	name: 'returnAll',
	type: 'boolean',
	default: false,
	description: 'Whether to return all results or only up to a given limit',
};

export const limitField: INodeProperties = {
	displayName: 'Limit',
	name: 'limit',
	type: 'number',
	typeOptions: { minValue: 1 },
	default: 50,
	description: 'Max number of results to return',
};

/** How many results an item's Return All and Limit allow. @throws InputError for an invalid limit */
export function readLimit(context: IExecuteFunctions, itemIndex: number): number {
	if (isTrue(context.getNodeParameter('returnAll', itemIndex, false))) return Infinity;
	return toPositiveInteger(context.getNodeParameter('limit', itemIndex, 50), 'Limit');
}
