import { ApiError } from '../shared/errors';
import { settle } from '../shared/settle';

/** Maximum number of pages of a list to request at once. */
const MAX_WINDOW = 5;

export type Rows = readonly unknown[];

/** Slots for concurrent requests, which items and the pages of their lists share. */
export class Slots {
	private ahead = 0;

	/** @param items unfinished ones: each holds a slot for its next request, as long as slots last */
	constructor(
		private readonly total: number,
		private items: number,
	) {}

	/** Takes a slot for reading a page ahead. @returns false if none is free */
	tryTake(): boolean {
		if (Math.min(this.items, this.total) + this.ahead >= this.total) return false;
		this.ahead += 1;
		return true;
	}

	release(): void {
		this.ahead -= 1;
	}

	/** An item is done, so its slot is free for the pages of others. */
	endItem(): void {
		this.items -= 1;
	}
}

/** A page requested ahead. Its error is not thrown before the page is read. */
interface Asked {
	readonly page: Promise<PromiseSettledResult<Rows>>;
	/** Gives its slot back, once. */
	readonly release: () => void;
}

interface AheadOptions {
	/** Rows from here on are not requested. */
	readonly limit: number;
	/** Free requests for reading ahead; without it, pages are read one by one. */
	readonly slots?: Slots | undefined;
	/** Asks for a page. */
	ask(size: number, offset: number): Promise<Rows>;
}

/**
 * Reads pages in order and, once their size is known, requests the next ones concurrently: one, two, four, and
 * five at most.
 */
export class ReadAhead {
	private readonly asked = new Map<number, Asked>();
	private step: number | undefined;
	private window = 1;
	private isAlone = false;

	constructor(private readonly options: AheadOptions) {}

	/** Pages are this large, so the next ones can be requested ahead. */
	expect(step: number): void {
		this.step = step;
	}

	/** The page at an offset. @throws what its request throws */
	async page(size: number, offset: number): Promise<Rows> {
		const known = this.asked.get(offset);
		// Pages at other offsets are of no use: a page was smaller than expected.
		if (known === undefined) this.asked.clear();
		this.asked.delete(offset);
		// From now on, it uses the reader's own slot.
		known?.release();
		const current = known?.page ?? settle(this.options.ask(size, offset));
		this.askAhead(size, offset);
		const outcome = await current;
		if (outcome.status === 'fulfilled') {
			if (outcome.value.length === this.step) this.window = Math.min(2 * this.window, MAX_WINDOW);
			// This may be the end, so nothing more is requested ahead.
			else if (outcome.value.length === 0) this.window = 1;
			return outcome.value;
		}
		if (known === undefined || !mayBeAskedAgain(outcome.reason)) throw outcome.reason;
		// The server may serve only one request of a session at a time: from now on, send them so.
		this.isAlone = true;
		// Pending requests get their answers first.
		await Promise.all([...this.asked.values()].map(async ({ page }) => await page));
		this.asked.clear();
		return await this.options.ask(size, offset);
	}

	private askAhead(size: number, offset: number): void {
		const { limit, slots, ask } = this.options;
		const { step } = this;
		if (step === undefined || slots === undefined || this.isAlone) return;
		for (let ahead = 1; ahead < this.window; ahead++) {
			const next = offset + ahead * step;
			if (next >= limit) return;
			if (this.asked.has(next)) continue;
			if (!slots.tryTake()) return;
			let isHeld = true;
			const release = () => {
				if (isHeld) slots.release();
				isHeld = false;
			};
			const page = settle(ask(Math.min(size, limit - next), next)).finally(release);
			this.asked.set(next, { page, release });
		}
	}
}

/** Whether a server may have failed only because of the other requests: hiccups have already been retried (P15). */
function mayBeAskedAgain(error: unknown): boolean {
	if (!(error instanceof ApiError)) return true;
	const hasAnswered = error.httpStatus !== undefined || error.vendorCode !== undefined;
	return hasAnswered && !error.isHiccup;
}
