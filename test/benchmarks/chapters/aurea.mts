import { resourceLocator } from '../../harness/parameters.mts';
import type { Subject } from '../../harness/workflows.mts';
import type { Benchmark } from '../benchmark.mts';
import type { Case } from '../compare.mts';
import {
	answerTo,
	AUREA_LOGIN,
	credentials,
	http,
	httpPost,
	ours,
	sidesOf,
	splitOut,
} from '../subjects.mts';

const organizations = (count: number) =>
	Array.from({ length: count }, (_, index) => ({
		uid: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
		name: `Branch ${index}`,
		isAdmin: true,
		workGroupId: index,
	}));

/** Switch Organization for many organizations, against other ways to make the same calls. */
export async function* switching(benchmark: Benchmark): AsyncGenerator<Case> {
	const { harness, plain, tls } = benchmark;
	const branches = organizations(200);
	const uids = branches.map(({ uid }) => uid);
	for (const [fakes, latency] of [
		[plain, 0],
		[plain, 20],
		[plain, 100],
		[tls, 20],
	] as const) {
		benchmark.setLatency(latency);
		const { aurea } = fakes;
		const user = aurea.users[0]!;
		const login = { username: user.username, password: user.password };
		user.organizations.push(...branches);
		// All sides exchange the same token: the login is the same call for each of them.
		const { token } = answerTo<{ token: string }>(aurea, 'sessions', login);
		const data = { serverUrl: aurea.url, ...login };
		const id = await harness.rest.createCredential('Fan-out', AUREA_LOGIN, data);
		const credential = credentials(AUREA_LOGIN, id);
		const url = `${aurea.url}/sessions/switch/`;
		const organization = '={{ $json.organizationUid }}';
		const switches = (concurrency: number) =>
			ours(
				'aureaCampaignManager',
				{
					operation: 'switchOrganization',
					organization: resourceLocator('uid', organization),
					tokenSource: 'input',
					token,
					options: { concurrency },
				},
				credential,
			);
		const bare = (client: string, credentialType = ''): Subject => ({
			type: 'CUSTOM.bench',
			parameters: { job: 'requests', client, token, url, credentialType, organization },
			...credential,
		});
		const byHand = http({
			url: `=${url}{{ $json.organizationUid }}`,
			sendHeaders: true,
			headerParameters: { parameters: [{ name: 'X-LHQ-TOKEN', value: token }] },
		});
		yield {
			title: `${uids.length} organizations, ${latency} ms${fakes === tls ? ', TLS' : ''}`,
			sides: sidesOf(
				{
					'Switch Organization, 5 at once': [switches(5)],
					"bare calls of n8n's helper, 5 at once": [bare('helper')],
					"the same, reading each item's credential and expression": [bare('helper', AUREA_LOGIN)],
					'bare undici, 5 at once': [bare('undici')],
					'an HTTP Request node, all at once': [byHand],
					'Switch Organization, 200 at once': [switches(200)],
				},
				async (nodes) => await benchmark.run(nodes, { count: uids.length, uids }),
			),
		};
	}
}

/** List Organizations for a login with very many, against n8n's own nodes with the same answer. */
export async function* listing(benchmark: Benchmark): AsyncGenerator<Case> {
	const { harness, plain } = benchmark;
	const { aurea } = plain;
	benchmark.setLatency(0);
	const login = { username: 'many@example.com', password: 'many-Pa55word' };
	aurea.users.push({ ...aurea.users[0]!, ...login, organizations: organizations(10_000) });
	const data = { serverUrl: aurea.url, ...login };
	const id = await harness.rest.createCredential('Many', AUREA_LOGIN, data);
	const list = { operation: 'listOrganizations', returnAll: true };
	const byHand = httpPost(`${aurea.url}/sessions`, login);
	yield {
		title: '10000 organizations, 0 ms',
		sides: sidesOf(
			{
				'List Organizations': [ours('aureaCampaignManager', list, credentials(AUREA_LOGIN, id))],
				'an HTTP Request node and Split Out': [byHand, splitOut('lhqOrganizations')],
			},
			async (nodes) => await benchmark.runAndWeigh(nodes, { count: 1 }),
		),
	};
}
