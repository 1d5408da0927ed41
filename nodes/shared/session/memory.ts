/** How long a crowd is given the same failure before anybody is asked again, in milliseconds. */
const FAILURE_KEPT = 500;
/** How long the first refusal is given again without asking, in milliseconds; it then doubles. */
const FIRST_REFUSAL_KEPT = 60_000;
const LONGEST_REFUSAL_KEPT = 15 * 60_000;
/** A refusal this long after the last one's end begins a new series, in milliseconds. */
const SERIES_FORGOTTEN = 15 * 60_000;
/** How many makings of one key are allowed within `MAKING_WINDOW` where they answer to failures. */
const MAKINGS_ALLOWED = 2;
const MAKING_WINDOW = 60_000;
/** How many keys are remembered; beyond that the longest unused goes. */
const KEYS_KEPT = 1_000;

interface Entry<Value> {
	value?: Value | undefined;
	flight?: Promise<Value> | undefined;
	error?: Error | undefined;
	/** Until when `error` is given again, in milliseconds since 1970. */
	errorUntil: number;
	/** How long the last refusal was kept, in milliseconds. */
	refusalKept: number;
	/** When the last makings began, newest last. */
	makings: number[];
}

/** What the memory has to know of the things that it keeps. */
interface MemoryOptions<Value> {
	/** When a value ends, in milliseconds since 1970. */
	endsAt(value: Value): number;
	/** True for an error that is an answer: it will not change by asking again at once. */
	isRefusal(error: Error): boolean;
}

/**
 * Values that are costly to make and end by themselves, by key: one flight for a crowd, refusals
 * remembered, bounded in size. It lives and dies with its process and knows nothing of what it keeps.
 */
export class Memory<Value> {
	private readonly entries = new Map<string, Entry<Value>>();

	constructor(private readonly options: MemoryOptions<Value>) {}

	/**
	 * The live value of a key, or else a new one. Callers at the same time share one making.
	 *
	 * @throws what `make` threw, also without asking while that answer is remembered.
	 */
	async obtain(key: string, make: () => Promise<Value>): Promise<Value> {
		const entry = this.entries.get(key);
		const value = this.liveValue(entry);
		if (value !== undefined) {
			this.touch(key);
			return value;
		}
		if (entry?.flight === undefined) this.throwRemembered(entry);
		return await this.renew(key, make);
	}

	/** Whether `obtain` would answer from memory, with a value or a failure. */
	knows(key: string): boolean {
		const entry = this.entries.get(key);
		return this.liveValue(entry) !== undefined || this.rememberedError(entry) !== undefined;
	}

	/** Throws the remembered failure of a key, if there is one. */
	throwIfFailed(key: string): void {
		this.throwRemembered(this.entries.get(key));
	}

	/** A new value whatever is remembered: a live value as well as a refusal. */
	async renew(key: string, make: () => Promise<Value>): Promise<Value> {
		const entry = this.entryOf(key);
		entry.flight ??= this.fly(entry, make);
		return await entry.flight;
	}

	/**
	 * Ends a value that seems dead before its time, unless that was done already.
	 *
	 * @returns false where it stays, since making another would be one too many: so no loop is endless.
	 */
	retire(key: string, value: Value): boolean {
		const entry = this.entries.get(key);
		if (entry?.value !== value) return true;
		const since = Date.now() - MAKING_WINDOW;
		if (entry.makings.filter((at) => at > since).length >= MAKINGS_ALLOWED) return false;
		entry.value = undefined;
		return true;
	}

	/** Notes the outcome of a making that was done elsewhere, for the sake of those who come after. */
	noteFailure(key: string, error: Error): void {
		this.fail(this.entryOf(key), error);
	}

	/** How many keys are remembered. */
	get size(): number {
		return this.entries.size;
	}

	private async fly(entry: Entry<Value>, make: () => Promise<Value>): Promise<Value> {
		entry.makings = [...entry.makings, Date.now()].slice(-MAKINGS_ALLOWED);
		return await make()
			.then((value) => {
				entry.error = undefined;
				entry.refusalKept = 0;
				return (entry.value = value);
			})
			.catch((error: Error) => {
				this.fail(entry, error);
				throw error;
			})
			.finally(() => {
				entry.flight = undefined;
			});
	}

	private fail(entry: Entry<Value>, error: Error): void {
		const now = Date.now();
		const refusal = this.options.isRefusal(error);
		if (refusal) {
			const goesOn = now < entry.errorUntil + SERIES_FORGOTTEN;
			entry.refusalKept = goesOn
				? Math.min(Math.max(entry.refusalKept * 2, FIRST_REFUSAL_KEPT), LONGEST_REFUSAL_KEPT)
				: FIRST_REFUSAL_KEPT;
		}
		entry.error = error;
		entry.errorUntil = now + (refusal ? entry.refusalKept : FAILURE_KEPT);
	}

	private rememberedError(entry: Entry<Value> | undefined): Error | undefined {
		return entry !== undefined && Date.now() < entry.errorUntil ? entry.error : undefined;
	}

	private throwRemembered(entry: Entry<Value> | undefined): void {
		const error = this.rememberedError(entry);
		if (error) throw error;
	}

	private liveValue(entry: Entry<Value> | undefined): Value | undefined {
		if (entry?.value === undefined) return undefined;
		if (Date.now() < this.options.endsAt(entry.value)) return entry.value;
		entry.value = undefined;
		return undefined;
	}

	private entryOf(key: string): Entry<Value> {
		const known = this.entries.get(key);
		if (known) {
			this.touch(key);
			return known;
		}
		this.sweep();
		const entry: Entry<Value> = { errorUntil: 0, refusalKept: 0, makings: [] };
		this.entries.set(key, entry);
		return entry;
	}

	/** A map keeps the order of insertion, so the first key is the one longest unused. */
	private touch(key: string): void {
		const entry = this.entries.get(key);
		if (!entry) return;
		this.entries.delete(key);
		this.entries.set(key, entry);
	}

	private sweep(): void {
		const now = Date.now();
		for (const [key, entry] of this.entries) {
			if (entry.flight === undefined && this.isOver(entry, now)) this.entries.delete(key);
		}
		for (const [key, entry] of this.entries) {
			if (this.entries.size < KEYS_KEPT) break;
			if (entry.flight === undefined) this.entries.delete(key);
		}
	}

	private isOver(entry: Entry<Value>, now: number): boolean {
		const lastMaking = entry.makings.at(-1) ?? 0;
		const seriesKept = entry.refusalKept > 0 ? SERIES_FORGOTTEN : 0;
		return (
			this.liveValue(entry) === undefined &&
			now >= entry.errorUntil + seriesKept &&
			now >= lastMaking + MAKING_WINDOW
		);
	}
}
