import type { Benchmark } from '../benchmark.mts';
import type { Case } from '../report.mts';
import { compare, type Side } from '../rounds.mts';
import type { Subject } from '../../harness/workflows.mts';

const TYPE = 'aureaLoginApi';
const COUNT = 10_000;

/** List Organizations for a login with very many, against n8n's own nodes with the same answer. */
export async function listingCases(benchmark: Benchmark, rounds: number): Promise<Case[]> {
	const { plain: fakes } = benchmark.fakes;
	benchmark.setLatency(0);
	const organizations = Array.from({ length: COUNT }, (_, index) => ({
		uid: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
		name: `Branch ${index}`,
		isAdmin: false,
		workGroupId: index,
	}));
	const login = { username: 'many@example.com', password: 'many-Pa55word' };
	fakes.aurea.users.push({ ...fakes.aurea.users[0]!, ...login, organizations });
	const id = await benchmark.harness.rest.createCredential('Many', TYPE, {
		serverUrl: fakes.aurea.url,
		...login,
	});
	const ours: Subject = {
		type: 'n8n-nodes-crmcom-aurea.aureaCampaignManager',
		parameters: { operation: 'listOrganizations', returnAll: true },
		credentials: { [TYPE]: { id, name: '' } },
	};
	const http: Subject = {
		type: 'n8n-nodes-base.httpRequest',
		typeVersion: 4.2,
		parameters: {
			method: 'POST',
			url: `${fakes.aurea.url}/sessions`,
			sendBody: true,
			specifyBody: 'json',
			jsonBody: JSON.stringify(login),
			options: {},
		},
	};
	const split: Subject = {
		type: 'n8n-nodes-base.splitOut',
		typeVersion: 1,
		parameters: { fieldToSplitOut: 'lhqOrganizations', options: {} },
	};
	const side = (name: string, ...nodes: Subject[]): Side => ({
		name,
		run: async () => await benchmark.runAndWeigh(nodes, { count: 1 }),
	});
	const outcomes = await compare(
		[side('List Organizations', ours), side('an HTTP Request node and Split Out', http, split)],
		rounds,
	);
	return [{ title: `${COUNT} organizations, 0 ms`, outcomes }];
}
