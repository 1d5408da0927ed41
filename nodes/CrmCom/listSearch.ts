import type { ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';

import { findMethods, methodName, searchCatalogue, type HttpMethod } from './catalogue';
import { isSessionMethod } from './method';

/** The documented methods that match a text, and the text itself if it names another. Sends no request. */
export async function searchMethods(
	this: ILoadOptionsFunctions,
	filter = '',
): Promise<INodeListSearchResult> {
	return { results: search(filter, false) };
}

/** The same for list methods. */
export async function searchListMethods(
	this: ILoadOptionsFunctions,
	filter = '',
): Promise<INodeListSearchResult> {
	return { results: search(filter, true) };
}

function search(filter: string, listsOnly: boolean): INodeListSearchResult['results'] {
	const documented = searchCatalogue(filter, { listsOnly }).map((method) => ({
		name: `${methodName(method)}${method.deprecated === null ? '' : ' (deprecated)'}`,
		value: methodName(method),
	}));
	const others = namedMethods(filter, listsOnly ? ['GET'] : ['GET', 'POST']).map((name) => ({
		name: `${name} (not documented)`,
		value: name,
	}));
	return [...documented, ...others];
}

/** The undocumented methods that a text names: with each of the verbs if it has none. */
function namedMethods(text: string, verbs: readonly HttpMethod[]): string[] {
	const [, verb, path] = /^(?:(get|post)\s+)?\/?(\w+(?:\/\w+)+)$/i.exec(text.trim()) ?? [];
	if (path === undefined || isSessionMethod(path)) return [];
	const known = findMethods(path).map(methodName);
	return verbs
		.filter((name) => verb === undefined || name === verb.toUpperCase())
		.map((name) => `${name} ${path}`)
		.filter((name) => !known.includes(name));
}
