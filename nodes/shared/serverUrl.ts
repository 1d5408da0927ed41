import { InputError } from './errors';

/** Maximum server URL length, in characters. */
const MAX_URL_LENGTH = 2_000;

interface ServerUrlRules {
	/** An example of what to type. */
	readonly example: string;
	/** The path that a bare host stands for, such as `/crmapi/rest/v2`. */
	readonly defaultPath: string;
	/** A method's path, which people paste along with the address; it is cut off. */
	readonly methodPath: RegExp;
}

/** The hint below a 'Server URL'. @param secret what plain http would expose on the way */
export function httpsHint(secret: string): string {
	return `Use https:// if possible: over http://, the ${secret} can be read in transit`;
}

/**
 * The base URL of a vendor's methods, without a trailing slash, from what a person typed.
 *
 * @throws InputError if it is not an http(s) URL, with a sentence that says what to type
 */
export function parseServerUrl(typed: unknown, rules: ServerUrlRules): string {
	const text = typeof typed === 'string' ? typed.trim() : '';
	const advice = `Enter the address of the server with http:// or https:// in front, such as ${rules.example}`;
	if (text === '') throw new InputError("'Server URL' is empty", advice);
	const isPossible = text.length <= MAX_URL_LENGTH && /^https?:\/\//i.test(text);
	const url = isPossible ? parseUrl(text) : undefined;
	if (url === undefined) throw new InputError("'Server URL' is not an http(s) address", advice);
	if (url.username !== '' || url.password !== '') {
		throw new InputError(
			"'Server URL' contains a user name or password",
			`${advice}. Enter the login in its own fields`,
		);
	}
	return url.origin + basePath(url.pathname, rules);
}

function basePath(path: string, { defaultPath, methodPath }: ServerUrlRules): string {
	const typed = path.replace(/\/+$/, '');
	const known = defaultPath === '' ? -1 : `${typed}/`.indexOf(`${defaultPath}/`);
	if (known >= 0) return typed.slice(0, known + defaultPath.length);
	return typed.replace(methodPath, '').replace(/\/+$/, '') || defaultPath;
}

/**
 * A token goes to the server that issued it, or nowhere.
 *
 * @param itemServer the server that the token's item names, if any
 * @param server the base URL of the credential's server
 * @param parse reads an address of this vendor
 * @throws InputError if the two differ
 */
export function assertSameServer(
	itemServer: unknown,
	server: string,
	parse: (typed: unknown) => string,
): void {
	if (itemServer === undefined || itemServer === null || itemServer === '') return;
	let issuer = 'another server';
	try {
		issuer = parse(itemServer);
	} catch {
		// An address that cannot be read is not the credential's, and only that matters here.
	}
	if (issuer === server) return;
	throw new InputError(
		`The token of this item was issued by ${issuer}, but the credential is for ${server}`,
		'Nothing was sent. Choose the credential that the token was made with',
	);
}

/**
 * A URL, or undefined if the text is none.
 *
 * Does not use `URL.canParse`: in Node.js 20, after a few thousand calls, it rejects every address
 * with a non-ASCII letter (seen on 20.20.2).
 */
export function parseUrl(text: string, base?: string): URL | undefined {
	try {
		return new URL(text, base);
	} catch {
		return undefined;
	}
}
