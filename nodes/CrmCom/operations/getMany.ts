import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { InputError } from '../../shared/errors';
import { DEFAULT_CONCURRENCY, readConcurrency, readLimit } from '../../shared/fields';
import { Hints } from '../../shared/hints';
import { isTrue, toPositiveInteger } from '../../shared/input';
import { forEachItem } from '../../shared/items';
import type { Operation } from '../../shared/operations';
import { assertReadable, isTool, MAX_ROWS_FOR_AGENTS } from '../../shared/tool';
import { chosenMethod, readCall, sendCall, showDeprecation, type CallSource } from '../call';
import type { Method } from '../method';
import { readMethodList } from '../methodList';
import { DEFAULT_PAGE_SIZE } from '../optionFields';
import { isPageParameter, type ReadPage } from '../pagination';
import { parameterNames, withPage, type Parameters } from '../parameters';
import { Slots } from '../readAhead';
import { findLastRows, findRows, toItem } from '../rows';

const LIMIT_REACHED =
	"The list may have more rows. Turn on 'Return All', or raise 'Limit', to get them.";

const LIMIT_REACHED_FOR_AGENTS = 'The list may have more rows than these';

interface GetManyOptions {
	readonly failIfIncomplete?: unknown;
	readonly listField?: unknown;
	readonly pageSize?: unknown;
	readonly renewSession?: unknown;
	readonly timeout?: unknown;
}

/** Reads each item's list. */
export async function readEach(
	context: IExecuteFunctions,
	source: CallSource,
): Promise<INodeExecutionData[][]> {
	const concurrency = readConcurrency(context) ?? DEFAULT_CONCURRENCY;
	const slots = new Slots(concurrency, context.getInputData().length);
	const hints = new Hints(context);
	const readItem = async (itemIndex: number) => {
		const options = context.getNodeParameter('options', itemIndex, {}) as GetManyOptions;
		const call = await readCall(context, itemIndex, source, options, assertList);
		const { method, parameters, signal } = call.request;
		if (method.documentation?.unconfirmed !== 'verb') assertNoPage(parameters);
		showDeprecation(hints, method);

		const listField = String(options.listField ?? '').trim();
		let first: unknown;
		const readPage: ReadPage = async (page) => {
			const { data } = await sendCall(context.helpers, {
				...call,
				request: {
					...call.request,
					parameters: page === undefined ? parameters : withPage(parameters, page),
				},
			});
			if (page !== undefined && page.offset > 0) return findLastRows(data, listField, first);
			first = data;
			return findRows(data, listField);
		};
		const limit = readLimit(context, itemIndex);
		if (limit > MAX_ROWS_FOR_AGENTS && isTool(context)) throw tooMuchForAgents();
		const pageSize = toPositiveInteger(options.pageSize ?? DEFAULT_PAGE_SIZE, 'Page Size');
		const list = await readMethodList(method, readPage, {
			limit,
			pageSize,
			// Pages that are not certainly harmless to request are read one by one.
			slots: method.isRepeatable ? slots : undefined,
			signal,
		});
		if (list.doubt !== undefined) {
			if (isTrue(options.failIfIncomplete)) throw incomplete(list.doubt);
			hints.show(`${list.doubt}.`, 'warning');
		}
		if (list.isCut) hints.show(LIMIT_REACHED, 'info');
		const items = list.rows.map(toItem);
		if (!isTool(context)) return items;
		assertReadable(items);
		// Hints do not reach a model.
		const warning = list.doubt ?? (list.isCut ? LIMIT_REACHED_FOR_AGENTS : undefined);
		return warning === undefined ? items : [{ json: { warning } }, ...items];
	};
	return await forEachItem(
		context,
		concurrency,
		async (itemIndex) => await readItem(itemIndex).finally(() => slots.endItem()),
	);
}

function incomplete(doubt: string): InputError {
	return new InputError(
		doubt,
		"Turn off the option 'Fail If Incomplete' to get the rows that came, or use the operation Call Method",
	);
}

function tooMuchForAgents(): InputError {
	return new InputError(
		`An AI agent can read at most ${MAX_ROWS_FOR_AGENTS} rows at once`,
		`Set 'Limit' to ${MAX_ROWS_FOR_AGENTS} or less: the model has to read every row`,
	);
}

/** A list takes several calls, so a POST that might change something is not called at all (P1). */
function assertList({ isRead, httpMethod, path }: Method): void {
	if (isRead) return;
	throw new InputError(
		`${httpMethod} ${path} is not documented as a list, so Get Many does not repeat it`,
		'Nothing was sent. Use the operation Call Method, which sends it once',
	);
}

function assertNoPage(parameters: Parameters): void {
	const given = parameterNames(parameters).find(isPageParameter);
	if (given === undefined) return;
	throw new InputError(
		`The parameter '${given}' is set by Get Many`,
		"Remove it, or leave it out of 'Fields to Send', and use 'Limit' and the option 'Page Size'. To read a single page, use the operation Call Method",
	);
}

export const getMany: Operation = {
	option: {
		name: 'Get Many',
		value: 'getMany',
		action: 'Get many rows of a list',
		description: 'Read any list of the Web API, page by page',
	},
	async execute() {
		return await readEach(this, chosenMethod);
	},
};
