import { resourceLocator } from '../../harness/parameters.mts';
import type { Subject } from '../../harness/workflows.mts';
import type { Benchmark } from '../benchmark.mts';
import type { Case } from '../compare.mts';
import {
	AUREA_LOGIN,
	http,
	httpPost,
	newCredentialOf,
	ours,
	sidesOf,
	splitOut,
	tokenOf,
} from '../subjects.mts';

/** A new login with `count` organizations, whose UIDs are those of the benchmark's items. */
async function loginWith(benchmark: Benchmark, count: number, fakes = benchmark.plain) {
	const credential = await newCredentialOf(benchmark, AUREA_LOGIN, fakes);
	const user = fakes.aurea.users.at(-1)!;
	user.organizations = Array.from({ length: count }, (_, index) => ({
		uid: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
		name: `Branch ${index}`,
		isAdmin: true,
		workGroupId: index,
	}));
	return { credential, body: { username: user.username, password: user.password } };
}

/** Switch Organization for many organizations, against other ways to make the same calls. */
export async function* switching(benchmark: Benchmark): AsyncGenerator<Case> {
	const { plain, tls } = benchmark;
	for (const [fakes, latency] of [
		[plain, 0],
		[plain, 20],
		[plain, 100],
		[tls, 20],
	] as const) {
		benchmark.setLatency(latency);
		const { aurea } = fakes;
		const { credential, body } = await loginWith(benchmark, 200, fakes);
		// All sides exchange the same token: the login is the same call for each of them.
		const token = tokenOf(aurea, 'sessions', body);
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
			title: `200 organizations, ${latency} ms${fakes === tls ? ', TLS' : ''}`,
			sides: sidesOf(benchmark, 200, {
				'Switch Organization, 5 at once': [switches(5)],
				"bare calls of n8n's helper, 5 at once": [bare('helper')],
				"the same, reading each item's credential and expression": [bare('helper', AUREA_LOGIN)],
				'bare undici, 5 at once': [bare('undici')],
				'an HTTP Request node, all at once': [byHand],
				'Switch Organization, 200 at once': [switches(200)],
			}),
		};
	}
}

/** List Organizations for a login with very many, against n8n's own nodes with the same answer. */
export async function* listing(benchmark: Benchmark): AsyncGenerator<Case> {
	benchmark.setLatency(0);
	const { credential, body } = await loginWith(benchmark, 10_000);
	const list = { operation: 'listOrganizations', returnAll: true };
	const byHand = httpPost(`${benchmark.plain.aurea.url}/sessions`, body);
	yield {
		title: '10000 organizations, 0 ms',
		sides: sidesOf(benchmark, 1, {
			'List Organizations': [ours('aureaCampaignManager', list, credential)],
			'an HTTP Request node and Split Out': [byHand, splitOut('lhqOrganizations')],
		}),
	};
}
