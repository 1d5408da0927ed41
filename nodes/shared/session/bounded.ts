/** A map of at most so many entries: where it is full, the longest unused goes that nothing holds, or else the longest unused. */
export class BoundedMap<Value> {
	private readonly entries = new Map<string, Value>();

	/** @param isHeld what should not go */
	constructor(
		private readonly most: number,
		private readonly isHeld: (value: Value) => boolean = () => false,
	) {}

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
		if (this.entries.size >= this.most) this.letGo();
		this.entries.set(key, value);
	}

	private letGo(): void {
		for (const [key, value] of this.entries) {
			if (this.isHeld(value)) continue;
			this.entries.delete(key);
			return;
		}
		for (const oldest of this.entries.keys()) {
			this.entries.delete(oldest);
			return;
		}
	}

	/** Removes every entry of which it is true. */
	removeWhere(isOver: (value: Value) => boolean): void {
		for (const [key, value] of this.entries) if (isOver(value)) this.entries.delete(key);
	}
}
