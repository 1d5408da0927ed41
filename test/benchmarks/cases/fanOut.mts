import { resourceLocator } from '../../harness/parameters.mts';
import type { Benchmark } from '../benchmark.mts';
import type { Case } from '../report.mts';
import { compare, type Side } from '../rounds.mts';
import type { Fakes } from '../../fakes/server.mts';
import type { Subject } from '../../harness/workflows.mts';

const TYPE = 'aureaLoginApi';
const COUNT = 200;

/** Switch Organization for many organizations, against other ways of making the same calls. */
export async function fanOutCases(benchmark: Benchmark, rounds: number): Promise<Case[]> {
	const { plain, tls } = benchmark.fakes;
	const cases: Case[] = [];
	for (const { fakes, latency } of [
		{ fakes: plain, latency: 0 },
		{ fakes: plain, latency: 20 },
		{ fakes: plain, latency: 100 },
		{ fakes: tls, latency: 20 },
	]) {
		benchmark.setLatency(latency);
		const outcomes = await compare(await sidesOf(benchmark, fakes), rounds);
		cases.push({
			title: `${COUNT} organizations, ${latency} ms${fakes === tls ? ', TLS' : ''}`,
			outcomes,
		});
	}
	return cases;
}

async function sidesOf(benchmark: Benchmark, fakes: Fakes): Promise<Side[]> {
	const user = fakes.aurea.users[0]!;
	const uids = Array.from(
		{ length: COUNT },
		(_, index) => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
	);
	if (user.organizations.length < COUNT)
		user.organizations.push(
			...uids.map((uid, index) => ({
				uid,
				name: `Branch ${index}`,
				isAdmin: true,
				workGroupId: index,
			})),
		);
	// All sides exchange the same token: the login is the same call for each of them.
	const { body } = fakes.aurea.answer({
		method: 'POST',
		path: 'sessions',
		query: new URLSearchParams(),
		headers: {},
		body: { username: user.username, password: user.password },
	});
	const { token } = body as { token: string };
	const credential = await benchmark.harness.rest.createCredential('Fan-out', TYPE, {
		serverUrl: fakes.aurea.url,
		username: user.username,
		password: user.password,
	});
	const url = `${fakes.aurea.url}/sessions/switch/`;

	const ours = (concurrency: number): Subject => ({
		type: 'n8n-nodes-crmcom-aurea.aureaCampaignManager',
		parameters: {
			operation: 'switchOrganization',
			organization: resourceLocator('uid', '={{ $json.organizationUid }}'),
			tokenSource: 'input',
			token,
			options: { concurrency },
		},
		credentials: { [TYPE]: { id: credential, name: '' } },
	});
	const bare = (client: string, reads = false): Subject => ({
		type: 'CUSTOM.benchBareRequests',
		parameters: {
			client,
			concurrency: 5,
			token,
			url,
			reads,
			organization: '={{ $json.organizationUid }}',
		},
		credentials: { [TYPE]: { id: credential, name: '' } },
	});
	const http: Subject = {
		type: 'n8n-nodes-base.httpRequest',
		typeVersion: 4.2,
		parameters: {
			url: `=${url}{{ $json.organizationUid }}`,
			sendHeaders: true,
			headerParameters: { parameters: [{ name: 'X-LHQ-TOKEN', value: token }] },
			options: {},
		},
	};
	const side = (name: string, node: Subject): Side => ({
		name,
		run: async () => await benchmark.run([node], { count: COUNT, uids }),
	});
	return [
		side('Switch Organization, 5 at once', ours(5)),
		side("bare calls of n8n's helper, 5 at once", bare('helper')),
		side("the same, reading each item's credential and expression", bare('helper', true)),
		side('bare undici, 5 at once', bare('undici')),
		side('an HTTP Request node, all at once', http),
		side('Switch Organization, 200 at once', ours(COUNT)),
	];
}
