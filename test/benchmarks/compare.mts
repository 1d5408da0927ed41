/** What one run of a side came to: its time, and what else is counted. */
export interface Figures {
	readonly ms: number;
	readonly calls?: number;
	readonly logins?: number;
	readonly writes?: number;
	readonly heapMb?: number;
}

/** One way to do a job. */
export interface Side {
	readonly name: string;
	/** Does the job once. */
	run(): Promise<Figures>;
}

/** Ways to do the same job. The first is this package's. */
export interface Case {
	readonly title: string;
	readonly sides: readonly Side[];
	/** Whether one round takes so long that three must do. */
	readonly isLong?: boolean;
}

/** How each figure is called in a table. */
const COLUMNS = {
	ms: 'ms',
	calls: 'calls',
	logins: 'logins',
	writes: 'writes of the credential',
	heapMb: 'heap, MB',
} as const;
type Figure = keyof typeof COLUMNS;

interface Outcome {
	/** The title of the case, beside its first side. */
	readonly title: string;
	readonly name: string;
	readonly medians: Readonly<Partial<Record<Figure, number>>>;
	/** The median of the ratios to the first side, round by round: it holds even if the machine's speed changes. */
	readonly ratio: number;
	/** The slowest round less the fastest, as a part of the median. */
	readonly spread: number;
}

/**
 * Runs all sides round by round, each round in another order, so that a slow machine slows all of them. One
 * uncounted round first warms everything up.
 */
export async function compare({ title, sides, isLong }: Case, rounds: number): Promise<Outcome[]> {
	const found = sides.map((): Figures[] => []);
	for (let round = -1; round < (isLong ? Math.min(rounds, 3) : rounds); round++) {
		for (const turn of sides.keys()) {
			const index = (turn + Math.max(round, 0)) % sides.length;
			const figures = await sides[index]!.run();
			if (round >= 0) found[index]!.push(figures);
		}
	}
	return sides.map(({ name }, index) => {
		const own = found[index]!;
		const times = own.map(({ ms }) => ms);
		const names = Object.keys(COLUMNS).filter((figure) => figure in own[0]!) as Figure[];
		return {
			title: index === 0 ? `**${title}**` : '',
			name,
			medians: Object.fromEntries(
				names.map((figure) => [figure, median(own.map((figures) => figures[figure]!))]),
			),
			ratio: median(times.map((ms, round) => ms / found[0]![round]!.ms)),
			spread: (Math.max(...times) - Math.min(...times)) / median(times),
		};
	});
}

/** One Markdown table for all cases of a chapter. */
export function tableOf(outcomes: readonly Outcome[]): string {
	const figures = (Object.keys(COLUMNS) as Figure[]).filter((figure) =>
		outcomes.some(({ medians }) => figure in medians),
	);
	const head = ['', '', ...figures.map((figure) => COLUMNS[figure]), 'time, as a ratio', 'spread'];
	const rows = outcomes.map(({ title, name, medians, ratio, spread }) => [
		title,
		name,
		...figures.map((figure) => written(figure, medians[figure])),
		ratio.toFixed(2),
		`${Math.round(spread * 100)} %`,
	]);
	return [head, head.map((_cell, index) => (index < 2 ? '---' : '--:')), ...rows]
		.map((cells) => `| ${cells.join(' | ')} |\n`)
		.join('');
}

function written(figure: Figure, value: number | undefined): string {
	if (value === undefined) return '';
	const isFine = figure === 'heapMb' || (figure === 'ms' && value < 100);
	return value.toFixed(isFine ? 1 : 0);
}

function median(values: readonly number[]): number {
	const sorted = [...values].sort((a, b) => a - b);
	const middle = (sorted.length - 1) / 2;
	return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
}
