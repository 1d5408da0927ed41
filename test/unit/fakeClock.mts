import { beforeEach, jest } from '@jest/globals';

/** A clock that only tests move: both of the clocks that the package reads. */
interface FakeClock {
	advance(ms: number): void;
	/** Sets the wall clock, as a person may do at any time. */
	stepWall(ms: number): void;
	/** Advances only the wall clock, as while a machine sleeps. */
	sleep(ms: number): void;
}

/**
 * A fake clock for each test of a `describe`. Timers are real. Not for the top level of a file: Mocha, which
 * tests mutants, would apply such a hook to all files.
 */
export function useFakeClock(): FakeClock {
	let wall = 0;
	let steady = 0;
	beforeEach(() => {
		wall = 1_000_000_000_000;
		steady = 0;
		jest.spyOn(Date, 'now').mockImplementation(() => wall);
		jest.spyOn(performance, 'now').mockImplementation(() => steady);
	});
	return {
		advance(ms) {
			wall += ms;
			steady += ms;
		},
		stepWall(ms) {
			wall += ms;
		},
		sleep(ms) {
			wall += ms;
		},
	};
}
