import { ApiError } from './errors';
import type { Answer, HttpRequest } from './http';
import { isJsonObject } from './records';
import { toDisplayText } from './redact';

/** The longest token that is believed, in characters: more fits into no URL and no header. */
const MAX_TOKEN_LENGTH = 8_192;

interface Expectation {
	/** What was expected to answer, as in "the CRM.COM Web API". */
	readonly api: string;
	/** What the user can check where the vendor says no. */
	readonly advice: string;
	/** What a 404 is likely to mean; a wrong address, where left out. */
	readonly notFound?: string;
}

/** Whether an error's HTTP status is an answer to what was asked, and not to the moment or the address. */
export function isRejection(status: number): boolean {
	return status < 500 && ![404, 405, 408, 410, 425, 429].includes(status);
}

/** Whether something could travel as a token in a URL or a header. */
export function isToken(value: unknown): value is string {
	return (
		typeof value === 'string' && value.length <= MAX_TOKEN_LENGTH && /^[\x21-\x7e]+$/.test(value)
	);
}

/**
 * A token out of an answer.
 *
 * @throws ApiError where it is no text that could travel in a URL or a header.
 */
export function readToken(value: unknown, { url }: HttpRequest): string {
	if (isToken(value)) return value;
	const { host } = new URL(url);
	const missing = value === undefined || value === null || value === '';
	throw new ApiError(
		missing
			? `${host} accepted the login but gave no token`
			: `${host} gave a token that cannot be used`,
		{
			description:
				'The login was accepted, so its fields are right. Ask who runs the server why it gives no usable token',
			// BackoffPolicy again at once would only open one session after another.
			refused: true,
		},
	);
}

/** What an answer becomes that is an HTTP error, or that comes from something else than the API. */
export function unexpectedResponseError(
	{ status, body }: Answer,
	{ url, secrets }: HttpRequest,
	{ api, advice, notFound }: Expectation,
): ApiError {
	const { host, pathname } = new URL(url);
	const words = wordsOf(body, secrets);
	if (status >= 400) {
		const says =
			status === 404 ? `has nothing at ${pathname} (HTTP 404)` : `answered with HTTP ${status}`;
		return new ApiError(words || `${host} ${says}`, {
			description: `${todoAfter(status, advice, notFound ?? `Check Server URL: the server has nothing at ${pathname}`)} (HTTP ${status} from ${host})`,
			httpStatus: status,
			refused: isRejection(status) || (status === 404 && notFound !== undefined),
		});
	}
	return new ApiError(`${host} answered with ${kindOf(body)} instead of an answer of ${api}`, {
		description: `Check Server URL: at ${pathname} there is something else, such as a website, a proxy or a login page`,
	});
}

function todoAfter(status: number, advice: string, notFound: string): string {
	if (status === 404) return notFound;
	if (status === 429) return 'The server is asked too often: try again later, or less often';
	if (status >= 500) return 'The server has a problem: try again later, or turn on Retry On Fail';
	return advice;
}

function kindOf(body: unknown): string {
	if (body === '' || body === undefined || body === null) return 'nothing';
	if (typeof body !== 'string') return 'other JSON';
	return /^\s*</.test(body) ? 'a web page' : 'text';
}

/** Where APIs and gateways put the words of an error, the likeliest first. */
const WORDS_OF_ERRORS = [
	'message',
	'error_description',
	'errorMessage',
	'error',
	'errors',
	'detail',
	'title',
];

/** So many levels deep words are looked for. */
const MAX_MESSAGE_DEPTH = 10;

/** The words of an error in whatever form; empty where there are none that a person could read. */
function wordsOf(body: unknown, secrets: readonly string[], depth = 0): string {
	if (typeof body === 'string') return /^\s*</.test(body) ? '' : toDisplayText(body, secrets);
	if (depth > MAX_MESSAGE_DEPTH) return '';
	if (Array.isArray(body)) return wordsOf(body[0], secrets, depth + 1);
	if (!isJsonObject(body)) return '';
	for (const name of WORDS_OF_ERRORS) {
		const words = Object.hasOwn(body, name) ? wordsOf(body[name], secrets, depth + 1) : '';
		if (words !== '') return words;
	}
	return '';
}
