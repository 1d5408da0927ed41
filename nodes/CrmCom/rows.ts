import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { InputError } from '../shared/errors';
import { isJsonObject } from '../shared/jsonObject';
import { toDisplayText } from '../shared/redact';

/**
 * The rows in a response's data: the data itself, the list of that name, or else the only list that
 * there is. A name may be a path with dots. A method without a result answers with `{}`, `[]` or nothing
 * (documented); a list without rows may be null, and a row may be there without a list (both assumed).
 *
 * @throws InputError if there is none or more than one, naming those found
 */
export function findRows(data: unknown, name: string): readonly unknown[] {
	if (name === '' && Array.isArray(data)) return data;
	if (isEmpty(data) || isEmptyList(data)) return [];
	const named = name === '' ? undefined : memberAt(data, name);
	if (named === null) return [];
	if (typeof named === 'object') return Array.isArray(named) ? named : [named];
	const lists = Object.entries(isJsonObject(data) ? data : {}).filter(
		(member): member is [string, unknown[]] => Array.isArray(member[1]),
	);
	const [found, another] = lists;
	if (name === '' && found !== undefined && another === undefined) return found[1];
	const names = toDisplayText(lists.map(([other]) => other).join(', '), []);
	throw new InputError(
		name === '' ? 'The response has no list, or more than one' : `The response has no list ${name}`,
		names === ''
			? "Use the operation Call Method without 'Field to Split Out' to see what the response has"
			: `It has ${names}: enter one of them in the option 'Field to Split Out'`,
	);
}

/** A member by its name, or by a path with dots. */
function memberAt(data: unknown, path: string): unknown {
	if (!isJsonObject(data)) return undefined;
	if (Object.hasOwn(data, path)) return data[path];
	const dot = path.indexOf('.');
	return dot < 0 ? undefined : memberAt(memberAt(data, path.slice(0, dot)), path.slice(dot + 1));
}

/**
 * The rows of a page after the first. There, a server may omit the list, or give its last row without a list
 * around it (both assumed). The object around a list may look like a row, so only a bare list ends in a bare row.
 *
 * @param first the data of the first page
 */
export function findLastRows(data: unknown, name: string, first: unknown): readonly unknown[] {
	if (!isJsonObject(data)) return findRows(data, name);
	const [row] = findRows(first, name);
	if (Array.isArray(first) && isLike(data, row)) return [data];
	const members = name === '' ? Object.values(data) : [memberAt(data, name)];
	if (members.some(Array.isArray)) return findRows(data, name);
	const alone = members.find((value) => isLike(value, row));
	return alone === undefined ? [] : [alone];
}

/** Whether data has most of the fields of a row. */
function isLike(data: unknown, row: unknown): boolean {
	if (!isJsonObject(data) || !isJsonObject(row)) return false;
	const names = Object.keys(row);
	return names.filter((name) => Object.hasOwn(data, name)).length * 2 > names.length;
}

/** Whether an object says that its list is empty, as `{ "payments": null, "total": 0 }` does. */
function isEmptyList(data: unknown): boolean {
	const isNone = (value: unknown) => value === 0 || (isEmpty(value) && !Array.isArray(value));
	return isJsonObject(data) && Object.values(data).every(isNone);
}

/** The length of the longest list in a response's data. */
export function countRows(data: unknown): number {
	const lists = Array.isArray(data) ? [data] : Object.values(isJsonObject(data) ? data : {});
	return lists.filter(Array.isArray).reduce((most, { length }) => Math.max(most, length), 0);
}

/** Whether data is the answer of a method without a result: `{}`, or nothing at all. */
export function isEmpty(data: unknown): boolean {
	return isNothing(data) || (isJsonObject(data) && Object.keys(data).length === 0);
}

/** Whether data is neither a record nor a row. */
export function isNothing(data: unknown): boolean {
	if (data === undefined || data === null || data === '') return true;
	return Array.isArray(data) && data.length === 0;
}

/** A row as an item, whose fields must be an object: anything else gets a name. */
export function toItem(row: unknown): INodeExecutionData {
	return {
		json: isJsonObject(row) ? (row as IDataObject) : { data: (row ?? null) as IDataObject },
	};
}
