/** What one run came to, by column: its time in milliseconds, and what else is counted. */
export type Figures = Readonly<Record<string, number>> & { readonly ms: number };

/** Ways to do the same job, by name. The first is this package's. */
export interface Case {
	readonly title: string;
	readonly sides: Readonly<Record<string, () => Promise<Figures>>>;
}

/** The medians of one side, and how it compares with the first. */
export interface Outcome {
	/** The title of the case, beside its first side. */
	readonly title: string;
	readonly name: string;
	readonly medians: Figures;
	/** The median of the ratios to the first side, round by round: it holds even if the machine's speed changes. */
	readonly ratio: number;
	/** The slowest round less the fastest, as a part of the median. */
	readonly spread: number;
}

/**
 * Runs all sides round by round, each round in another order, so that a slow machine slows all of them. One
 * uncounted round first warms everything up.
 */
export async function compare({ title, sides }: Case, rounds: number): Promise<Outcome[]> {
	const runs = Object.values(sides);
	const found = runs.map((): Figures[] => []);
	for (let round = -1; round < rounds; round++) {
		for (const turn of runs.keys()) {
			const index = (turn + Math.max(round, 0)) % runs.length;
			const figures = await runs[index]!();
			if (round >= 0) found[index]!.push(figures);
		}
	}
	return Object.keys(sides).map((name, index) => {
		const own = found[index]!;
		const times = own.map(({ ms }) => ms);
		const medians = Object.keys(own[0]!).map((column) => [
			column,
			median(own.map((figures) => figures[column]!)),
		]);
		return {
			title: index === 0 ? `**${title}**` : '',
			name,
			medians: Object.fromEntries(medians) as Figures,
			ratio: median(times.map((ms, round) => ms / found[0]![round]!.ms)),
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
