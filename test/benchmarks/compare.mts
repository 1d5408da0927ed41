/** What one run came to, by column: its time in milliseconds, and what else is counted. */
export type Figures = Readonly<Record<string, number>> & { readonly ms: number };

/** Ways to do the same job, by name. The first is this package's. */
export interface Case {
	readonly title: string;
	readonly sides: Readonly<Record<string, () => Promise<Figures>>>;
}

type Outcome = Awaited<ReturnType<typeof compare>>[number];

/**
 * Runs all sides round by round, each round in another order, so that a slow machine slows all of them. One
 * uncounted round first warms everything up.
 */
export async function compare({ title, sides }: Case, rounds: number) {
	const runs = Object.entries(sides).map(([name, run]) => ({ name, run, found: [] as Figures[] }));
	for (let round = 0; round <= rounds; round++) {
		for (const turn of runs.keys()) {
			const { run, found } = runs[(turn + round) % runs.length]!;
			const figures = await run();
			if (round > 0) found.push(figures);
		}
	}
	return runs.map(({ name, found }, index) => {
		const times = found.map(({ ms }) => ms);
		const medians = Object.keys(found[0]!).map((column): [string, number] => [
			column,
			median(found.map((figures) => figures[column]!)),
		]);
		return {
			/** Of the case, beside its first side. */
			title: index === 0 ? `**${title}**` : '',
			name,
			medians: Object.fromEntries(medians),
			/** The median of the ratios to the first side, round by round: it holds even if the machine's speed changes. */
			ratio: median(times.map((ms, round) => ms / runs[0]!.found[round]!.ms)),
			/** The slowest round less the fastest, as a part of the median. */
			spread: (Math.max(...times) - Math.min(...times)) / median(times),
		};
	});
}

/** One Markdown table, without the columns that are 0 everywhere. */
export function tableOf(outcomes: readonly Outcome[]): string {
	const columns = Object.keys(outcomes[0]!.medians).filter((column) =>
		outcomes.some(({ medians }) => medians[column] !== 0),
	);
	const head = ['', '', ...columns, 'time, as a ratio', 'spread'];
	const rows = outcomes.map(({ title, name, medians, ratio, spread }) => [
		title,
		name,
		...columns.map((column) => rounded(medians[column]!)),
		ratio.toFixed(2),
		`${Math.round(spread * 100)} %`,
	]);
	return [head, head.map((_cell, index) => (index < 2 ? '---' : '--:')), ...rows]
		.map((cells) => `| ${cells.join(' | ')} |\n`)
		.join('');
}

const rounded = (value: number) =>
	String(value < 100 ? Math.round(value * 10) / 10 : Math.round(value));

function median(values: readonly number[]): number {
	const sorted = [...values].sort((a, b) => a - b);
	const middle = (sorted.length - 1) / 2;
	return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
}
