import { NodeApiError, NodeError, NodeOperationError, type INode } from 'n8n-workflow';

interface ApiErrorDetails {
	/** What the user can do now, and the vendor's code where there is one. */
	readonly description: string;
	/** The HTTP status of the answer, where there was one. */
	readonly httpStatus?: number | undefined;
	/** True where the vendor itself said no, so that asking again is pointless and may lock an account. */
	readonly refused?: boolean | undefined;
	/** True where the vendor's words are about the session and not about what was asked for. */
	readonly aboutSession?: boolean | undefined;
	readonly remembered?: boolean | undefined;
}

/**
 * A request that did not give what it was made for, told in words that may be shown: it never
 * carries the request, the answer, or a secret.
 *
 * It has no member `response`, `status` or `code`: n8n would take such an error, thrown by a
 * credential, for an HTTP error, and replace the words by its own.
 */
export class ApiError extends Error {
	override readonly name = 'ApiError';
	readonly description: string;
	readonly httpStatus: number | undefined;
	readonly refused: boolean;
	readonly aboutSession: boolean;
	/** True where it was not asked for now: the vendor said it a while ago. */
	readonly remembered: boolean;

	constructor(
		message: string,
		{ description, httpStatus, refused, aboutSession, remembered }: ApiErrorDetails,
	) {
		super(message);
		this.description = description;
		this.httpStatus = httpStatus;
		this.refused = refused === true;
		this.aboutSession = aboutSession === true;
		this.remembered = remembered === true;
	}

	/** The same, told again without asking; the vendor will be asked in so many milliseconds. */
	again(milliseconds: number): ApiError {
		const { message, description, httpStatus, refused } = this;
		const minutes = Math.ceil(milliseconds / 60_000);
		return new ApiError(message, {
			description: `${description}. So that no account gets locked, the same login is tried again in ${minutes} min at the earliest, or when you test the credential again`,
			httpStatus,
			refused,
			remembered: true,
		});
	}
}

/** What a user has filled in cannot be used; nothing was sent. */
export class InputError extends Error {
	override readonly name = 'InputError';

	constructor(
		message: string,
		readonly description: string,
	) {
		super(message);
	}
}

/** The error of one item, as n8n shows it: the words, the next step and the item's index. */
export function toNodeError(node: INode, error: unknown, itemIndex: number): NodeError {
	if (error instanceof NodeError) {
		error.context['itemIndex'] ??= itemIndex;
		return error;
	}
	if (error instanceof ApiError) {
		const { message, description, httpStatus } = error;
		const shown = new NodeApiError(
			node,
			{ message, description },
			{
				message,
				description,
				itemIndex,
				...(httpStatus === undefined ? {} : { httpCode: String(httpStatus) }),
			},
		);
		// n8n replaces a message that happens to contain "EEXIST", "ENOENT" and the like. The
		// vendor's upper-case codes do, and they are worth more than the replacement.
		shown.message = message;
		return shown;
	}
	if (error instanceof InputError) {
		return new NodeOperationError(node, error.message, {
			description: error.description,
			itemIndex,
		});
	}
	// Anything can be thrown, and n8n understands objects and texts.
	const told = typeof error === 'object' && error !== null ? (error as Error) : String(error);
	return new NodeOperationError(node, told, { itemIndex });
}
