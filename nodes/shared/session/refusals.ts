import { VendorFailure } from '../errors';
import { BoundedMap } from './bounded';

/** How long the first refusal is given again without asking, in milliseconds; it then doubles. */
const FIRST_KEPT = 60_000;
const LONGEST_KEPT = 15 * 60_000;
/** A refusal this long after the last one's end begins a new series, in milliseconds. */
const SERIES_FORGOTTEN = 15 * 60_000;
/** How many keys are remembered. */
const KEYS_KEPT = 1_000;

interface Entry {
	refusal?: VendorFailure | undefined;
	/** Until when the refusal is given again, in milliseconds since 1970. */
	until: number;
	/** How long it is given again in all, in milliseconds. */
	kept: number;
	/** Whether the last answer was good: then many may ask at once. */
	accepted: boolean;
	/** The question whose answer decides for all who would ask meanwhile. */
	first?: Promise<unknown> | undefined;
}

/** Refusals that were noted: an outer question does not note again what an inner one has. */
const noted = new WeakSet<VendorFailure>();

/**
 * What vendors have refused, by key: the same question is not asked again for a while, so that no
 * account is locked, and of a crowd that asks for the first time only one does.
 */
class Refusals {
	private readonly entries = new BoundedMap<Entry>(KEYS_KEPT);

	/**
	 * Asks the vendor, unless it has just refused the same.
	 *
	 * @param afresh true to ask whatever is remembered
	 * @throws what `question` threw; a refusal that is only remembered says so
	 */
	async ask<Answer>(key: string, question: () => Promise<Answer>, afresh = false): Promise<Answer> {
		const entry = this.entryOf(key);
		while (!afresh && !entry.accepted && entry.first !== undefined) {
			await entry.first.catch(() => undefined);
		}
		if (!afresh) throwRemembered(entry);
		// Nothing is awaited since the loop: of those who waited, only one comes here first.
		const answer: Promise<Answer> = question()
			.then((good) => {
				Object.assign(entry, { refusal: undefined, kept: 0, accepted: true });
				return good;
			})
			.catch((error: unknown) => {
				if (error instanceof VendorFailure && error.refused) note(entry, error);
				throw error;
			})
			.finally(() => {
				if (entry.first === answer) entry.first = undefined;
			});
		if (!entry.accepted) entry.first ??= answer;
		return await answer;
	}

	private entryOf(key: string): Entry {
		const known = this.entries.get(key);
		if (known) return known;
		const entry: Entry = { until: 0, kept: 0, accepted: false };
		this.entries.set(key, entry);
		return entry;
	}
}

export const refusals = new Refusals();

function note(entry: Entry, refusal: VendorFailure): void {
	if (refusal.remembered || noted.has(refusal)) return;
	noted.add(refusal);
	const now = Date.now();
	entry.accepted = false;
	// Several that were asked at once are one refusal.
	const isAnother = entry.refusal === undefined || now >= entry.until;
	if (isAnother) {
		const goesOn = now < entry.until + SERIES_FORGOTTEN;
		entry.kept = goesOn && entry.kept > 0 ? Math.min(entry.kept * 2, LONGEST_KEPT) : FIRST_KEPT;
		entry.until = now + entry.kept;
	}
	entry.refusal = refusal;
}

function throwRemembered({ refusal, until }: Entry): void {
	const left = until - Date.now();
	if (refusal !== undefined && left > 0) throw refusal.again(left);
}
