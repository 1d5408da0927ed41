/**
 * `npm run test:compat`: the end-to-end suite on every version of n8n in `test/host/versions.mts`, and a table of what
 * came out, which is then in `docs/compatibility.md`, too.
 * `-- --only 2.35.7` runs one version, `-- --cached` those that are installed already: neither changes the document.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';

import { isCached } from '../host/cache.mts';
import { Cleanup } from '../host/cleanup.mts';
import { installHost } from '../host/install.mts';
import { Problem } from '../host/problem.mts';
import { printTable } from '../host/table.mts';
import { VERSIONS } from '../host/versions.mts';

const root = resolve(import.meta.dirname, '../..');
const document = join(root, 'docs/compatibility.md');

interface Row {
	readonly n8n: string;
	readonly node: string;
	readonly tests: string;
	readonly result: 'passed' | 'FAILED';
}

const { values } = parseArgs({
	options: { only: { type: 'string' }, cached: { type: 'boolean', default: false } },
});

const cleanup = new Cleanup();
const running = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
	process.once(signal, () => {
		running.abort();
		void cleanup.run().finally(() => process.exit(130));
	});
}

try {
	const versions = chosen();
	const rows: Row[] = [];
	for (const version of versions) rows.push(await test(version));
	printTable(rows);
	if (values.only === undefined && !values.cached) await writeDocument(rows);
	process.exitCode = rows.every(({ result }) => result === 'passed') ? 0 : 1;
} catch (error) {
	console.error(error instanceof Problem ? error.message : error);
	process.exitCode = 1;
} finally {
	await cleanup.run();
}

function chosen(): readonly string[] {
	const { only, cached } = values;
	const known: readonly string[] = VERSIONS;
	if (only !== undefined && !known.includes(only)) {
		throw new Problem(
			`n8n ${only} is not among ${known.join(', ')}: add it to test/host/versions.mts`,
		);
	}
	const versions = known.filter(
		(version) => (only === undefined || version === only) && (!cached || isCached(version)),
	);
	const left = known.filter((version) => !versions.includes(version));
	if (left.length > 0) console.log(`Left out: ${left.join(', ')}`);
	if (versions.length === 0) throw new Problem('No version is left: none of them is installed');
	return versions;
}

/** The end-to-end suite on one version, with everything that it says. */
async function test(version: string): Promise<Row> {
	const host = await installHost(version, console.log, cleanup);
	const folder = await mkdtemp(join(tmpdir(), 'compat-'));
	cleanup.add(async () => await rm(folder, { recursive: true, force: true }));
	const outputFile = join(folder, 'result.json');
	console.log(`\nThe end-to-end suite on n8n ${version}`);
	const parameters = [
		'node_modules/jest/bin/jest.js',
		'--config',
		'test/e2e/jest.config.js',
		'--json',
		`--outputFile=${outputFile}`,
	];
	const child = spawn(process.execPath, parameters, {
		cwd: root,
		env: { ...process.env, N8N_VERSION: version },
		// Jest prints its report to stderr, and with --json the result to stdout, too.
		stdio: ['ignore', 'ignore', 'inherit'],
		signal: running.signal,
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
