/** One promise per key: later callers share the promise of the first. */
export class PromiseCache<Value> {
	private readonly promises = new Map<string, Promise<Value>>();

	async get(key: string, create: () => Promise<Value>): Promise<Value> {
		const known = this.promises.get(key);
		if (known) return await known;
		const promise = create();
		this.promises.set(key, promise);
		return await promise;
	}
}
