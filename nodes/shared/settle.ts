/**
 * The outcome of a promise as a value. Used instead of `try` and `catch` if an error may be rethrown: n8n's
 * linter forbids that within `catch` (`require-node-api-error`).
 */
export async function settle<Value>(promise: Promise<Value>): Promise<PromiseSettledResult<Value>> {
	const [outcome] = await Promise.allSettled([promise]);
	return outcome;
}
