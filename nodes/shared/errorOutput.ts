/** How an error leaves a node: as n8n's own error, as the data of an item, or as one text. */
import {
	NodeApiError,
	NodeError,
	NodeOperationError,
	type IDataObject,
	type INode,
} from 'n8n-workflow';

import { ApiError, BY_EXPRESSION, CHECK_EXPRESSION, InputError } from './errors';

/** The error of one item in n8n's form: the words, the next step, the item's index, and the origin. */
export function toNodeError(node: INode, error: unknown, itemIndex: number): NodeError {
	if (error instanceof NodeError) {
		error.context['itemIndex'] ??= itemIndex;
		return error;
	}
	if (error instanceof ApiError) {
		const { message, description, httpStatus } = error;
		const options = {
			message,
			description,
			itemIndex,
			...(httpStatus === undefined ? {} : { httpCode: String(httpStatus) }),
		};
		const nodeError = new NodeApiError(node, { message, description }, options);
		// n8n replaces a message that happens to contain "EEXIST", "ENOENT" and the like. CRM.COM's
		// upper-case codes do, and they are worth more than the replacement.
		nodeError.message = message;
		return withOriginOf(error, nodeError);
	}
	if (error instanceof InputError) {
		const { message, description } = error;
		return withOriginOf(error, new NodeOperationError(node, message, { description, itemIndex }));
	}
	// Anything can be thrown, but n8n understands only objects and strings.
	const reason = typeof error === 'object' && error !== null ? (error as Error) : String(error);
	return new NodeOperationError(node, reason, { itemIndex });
}

/**
 * The error of one item as data, with the field names of n8n's own errors. Unknown fields are null; all text is
 * plain.
 */
export function toErrorData(error: unknown, nodeError: NodeError): IDataObject {
	const isOurs = error instanceof ApiError || error instanceof InputError;
	return {
		message: nodeError.message,
		description: (isOurs ? error.advice : nodeError.description) || null,
		httpCode: nodeError instanceof NodeApiError ? nodeError.httpCode : null,
		code: error instanceof ApiError ? (error.vendorCode ?? null) : null,
		mayBeDone: isOurs ? error.mayBeDone : null,
	};
}

/**
 * An error as one text: what is wrong, and what to do about it. For a model, and for the banner of a
 * credential's test, which shows only the message.
 */
export function toOneText(message: string, error: unknown): string {
	const advice = error instanceof ApiError || error instanceof InputError ? error.advice : '';
	const isForBuilders = (part: string) =>
		part === CHECK_EXPRESSION || part.startsWith(BY_EXPRESSION);
	const sentences = advice.split('. ').filter((part) => part !== '' && !isForBuilders(part));
	const [mark] = /[.!?]$/.exec(message) ?? ['.'];
	if (sentences.length === 0) return message;
	return `${message.replace(/[.!?]$/, '')}${mark} ${sentences.join('. ')}`;
}

/** Makes the stack point to where the failure arose, not to where it was converted for n8n. */
function withOriginOf({ stack = '' }: Error, nodeError: NodeError): NodeError {
	const frames = stack.slice(stack.search(/\n {4}at /));
	nodeError.stack = `${nodeError.name}: ${nodeError.message}${frames}`;
	return nodeError;
}
