import { InputError } from '../shared/errors';
import { isJsonObject, parseUrl } from '../shared/input';
import { belongsTo } from '../shared/session/target';
import {
	findMethods,
	methodName,
	suggestMethods,
	type CatalogueMethod,
	type HttpMethod,
} from './catalogue';

/** Maximum length of what is typed as a method, in characters. */
const MAX_METHOD_LENGTH = 2_000;

/** Maximum length of a method's path, in characters. */
const MAX_PATH_LENGTH = 500;

/**
 * What a verb means. The vendor calls GET idempotent and POST not, and takes the parameters of a GET
 * in its query and those of a POST in its JSON body (documented).
 */
const VERBS = {
	GET: { isRead: true, isRepeatable: true, parametersIn: 'query' },
	POST: { isRead: false, isRepeatable: false, parametersIn: 'body' },
} as const satisfies Record<HttpMethod, Verb>;

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
		// A verb that was inferred may be the other one.
		isRepeatable: verb.isRepeatable && documentation?.unconfirmed !== 'verb',
	};
}

const ADVICE =
	'Choose it from the list, or enter its verb and path as shown in the CRM.COM documentation, such as GET contact_information/show. Parameters have their own fields';

/**
 * The method that a text names: a verb and a path (`GET contact_information/show`), a documented path
 * alone, or either with the path as a full URL of the credential's own server.
 *
 * @throws InputError if it could lead elsewhere, or is about logins, which have operations
 */
export function parseMethod(typed: unknown, serverUrl: string): Method {
	const text = typeof typed === 'string' ? typed.trim() : '';
	if (text === '') throw new InputError("'Method' is empty", ADVICE);
	const { verb, address } = splitVerb(text);
	const path = text.length > MAX_METHOD_LENGTH ? '' : pathOf(address, serverUrl);
	if (path.length > MAX_PATH_LENGTH || !/^\w+(\/\w+)+$/.test(path)) {
		throw new InputError("'Method' is not a method of the Web API", ADVICE);
	}
	if (isSessionMethod(path)) {
		throw new InputError(
			`${path} cannot be called with the credential's own session`,
			'Use the operations Get Token and Release Token, whose tokens belong to the workflow',
		);
	}
	return createMethod(verb ?? onlyVerbOf(path), path);
}

/**
 * Whether a method makes, ends or changes a session, or answers with a token (documented). None of
 * them gets the credential's own session, which is shared by everyone who uses the credential.
 */
export function isSessionMethod(path: string): boolean {
	// A server may take several slashes for one.
	return /(^|\/)(authentication|organisation\/+set_session_settings)(\/|$)/i.test(path);
}

function splitVerb(text: string): { verb: HttpMethod | undefined; address: string } {
	const verb = /^(?:get|post)(?=\s)/i.exec(text)?.[0];
	const address = text.slice(verb?.length).trim();
	return { verb: verb?.toUpperCase() as HttpMethod | undefined, address };
}

/**
 * Whether a field Method, as it is saved, is a GET for every item: an expression may be anything, unless
 * it begins with the verb.
 */
export function isCertainlyGet(saved: unknown): boolean {
	const value = isJsonObject(saved) ? saved['value'] : saved;
	const text = typeof value === 'string' ? value.slice(0, MAX_METHOD_LENGTH) : '';
	const { verb, address } = splitVerb(text.replace(/^=/, '').trim());
	if (verb !== undefined) return VERBS[verb].isRead;
	const documented = findMethods(trimPath(address));
	return documented.length > 0 && documented.every(({ httpMethod }) => VERBS[httpMethod].isRead);
}

/** A path without the base path and the slashes that it may have been typed with. */
function trimPath(path: string): string {
	return path.replace(/^\/*(crmapi\/rest\/v2\/)?|\/*$/g, '');
}

/** The part of an address behind the server's base URL. @throws InputError for another server's */
function pathOf(address: string, serverUrl: string): string {
	if (!/^([a-z][a-z\d+.-]*:|\/\/|\\)/i.test(address)) {
		return trimPath(address);
	}
	const url = parseUrl(address, serverUrl);
	const isPlain = url && url.username === '' && url.password === '' && url.hash === '';
	if (!isPlain || !belongsTo(url, serverUrl)) {
		throw new InputError(
			"'Method' is a URL of another server than the credential's",
			`Nothing was sent. Enter the method alone, such as GET contact_information/show, or choose the credential of that server (this one is for ${serverUrl})`,
		);
	}
	const path = url.pathname.slice(new URL(serverUrl).pathname.length);
	// A query stays, so that the path is none: parameters have their own fields.
	return `${path}${url.search}`.replace(/^\/+|\/+$/g, '');
}

/** The verb of a path that was entered alone. @throws InputError if the documentation has none or two */
function onlyVerbOf(path: string): HttpMethod {
	const [method, another] = findMethods(path);
	if (method !== undefined && another === undefined) return method.httpMethod;
	const examples = [`GET ${path}`, `POST ${path}`].join(' or ');
	throw new InputError(
		`'Method' does not say whether ${path} is a GET or a POST`,
		method === undefined
			? `It is not in the list of documented methods. Enter ${examples}${suggestion(path)}`
			: `The documentation has both. Enter ${examples}`,
	);
}

/** What the documentation knows about a method that the server has rejected or does not have. */
export function adviseOn({ path, httpMethod, documentation }: Method): string {
	if (documentation?.unconfirmed === 'verb') {
		const other = httpMethod === 'GET' ? 'POST' : 'GET';
		return `. No public page says its verb: it may be ${other} ${path}`;
	}
	if (documentation) return '';
	const [other] = findMethods(path);
	if (other !== undefined) return `. It is documented as ${methodName(other)}`;
	return `. ${path} is not among the documented methods that this node knows${suggestion(path)}`;
}

function suggestion(path: string): string {
	const similar = suggestMethods(path);
	return similar.length === 0 ? '' : `. Similar ones are ${similar.join(', ')}`;
}
