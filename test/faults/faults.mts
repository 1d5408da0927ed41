/**
 * `npm run test:faults`: every operation against every fault on a real n8n with the packed package, as a table.
 * Then everything that n8n has written is searched for secrets.
 */
import { runCommand } from '../harness/command.mts';
import { PACKAGE } from '../harness/package.mts';
import { CommandError } from '../harness/commandError.mts';
import { itemsOf, taskOf } from '../harness/rest.mts';
import { formsOf, secretsFoundIn, writtenBy } from '../harness/secrets.mts';
import { startHarness, type Harness } from '../harness/harness.mts';
import { printTable } from '../harness/table.mts';
import { NEWEST } from '../harness/versions.mts';
import { workflowOf } from '../harness/workflows.mts';
import { FAULTS } from './catalogue.mts';
import { canMeet, HANGS_ANYWAY, judge, secretTokens, type Place } from './judge.mts';
import { loginSecrets, OPERATIONS, type Operation } from './operations.mts';

/** Number of concurrent cells. */
const CONCURRENCY = 4;

const HELP = `npm run test:faults [-- OPTIONS]
Runs every operation against every known fault on a real n8n, and prints a table.

  --only NAME      only operations whose name contains NAME, as in --only "Get Token"`;

const options = { only: { type: 'string', default: '' } } as const;

await runCommand({ help: HELP, options }, async ({ values: { only }, cleanup }) => {
	const operations = OPERATIONS.filter(({ name }) => name.includes(only));
	if (operations.length === 0) {
		const names = OPERATIONS.map(({ name }) => `"${name}"`).join(', ');
		throw new CommandError(`No operation is named "${only}". There are ${names}`);
	}
	const environment = { N8N_LOG_LEVEL: 'debug' };
	const harness = await startHarness({
		version: NEWEST,
		environment,
		cleanup,
		report: console.log,
	});
	return await runCells(harness, operations);
});

async function runCells(harness: Harness, operations: readonly Operation[]): Promise<boolean> {
	const place = placeOf(harness);
	const cells = FAULTS.flatMap((fault) =>
		operations
			.filter((operation) => canMeet(operation, fault))
			.map((operation) => ({ fault, operation })),
	);
	const outcomes = new Map<string, string[]>();
	const started = Date.now();
	const runCell = async ({ fault, operation }: (typeof cells)[number]) => {
		outcomes.set(`${fault.name}/${operation.name}`, await judge(place, operation, fault));
		if (outcomes.size % 100 === 0)
			console.log(
				`  … ${outcomes.size} of ${cells.length} cells, ${Math.round((Date.now() - started) / 1000)} s`,
			);
	};
	const quick = cells.filter(({ fault }) => !fault.isSlow);
	const lane = async () => {
		for (let cell = quick.shift(); cell; cell = quick.shift()) await runCell(cell);
	};
	// Slow cells only wait for their deadline, so all of them run concurrently beside the others. Presses of Test
	// run one after the other anyway, so that slow ones need not wait for each other.
	const slow = cells.filter(({ fault }) => fault.isSlow);
	const slowTests = async () => {
		for (const cell of slow.filter(({ operation }) => operation.tests)) await runCell(cell);
	};
	await Promise.all([
		...slow.filter(({ operation }) => !operation.tests).map(runCell),
		slowTests(),
		...Array.from({ length: CONCURRENCY }, lane),
	]);
	printOutcomes(operations, outcomes);
	if (outcomes.size !== cells.length)
		console.error(`Only ${outcomes.size} of ${cells.length} cells were run`);
	const wrong = [...outcomes].filter(
		([, complaints]) => complaints.length > 0 && complaints[0] !== HANGS_ANYWAY,
	);
	for (const [name, complaints] of wrong) console.error(`Wrong: ${name}: ${complaints.join('; ')}`);
	const leaks = await search(harness);
	for (const leak of leaks) console.error(`Leaked: ${leak}`);
	const isGood = wrong.length + leaks.length === 0 && outcomes.size === cells.length;
	if (!isGood) console.error(`\nThe last lines of n8n:\n${harness.n8n.tail(20)}`);
	else
		console.log(
			`${outcomes.size} cells are right, and no password, no key and no token of a session stands in what n8n has written`,
		);
	return isGood;
}

