import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { InputError } from '../../shared/errors';
import { DEFAULT_CONCURRENCY, readConcurrency } from '../../shared/fields';
import { Hints } from '../../shared/hints';
import { isTrue } from '../../shared/input';
import { forEachItem, outputItem } from '../../shared/items';
import { log } from '../../shared/log';
import type { Operation } from '../../shared/operations';
import { assertReadable, isTool, MAX_ROWS_FOR_AGENTS } from '../../shared/tool';
import type { CrmComResponse } from '../api';
import { chosenMethod, readCall, sendCall, showDeprecation, type CallSource } from '../call';
import { methodName } from '../catalogue';
import type { Method } from '../method';
import { findPartialErrors, partialError } from '../partialErrors';
import { countRows, findRows, isEmpty, isNothing, toItem } from '../rows';

interface CallMethodOptions {
	readonly failOnPartialErrors?: unknown;
	readonly includeOtherFields?: unknown;
	readonly fullResponse?: unknown;
	readonly listField?: unknown;
	readonly renewSession?: unknown;
	readonly timeout?: unknown;
}

/** Calls each item's method once. */
export async function callEach(
	context: IExecuteFunctions,
	source: CallSource,
): Promise<INodeExecutionData[][]> {
	// Calls that change something run one after another, unless the user wants otherwise.
	const byDefault = source.isCertainlyRead(context) ? DEFAULT_CONCURRENCY : 1;
	const concurrency = readConcurrency(context) ?? byDefault;
	const hints = new Hints(context);
	return await forEachItem(context, concurrency, async (itemIndex) => {
		const options = context.getNodeParameter('options', itemIndex, {}) as CallMethodOptions;
		const call = await readCall(context, itemIndex, source, options);
		const { account, request } = call;
		showDeprecation(hints, request.method);
		const response = await sendCall(context.helpers, call);
		const { data, message } = response;
		if (message !== '') hints.show(`CRM.COM says: ${message}`, 'info');
		// Only calls that change something have entries to refuse (documented); a record's field may look the same.
		const partial = request.method.isRead ? undefined : findPartialErrors(data, account.secrets);
		if (partial !== undefined) {
			const entries = `${partial.count} of ${partial.count + partial.processed} entries`;
			log('warn', `${account.name}: ${methodName(request.method)} refused ${entries}`);
			if (isTrue(options.failOnPartialErrors)) throw partialError(partial);
			hints.show(partial.text, 'warning');
		}
		try {
			const items = toItems(response, request.method, options).map(({ json }) =>
				outputItem(context, itemIndex, json, isTrue(options.includeOtherFields)),
			);
			if (!isTool(context)) return items;
			assertFewRows(data, request.method);
			assertReadable(items);
			return partial === undefined ? items : [{ json: { warning: partial.text } }, ...items];
		} catch (error) {
			throw request.method.isRead ? error : doneAlready(error, partial?.text);
		}
	});
}

/** @throws InputError */
function assertFewRows(data: unknown, method: Method): void {
	const count = countRows(data);
	if (count <= MAX_ROWS_FOR_AGENTS) return;
	throw new InputError(
		`The list has ${count} rows, which is too many for an AI agent`,
		method.isRead
			? "Use the operation Get Many with a 'Limit', or parameters that return fewer rows"
			: 'Its response was left out',
	);
}

/** The error of a call that succeeded but whose response cannot be returned. */
function doneAlready(error: unknown, refused?: string): unknown {
	if (!(error instanceof InputError)) return error;
	return new InputError(
		error.message,
		`${refused === undefined ? '' : `${refused}. `}CRM.COM has carried out the call: do not repeat it. ${error.advice}`,
		true,
	);
}

function toItems(
	{ data, response: { body, headers, status } }: CrmComResponse,
	{ isRead, documentation }: Method,
	{ fullResponse, listField }: CallMethodOptions,
): INodeExecutionData[] {
	if (isTrue(fullResponse)) {
		return [{ json: { body: body as IDataObject, headers, statusCode: status } }];
	}
	// A call that changed something gives the next nodes one item, even without a result.
	if (!isRead && isEmpty(data)) return [{ json: { success: true } }];
	const name = String(listField ?? '').trim();
	if (name !== '') return findRows(data, name).map(toItem);
	if (isNothing(data) || (documentation?.isList === true && isEmpty(data))) return [];
	return Array.isArray(data) ? data.map(toItem) : [toItem(data)];
}

export const callMethod: Operation = {
	option: {
		name: 'Call Method',
		value: 'callMethod',
		action: 'Call a method',
		description: 'Call any Web API method (stops on errors)',
	},
	async execute() {
		return await callEach(this, chosenMethod);
	},
};
