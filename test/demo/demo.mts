/** `npm run demo`: a real n8n with this package, both vendors, and all examples, run once. */
import type { Cleanup } from '../harness/cleanup.mts';
import { isCached } from '../harness/cache.mts';
import { countOption, runCommand } from '../harness/command.mts';
import { CommandError } from '../harness/commandError.mts';
import { itemsOf, OWNER, withCredentials, type Execution } from '../harness/rest.mts';
import { loginSecretsOf, secretsFoundIn, secretsOf } from '../harness/secrets.mts';
import { startHarness, type Harness } from '../harness/harness.mts';
import { printTable } from '../harness/table.mts';
import { NEWEST } from '../harness/versions.mts';
import { loginHelp } from '../fakes/vendors.mts';
import type { Fakes } from '../fakes/server.mts';
import { pointedAt, readExamples, type Example } from './examples.mts';

const EDITOR_PORT = 5678;

const HELP = `npm run demo [-- OPTIONS]
Starts a real n8n with this package and two fake vendors, and runs every example once.
Then the editor stays open until Ctrl-C.

  --exit           end after the table of results
  --port ${EDITOR_PORT}      the editor's port`;

const options = {
	exit: { type: 'boolean', default: false },
	port: { type: 'string' },
} as const;

interface Row {
	readonly workflow: string;
	readonly result: string;
	readonly items: number;
	readonly logins: number;
	readonly calls: number;
	readonly releases: number;
}

const started = Date.now();
const report = (line: string) =>
	console.log(`${String(Math.round((Date.now() - started) / 1000)).padStart(4)} s  ${line}`);

await runCommand({ help: HELP, options }, async ({ values: { exit, port }, cleanup }) => {
	const chosen = port === undefined ? undefined : countOption('port', port);
	return await demonstrate(exit, chosen ?? (exit ? undefined : EDITOR_PORT), cleanup);
});

async function demonstrate(
	exit: boolean,
	port: number | undefined,
	cleanup: Cleanup,
): Promise<boolean> {
	report(
		isCached(NEWEST)
			? 'This takes about a minute'
			: 'This takes about ten minutes the first time, and one minute from then on',
	);
	const harness = await startHarness({
		version: NEWEST,
		...(port === undefined ? {} : { port }),
		cleanup,
		report,
	});
	const rows: Row[] = [];
	const faults: string[] = [];
	const examples = await readExamples();
	const ids = new Map<Example, string>();
	// n8n lists the newest workflow first, which should be the one to start with.
	for (const example of examples.toReversed()) {
		const workflow = pointedAt(harness.fakes, example.workflow);
		ids.set(
			example,
			await harness.rest.createWorkflow(withCredentials(workflow, harness.credentials)),
		);
	}
	for (const example of examples) {
		report(`Running "${example.workflow.name}"`);
		const { row, wrong } = await runExample(harness, example, ids.get(example)!);
		rows.push(row);
		faults.push(...wrong.map((fault) => `${example.file}: ${fault}`));
	}
	printTable(rows);
	for (const fault of faults) console.error(`Wrong: ${fault}`);
	if (faults.length > 0) console.error(`\nThe last lines of n8n:\n${harness.n8n.tail(30)}`);
	if (exit) return faults.length === 0;
	console.log(`To build workflows of your own, the fake vendors here:

${loginHelp(harness.fakes)}

The editor is open at ${harness.n8n.url}
  Email     ${OWNER.email}
  Password  ${OWNER.password}
The examples (behind the house icon) and their credentials are in it. Ctrl-C ends everything, and the next
start begins anew: download the workflows that you want to keep.`);
	await harness.n8n.ended;
	throw new CommandError(`n8n has ended:\n${harness.n8n.tail(20)}`);
}

async function runExample(
	{ rest, fakes }: Harness,
	example: Example,
	id: string,
): Promise<{ row: Row; wrong: string[] }> {
	fakes.calls.clear();
	const execution = await rest.run(id, example.trigger);
	const wrong = [
		...example.faultsOf(execution, fakes),
		...leaksOf(execution, fakes, example.showsTokens),
	];
	const count = (...names: string[]) =>
		names.reduce((sum, name) => sum + fakes.calls.count(name), 0);
	const logins = count('authentication/token', 'authentication/web_api_key/token', 'sessions');
	const releases = count('authentication/token/release');
	const last = execution.data.resultData.lastNodeExecuted ?? '';
	const row = {
		workflow: example.workflow.name,
		result: wrong.length === 0 ? 'as it should be' : 'WRONG',
		items: itemsOf(execution, last).length,
		logins,
		calls: fakes.calls.all.length - logins - releases,
		releases,
	};
	return { row, wrong };
}

/** Secrets in a record, which may hold none; tokens count unless the workflow asked for them. */
function leaksOf({ raw }: Execution, fakes: Fakes, showsTokens: boolean): string[] {
	const found = secretsFoundIn(raw, showsTokens ? loginSecretsOf(fakes) : secretsOf(fakes));
	return found.length > 0 ? ['a password, a key or a token stands in the execution record'] : [];
}
