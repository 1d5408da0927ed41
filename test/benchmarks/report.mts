import type { Outcome } from './rounds.mts';

/** One comparison, under its title. */
export interface Case {
	readonly title: string;
	readonly outcomes: readonly Outcome[];
}

/** The comparisons of one subject. */
export interface Chapter {
	readonly title: string;
	readonly cases: readonly Case[];
	/** What the figures say, in sentences that are built from them. */
	readonly findings?: readonly string[];
}

/** What a figure is called in a table, and how it is written. */
const FIGURES: Readonly<Record<string, readonly [title: string, digits: number]>> = {
	ms: ['ms', 0],
	calls: ['calls', 0],
	logins: ['logins', 0],
	writes: ['writes of the credential', 0],
	heapMb: ['heap, MB', 1],
};

/** A chapter as Markdown: one table; the first line of each case is this package's. */
export function chapterText(
	{ title, cases, findings = [] }: Chapter,
	circumstances: string,
): string {
	const names = Object.keys(FIGURES).filter((name) =>
		cases.some(({ outcomes }) => outcomes.some(({ medians }) => name in medians)),
	);
	const head = ['', '', ...names.map((name) => FIGURES[name]![0]), 'time, as a ratio', 'spread'];
	const rows = cases.flatMap(({ title: ofCase, outcomes }) =>
		outcomes.map(({ name, medians, ratio, spread }, index) => [
			index === 0 ? `**${ofCase}**` : '',
			name,
			...names.map((figure) => written(figure, medians[figure])),
			ratio.toFixed(2),
			`${Math.round(spread * 100)} %`,
		]),
	);
	const lines = [head, head.map((_cell, index) => (index < 2 ? '---' : '--:')), ...rows].map(
		(cells) => `| ${cells.join(' | ')} |`,
	);
	return [
		`## ${title}`,
		'',
		circumstances,
		'',
		...lines,
		'',
		...findings.map((finding) => `- ${finding}`),
		'',
	].join('\n');
}

function written(figure: string, value: number | undefined): string {
	if (value === undefined || Number.isNaN(value)) return '';
	const digits = figure === 'ms' && value < 100 ? 1 : FIGURES[figure]![1];
	return value.toFixed(digits);
}
