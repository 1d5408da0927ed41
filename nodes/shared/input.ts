import { CHECK_EXPRESSION, InputError } from './errors';
import { isJsonObject } from './jsonObject';

/** Whether a field (a resource locator, or its value alone) was saved as an expression. */
export function isExpression(saved: unknown): boolean {
	const value = isJsonObject(saved) && 'value' in saved ? saved['value'] : saved;
	return typeof value === 'string' && value.startsWith('=');
}

/** Whether a switch is on. An expression may return text, of which only "true" means on. */
export function isTrue(value: unknown): boolean {
	return value === true || (typeof value === 'string' && value.trim().toLowerCase() === 'true');
}

/**
 * A whole number from 1 up, which an expression may give as text.
 *
 * @param label the field's name in the editor
 * @throws InputError for anything else
 */
export function toPositiveInteger(value: unknown, label: string): number {
	const number = typeof value === 'string' ? Number(value) : value;
	if (typeof number === 'number' && Number.isSafeInteger(number) && number >= 1) return number;
	throw new InputError(`'${label}' must be a whole number of at least 1`, CHECK_EXPRESSION);
}
