import type { IExecuteFunctions } from 'n8n-workflow';

import { ApiError } from '../shared/errors';
import type { Hints } from '../shared/hints';
import { DEFAULT_TIMEOUT_MS, MAX_TIMEOUT_MS, type HttpClient } from '../shared/http';
import { isTrue, toPositiveInteger } from '../shared/input';
import { settle } from '../shared/settle';
import type { CrmComResponse } from './api';
import type { CrmComAccount, CrmComSessions } from './auth';
import { methodName } from './catalogue';
import { readAccount } from './account';
import type { Method } from './method';
import { isCertainlyRead, parseMethod } from './methodInput';
import { readMethodParameters } from './methodParameters';
import type { Parameters } from './parameters';
import { requestWithSession, type MethodRequest } from './sessionRequest';

/** An item's options, if set. An expression may return anything. */
interface CallOptions {
	readonly renewSession?: unknown;
	readonly timeout?: unknown;
}

/** An item's call: whose session it uses, and what it asks for. */
interface ItemCall {
	readonly sessions: CrmComSessions;
	readonly account: CrmComAccount;
	readonly request: MethodRequest;
}

/** Where the method of a call and its parameters come from. */
export interface CallSource {
	/** Whether each item's call has a verb that only reads. */
	isCertainlyRead(context: IExecuteFunctions): boolean;
	/** @throws InputError */
	readMethod(context: IExecuteFunctions, itemIndex: number, serverUrl: string): Method;
	/** @throws InputError */
	readParameters(context: IExecuteFunctions, itemIndex: number, method: Method): Parameters;
}

/** The method that the user has chosen in the node. */
export const chosenMethod: CallSource = {
	isCertainlyRead: (context) => isCertainlyRead(context.getNode().parameters['method']),
	readMethod(context, itemIndex, serverUrl) {
		const typed: unknown = context.getNodeParameter('method', itemIndex, '', {
			extractValue: true,
		});
		return parseMethod(typed, serverUrl);
	},
	readParameters: readMethodParameters,
};

/**
 * Reads an item's method, its parameters and its options.
 *
 * @param assertMethod throws for a method that the operation does not call
 * @throws InputError
 */
export async function readCall(
	context: IExecuteFunctions,
	itemIndex: number,
	source: CallSource,
	{ renewSession, timeout }: CallOptions,
	assertMethod?: (method: Method) => void,
): Promise<ItemCall> {
	const { sessions, account } = await readAccount(context, itemIndex);
	const method = source.readMethod(context, itemIndex, account.serverUrl);
	assertMethod?.(method);
	const timeoutMs = toPositiveInteger(timeout ?? DEFAULT_TIMEOUT_MS, 'Timeout');
	const request: MethodRequest = {
		method,
		parameters: source.readParameters(context, itemIndex, method),
		timeoutMs: Math.min(timeoutMs, MAX_TIMEOUT_MS),
		renewSession: isTrue(renewSession ?? true),
		signal: context.getExecutionCancelSignal(),
	};
	return { sessions, account, request };
}

/** Tells users that a method is deprecated. */
export function showDeprecation(hints: Hints, { documentation }: Method): void {
	if (!documentation?.deprecated) return;
	const name = methodName(documentation);
	hints.show(`${name} has been deprecated since CRM.COM ${documentation.deprecated}`, 'info');
}

/**
 * The response to an item's call.
 *
 * @throws ApiError, which says whether the call may have been carried out
 */
export async function sendCall(
	http: HttpClient,
	{ sessions, account, request }: ItemCall,
): Promise<CrmComResponse> {
	const response = await settle(requestWithSession(http, sessions, account, request));
	if (response.status === 'fulfilled') return response.value;
	throw request.method.isRead ? withoutEffect(response.reason) : perhapsDone(response.reason);
}

/** A call that only reads has changed nothing, whatever its outcome. */
function withoutEffect(error: unknown): unknown {
	return error instanceof ApiError && error.mayBeDone ? error.with({ mayBeDone: false }) : error;
}

/** Users repeat a call that failed: here, that could do something twice. */
function perhapsDone(error: unknown): unknown {
	if (!(error instanceof ApiError) || !error.mayBeDone) return error;
	return error.with({
		advice: 'CRM.COM may have carried out the call: check that before you repeat it',
	});
}
