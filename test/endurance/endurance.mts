/**
 * `npm run test:endurance`: twenty concurrent workflows on one n8n for half an hour, with sessions that last
 * seconds and vendors that fail one call in twenty.
 */
import { setTimeout as sleep } from 'node:timers/promises';

import type { IDataObject } from 'n8n-workflow';
import { request } from 'undici';

import type { Cleanup } from '../harness/cleanup.mts';
import { countOption, runCommand } from '../harness/command.mts';
import { newCredential } from '../harness/credentials.mts';
import { freePort } from '../harness/ports.mts';
import { startHarness, type Harness } from '../harness/harness.mts';
import { printTable } from '../harness/table.mts';
import { NEWEST } from '../harness/versions.mts';
import { httpRequest, triggeredWorkflow, type Subject } from '../harness/workflows.mts';
import type { Call } from '../fakes/calls.mts';
import type { Fault } from '../fakes/faults.mts';
import { CREDENTIAL_TYPES } from '../harness/package.mts';
import { Inspector } from '../harness/inspector.mts';

const WORKFLOWS = 20;
const ITEMS = 10;
/** One call in this many fails. */
const FAULT_EVERY = 20;
/** The lifetime that a JWT of CRM.COM claims, in seconds. */
const CRMCOM_LIFETIME = 20;
/** When Aurea ends a session by itself, in seconds; we would use it for half an hour. */
const AUREA_LIFETIME = 45;
/** Logins allowed per minute in answer to failures, for each identity. */
const RENEWALS_A_MINUTE = 2;

const FAULTS: readonly Fault[] = [
	{ kind: 'status', status: 500 },
	{ kind: 'status', status: 503, body: { message: 'Too busy' } },
	{ kind: 'reset' },
	{ kind: 'cut' },
	{ kind: 'html' },
	{ kind: 'text', text: '', type: 'application/json' },
	{ kind: 'slow', milliseconds: 500 },
];

/** What went through one workflow. */
interface Tally {
	readonly type: string;
	runs: number;
	good: number;
	failed: number;
	/** Items that did not come back, or came back as another's. */
	wrong: number;
}

/** Unexpected answers, and how often each came. */
const strange = new Map<string, number>();

const HELP = `npm run test:endurance [-- OPTIONS]
Runs ${WORKFLOWS} workflows at once on one n8n, with short sessions and vendors that fail now and then.

  --minutes 30     for how long`;

const options = { minutes: { type: 'string', default: '30' } } as const;

await runCommand(
	{ help: HELP, options },
	async ({ values, cleanup }) => await endure(countOption('minutes', values.minutes), cleanup),
);

async function endure(minutes: number, cleanup: Cleanup): Promise<boolean> {
	const port = await freePort();
	const environment = {
		NODE_OPTIONS: `--inspect=127.0.0.1:${port}`,
		EXECUTIONS_DATA_SAVE_ON_SUCCESS: 'none',
		EXECUTIONS_DATA_SAVE_ON_ERROR: 'none',
	};
	const harness = await startHarness({
		version: NEWEST,
		environment,
		cleanup,
		report: console.log,
	});
	const inspector = await Inspector.open(port);
	cleanup.add(async () => inspector.close());
	prepare(harness);
	const types = Array.from(
		{ length: WORKFLOWS },
		(_, index) => CREDENTIAL_TYPES[(index % 4) % CREDENTIAL_TYPES.length]!,
	);
	const tallies = types.map((type): Tally => ({ type, runs: 0, good: 0, failed: 0, wrong: 0 }));
	const paths = await Promise.all(
		types.map(async (type, index) => await webhookOf(harness, type, index)),
	);
	const logins = new Map<string, number>();
	const until = Date.now() + minutes * 60_000;
	const samples: { minute: number; entries: number; heapMb: number; runs: number }[] = [];
	const sample = async () => {
		const entries = await inspector.entriesOf(
			'n8n-nodes-crmcom-aurea/dist/nodes/shared/boundedMap.js',
			'BoundedMap',
		);
		const heapMb = Math.round((await inspector.heapUsed()) / 1024 ** 2);
		samples.push({
			minute: Math.round(minutes - (until - Date.now()) / 60_000),
			entries,
			heapMb,
			runs: tallies.reduce((sum, { runs }) => sum + runs, 0),
		});
		countLogins(harness.fakes.calls.all, logins);
		harness.fakes.calls.clear();
		const { minute, runs } = samples.at(-1)!;
		console.log(
			`  … minute ${minute}: ${runs} runs, ${entries} entries in the package's memory, ${heapMb} MB of heap`,
		);
	};
	const lanes = paths.map(async (path, index) => {
		while (Date.now() < until) await runOnce(harness, path, tallies[index]!);
	});
	const watch = async () => {
		while (Date.now() < until) {
			await sleep(Math.min(60_000, Math.max(0, until - Date.now())));
			await sample();
		}
	};
	await Promise.all([...lanes, watch()]);
	const isGood = report(minutes, tallies, samples, logins);
	if (!isGood) console.error(`The last lines of n8n:\n${harness.n8n.tail(40)}`);
	return isGood;
}

