/**
 * `npm run check:published`: the lint of n8n's official scanner, over what would be published and over the sources that
 * it would be built from. The scanner itself only takes packages that are published already.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

// It has no types of its own.
const { analyzePackage, SOURCE_FILE_PATTERNS } = (await import(
	'@n8n/scan-community-package/scanner/scanner.mjs' as string
)) as {
	analyzePackage(
		folder: string,
		patterns: readonly string[],
	): Promise<{ passed: boolean; message?: string; details?: string }>;
	readonly SOURCE_FILE_PATTERNS: readonly string[];
};

const root = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'n8n-scan-'));
try {
	const [{ filename }] = JSON.parse(
		execFileSync('npm', ['pack', '--json', '--pack-destination', folder], {
			cwd: root,
			encoding: 'utf8',
			stdio: ['ignore', 'pipe', 'ignore'],
		}),
	) as [{ filename: string }];
	execFileSync('tar', ['-xzf', filename, '--strip-components=1'], { cwd: folder });
	const results = [
		['the sources', await analyzePackage(root, SOURCE_FILE_PATTERNS)],
		['the tarball', await analyzePackage(folder, ['**/*.js', 'package.json'])],
	] as const;
	for (const [what, { passed, message, details }] of results) {
		console.log(
			passed
				? `The scanner finds nothing in ${what}`
				: `The scanner objects to ${what}: ${message}\n${details ?? ''}`,
		);
		if (!passed) process.exitCode = 1;
	}
} finally {
	rmSync(folder, { recursive: true, force: true });
}
