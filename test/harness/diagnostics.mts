import type { Fakes } from '../fakes/server.mts';
import type { RunningN8n } from './n8n.mts';

/** How many lines and calls are shown. */
const SHOWN = 20;

/** For debugging a failure: n8n's last output, and the vendors' calls and answers. */
export function diagnostics(processes: readonly RunningN8n[], fakes: Fakes): string {
	const calls = fakes.calls.all
		.slice(-SHOWN)
		.map(
			({ method, name, status, outcome = 'a fault' }) =>
				`  ${method} ${name} → ${status} ${outcome}`,
		);
	const more = fakes.calls.all.length - calls.length;
	const logs = processes.flatMap(({ logFile, tail }) => [
		`\nThe last lines of ${logFile}:`,
		tail(SHOWN),
	]);
	return [
		...logs,
		`The calls of the vendors${more > 0 ? `, the last ${SHOWN} of ${more + SHOWN}` : ''}:`,
		...calls,
		'',
	].join('\n');
}
