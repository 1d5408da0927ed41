/** What this package's failures hold, and n8n's form of an HTTP error. */
export interface Failure extends Error {
	readonly description?: string;
	readonly httpStatus?: number;
	readonly refused?: boolean;
	readonly response?: { readonly status: number };
}

/** What some work fails with. @throws Error where it succeeds */
export async function failureOf(work: Promise<unknown>): Promise<Failure> {
	return await work.then(
		() => Promise.reject(new Error('It succeeded')),
		(failure: Failure) => failure,
	);
}

/** What a call throws at once. @throws Error where it does not */
export function thrownBy(work: () => unknown): Failure {
	try {
		work();
	} catch (error) {
		return error as Failure;
	}
	throw new Error('It succeeded');
}
