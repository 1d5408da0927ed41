/** A map of at most `maxSize` entries. When it is full, the least recently used one goes. */
export class BoundedMap<Value> {
	private readonly entries = new Map<string, Value>();

	/** @param isInUse entries in use go last: only when all are in use does the oldest one go */
	constructor(
		private readonly maxSize: number,
		private readonly isInUse: (value: Value) => boolean = () => false,
	) {}

	/** The entry of a key, which counts as a use, or a new one. */
	getOrCreate(key: string, create: () => Value): Value {
		const value = this.entries.get(key) ?? create();
		// A map keeps the order of insertion: what is inserted again is the last to go.
		this.entries.delete(key);
		if (this.entries.size >= this.maxSize) this.evict();
		this.entries.set(key, value);
		return value;
	}

	peek(key: string): Value | undefined {
		return this.entries.get(key);
	}

	private evict(): void {
		let victim: string | undefined;
		for (const [key, value] of this.entries) {
			victim ??= key;
			if (this.isInUse(value)) continue;
			victim = key;
			break;
		}
		if (victim !== undefined) this.entries.delete(victim);
	}
}
