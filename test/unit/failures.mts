/** What this package's errors hold, and n8n's form of an HTTP error. */
export interface AnyError extends Error {
	readonly description?: string;
	readonly httpStatus?: number;
	readonly reason?: string;
	readonly response?: { readonly status: number };
}

/** The error that a promise rejects with. @throws Error if it resolves */
export async function rejectedBy(promise: Promise<unknown>): Promise<AnyError> {
	return await promise.then(
		() => Promise.reject(new Error('It succeeded')),
		(error: AnyError) => error,
	);
}

/** The error that a call throws. @throws Error if it returns */
export function thrownBy(call: () => unknown): AnyError {
	try {
		call();
	} catch (error) {
		return error as AnyError;
	}
	throw new Error('It succeeded');
}
