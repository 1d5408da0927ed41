/** A node of the benchmark: what it has to say of itself is little. */
exports.node = (name, properties, execute, credentials = []) =>
	class {
		description = {
			displayName: `Benchmark ${name}`,
			name: `bench${name}`,
			group: ['transform'],
			version: 1,
			description: 'For measuring',
			defaults: { name },
			inputs: ['main'],
			outputs: ['main'],
			credentials,
			properties,
		};

		execute = execute;
	};

/** Does something for each item, so many at once, and keeps the order. */
exports.each = async (count, concurrency, work) => {
	const results = [];
	let next = 0;
	const lane = async () => {
		while (next < count) {
			const index = next++;
			results[index] = await work(index);
		}
	};
	await Promise.all(Array.from({ length: Math.min(count, concurrency) }, lane));
	return results;
};
