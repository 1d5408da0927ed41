/**
 * Maps each index below `count`, at most `concurrency` (1 or more) at once. Starts nothing after a failure. If
 * several fail, throws the error of the lowest index.
 */
export async function mapWithConcurrency<Result>(
	count: number,
	concurrency: number,
	mapper: (index: number) => Promise<Result>,
): Promise<Result[]> {
	const results: Result[] = [];
	const failures = new Map<number, unknown>();
	let next = 0;
	const worker = async () => {
		while (next < count && failures.size === 0) {
			const index = next++;
			try {
				results[index] = await mapper(index);
			} catch (error) {
				failures.set(index, error);
			}
		}
	};
	await Promise.all(Array.from({ length: Math.min(count, concurrency) }, worker));
	const [first] = [...failures.keys()].sort((a, b) => a - b);
	if (first !== undefined) throw failures.get(first);
	return results;
}
