/** The vendors' clock, which tests can move. It may also be hours off, like real servers' clocks. */
export class Clock {
	private offset = 0;

	/** Milliseconds since 1970, by this clock. */
	now(): number {
		return Date.now() + this.offset;
	}

	/** Whole seconds since 1970, by this clock. */
	seconds(): number {
		return Math.floor(this.now() / 1000);
	}

	advance(milliseconds: number): void {
		this.offset += milliseconds;
	}
}
