/** Reads the method that a user types or chooses. */
import { InputError } from '../shared/errors';
import type { HttpMethod } from '../shared/http';
import { isJsonObject } from '../shared/jsonObject';
import { parseUrl } from '../shared/serverUrl';
import { belongsTo } from '../shared/session/target';
import { findMethods, methodName } from './catalogue';
import {
	createMethod,
	isSessionMethod,
	suggestion,
	VERB_NAMES,
	VERBS,
	type Method,
} from './method';

/** Maximum length of what is typed as a method, in characters. */
export const MAX_METHOD_LENGTH = 2_000;

/** Maximum length of a method's path, in characters. */
const MAX_PATH_LENGTH = 500;

const ADVICE =
	'Choose it from the list, or enter its verb and path as shown in the CRM.COM documentation, such as GET contact_information/show. Parameters have their own fields';

/**
 * The method that a text names: a verb and a path (`GET contact_information/show`), a documented path
 * alone, or either with the path as a full URL of the credential's own server.
 *
 * @throws InputError if it could lead elsewhere, or is about logins, which have operations of their own
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

const LEADING_VERB = new RegExp(`^(?:${VERB_NAMES.join('|')})(?=\\s)`, 'i');

/** The verb that a text begins with, if it does, and the rest of it. */
export function splitVerb(text: string): { verb: HttpMethod | undefined; address: string } {
	const verb = LEADING_VERB.exec(text)?.[0];
	const address = text.slice(verb?.length).trim();
	return { verb: verb?.toUpperCase() as HttpMethod | undefined, address };
}

/**
 * Whether a saved Method field only reads, for every item: an expression may return anything, unless it begins
 * with the verb.
 */
export function isCertainlyRead(saved: unknown): boolean {
	const value = isJsonObject(saved) ? saved['value'] : saved;
	const text = typeof value === 'string' ? value.slice(0, MAX_METHOD_LENGTH) : '';
	const { verb, address } = splitVerb(text.replace(/^=/, '').trim());
	if (verb !== undefined) return VERBS[verb].isRead;
	const documented = findMethods(trimPath(address));
	return documented.length > 0 && documented.every(({ httpMethod }) => VERBS[httpMethod].isRead);
}

/** A path without the base path and the slashes that it may have been typed with. */
export function trimPath(path: string): string {
	return path.replace(/^\/*(crmapi\/rest\/v2\/)?|\/*$/g, '');
}

/** The part of an address after the server's base URL. @throws InputError for another server's */
function pathOf(address: string, serverUrl: string): string {
	if (!/^([a-z][a-z\d+.-]*:|\/\/|\\)/i.test(address)) {
		return trimPath(address);
	}
	const url = parseUrl(address, serverUrl);
	const isPlain = url && url.username === '' && url.password === '' && url.hash === '';
	if (!isPlain || !belongsTo(url, serverUrl)) {
		throw new InputError(
			"'Method' is a URL on a different server than the credential's",
			`Nothing was sent. Enter the method alone, such as GET contact_information/show, or choose the credential of that server (this one is for ${serverUrl})`,
		);
	}
	const path = url.pathname.slice(new URL(serverUrl).pathname.length);
	// A query is kept, to make the path invalid: parameters have their own fields.
	return `${path}${url.search}`.replace(/^\/+|\/+$/g, '');
}

/** The verb of a path that was entered alone. @throws InputError unless the documentation has just one */
function onlyVerbOf(path: string): HttpMethod {
	const documented = findMethods(path);
	const [method, another] = documented;
	if (method !== undefined && another === undefined) return method.httpMethod;
	throw new InputError(
		`'Method' does not say whether ${path} is a ${VERB_NAMES.join(' or a ')}`,
		method === undefined
			? `It is not in the list of documented methods. Enter ${VERB_NAMES.map((verb) => `${verb} ${path}`).join(' or ')}${suggestion(path)}`
			: `The documentation has both. Enter ${documented.map(methodName).join(' or ')}`,
	);
}
