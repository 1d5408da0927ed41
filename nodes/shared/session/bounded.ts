/** A map of at most so many entries: where it is full, the longest unused goes. */
export class BoundedMap<Value> {
	private readonly entries = new Map<string, Value>();

	constructor(private readonly most: number) {}

	get size(): number {
		return this.entries.size;
	}

	/** The entry of a key, which counts as a use. */
	get(key: string): Value | undefined {
		const value = this.entries.get(key);
		if (value === undefined) return undefined;
		// A map keeps the order of insertion, so what is put in again is the last to go.
		this.entries.delete(key);
		this.entries.set(key, value);
		return value;
	}

	set(key: string, value: Value): void {
		this.entries.delete(key);
		for (const oldest of this.entries.keys()) {
			if (this.entries.size < this.most) break;
			this.entries.delete(oldest);
		}
		this.entries.set(key, value);
	}

	/** Removes every entry of which it is true. */
	removeWhere(isOver: (value: Value) => boolean): void {
		for (const [key, value] of this.entries) if (isOver(value)) this.entries.delete(key);
	}
}