/** Fakes with short sessions and occasional failures. */
function prepare({ fakes }: Harness): void {
	Object.assign(fakes.crmCom, { release: 'R12', jwtLifetime: CRMCOM_LIFETIME });
	fakes.aurea.lifetime = AUREA_LIFETIME * 1000;
	for (let index = 0; index < ITEMS; index++)
		fakes.crmCom.contacts.push({ ...fakes.crmCom.contacts[0]!, number: `E${index}` });
	const random = () => Math.random() < 1 / FAULT_EVERY / FAULTS.length;
	for (const fault of FAULTS) fakes.faults.plan('*', fault, Infinity, random);
}

async function webhookOf(harness: Harness, type: string, index: number): Promise<string> {
	const path = `endurance-${index}`;
	const { crmCom, aurea } = harness.fakes;
	const url =
		type === 'aureaLoginApi'
			? `=${aurea.url}/${aurea.users[0]!.currentUid}/lists/?item={{ $json.item }}`
			: `=${crmCom.url}/crmapi/rest/v2/contact_information/show?contact_information_identifier=number%3DE{{ $json.item }}`;
	const body =
		type === 'aureaLoginApi'
			? {
					method: 'POST',
					sendBody: true,
					specifyBody: 'json',
					jsonBody: '={{ { mailingListName: "E" + $json.item } }}',
				}
			: {};
	const credentialId = await newCredential(harness, type);
	const subject = httpRequest(
		type,
		credentialId,
		{ url, ...body, options: { timeout: 10_000 } },
		{ onError: 'continueRegularOutput' },
	);
	const webhook: Subject = {
		type: 'n8n-nodes-base.webhook',
		typeVersion: 2,
		webhookId: path,
		parameters: {
			path,
			httpMethod: 'POST',
			responseMode: 'lastNode',
			responseData: 'allEntries',
			options: {},
		},
	};
	const workflow = triggeredWorkflow(webhook, subject);
	const code = {
		id: 'Items',
		name: 'Items',
		type: 'n8n-nodes-base.splitOut',
		typeVersion: 1,
		position: [0, 0] as [number, number],
		parameters: { fieldToSplitOut: 'body.items', options: {} },
	};
	const main = (node: string) => ({ main: [[{ node, type: 'main' as const, index: 0 }]] });
	const id = await harness.rest.createWorkflow({
		...workflow,
		nodes: [...workflow.nodes, code],
		connections: { Trigger: main('Items'), Items: main('Subject') },
	});
	await harness.rest.activate(id);
	return path;
}

