/** A map of at most `maxSize` entries. When full, it evicts the least recently used one. */
export class BoundedMap<Value> {
	private readonly entries = new Map<string, Value>();

	/** @param isInUse entries in use are evicted only if all are: then, too, the least recently used one */
	constructor(
		private readonly maxSize: number,
		private readonly isInUse: (value: Value) => boolean = () => false,
	) {}

	/** The entry of a key, or a new one. Counts as a use. */
	getOrCreate(key: string, create: () => Value): Value {
		const value = this.entries.get(key) ?? create();
		// A map keeps insertion order: a re-inserted entry is evicted last.
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
