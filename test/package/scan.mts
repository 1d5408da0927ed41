/**
 * `npm run check:published`: the lint rules of n8n's official scanner, on what would be published and on its
 * sources. The scanner itself accepts only published packages.
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { runCommand } from '../harness/command.mts';
import { pack } from '../harness/package.mts';

interface Scanner {
	analyzePackage(
		folder: string,
		patterns: readonly string[],
	): Promise<{ passed: boolean; message?: string; details?: string }>;
	readonly SOURCE_FILE_PATTERNS: readonly string[];
}

/** It has no types of its own. */
const SCANNER: string = '@n8n/scan-community-package/scanner/scanner.mjs';

const HELP = `npm run check:published
Builds the package and lints it with n8n's official scanner: the sources, and the tarball.`;

await runCommand({ help: HELP }, async ({ cleanup }) => {
	const { analyzePackage, SOURCE_FILE_PATTERNS } = (await import(SCANNER)) as Scanner;
	const folder = await mkdtemp(join(tmpdir(), 'n8n-scan-'));
	cleanup.add(async () => await rm(folder, { recursive: true, force: true }));
	const tarball = await pack(folder);
	execFileSync('tar', ['-xzf', tarball, '--strip-components=1'], { cwd: folder });
	const root = resolve(import.meta.dirname, '../..');
	const results = [
		['the sources', await analyzePackage(root, SOURCE_FILE_PATTERNS)],
		['the tarball', await analyzePackage(folder, ['**/*.js', 'package.json'])],
	] as const;
	for (const [what, { passed, message, details }] of results) {
		if (passed) console.log(`The scanner finds nothing in ${what}`);
		else console.error(`The scanner objects to ${what}: ${message}\n${details ?? ''}`);
	}
	return results.every(([, { passed }]) => passed);
});