async function runOnce({ n8n }: Harness, path: string, tally: Tally): Promise<void> {
	const items = Array.from({ length: ITEMS }, (_, item) => ({ item }));
	const headers = { 'content-type': 'application/json' };
	const response = await request(`${n8n.url}/webhook/${path}`, {
		method: 'POST',
		headers,
		body: JSON.stringify({ items }),
		// A connection of its own: n8n closes idle ones, and a request that is sent just then is lost.
		reset: true,
	});
	const text = await response.body.text();
	const answers = JSON.parse(text) as IDataObject[];
	tally.runs += 1;
	if (!Array.isArray(answers) || answers.length !== ITEMS) {
		tally.wrong += ITEMS;
		noteStrange(`HTTP ${response.statusCode}: ${text}`);
		return;
	}
	answers.forEach((answer, item) => {
		const found =
			(answer['data'] as IDataObject | undefined)?.['number'] ?? answer['mailingListName'];
		if (found === `E${item}`) tally.good += 1;
		else if (found === undefined) tally.failed += 1;
		else {
			tally.wrong += 1;
			noteStrange(`item ${item} of ${tally.type}: ${JSON.stringify(answer)}`);
		}
	});
}

/** Keeps the first few unexpected answers, for debugging. */
function noteStrange(answer: string): void {
	const known = strange.get(answer.slice(0, 300)) ?? 0;
	if (known > 0 || strange.size < 10) strange.set(answer.slice(0, 300), known + 1);
}

/** Adds the logins among the calls, by who logged in. */
function countLogins(calls: readonly Call[], logins: Map<string, number>): void {
	for (const { name, body, headers } of calls) {
		if (!['authentication/token', 'authentication/web_api_key/token', 'sessions'].includes(name))
			continue;
		const who = String(headers['authorization'] ?? (JSON.parse(body) as IDataObject)['username']);
		logins.set(who, (logins.get(who) ?? 0) + 1);
	}
}

function report(
	minutes: number,
	tallies: readonly Tally[],
	samples: readonly { entries: number; heapMb: number }[],
	logins: ReadonlyMap<string, number>,
): boolean {
	printTable(
		tallies.map(({ type, ...counts }, index) => ({
			workflow: index + 1,
			credential: type,
			...counts,
		})),
	);
	const sum = (of: (tally: Tally) => number) =>
		tallies.reduce((total, tally) => total + of(tally), 0);
	const [runs, good, failed, wrong] = [
		sum(({ runs: own }) => own),
		sum((tally) => tally.good),
		sum((tally) => tally.failed),
		sum((tally) => tally.wrong),
	];
	// A session that ends by itself is renewed whenever it does; beyond that, two logins a minute.
	const bound =
		Math.ceil((minutes * 60) / (CRMCOM_LIFETIME * 0.9)) +
		RENEWALS_A_MINUTE * Math.ceil(minutes + 1);
	const most = Math.max(...logins.values());
	// A session, a rejection, a note of its logins: a few entries for each of twenty identities.
	const mostEntries = Math.max(...samples.map(({ entries }) => entries));
	const faults = [
		...(wrong > 0 ? [`${wrong} items were lost or came back as another's`] : []),
		...(good + failed + wrong === runs * ITEMS ? [] : ['the items do not add up']),
		...(failed / (runs * ITEMS) > 0.15
			? [`${failed} items failed, which is more than faults explain`]
			: []),
		...(most > bound ? [`one identity logged in ${most} times, and ${bound} are allowed`] : []),
		...(tallies.every((tally) => tally.good > 0) ? [] : ['a workflow had no good item']),
		...(logins.size === WORKFLOWS
			? []
			: [`${logins.size} identities logged in, and there are ${WORKFLOWS}`]),
		...(mostEntries > 0 ? [] : ['the look into the memory sees nothing']),
		...(mostEntries > WORKFLOWS * 5 ? [`the package kept ${mostEntries} entries`] : []),
	];
	console.log(
		`${runs} runs, ${runs * ITEMS} items: ${good} good, ${failed} failed by faults, ${wrong} wrong`,
	);
	console.log(
		`Logins of one identity: at most ${most}, and ${bound} are allowed. Entries in the package's memory: at most ${mostEntries}`,
	);
	for (const fault of faults) console.error(`Wrong: ${fault}`);
	for (const [answer, times] of strange) console.error(`${times} times: ${answer}`);
	return faults.length === 0;
}
