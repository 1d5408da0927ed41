/**
 * `npm run test:mutation`: breaks the code in every way that Stryker knows, and counts what the quick suites
 * catch. Stryker's score ignores mutants that end in an error, so a single one fails the run here, except with
 * `--static`: code that cannot be loaded fails every test.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { runCommand } from '../harness/command.mts';
import { CommandError } from '../harness/commandError.mts';
import { npm } from '../harness/npm.mts';
import { printTable } from '../harness/table.mts';

/** Stryker's names for the result of a mutant. */
type Status =
	| 'Killed'
	| 'Timeout'
	| 'Survived'
	| 'NoCoverage'
	| 'RuntimeError'
	| 'CompileError'
	| 'Ignored'
	| 'Pending';

interface Mutant {
	readonly status: Status;
	readonly statusReason?: string;
	/** Whether it is evaluated once, at load. */
	readonly static?: boolean;
}

interface Report {
	readonly files: Readonly<Record<string, { readonly mutants: readonly Mutant[] }>>;
}

const root = resolve(import.meta.dirname, '../..');
const reportFile = join(root, 'reports/mutation/report.json');
/** The share of mutants that must be caught, in percent. */
const MIN_SCORE = 95;

const HELP = `npm run test:mutation [-- OPTIONS]
Breaks the code in thousands of ways, and prints file by file how many the quick suites catch.
The report to look at is reports/mutation/report.html.

  --mutate FILES   only these, as in --mutate "nodes/shared/session/*.ts"
  --static         count only what is evaluated once, at load, and run unit tests only`;

const options = { mutate: { type: 'string' }, static: { type: 'boolean' } } as const;

await runCommand({ help: HELP, options }, async ({ values, cleanup }) => {
	const { mutate, static: onlyStatic = false } = values;
	await rm(reportFile, { force: true });
	const running = new AbortController();
	cleanup.add(async () => running.abort());
	const folder = import.meta.dirname;
	const stryker = join(folder, 'node_modules/@stryker-mutator/core/bin/stryker.js');
	if (!existsSync(stryker)) {
		await npm(
			['ci'],
			{ folder, doing: 'installing Stryker' },
			{ report: console.log, signal: running.signal },
		);
	}
	const parameters = ['run', 'test/mutation/stryker.config.mjs'];
	if (mutate !== undefined) parameters.push('--mutate', mutate);
	const child = spawn(process.execPath, [stryker, ...parameters], {
		cwd: root,
		env: {
			...process.env,
			PROPERTY_RUNS: '100',
			STATIC_MUTANTS: onlyStatic ? 'yes' : 'no',
			TSX_TSCONFIG_PATH: 'test/mutation/tsconfig.json',
		},
		stdio: ['ignore', 'inherit', 'inherit'],
		signal: running.signal,
	});
	await once(child, 'exit');
	const report = await readFile(reportFile, 'utf8').catch(() => {
		throw new CommandError('Stryker ended without a report: see above');
	});
	return judge(JSON.parse(report) as Report, onlyStatic);
});

function judge({ files }: Report, onlyStatic: boolean): boolean {
	const tried = Object.entries(files).map(([file, { mutants }]) => ({
		file,
		mutants: onlyStatic
			? mutants
					.filter((mutant) => mutant.static === true)
					.map((mutant) =>
						mutant.status === 'RuntimeError' ? { ...mutant, status: 'Killed' as const } : mutant,
					)
			: mutants,
	}));
	const rows = tried.map(({ file, mutants }) => countsOf(file, mutants));
	const all = tried.flatMap(({ mutants }) => mutants);
	const total = countsOf('all files', all);
	printTable([...rows, total]);
	const errors = all.filter(({ status }) => /Error|Pending/.test(status));
	for (const reason of new Set(errors.map(({ status, statusReason = status }) => statusReason))) {
		console.error(`Not tested: ${reason.slice(0, 500)}`);
	}
	const faults = [
		...(all.length === 0 ? ['no mutant was made'] : []),
		...(errors.length > 0
			? [`${errors.length} of ${all.length} mutants were not tested: the score says nothing`]
			: []),
		...(total.score >= MIN_SCORE
			? []
			: [`${total.score} % were caught, and ${MIN_SCORE} % are to be`]),
	];
	for (const fault of faults) console.error(`Wrong: ${fault}`);
	return faults.length === 0;
}

function countsOf(file: string, mutants: readonly Mutant[]) {
	const count = (...statuses: Status[]) =>
		mutants.filter(({ status }) => statuses.includes(status)).length;
	const caught = count('Killed', 'Timeout');
	const missed = count('Survived', 'NoCoverage');
	return {
		file,
		score: Math.round((caught / Math.max(1, caught + missed)) * 10_000) / 100,
		caught,
		missed,
		untested: count('RuntimeError', 'CompileError', 'Pending'),
		// Evaluated once, at load: left to `--static`.
		static: count('Ignored'),
	};
}