/**
 * One line for each fault, one column for each operation: ✓ as expected, ✗ wrong, · not possible, – n8n's own
 * node hangs, even without a credential.
 */
function printOutcomes(
	operations: readonly Operation[],
	outcomes: ReadonlyMap<string, string[]>,
): void {
	const letters = operations.map((_operation, index) => String.fromCharCode(65 + index));
	console.log();
	operations.forEach(({ name }, index) => console.log(`${letters[index]}  ${name}`));
	printTable(
		FAULTS.map((fault) => {
			const marks = operations.map(({ name }) => {
				const complaints = outcomes.get(`${fault.name}/${name}`);
				return complaints === undefined
					? '·'
					: complaints.length === 0
						? '✓'
						: complaints[0] === HANGS_ANYWAY
							? '–'
							: '✗';
			});
			return {
				fault: fault.name,
				...Object.fromEntries(letters.map((letter, index) => [letter, marks[index]!])),
			};
		}),
	);
}

function placeOf({ rest }: Harness): Place {
	let made = 0;
	// With two concurrent presses, n8n looks for the other's node ("Node not found").
	let pressed: Promise<unknown> = Promise.resolve();
	return {
		// Two consecutive timeouts of 30 s, and a margin.
		limit: 120_000,
		hasOwnRequestNode: true,
		async run({ node, parameters, credential, items }, { continues }) {
			const id = await rest.createCredential(`Fault ${++made}`, credential.type, credential.data);
			const subject = {
				...(node === 'httpRequest'
					? { type: 'n8n-nodes-base.httpRequest', typeVersion: 4.2 }
					: { type: `${PACKAGE}.${node}` }),
				parameters,
				credentials: { [credential.type]: { id, name: '' } },
				...(continues ? { onError: 'continueRegularOutput' as const } : {}),
			};
			const execution = await rest.run(
				await rest.createWorkflow(workflowOf(subject, items)),
				'Start',
			);
			return {
				items: itemsOf(execution, 'Subject').map(({ json, pairedItem }) => ({
					json,
					from: fromOf(pairedItem),
				})),
				error: (taskOf(execution, 'Subject')?.error ?? execution.data.resultData.error) as never,
				record: execution.raw,
			};
		},
		async test(type, data) {
			const press = pressed.then(
				async () => await rest.testCredential({ name: `Fault ${++made}`, type, data }),
			);
			pressed = press.catch(() => undefined);
			const { status, message } = await press;
			return status === 'OK' ? 'OK' : message;
		},
	};
}

function fromOf(pairedItem: unknown): number {
	const [paired] = [pairedItem].flat() as [number | { item: number } | undefined];
	return typeof paired === 'number' ? paired : (paired?.item ?? -1);
}

/** Searches n8n's database and log, after verifying that the search finds what is there. */
async function search(harness: Harness): Promise<string[]> {
	const planted = 'planted "Pa55" wörd/+';
	const forms = formsOf(planted);
	const code = `console.log(${JSON.stringify(forms.join('\n'))}); return [{ json: ${JSON.stringify({ forms })} }];`;
	const subject = { type: 'n8n-nodes-base.code', typeVersion: 2, parameters: { jsCode: code } };
	await harness.rest.run(await harness.rest.createWorkflow(workflowOf(subject)), 'Start');
	const written = writtenBy(harness);
	const unseen = forms.filter(
		(form) => !written.includes(form) && !written.includes(JSON.stringify(form).slice(1, -1)),
	);
	return [
		...unseen.map((form) => `the search is blind: it does not find ${form}, which was planted`),
		...secretsFoundIn(written, [...loginSecrets, ...secretTokens]).map(
			(secret) => `${secret} stands in the database or in the log`,
		),
		...(/unhandled ?rejection/i.test(written)
			? ['the log tells of a rejection that nobody handled']
			: []),
	];
}
