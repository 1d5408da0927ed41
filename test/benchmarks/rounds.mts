/** One way to do a job. */
export interface Side {
	readonly name: string;
	/** Does the job once. @returns its figures, such as milliseconds and calls */
	run(): Promise<Figures>;
}

export type Figures = Readonly<Record<string, number>>;

export interface Outcome {
	readonly name: string;
	/** The median of each figure. */
	readonly medians: Figures;
	/** The median of the ratios to the first side, round by round: it holds even if the machine's speed changes. */
	readonly ratio: number;
	/** The spread of the rounds' milliseconds, as a fraction of their median. */
	readonly spread: number;
}

/**
 * Runs all sides round by round, each round in another order, so that a slow machine slows all of them. One
 * uncounted round first warms everything up.
 */
export async function compare(sides: readonly Side[], rounds: number): Promise<Outcome[]> {
	const figures = sides.map((): Figures[] => []);
	for (let round = -1; round < rounds; round++) {
		const order = sides.map((_side, index) => (index + Math.max(round, 0)) % sides.length);
		for (const index of order) {
			const found = await sides[index]!.run();
			if (round >= 0) figures[index]!.push(found);
		}
	}
	return sides.map(({ name }, index) => {
		const own = figures[index]!;
		const names = Object.keys(own[0] ?? {});
		const medians = Object.fromEntries(
			names.map((figure) => [figure, median(own.map((found) => found[figure] ?? Number.NaN))]),
		);
		const times = own.map(({ ms = Number.NaN }) => ms);
		return {
			name,
			medians,
			ratio: median(times.map((ms, round) => ms / (figures[0]![round]!['ms'] ?? Number.NaN))),
			spread: (Math.max(...times) - Math.min(...times)) / median(times),
		};
	});
}

/** How often a case with a number of items or rows is measured: long ones less often. */
export function roundsFor(count: number, rounds: number): number {
	return count > 1_000 ? Math.min(rounds, 3) : rounds;
}

export function median(values: readonly number[]): number {
	const sorted = [...values].sort((a, b) => a - b);
	const middle = (sorted.length - 1) / 2;
	return (
		((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2
	);
}
