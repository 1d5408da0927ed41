import type { HttpMethod } from '../shared/http';
import { findMethods, methodName, suggestMethods, type CatalogueMethod } from './catalogue';

/**
 * What a verb means. The vendor calls GET idempotent and POST not, and takes the parameters of a GET
 * in its query and those of a POST in its JSON body (documented).
 */
export const VERBS: Readonly<Record<HttpMethod, Verb>> = {
	GET: { isRead: true, isRepeatable: true, parametersIn: 'query' },
	POST: { isRead: false, isRepeatable: false, parametersIn: 'body' },
};

/** Their names, in the order in which they are offered. */
export const VERB_NAMES = Object.keys(VERBS) as readonly HttpMethod[];

interface Verb {
	/** Whether it changes nothing. */
	readonly isRead: boolean;
	/** Whether a call may be sent again when it is not known whether it was carried out. */
	readonly isRepeatable: boolean;
	readonly parametersIn: 'query' | 'body';
}

/** A method to call, and its documentation if there is one. */
export interface Method extends Verb {
	readonly httpMethod: HttpMethod;
	readonly path: string;
	readonly documentation: CatalogueMethod | undefined;
}

/** A method of a verb and a path, with what the documentation says of it. */
export function createMethod(httpMethod: HttpMethod, path: string): Method {
	const documentation = findMethods(path).find((method) => method.httpMethod === httpMethod);
	const verb = VERBS[httpMethod];
	return {
		...verb,
		httpMethod,
		path,
		documentation,
		// A documented list reads by either verb.
		isRead: verb.isRead || documentation?.isList === true,
		// An inferred verb may be wrong.
		isRepeatable: verb.isRepeatable && documentation?.unconfirmed !== 'verb',
	};
}

/**
 * Whether a method makes, ends or changes a session, or answers with a token (documented). None of
 * them gets the credential's own session, which is shared by everyone who uses the credential.
 */
export function isSessionMethod(path: string): boolean {
	// A server may take several slashes for one.
	return /(^|\/)(authentication|organisation\/+set_session_settings)(\/|$)/i.test(path);
}

/** What the documentation knows about a method that the server has rejected or does not have. */
export function adviseOnMethod({ path, httpMethod, documentation }: Method): string {
	if (documentation?.unconfirmed === 'verb') {
		const others = VERB_NAMES.filter((verb) => verb !== httpMethod).map(
			(verb) => `${verb} ${path}`,
		);
		return `. No public page says its verb: it may be ${others.join(' or ')}`;
	}
	if (documentation) return '';
	const [other] = findMethods(path);
	if (other !== undefined) return `. It is documented as ${methodName(other)}`;
	return `. ${path} is not among the documented methods that this node knows${suggestion(path)}`;
}

export function suggestion(path: string): string {
	const similar = suggestMethods(path);
	return similar.length === 0 ? '' : `. Similar ones are ${similar.join(', ')}`;
}
