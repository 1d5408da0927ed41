import type { IExecuteFunctions, INodeExecutionData, INodeProperties } from 'n8n-workflow';

import { InputError } from '../../shared/errors';
import {
	concurrencyOption,
	DEFAULT_CONCURRENCY,
	limitField,
	readConcurrency,
	readLimit,
	returnAllField,
} from '../../shared/fields';
import { Hints } from '../../shared/hints';
import { isTrue, toPositiveInteger } from '../../shared/input';
import { forEachItem } from '../../shared/items';
import type { Operation } from '../../shared/operations';
import { assertReadable, HIDDEN_IN_TOOL, isTool, MAX_ROWS_FOR_AGENTS } from '../../shared/tool';
import { readCall, sendCall, showDeprecation } from '../call';
import type { Method } from '../method';
import { readMethodList } from '../methodList';
import { listFieldOption, methodFields, renewSessionOption, timeoutOption } from '../methodFields';
import { isPageParameter, type ReadPage } from '../pagination';
import { parameterNames, withPage, type Parameters } from '../parameters';
import { Slots } from '../readAhead';
import { findLastRows, findRows, toItem } from '../rows';

/** How many rows are asked for at once by default. */
const DEFAULT_PAGE_SIZE = 100;

const LIMIT_REACHED =
	"The list may have more rows. Turn on 'Return All', or raise 'Limit', to get them.";

const LIMIT_REACHED_FOR_AGENTS = 'The list may have more rows than these';

const showOnlyForGetMany = { operation: ['getMany'] };

const fields: INodeProperties[] = [
	...methodFields(showOnlyForGetMany, { listsOnly: true }),
	{ ...returnAllField, displayOptions: { show: showOnlyForGetMany, ...HIDDEN_IN_TOOL } },
	{ ...limitField, displayOptions: { show: { ...showOnlyForGetMany, returnAll: [false] } } },
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		displayOptions: { show: showOnlyForGetMany },
		options: [
			{
				...concurrencyOption,
				description:
					'How many requests to send at the same time, for items and for the pages of a list. With 1, pages are read one by one.',
			},
			{
				displayName: 'Fail If Incomplete',
				name: 'failIfIncomplete',
				type: 'boolean',
				default: false,
				description:
					'Whether an item fails if it is not certain that its list is whole. Otherwise, a warning says so.',
			},
			listFieldOption,
			{
				displayName: 'Page Size',
				name: 'pageSize',
				type: 'number',
				typeOptions: { minValue: 1 },
				default: DEFAULT_PAGE_SIZE,
				description: 'How many rows to request per call. The server may return fewer.',
			},
			renewSessionOption,
			timeoutOption,
		],
	},
];

interface GetManyOptions {
	readonly failIfIncomplete?: unknown;
	readonly listField?: unknown;
	readonly pageSize?: unknown;
	readonly renewSession?: unknown;
	readonly timeout?: unknown;
}

async function execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const concurrency = readConcurrency(this) ?? DEFAULT_CONCURRENCY;
	const slots = new Slots(concurrency, this.getInputData().length);
	const hints = new Hints(this);
	const readItem = async (itemIndex: number) => {
		const options = this.getNodeParameter('options', itemIndex, {}) as GetManyOptions;
		const call = await readCall(this, itemIndex, options, {
			assertMethod: assertList,
			isFilledIn: isPageParameter,
		});
		const { method, parameters, signal } = call.request;
		if (method.documentation?.unconfirmed !== 'verb') assertNoPage(parameters);
		showDeprecation(hints, method);

		const listField = String(options.listField ?? '').trim();
		let firstRow: unknown;
		const readPage: ReadPage = async (page) => {
			const { data } = await sendCall(this.helpers, {
				...call,
				request: {
					...call.request,
					parameters: page === undefined ? parameters : withPage(parameters, page),
				},
			});
			if (page !== undefined && page.offset > 0) return findLastRows(data, listField, firstRow);
			const rows = findRows(data, listField);
			firstRow = rows[0];
			return rows;
		};
		const limit = readLimit(this, itemIndex);
		if (limit > MAX_ROWS_FOR_AGENTS && isTool(this)) throw tooMuchForAgents();
		const pageSize = toPositiveInteger(options.pageSize ?? DEFAULT_PAGE_SIZE, 'Page Size');
		const list = await readMethodList(method, readPage, {
			limit,
			pageSize,
			// What is not certainly harmless is read one by one.
			slots: method.isRepeatable ? slots : undefined,
			signal,
		});
		if (list.doubt !== undefined) {
			if (isTrue(options.failIfIncomplete)) throw incomplete(list.doubt);
			hints.show(`${list.doubt}.`, 'warning');
		}
		if (list.isCut) hints.show(LIMIT_REACHED, 'info');
		const items = list.rows.map(toItem);
		if (!isTool(this)) return items;
		assertReadable(items);
		// Hints do not reach a model.
		const warning = list.doubt ?? (list.isCut ? LIMIT_REACHED_FOR_AGENTS : undefined);
		return warning === undefined ? items : [{ json: { warning } }, ...items];
	};
	return await forEachItem(
		this,
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

/** A list is read by several calls, so a POST that might change something is not read at all (P1). */
function assertList({ isRead, path }: Method): void {
	if (isRead) return;
	throw new InputError(
		`POST ${path} is not documented as a list, so Get Many does not repeat it`,
		'Nothing was sent. Use the operation Call Method, which sends it once',
	);
}

function assertNoPage(parameters: Parameters): void {
	const given = parameterNames(parameters).find(isPageParameter);
	if (given === undefined) return;
	throw new InputError(
		`The parameter '${given}' is set by Get Many`,
		"Remove it, and use 'Limit' and the option 'Page Size'. To read a single page, use the operation Call Method",
	);
}

export const getMany: Operation = {
	option: {
		name: 'Get Many',
		value: 'getMany',
		action: 'Get many rows',
		description: 'Read a list, page by page',
	},
	fields,
	execute,
};
