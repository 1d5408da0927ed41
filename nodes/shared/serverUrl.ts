import { InputError } from './errors';
import { parseUrl } from './url';

/** A longer address is none of a server, in characters. */
const MAX_URL_LENGTH = 2_000;

interface ServerUrlRules {
	/** An address to show as a model of what to type. */
	readonly example: string;
	/** The path that a bare host stands for, such as `/crmapi/rest/v2`. */
	readonly defaultPath: string;
	/** The end of a path that is a method's, which people paste together with the address: it is cut off. */
	readonly methodPath: RegExp;
}

/**
 * The base of a vendor's methods, without a trailing slash, from what a person typed.
 *
 * @throws InputError where it is no http(s) URL, with a sentence that says what to type.
 */
export function readServerUrl(typed: unknown, rules: ServerUrlRules): string {
	const text = typeof typed === 'string' ? typed.trim() : '';
	const advice = `Type the address of the server with http:// or https:// in front, such as ${rules.example}`;
	if (text === '') throw new InputError('Server URL is empty', advice);
	const isPossible = text.length <= MAX_URL_LENGTH && /^https?:\/\//i.test(text);
	const url = isPossible ? parseUrl(text) : undefined;
	if (url === undefined) throw new InputError('Server URL is not an http or https address', advice);
	if (url.username !== '' || url.password !== '') {
		throw new InputError(
			'Server URL holds a user name or password',
			`${advice}, and put the login into its own fields`,
		);
	}
	return url.origin + basePath(url.pathname, rules);
}

function basePath(path: string, { defaultPath, methodPath }: ServerUrlRules): string {
	const typed = path.replace(/\/+$/, '');
	if (typed === '') return defaultPath;
	const known = defaultPath === '' ? -1 : `${typed}/`.indexOf(`${defaultPath}/`);
	if (known >= 0) return typed.slice(0, known + defaultPath.length);
	return typed.replace(methodPath, '').replace(/\/+$/, '') || defaultPath;
}

/**
 * A token goes to the server that gave it, or nowhere.
 *
 * @param ofItem the server that the token's item names, if it does
 * @param server the base of the credential's server
 * @param read how a vendor's addresses are read
 * @throws InputError where the two differ
 */
export function assertSameServer(
	ofItem: unknown,
	server: string,
	read: (typed: unknown) => string,
): void {
	if (ofItem === undefined || ofItem === null || ofItem === '') return;
	let given = 'another server';
	try {
		given = read(ofItem);
	} catch {
		// An address that cannot be read is not the credential's, and that is all that matters here.
	}
	if (given === server) return;
	throw new InputError(
		`The token of this item is of ${given}, but the credential is for ${server}`,
		'Nothing was sent. Choose the credential with which the token was made',
	);
}
