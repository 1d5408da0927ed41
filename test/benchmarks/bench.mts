/**
 * `npm run bench`: measures this package against other ways to do the same, on one real n8n, and writes the
 * results into `docs/benchmarks.md`.
 */
import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { resolve } from 'node:path';

import type { Cleanup } from '../harness/cleanup.mts';
import { countOption, runCommand } from '../harness/command.mts';
import { CommandError } from '../harness/commandError.mts';
import { NEWEST } from '../harness/versions.mts';
import { callMethodCases } from './cases/callMethod.mts';
import { fanOutCases } from './cases/fanOut.mts';
import { getManyCases } from './cases/getMany.mts';
import { getTokenCases } from './cases/getToken.mts';
import { listingCases } from './cases/listing.mts';
import { requestCases } from './cases/requests.mts';
import { startCases } from './cases/start.mts';
import {
	callMethodFindings,
	fanOutFindings,
	getTokenFindings,
	requestFindings,
} from './findings.mts';
import { startBenchmark, type Benchmark } from './benchmark.mts';
import { chapterText, type Chapter } from './report.mts';

const root = resolve(import.meta.dirname, '../..');

type Measure = (benchmark: Benchmark, rounds: number, cleanup: Cleanup) => Promise<Chapter>;

const CHAPTERS: Readonly<Record<string, Measure>> = {
	getToken: async (benchmark, rounds) => {
		const cases = await getTokenCases(benchmark, rounds);
		return { title: 'Get Token', cases, findings: getTokenFindings(cases) };
	},
	requests: async (benchmark, rounds) => {
		const cases = await requestCases(benchmark, rounds);
		return { title: 'HTTP Request with the credential', cases, findings: requestFindings(cases) };
	},
	callMethod: async (benchmark, rounds) => {
		const cases = await callMethodCases(benchmark, rounds);
		return { title: 'Call Method', cases, findings: callMethodFindings(cases) };
	},
	getMany: async (benchmark, rounds) => ({
		title: 'Get Many',
		cases: await getManyCases(benchmark, rounds),
	}),
	fanOut: async (benchmark, rounds) => {
		const cases = await fanOutCases(benchmark, rounds);
		return {
			title: 'Switch Organization for many organizations',
			cases,
			findings: fanOutFindings(cases),
		};
	},
	listing: async (benchmark, rounds) => ({
		title: 'List Organizations',
		cases: await listingCases(benchmark, rounds),
	}),
	start: async ({ host }, rounds, cleanup) => ({
		title: 'What loading it costs',
		cases: await startCases(host, rounds, cleanup),
		findings: [tarballFinding()],
	}),
};

const HELP = `npm run bench [-- OPTIONS]
Measures this package beside other ways to do the same on a real n8n, and writes docs/benchmarks.md.

  --rounds 7       how often each side is measured
  --only NAME      one subject, and its chapter of the document: ${Object.keys(CHAPTERS).join(', ')}`;

const options = {
	rounds: { type: 'string', default: '7' },
	only: { type: 'string', default: '' },
} as const;

await runCommand({ help: HELP, options }, async ({ values: { only, ...values }, cleanup }) => {
	const rounds = countOption('rounds', values.rounds);
	const measures = Object.entries(CHAPTERS).filter(([name]) => name.includes(only));
	if (measures.length === 0) {
		throw new CommandError(
			`There is no subject '${only}', only ${Object.keys(CHAPTERS).join(', ')}`,
		);
	}
	const benchmark = await startBenchmark(cleanup);
	const circumstances = circumstancesOf(benchmark, rounds);
	for (const [name, measure] of measures) {
		console.log(`Measuring ${name} …`);
		const text = chapterText(await measure(benchmark, rounds, cleanup), circumstances);
		console.log(`\n${text}`);
		await publish(text);
	}
	console.log('Written to docs/benchmarks.md');
});

/** When and where figures were measured: they belong to that day, that machine and that n8n. */
function circumstancesOf({ host }: Benchmark, rounds: number): string {
	const node = execFileSync(host.node, ['--version'], { encoding: 'utf8' }).trim();
	const machine = `${cpus().length} cores (${cpus()[0]?.model.trim()}), ${Math.round(totalmem() / 1024 ** 3)} GB`;
	return `Measured on ${new Date().toISOString().slice(0, 10)}: n8n ${NEWEST} on Node.js ${node.slice(1)}, ${machine}, ${rounds} rounds.`;
}

/** Puts a chapter into the document, replacing the one with its title. */
async function publish(chapter: string): Promise<void> {
	const file = resolve(root, 'docs/benchmarks.md');
	const parts = (await readFile(file, 'utf8')).split(/^(?=## )/m);
	const [title = ''] = chapter.split('\n');
	const index = parts.findIndex((part) => part.startsWith(`${title}\n`));
	if (index < 0) throw new CommandError(`docs/benchmarks.md has no chapter '${title}'`);
	parts[index] = index === parts.length - 1 ? chapter : `${chapter}\n`;
	await writeFile(file, parts.join(''));
}

function tarballFinding(): string {
	const [{ size, files }] = JSON.parse(
		execFileSync('npm', ['pack', '--dry-run', '--json'], {
			cwd: root,
			encoding: 'utf8',
			stdio: ['ignore', 'pipe', 'ignore'],
		}),
	) as [{ size: number; files: unknown[] }];
	return `The tarball has ${size} bytes and ${files.length} files.`;
}
