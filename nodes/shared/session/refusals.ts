import { VendorFailure } from '../errors';
import { BoundedMap } from './bounded';

/** How long the first refusal is given again without asking, in milliseconds; it then doubles. */
const FIRST_KEPT = 60_000;
const LONGEST_KEPT = 15 * 60_000;
/** A refusal this long after the last one's end begins a new series, in milliseconds. */
const SERIES_FORGOTTEN = 15 * 60_000;
/** How many keys are remembered. */
const KEYS_KEPT = 1_000;

/** Whose question it is, and which remembered refusals answer it. */
export interface Asking {
	/** The session of a credential, or the operations, whose logins are apart from it. */
	readonly by: 'session' | 'operation';
	/** Refusals from before this moment do not count, in milliseconds since 1970. */
	readonly since: number;
}

/** A session's question: what was refused is not asked again for a while. */
export const forSession: Asking = { by: 'session', since: 0 };

/** A credential's test: it asks whatever is remembered. */
export const forTest: Asking = { by: 'session', since: Infinity };

/** One run of an operation: what it is refused, it does not ask again; another run does. */
export function forRun(): Asking {
	return { by: 'operation', since: Date.now() };
}

interface Entry {
	refusal?: VendorFailure | undefined;
	/** When the refusal was noted, in milliseconds since 1970. */
	notedAt: number;
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
	 * @throws what `question` threw; a session's refusal that is only remembered says so
	 */
	async ask<Answer>(key: string, question: () => Promise<Answer>, asking = forSession): Promise<Answer> {
		const entry = this.entryOf(`${asking.by} ${key}`);
		const isTest = asking.since === Infinity;
		while (!isTest && !entry.accepted && entry.first !== undefined) {
			await entry.first.catch(() => undefined);
		}
		throwRemembered(entry, asking);
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
		const entry: Entry = { notedAt: 0, until: 0, kept: 0, accepted: false };
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
	entry.notedAt = now;
}

function throwRemembered({ refusal, notedAt, until }: Entry, { by, since }: Asking): void {
	const left = until - Date.now();
	if (refusal === undefined || left <= 0 || notedAt < since) return;
	throw by === 'session' ? refusal.again(left) : refusal;
}
