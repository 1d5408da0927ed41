import type { IExecuteFunctions } from 'n8n-workflow';

import { InputError } from './errors';
import { isTrue } from './flags';

/**
 * A whole number from 1 up that a user has typed, or that an expression gave, also as text.
 *
 * @throws InputError where it is none, with the field's name
 */
export function toPositiveInteger(value: unknown, label: string): number {
	const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
	if (typeof number === 'number' && Number.isSafeInteger(number) && number >= 1) return number;
	throw new InputError(
		`${label} is not a whole number from 1 up`,
		'Correct it. If it is an expression, check what it gives for this item',
	);
}

/** How many results an item's Return All and Limit allow. @throws InputError for a limit that is no number */
export function readLimit(context: IExecuteFunctions, itemIndex: number): number {
	if (isTrue(context.getNodeParameter('returnAll', itemIndex, false))) return Infinity;
	return toPositiveInteger(context.getNodeParameter('limit', itemIndex, 50), 'Limit');
}
