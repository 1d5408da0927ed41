/**
 * A point in time on two clocks, in milliseconds. The wall clock can be set back, and the steady
 * clock may stop while the machine sleeps, so a period is over as soon as either clock says so.
 */
export interface Moment {
	/** Since 1970. */
	readonly wall: number;
	/** Since the process began. */
	readonly steady: number;
}

export function now(): Moment {
	return { wall: Date.now(), steady: performance.now() };
}

/** The age of a moment in milliseconds, by the clock that says more. */
export function ageOf({ wall, steady }: Moment): number {
	return Math.max(Date.now() - wall, performance.now() - steady);
}
