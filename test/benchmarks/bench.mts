/**
 * `npm run bench`: measures this package against other ways to do the same, on one real n8n, and writes the
 * tables of `docs/benchmarks.md`.
 */
import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { resolve } from 'node:path';

import { countOption, runCommand } from '../harness/command.mts';
import { CommandError } from '../harness/commandError.mts';
import { NEWEST } from '../harness/versions.mts';
import { startBenchmark, type Benchmark } from './benchmark.mts';
import { listing, switching } from './chapters/aurea.mts';
import { callMethod, getMany, getToken } from './chapters/crmCom.mts';
import { requests } from './chapters/requests.mts';
import { start } from './chapters/start.mts';
import { compare, tableOf, type Case } from './compare.mts';

/** The chapters of the document, by their titles. Each is ready for a case when it yields it. */
const CHAPTERS: Readonly<Record<string, (benchmark: Benchmark) => AsyncIterable<Case>>> = {
	'Get Token': getToken,
	'HTTP Request with the credential': requests,
	'Call Method': callMethod,
	'Get Many': getMany,
	'Switch Organization for many organizations': switching,
	'List Organizations': listing,
	'What loading it costs': start,
};

const HELP = `npm run bench [-- OPTIONS]
Measures this package beside other ways to do the same on a real n8n, and writes docs/benchmarks.md.

  --rounds 3     how often each side is measured
  --only TITLE   chapters with this in their titles: ${Object.keys(CHAPTERS).join(', ')}`;

const options = {
	rounds: { type: 'string', default: '3' },
	only: { type: 'string', default: '' },
} as const;

await runCommand({ help: HELP, options }, async ({ values: { only, ...values }, cleanup }) => {
	const rounds = countOption('rounds', values.rounds);
	const chosen = Object.entries(CHAPTERS).filter(([title]) => title.includes(only));
	if (chosen.length === 0) throw new CommandError(`There is no chapter '${only}'\n\n${HELP}`);
	const benchmark = await startBenchmark(cleanup);
	for (const [title, chapter] of chosen) {
		console.log(`Measuring ${title} …`);
		const outcomes = [];
		for await (const each of chapter(benchmark)) {
			console.log(`  ${each.title}`);
			outcomes.push(...(await compare(each, rounds)));
		}
		const text = `${circumstancesOf(benchmark, rounds)}\n\n${tableOf(outcomes)}`;
		console.log(`\n${text}`);
		await publish(title, text);
	}
	console.log('Written to docs/benchmarks.md');
});

/** When and where figures were measured: they belong to that day, that machine and that n8n. */
function circumstancesOf({ host }: Benchmark, rounds: number): string {
	const node = execFileSync(host.node, ['--version'], { encoding: 'utf8' }).trim();
	const machine = `${cpus().length} cores (${cpus()[0]?.model.trim()}), ${Math.round(totalmem() / 1024 ** 3)} GB`;
	return `Measured on ${new Date().toISOString().slice(0, 10)}: n8n ${NEWEST} on Node.js ${node.slice(1)}, ${machine}, ${rounds} rounds.`;
}

/** Replaces the figures of a chapter, and leaves what is said about them. */
async function publish(title: string, text: string): Promise<void> {
	const file = resolve(import.meta.dirname, '../../docs/benchmarks.md');
	const parts = (await readFile(file, 'utf8')).split(/^(?=## )/m);
	const index = parts.findIndex((part) => part.startsWith(`## ${title}\n`));
	if (index < 0) throw new CommandError(`docs/benchmarks.md has no chapter '${title}'`);
	parts[index] = parts[index]!.replace(/^Measured on .*\n\n(\|.*\n)+/m, () => text);
	await writeFile(file, parts.join(''));
}
