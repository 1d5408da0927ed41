/**
 * Why a request failed, as far as it decides what happens next:
 *
 * - `rejected`: the vendor said no or certainly would, or a login gave no usable token. Repeating it is
 *   pointless and may lock an account
 * - `unavailable`: nobody answered, or a server or a gateway was busy. A moment later it may work
 * - `unclear`: anything else, a timeout included
 */
export type FailureReason = 'rejected' | 'unavailable' | 'unclear';

interface ApiErrorDetails {
	/** What the user can do now. Plain text. */
	readonly advice: string;
	/** The HTTP status of the response, if there was one. */
	readonly httpStatus?: number | undefined;
	/** The code by which the vendor names what is wrong. */
	readonly vendorCode?: string | undefined;
	readonly reason?: FailureReason;
	/** True when the server may have done what it was asked to do. */
	readonly mayBeDone?: boolean;
	/** How long the server asks to wait. */
	readonly retryAfterMs?: number | undefined;
}

/** Statuses of a server, or a gateway in front of it, that is temporarily busy. */
export const BUSY_STATUSES: readonly number[] = [429, 502, 503, 504];

/** A vendor's code: a name, not a sentence. */
const CODE = /^[\w.$-]{1,200}$/;

/** Advice for whoever builds the workflow; not passed to an AI agent's model. */
export const CHECK_EXPRESSION = 'If it is an expression, check what it returns for this item';
/** How such advice begins if it shows an expression. */
export const BY_EXPRESSION = 'By expression: ';

/**
 * A failed request, in words that may be shown. It never holds the request, the response or a secret.
 *
 * It has no member `response`, `status` or `code`: in a credential's hook, n8n would take it for an HTTP error
 * and replace the words with its own.
 */
export class ApiError extends Error {
	override readonly name = 'ApiError';
	/** Plain text. */
	readonly advice: string;
	/** The advice and the vendor's code as n8n's editor shows them: as HTML. */
	readonly description: string;
	readonly httpStatus: number | undefined;
	readonly vendorCode: string | undefined;
	readonly reason: FailureReason;
	readonly mayBeDone: boolean;
	readonly retryAfterMs: number | undefined;

	constructor(
		message: string,
		{ advice, httpStatus, vendorCode, reason, mayBeDone, retryAfterMs }: ApiErrorDetails,
	) {
		super(withoutTags(message));
		this.advice = advice;
		this.description = toHtml(advice) + (vendorCode === undefined ? '' : codeLines(vendorCode));
		this.httpStatus = httpStatus;
		this.vendorCode = vendorCode;
		this.reason = reason ?? 'unclear';
		this.mayBeDone = mayBeDone === true;
		this.retryAfterMs = retryAfterMs;
	}

	/** Whether the same request may work a moment later: nobody answered, or a server was busy. */
	get isHiccup(): boolean {
		return this.reason === 'unavailable' || BUSY_STATUSES.includes(this.httpStatus ?? 0);
	}

	/** What a log may say of it: the code, if it looks like one, but no words, which may repeat what was sent. */
	get label(): string {
		if (this.vendorCode !== undefined && CODE.test(this.vendorCode)) return this.vendorCode;
		if (this.httpStatus !== undefined) return `HTTP ${this.httpStatus}`;
		return this.vendorCode === undefined ? 'no answer' : 'an unreadable code';
	}

	/** The same failure with some details changed. */
	with(changes: Partial<ApiErrorDetails>): ApiError {
		const { message, advice, httpStatus, vendorCode, reason, mayBeDone, retryAfterMs } = this;
		const details = { advice, httpStatus, vendorCode, reason, mayBeDone, retryAfterMs };
		const changed = new ApiError(message, { ...details, ...changes });
		if (this.stack !== undefined) changed.stack = this.stack;
		return changed;
	}
}

/** A user's input cannot be used. Almost always, nothing was sent. */
export class InputError extends Error {
	override readonly name = 'InputError';
	/** The advice as n8n's editor shows it: as HTML. */
	readonly description: string;

	/**
	 * @param advice what the user can do now. Plain text
	 * @param mayBeDone whether something was nevertheless sent and carried out
	 */
	constructor(
		message: string,
		readonly advice: string,
		readonly mayBeDone = false,
	) {
		super(withoutTags(message));
		this.description = toHtml(advice);
	}
}

/**
 * Escapes plain text for HTML. The editor shows an error's description as HTML: a vendor's
 * `<a href=…>` would be a link and `<unit>` would vanish.
 */
export function toHtml(text: string): string {
	return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

/** A vendor's code, broken into lines at its dots: n8n's panel does not break long words. */
function codeLines(code: string): string {
	const lines = code.match(/.{1,44}(?:\.|$)|.{1,45}/gu) ?? [];
	return `<br>Code: ${lines.map(toHtml).join('<br>')}`;
}

/**
 * A message without anything that could be an HTML tag: `<unit>` is `‹unit›`. The editor shows an
 * error's message as text in the node's panel, and as HTML in its notification (seen on n8n 2.41.1).
 */
function withoutTags(message: string): string {
	// Also a tag that is never closed.
	return message.replace(/<([^<>]*)>/g, '‹$1›').replace(/<(?=[a-z/!?])/gi, '‹');
}
