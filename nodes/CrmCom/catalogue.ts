import { BoundedMap } from '../shared/boundedMap';
import type { HttpMethod } from '../shared/http';
import methods from './methods.json';

/**
 * How a parameter's text is sent: see `parameters.ts`. A `list` is comma-separated (documented); the form
 * of a `date` was not seen, so it is sent as it is.
 */
type ParameterType = 'string' | 'number' | 'boolean' | 'list' | 'identifier' | 'json' | 'date';

/** A documented parameter of a method. Others may exist: some of the vendor's tables were cut. */
export interface MethodParameter {
	readonly name: string;
	readonly type: ParameterType;
	/** True if mandatory in every release; null if it depends, or is not documented. Others are optional. */
	readonly mandatory?: true | null;
	/** Whether it is one of several alternatives of which the documentation requires one. */
	readonly alternative?: true;
	/** All possible values. */
	readonly values?: readonly string[];
	readonly note?: string;
}

/** A method of the Web API as the vendor's public pages describe it (documented). */
export interface CatalogueMethod {
	readonly httpMethod: HttpMethod;
	/** Such as `contact_information/show`. */
	readonly path: string;
	readonly summary: string;
	/** The release that introduced it. */
	readonly since?: string;
	/** The release that deprecated it. */
	readonly deprecated?: string;
	readonly isList: boolean;
	/** Whether it takes `offset` and `number_of_results`; null if that is unknown. */
	readonly isPaged: boolean | null;
	/** The part of its name that was inferred from its page, not read there. */
	readonly unconfirmed?: 'path' | 'verb';
	/** Without `token`, which every method takes. */
	readonly parameters: readonly MethodParameter[];
	/** The page that it was read from. */
	readonly source: string;
}

/** The methods on the vendor's public pages, by path. Others exist. */
export const CATALOGUE = methods as readonly CatalogueMethod[];

/** How many similar methods an error names. */
const MAX_SUGGESTIONS = 3;
const MAX_REMEMBERED = 100;

/** A method as the vendor's pages are titled: `GET contact_information/show`. */
export function methodName({ httpMethod, path }: Pick<CatalogueMethod, 'httpMethod' | 'path'>) {
	return `${httpMethod} ${path}`;
}

/** The documented methods with a path: none, one, or one for each verb. */
export function findMethods(path: string): CatalogueMethod[] {
	return CATALOGUE.filter((method) => method.path === path);
}

/** Recent results by path: comparing one with all methods takes a moment. */
const suggestions = new BoundedMap<readonly string[]>(MAX_REMEMBERED);

/** The names of the documented methods with the paths most similar to this one, nearest first. */
export function suggestMethods(path: string): readonly string[] {
	return suggestions.getOrCreate(path, () => findSimilar(path));
}

function findSimilar(path: string): string[] {
	const maxDistance = Math.max(2, Math.floor(path.length / 4));
	return CATALOGUE.filter((method) => Math.abs(method.path.length - path.length) <= maxDistance)
		.map((method) => ({ method, distance: editDistance(method.path, path) }))
		.filter(({ distance }) => distance <= maxDistance)
		.sort((a, b) => a.distance - b.distance)
		.slice(0, MAX_SUGGESTIONS)
		.map(({ method }) => methodName(method));
}

/** The number of insertions, deletions and replacements between two texts (Levenshtein distance). */
function editDistance(a: string, b: string): number {
	let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
	for (const [i, letter] of [...a].entries()) {
		const row = [i + 1];
		for (const [j, other] of [...b].entries()) {
			const replaced = (previous[j] ?? 0) + (letter === other ? 0 : 1);
			row.push(Math.min(replaced, (previous[j + 1] ?? 0) + 1, (row[j] ?? 0) + 1));
		}
		previous = row;
	}
	return previous.at(-1) ?? 0;
}
