import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { itemsOf, type Execution, type WorkflowFile } from '../harness/rest.mts';
import type { Fakes } from '../fakes/server.mts';

const folder = resolve(import.meta.dirname, '../../examples');

/** An example as it is shipped, and what is true of it after a good run. */
export interface Example {
	readonly file: string;
	readonly workflow: WorkflowFile;
	/** The trigger to start it from by hand. */
	readonly trigger: string;
	/** Whether the workflow asks for tokens as fields of its items. */
	readonly showsTokens: boolean;
	/** What was wrong with a run; empty for a good one. */
	faultsOf(execution: Execution, fakes: Fakes): string[];
}

/** The expected calls to the vendors, and the node that gives the result. */
interface Expectation {
	readonly calls: Readonly<Record<string, number>>;
	readonly result: string;
	readonly items: number;
	/** True if the workflow gets tokens of CRM.COM, which it must release. */
	readonly releases: boolean;
	readonly showsTokens: boolean;
}

const expectations: Readonly<Record<string, Expectation>> = {
	'01-crmcom-find-a-customer.json': {
		calls: {
			'authentication/token': 1,
			'accounts_receivable/list': 2,
			'accounts_receivable/show': 1,
		},
		result: 'Show Account',
		items: 1,
		releases: false,
		showsTokens: false,
	},
	'02-crmcom-copy-a-contact.json': {
		calls: {
			'authentication/web_api_key/token': 1,
			'contact_information/show': 1,
			'contact_information/create': 1,
		},
		result: 'Create Contact',
		items: 1,
		releases: false,
		showsTokens: false,
	},
	'03-crmcom-long-list-to-file.json': {
		calls: { 'authentication/web_api_key/token': 1, 'jobs/all_scopes/get_overdue': 2 },
		result: 'Jobs as a File',
		items: 1,
		releases: false,
		showsTokens: false,
	},
	'04-crmcom-what-is-new.json': {
		calls: { 'authentication/token': 1, 'payments/list': 2 },
		result: 'New Payments',
		items: 3,
		releases: false,
		showsTokens: false,
	},
	'05-crmcom-sub-workflow.json': {
		calls: { 'authentication/token': 1, 'accounts_receivable/show': 1 },
		result: 'Answer',
		items: 1,
		releases: false,
		showsTokens: false,
	},
	'06-crmcom-agent.json': {
		calls: { 'authentication/token': 1, 'accounts_receivable/show': 1, 'payments/list': 2 },
		result: 'Answer',
		items: 1,
		releases: false,
		showsTokens: false,
	},
	'07-http-request-without-tokens.json': {
		calls: {
			'authentication/token': 1,
			'accounts_receivable/show': 1,
			sessions: 1,
			'{orgUid}/lists': 1,
		},
		result: 'Read Lists',
		items: 1,
		releases: false,
		showsTokens: false,
	},
	'08-aurea-list-in-every-organization.json': {
		calls: { sessions: 2, 'sessions/switch': 4, '{orgUid}/lists': 4 },
		result: 'Create List',
		items: 4,
		releases: false,
		showsTokens: true,
	},
	'09-aurea-nightly-job-with-report.json': {
		calls: { sessions: 2, 'sessions/switch': 4, '{orgUid}/lists': 4 },
		result: 'Create List',
		items: 4,
		releases: false,
		showsTokens: true,
	},
	'10-crmcom-get-and-release-token.json': {
		calls: {
			'authentication/token': 1,
			'contact_information/show': 1,
			'contact_information/create': 1,
			'authentication/token/release': 1,
		},
		result: 'Release Token',
		items: 1,
		releases: true,
		showsTokens: true,
	},
	'11-crmcom-web-api-key-on-schedule.json': {
		calls: {
			'authentication/web_api_key/token': 1,
			'payments/get_latest': 1,
			'authentication/token/release': 1,
		},
		result: 'Release Token',
		items: 1,
		releases: true,
		showsTokens: true,
	},
	'12-which-logins-work.json': {
		calls: {
			'authentication/token': 1,
			'authentication/web_api_key/token': 1,
			'authentication/token/release': 2,
			sessions: 1,
		},
		result: 'Report',
		items: 3,
		releases: true,
		showsTokens: true,
	},
	'13-crmcom-first-contact.json': {
		calls: {
			'authentication/token': 1,
			'authentication/token/release': 1,
			'accounts_receivable/show': 1,
			'currencies/list': 5,
			'no_such_method/show': 1,
		},
		result: 'Findings',
		items: 10,
		releases: true,
		showsTokens: true,
	},
	'14-aurea-first-contact.json': {
		calls: { sessions: 1, 'sessions/switch': 1, '{orgUid}/lists': 5 },
		result: 'Findings',
		items: 7,
		releases: false,
		showsTokens: true,
	},
	'15-crmcom-act-on-a-change.json': {
		calls: { 'authentication/token': 1, 'webhook_requests/list': 2 },
		result: 'Refused Deliveries',
		items: 2,
		releases: false,
		showsTokens: false,
	},
	'16-crmcom-pay-once.json': {
		calls: { 'authentication/token': 1, 'payments/show': 1, 'payments/create': 1 },
		result: 'Create Payment',
		items: 1,
		releases: false,
		showsTokens: false,
	},
	'17-crmcom-bulk-call.json': {
		calls: { 'authentication/token': 1, 'customer_events/bulk/achievements/create': 1 },
		result: 'Refused',
		items: 1,
		releases: false,
		showsTokens: false,
	},
	'18-crmcom-upload-a-file.json': {
		calls: { 'authentication/token': 1, 'attachments/add': 1 },
		result: 'Attachment',
		items: 1,
		releases: false,
		showsTokens: false,
	},
};

