import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { InputError } from '../../shared/errors';
import { isTrue } from '../../shared/flags';
import { DEFAULT_TIMEOUT_MS, MAX_TIMEOUT_MS } from '../../shared/http';
import { readConcurrency, DEFAULT_CONCURRENCY, forEachItem } from '../../shared/items';
import { readLimit, toPositiveInteger } from '../../shared/numbers';
import { isJsonObject } from '../../shared/records';
import { isObjectText, putMember } from '../../shared/session/jsonText';
import { parseMethodPath } from '../listSearch';
import { requestWithSession, type MethodRequest } from '../sessionRequest';
import { paginate, findRows, type Page, type Pagination } from '../pagination';
import type { CrmComResponse } from '../api';
import { credentialsAhead, readAuthentication } from './authentication';
import { DEFAULT_PAGE_SIZE, type CallMethodOptions } from './callMethodOptions';

export async function callMethod(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const credentialsFor = credentialsAhead(this);
	const usual = someItemPosts(this) ? 1 : DEFAULT_CONCURRENCY;
	return await forEachItem(this, readConcurrency(this, usual), async (itemIndex) => {
		const way = readAuthentication(this, itemIndex);
		const options = this.getNodeParameter('options', itemIndex, {}) as CallMethodOptions;
		const method = methodOf(this, itemIndex, options);
		const credentials = await credentialsFor(itemIndex);
		const ask = async (page?: Page) =>
			await requestWithSession(
				this.helpers,
				way,
				credentials,
				page ? withPage(method, page) : method,
			);

		const output = this.getNodeParameter('output', itemIndex, 'single') as string;
		if (output === 'single') return { json: single(await ask(), isTrue(options.fullResponse)) };
		const listField = String(options.listField ?? '').trim();
		const readRows = async (page?: Page) => findRows((await ask(page)).data, listField);
		const rows =
			output === 'rows'
				? await readRows()
				: await paginate(pagingOf(this, itemIndex, options), readRows);
		return rows.map((row) => ({ json: fieldsOf(row) }));
	});
}

/** What changes something is done one after another, unless the user wants it otherwise. */
function someItemPosts(context: IExecuteFunctions): boolean {
	return context.getInputData().some((_item, itemIndex) => {
		try {
			return httpMethodOf(context, itemIndex) === 'POST';
		} catch {
			// An expression that fails is told where its item is worked on.
			return false;
		}
	});
}

function httpMethodOf(context: IExecuteFunctions, itemIndex: number): MethodRequest['httpMethod'] {
	return context.getNodeParameter('httpMethod', itemIndex, 'GET') === 'POST' ? 'POST' : 'GET';
}

function pagingOf(
	context: IExecuteFunctions,
	itemIndex: number,
	{ pageSize }: CallMethodOptions,
): Pagination {
	return {
		limit: readLimit(context, itemIndex),
		pageSize: toPositiveInteger(pageSize ?? DEFAULT_PAGE_SIZE, 'Page Size'),
		cancelled: context.getExecutionCancelSignal(),
	};
}

function methodOf(
	context: IExecuteFunctions,
	itemIndex: number,
	options: CallMethodOptions,
): MethodRequest {
	const parameter = (name: string, fallback: unknown) =>
		context.getNodeParameter(name, itemIndex, fallback as string);
	const path = context.getNodeParameter('webApiMethod', itemIndex, '', { extractValue: true });
	return {
		httpMethod: httpMethodOf(context, itemIndex),
		path: parseMethodPath(path),
		parameters:
			parameter('specifyParameters', 'fields') === 'json'
				? jsonParametersOf(parameter('jsonParameters', '{}'))
				: fieldParametersOf(context, itemIndex),
		deadline: Math.min(
			toPositiveInteger(options.timeout ?? DEFAULT_TIMEOUT_MS, 'Timeout'),
			MAX_TIMEOUT_MS,
		),
		renews: isTrue(options.renewSession ?? true),
	};
}

interface Field {
	/** An expression may give a number. */
	readonly name: unknown;
	readonly value: unknown;
	readonly field?: unknown;
}

function nameOf(name: unknown): string {
	return String(name ?? '').trim();
}

function fieldParametersOf(context: IExecuteFunctions, itemIndex: number): Record<string, unknown> {
	const fields = context.getNodeParameter(
		'parameters.parameter',
		itemIndex,
		[],
	) as unknown as Field[];
	const identifiers = context.getNodeParameter(
		'identifiers.identifier',
		itemIndex,
		[],
	) as unknown as Field[];
	const pairs = [
		...fields.map(({ name, value }) => [nameOf(name), value]),
		// A record is named by one of its fields, as in `number=CI000111` (documented).
		...identifiers.map((identifier) => [nameOf(identifier.name), identifierText(identifier)]),
	];
	return Object.fromEntries(pairs.filter(([name]) => name !== '')) as Record<string, unknown>;
}

function identifierText(identifier: Field): string {
	const [name, field, value] = [identifier.name, identifier.field, identifier.value].map(nameOf);
	if (name !== '' && field !== '' && value !== '') return `${field}=${value}`;
	throw new InputError(
		'An identifier is not complete',
		'Fill in its Name, Field and Value, or remove it. If the value is an expression, check what it gives for this item',
	);
}

/** JSON that was typed stays text, so that numbers beyond 2^53 keep their digits. */
function jsonParametersOf(typed: unknown): MethodRequest['parameters'] {
	if (isJsonObject(typed)) return typed;
	if (typeof typed === 'string' && isObjectText(typed)) return typed;
	throw new InputError('JSON is not a JSON object', 'Write it as in { "name": "value" }');
}

function withPage(method: MethodRequest, page: Page): MethodRequest {
	const { parameters } = method;
	if (typeof parameters !== 'string') return { ...method, parameters: { ...parameters, ...page } };
	const text = Object.entries(page).reduce(
		(rest: string, [name, value]) => putMember(rest, name, value as number) ?? rest,
		parameters,
	);
	return { ...method, parameters: text };
}

function single({ data, answer }: CrmComResponse, fullResponse: boolean): IDataObject {
	if (!fullResponse) return fieldsOf(data);
	const { body, headers, status } = answer;
	return { body: body as IDataObject, headers, statusCode: status };
}

/** An item's fields are an object: anything else gets a name. */
function fieldsOf(value: unknown): IDataObject {
	return isJsonObject(value) ? (value as IDataObject) : { data: (value ?? null) as IDataObject };
}
