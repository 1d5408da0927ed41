import { ApiError } from '../errors';
import { BoundedMap } from './bounded';
import { ageOf, now, type Moment } from './moment';

/** How long the first refusal is given again without asking, in milliseconds; it then doubles. */
const FIRST_KEPT = 60_000;
const LONGEST_KEPT = 15 * 60_000;
/** A refusal this long after the last one's end begins a new series, in milliseconds. */
const SERIES_FORGOTTEN = 15 * 60_000;
/** How long after a good answer many may ask at once, in milliseconds: later the password may be another. */
const TRUSTED = 5_000;
/** How many keys are remembered. */
const KEYS_KEPT = 1_000;

/** Whose question it is, and which remembered refusals answer it. */
export interface BackoffPolicy {
	/** The session of a credential, or the operations, whose logins are apart from it. */
	readonly by: 'session' | 'operation';
	/** Only refusals with a higher number count: they are numbered in the order in which they come. */
	readonly after: number;
}

/** A session's question: what was refused is not asked again for a while. */
export const forSession: BackoffPolicy = { by: 'session', after: 0 };

/** A credential's test: it asks whatever is remembered. */
export const forTest: BackoffPolicy = { by: 'session', after: Infinity };

/** One run of an operation: what it is refused, it does not ask again; another run does. */
export function forRun(): BackoffPolicy {
	return { by: 'operation', after: numberOfRefusals };
}

let numberOfRefusals = 0;

interface Refused {
	/** The last refusal, and its number. */
	readonly failure: ApiError;
	readonly number: number;
	/** For how long it is given again, in milliseconds, and from when on. */
	readonly kept: number;
	readonly since: Moment;
}

interface Entry {
	refused?: Refused | undefined;
	/** When the last good answer came. */
	acceptedAt?: Moment | undefined;
	/** The question whose answer decides for all who would ask meanwhile. */
	first?: Promise<unknown> | undefined;
}

/** Refusals that were noted: an outer question does not note again what an inner one has. */
const noted = new WeakSet<ApiError>();

/**
 * What vendors have refused, by key: the same question is not asked again for a while, so that no
 * account is locked. Of a crowd one asks first, and its failure is everybody's.
 */
class Refusals {
	private readonly entries = new BoundedMap<Entry>(
		KEYS_KEPT,
		({ first, refused }) => first !== undefined || (refused !== undefined && timeLeft(refused) > 0),
	);

	/**
	 * Asks the vendor, unless it has just refused the same.
	 *
	 * @throws what `question` threw; a session's refusal that is only remembered says so
	 */
	async ask<Answer>(
		key: string,
		question: () => Promise<Answer>,
		asking = forSession,
	): Promise<Answer> {
		const entry = this.entryOf(`${asking.by} ${key}`);
		const isTest = asking.after === Infinity;
		while (!isTest && entry.first !== undefined && !isTrusted(entry)) {
			await entry.first.catch((error: unknown) => {
				// A refusal is remembered, and told below; whatever else it was, it is no use to meet it once more each.
				if (!isRejection(error)) throw error;
			});
		}
		throwRemembered(entry, asking);
		// Nothing is awaited since the loop: of those who waited, only one comes here first.
		const answer: Promise<Answer> = question()
			.then((good) => {
				Object.assign(entry, { refused: undefined, acceptedAt: now() });
				return good;
			})
			.catch((error: unknown) => {
				if (isRejection(error)) note(entry, error);
				throw error;
			})
			.finally(() => {
				if (entry.first === answer) entry.first = undefined;
			});
		if (!isTrusted(entry)) entry.first ??= answer;
		return await answer;
	}

	private entryOf(key: string): Entry {
		const known = this.entries.get(key);
		if (known) return known;
		const entry: Entry = {};
		this.entries.set(key, entry);
		return entry;
	}
}

export const refusals = new Refusals();

function isRejection(error: unknown): error is ApiError {
	return error instanceof ApiError && error.refused;
}

function isTrusted({ acceptedAt }: Entry): boolean {
	return acceptedAt !== undefined && ageOf(acceptedAt) < TRUSTED;
}

/** For how long a refusal is still given again, in milliseconds. */
function timeLeft({ kept, since }: Refused): number {
	return kept - ageOf(since);
}

function note(entry: Entry, failure: ApiError): void {
	if (failure.remembered || noted.has(failure)) return;
	noted.add(failure);
	const { refused: last } = entry;
	const number = ++numberOfRefusals;
	entry.acceptedAt = undefined;
	// Several that were asked at once are one refusal.
	if (last !== undefined && timeLeft(last) > 0) entry.refused = { ...last, failure, number };
	else entry.refused = { failure, number, kept: keptAfter(last), since: now() };
}

function keptAfter(last: Refused | undefined): number {
	const goesOn = last !== undefined && ageOf(last.since) < last.kept + SERIES_FORGOTTEN;
	return goesOn ? Math.min(last.kept * 2, LONGEST_KEPT) : FIRST_KEPT;
}

function throwRemembered({ refused }: Entry, { by, after }: BackoffPolicy): void {
	if (refused === undefined || refused.number <= after) return;
	if (by === 'operation') throw refused.failure;
	const left = timeLeft(refused);
	if (left > 0) throw refused.failure.again(left);
}
