import { BoundedMap } from './bounded';
import { ageOf, now, type Moment } from './moment';

/** How long a crowd is given the same failure before anybody tries again, in milliseconds. */
const FAILURE_KEPT = 500;
/** How many makings of one key are allowed within `MAKING_WINDOW` where they answer to failures. */
const MAKINGS_ALLOWED = 2;
const MAKING_WINDOW = 60_000;
/** How many keys are remembered. */
const KEYS_KEPT = 1_000;
/** How often what is over is looked for, in milliseconds. */
const SWEEP_EVERY = 60_000;

interface Entry<Value> {
	value?: Value | undefined;
	flight?: Promise<Value> | undefined;
	/** The last failure: it is given again for a moment. */
	failure?: { readonly error: Error; readonly at: Moment } | undefined;
	/** When the last makings began, newest last. */
	makings: Moment[];
}

/**
 * Values that are costly to make and end by themselves, by key: one flight for a crowd, bounded in
 * size. It lives and dies with its process and knows nothing of what it keeps.
 */
export class Memory<Value> {
	private readonly entries = new BoundedMap<Entry<Value>>(
		KEYS_KEPT,
		({ flight }) => flight !== undefined,
	);
	private sweptAt = now();

	/** @param isOver whether a value has ended */
	constructor(private readonly isOver: (value: Value) => boolean) {}

	/** How many keys are remembered. */
	get size(): number {
		return this.entries.size;
	}

	/** Whether `obtain` would answer from memory, with a value or a failure. */
	knows(key: string): boolean {
		const entry = this.entries.get(key);
		return entry !== undefined && (this.liveValue(entry) ?? failureOf(entry)) !== undefined;
	}

	/**
	 * The live value of a key, or else a new one. Callers at the same time share one making.
	 *
	 * @throws what `make` threw; again without trying, for a moment.
	 */
	async obtain(key: string, make: () => Promise<Value>): Promise<Value> {
		this.sweep();
		const entry = this.entryOf(key);
		const value = this.liveValue(entry);
		if (value !== undefined) return value;
		const error = entry.flight === undefined ? failureOf(entry) : undefined;
		if (error) throw error;
		return await this.renew(key, make);
	}

	/** A new value whatever is remembered. */
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
		if (entry.makings.filter((at) => ageOf(at) < MAKING_WINDOW).length >= MAKINGS_ALLOWED)
			return false;
		entry.value = undefined;
		return true;
	}

	private async fly(entry: Entry<Value>, make: () => Promise<Value>): Promise<Value> {
		entry.makings = [...entry.makings, now()].slice(-MAKINGS_ALLOWED);
		return await make()
			.then((value) => {
				entry.failure = undefined;
				return (entry.value = value);
			})
			.catch((error: Error) => {
				entry.failure = { error, at: now() };
				throw error;
			})
			.finally(() => {
				entry.flight = undefined;
			});
	}

	private liveValue(entry: Entry<Value>): Value | undefined {
		if (entry.value === undefined) return undefined;
		if (!this.isOver(entry.value)) return entry.value;
		entry.value = undefined;
		return undefined;
	}

	private entryOf(key: string): Entry<Value> {
		const known = this.entries.get(key);
		if (known) return known;
		const entry: Entry<Value> = { makings: [] };
		this.entries.set(key, entry);
		return entry;
	}

	/** Lets go of what is over; there is no timer that could do it. */
	private sweep(): void {
		if (ageOf(this.sweptAt) < SWEEP_EVERY) return;
		this.sweptAt = now();
		this.entries.removeWhere((entry) => isQuiet(entry) && this.liveValue(entry) === undefined);
	}
}

/** Whether nothing goes on and nothing has just gone on that still counts. */
function isQuiet<Value>(entry: Entry<Value>): boolean {
	const lastMaking = entry.makings.at(-1);
	const isLongAgo = lastMaking === undefined || ageOf(lastMaking) >= MAKING_WINDOW;
	return entry.flight === undefined && failureOf(entry) === undefined && isLongAgo;
}

function failureOf<Value>({ failure }: Entry<Value>): Error | undefined {
	return failure !== undefined && ageOf(failure.at) < FAILURE_KEPT ? failure.error : undefined;
}
