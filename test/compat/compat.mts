/**
 * `npm run test:compat`: the end-to-end suite on every version of n8n in `test/harness/versions.mts`, and a
 * table of the results, also written to `docs/compatibility.md`.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

import { isCached } from '../harness/cache.mts';
import type { Cleanup } from '../harness/cleanup.mts';
import { runCommand } from '../harness/command.mts';
import { installHost } from '../harness/install.mts';
import { CommandError } from '../harness/commandError.mts';
import { printTable } from '../harness/table.mts';
import { VERSIONS } from '../harness/versions.mts';

const root = resolve(import.meta.dirname, '../..');
const document = join(root, 'docs/compatibility.md');

interface Row {
	readonly n8n: string;
	readonly node: string;
	readonly tests: string;
	readonly result: 'passed' | 'FAILED';
}

const HELP = `npm run test:compat [-- OPTIONS]
Runs the end-to-end suite on n8n ${VERSIONS.join(', ')} and writes docs/compatibility.md.

  --only VERSION   run one version, and leave the document as it is
  --cached         run only versions that are installed already, and leave the document as it is`;

const options = {
	only: { type: 'string' },
	cached: { type: 'boolean', default: false },
} as const;

await runCommand({ help: HELP, options }, async ({ values: { only, cached }, cleanup }) => {
	const running = new AbortController();
	cleanup.add(async () => running.abort());
	const rows: Row[] = [];
	for (const version of chosen(only, cached))
		rows.push(await test(version, cleanup, running.signal));
	printTable(rows);
	if (only === undefined && !cached) await writeDocument(rows);
	return rows.every(({ result }) => result === 'passed');
});

function chosen(only: string | undefined, cached: boolean): readonly string[] {
	const known: readonly string[] = VERSIONS;
	if (only !== undefined && !known.includes(only)) {
		throw new CommandError(
			`n8n ${only} is not among ${known.join(', ')}: add it to test/harness/versions.mts`,
		);
	}
	const versions = known.filter(
		(version) => (only === undefined || version === only) && (!cached || isCached(version)),
	);
	const left = known.filter((version) => !versions.includes(version));
	if (left.length > 0) console.log(`Left out: ${left.join(', ')}`);
	if (versions.length === 0)
		throw new CommandError('No version is left: none of them is installed');
	return versions;
}

/** The end-to-end suite on one version, with all of its output. */
async function test(version: string, cleanup: Cleanup, signal: AbortSignal): Promise<Row> {
	const host = await installHost(version, console.log, cleanup);
	const folder = await mkdtemp(join(tmpdir(), 'compat-'));
	cleanup.add(async () => await rm(folder, { recursive: true, force: true }));
	const outputFile = join(folder, 'result.json');
	console.log(`\nThe end-to-end suite on n8n ${version}`);
	const parameters = [
		'node_modules/jest/bin/jest.js',
		'--config',
		'test/jest.config.js',
		'--selectProjects',
		'e2e',
		'--runInBand',
		'--verbose',
		'--json',
		`--outputFile=${outputFile}`,
	];
	const child = spawn(process.execPath, parameters, {
		cwd: root,
		env: { ...process.env, N8N_VERSION: version },
		// Jest prints its report to stderr, and with --json the result to stdout, too.
		stdio: ['ignore', 'ignore', 'inherit'],
		signal,
	});
	const [code] = (await once(child, 'exit')) as [number | null];
	const { numPassedTests, numTotalTests } = JSON.parse(await readFile(outputFile, 'utf8')) as {
		numPassedTests: number;
		numTotalTests: number;
	};
	const { stdout } = await promisify(execFile)(host.node, ['--version']);
	return {
		n8n: version,
		node: stdout.trim().replace('v', ''),
		tests: `${numPassedTests} of ${numTotalTests}`,
		result: code === 0 && numPassedTests === numTotalTests ? 'passed' : 'FAILED',
	};
}

/** Puts the table between the two marks of the document. */
async function writeDocument(rows: readonly Row[]): Promise<void> {
	const table = [
		'| n8n | Node.js | tests | result |',
		'|---|---|---|---|',
		...rows.map(({ n8n, node, tests, result }) => `| ${n8n} | ${node} | ${tests} | ${result} |`),
		'',
		`Made by \`npm run test:compat\` on ${new Date().toISOString().slice(0, 10)}.`,
	].join('\n');
	const text = await readFile(document, 'utf8');
	const changed = text.replace(
		/(<!-- table -->)[^]*(<!-- end of table -->)/,
		`$1\n\n${table}\n\n$2`,
	);
	await writeFile(document, changed);
	console.log('docs/compatibility.md has this table now');
}
