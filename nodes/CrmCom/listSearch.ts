import type {
	ILoadOptionsFunctions,
	INodeListSearchItems,
	INodeListSearchResult,
} from 'n8n-workflow';

import type { HttpMethod } from '../shared/http';
import { findMethods, methodName, type CatalogueMethod } from './catalogue';
import { isSessionMethod, VERB_NAMES, VERBS } from './method';
import { MAX_METHOD_LENGTH, splitVerb, trimPath } from './methodInput';
import { searchMethodsByWords } from './methodSearch';

/** The documented methods that match a text, and the text itself if it names another one. Sends no request. */
export async function searchMethods(
	this: ILoadOptionsFunctions,
	filter = '',
): Promise<INodeListSearchResult> {
	return { results: search(filter, VERB_NAMES, () => true) };
}

/** The same for list methods. */
export async function searchListMethods(
	this: ILoadOptionsFunctions,
	filter = '',
): Promise<INodeListSearchResult> {
	// A method that is not documented as a list can be one only if it reads.
	const reading = VERB_NAMES.filter((verb) => VERBS[verb].isRead);
	return { results: search(filter, reading, ({ isList }) => isList) };
}

const NOTHING_FOUND = 'No method found. Try one word, such as account or payment';

function search(
	typed: string,
	verbs: readonly HttpMethod[],
	isOffered: (method: CatalogueMethod) => boolean,
): INodeListSearchItems[] {
	const filter = typed.slice(0, MAX_METHOD_LENGTH);
	const documented = searchMethodsByWords(filter, isOffered).map(toEntry);
	const others = namedMethods(filter, verbs).map((name) => ({
		name: `${name} (not documented)`,
		value: name,
	}));
	// A typed path comes first, unless a documented one begins with it: then it may be incomplete.
	const isBegun = others.some((other) =>
		documented.some(({ value }) => String(value).startsWith(other.value)),
	);
	const found = isBegun ? [...documented, ...others] : [...others, ...documented];
	return found.length > 0 ? found : [{ name: NOTHING_FOUND, value: '' }];
}

function toEntry(method: CatalogueMethod): INodeListSearchItems {
	const { deprecated, unconfirmed, source, summary } = method;
	const name = methodName(method);
	const mark = deprecated ? ' (deprecated)' : unconfirmed ? ' (unconfirmed)' : '';
	// n8n's list shows no description.
	return { name: `${name}${mark} – ${summary}`, value: name, url: source };
}

/** The methods that a text names, with each of the verbs if it has none, unless its path is documented. */
function namedMethods(text: string, verbs: readonly HttpMethod[]): string[] {
	const { verb, address } = splitVerb(text.trim());
	const path = trimPath(address);
	if (!/^\w+(\/\w+)+$/.test(path) || isSessionMethod(path) || findMethods(path).length > 0)
		return [];
	return verbs
		.filter((name) => verb === undefined || name === verb)
		.map((name) => `${name} ${path}`);
}
