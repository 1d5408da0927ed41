import { spawn } from 'node:child_process';
import { createWriteStream, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** How often a long step reports that it is still running, in milliseconds. */
const REPORT_EVERY = 10_000;

export interface Watch {
	report(line: string): void;
	/** Aborted if the whole installation is given up. */
	readonly signal: AbortSignal;
}

interface Step {
	readonly folder: string;
	readonly doing: string;
	/** The folder of the Node.js to run npm with, and to build for; this process's own if left out. */
	readonly node?: string;
}

/** Runs npm with a log. @throws Error with npm's own words */
export async function npm(
	parameters: string[],
	{ folder, doing, node }: Step,
	{ report, signal }: Watch,
): Promise<void> {
	const logFile = join(folder, `npm-${parameters[0]}.log`);
	const log = createWriteStream(logFile);
	const environment = { ...process.env };
	// If this process runs under npm, npm would take this project's folder as its own.
	delete environment['npm_config_local_prefix'];
	if (node !== undefined) {
		environment['PATH'] = `${join(node, 'bin')}${delimiter}${environment['PATH']}`;
		environment['npm_config_nodedir'] = node;
	}
	const started = Date.now();
	const timer = setInterval(
		() => report(`  … ${doing}, ${Math.round((Date.now() - started) / 1000)} s`),
		REPORT_EVERY,
	);
	try {
		const code = await new Promise<number | null>((resolve, reject) => {
			const child = spawn('npm', [...parameters, '--no-audit', '--no-fund'], {
				cwd: folder,
				env: environment,
				signal,
				stdio: ['ignore', 'pipe', 'pipe'],
			});
			child.stdout.pipe(log, { end: false });
			child.stderr.pipe(log, { end: false });
			child.once('error', reject);
			child.once('close', resolve);
		});
		await new Promise((resolve) => log.end(resolve));
		if (code !== 0) throw new Error(reasonIn(logFile));
	} finally {
		clearInterval(timer);
	}
}

/** What npm says of a failure, in a few lines: its own words if it has any, or else the log's end. */
function reasonIn(logFile: string): string {
	const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n');
	const errors = lines.filter((line) => /^npm (error|ERR!) ./.test(line));
	return (errors.length > 0 ? errors.slice(0, 4) : lines.slice(-8)).join('\n');
}