/** The calls by which a session begins. */
const LOGINS = ['authentication/token', 'authentication/web_api_key/token', 'sessions'];

/** Every file in `examples/`; one without an expectation is an error. */
export async function readExamples(): Promise<Example[]> {
	const files = (await readdir(folder))
		.filter((name) => name.endsWith('.json'))
		.sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
	return await Promise.all(files.map(readExample));
}

async function readExample(file: string): Promise<Example> {
	const workflow = JSON.parse(await readFile(join(folder, file), 'utf8')) as WorkflowFile;
	const expectation = expectations[file];
	if (!expectation)
		throw new Error(`examples/${file} is in no test: say in test/demo/examples.mts what it does`);
	const { calls, result, items, releases, showsTokens } = expectation;
	return {
		file,
		workflow,
		trigger: 'Start',
		showsTokens,
		faultsOf(execution, fakes) {
			const faults: string[] = [];
			if (execution.status !== 'success')
				faults.push(execution.data.resultData.error?.message ?? execution.status);
			const given = itemsOf(execution, result).length;
			if (given !== items) faults.push(`"${result}" gave ${given} items instead of ${items}`);
			const counts = fakes.calls.counts();
			// A workflow without tokens uses the credential's session, which an example before it may have opened.
			const spared = showsTokens ? [] : LOGINS.filter((name) => counts[name] === undefined);
			const made = JSON.stringify(sorted(counts));
			const wanted = JSON.stringify(
				sorted(
					Object.fromEntries(Object.entries(calls).filter(([name]) => !spared.includes(name))),
				),
			);
			if (made !== wanted) faults.push(`it made the calls ${made} instead of ${wanted}`);
			// Only tokens in the record count: the workflow does not release the credentials' own sessions.
			const left = [...fakes.crmCom.sessions.keys()].filter((token) =>
				execution.raw.includes(token),
			);
			if (releases && left.length > 0)
				faults.push(`${left.length} tokens of CRM.COM were left behind`);
			return faults;
		},
	};
}

/**
 * The workflow with the two addresses of its Settings, as a user would change them. Each run is
 * saved, so that its record can be read.
 */
export function pointedAt({ crmCom, aurea }: Fakes, workflow: WorkflowFile): WorkflowFile {
	const text = JSON.stringify(workflow)
		.replaceAll('https://crm.example.com', crmCom.url)
		.replaceAll('https://api.cam.aurea.com', aurea.url);
	const changed = JSON.parse(text) as WorkflowFile;
	return { ...changed, settings: { ...changed.settings, saveManualExecutions: true } };
}

function sorted(counts: Readonly<Record<string, number>>): Record<string, number> {
	return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => a.localeCompare(b)));
}
