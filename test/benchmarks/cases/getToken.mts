import type { Benchmark } from '../benchmark.mts';
import type { Case } from '../report.mts';
import { compare, roundsFor, type Side } from '../rounds.mts';
import type { Fakes } from '../../fakes/server.mts';
import type { Subject } from '../../harness/workflows.mts';

const TYPE = 'crmComUserLoginApi';

/** Get Token, against what a user would build without it, and against reading the credential alone. */
export async function getTokenCases(benchmark: Benchmark, rounds: number): Promise<Case[]> {
	const { plain, tls } = benchmark.fakes;
	const settings = [
		{ fakes: plain, latency: 20, count: 1 },
		{ fakes: plain, latency: 0, count: 100 },
		{ fakes: plain, latency: 20, count: 100 },
		{ fakes: plain, latency: 100, count: 100 },
		{ fakes: tls, latency: 20, count: 100 },
		{ fakes: plain, latency: 20, count: 10_000 },
	];
	const cases: Case[] = [];
	for (const { fakes, latency, count } of settings) {
		benchmark.setLatency(latency);
		const outcomes = await compare(
			await sidesOf(benchmark, fakes, count),
			roundsFor(count, rounds),
		);
		cases.push({
			title: `${count} items, ${latency} ms${fakes === tls ? ', TLS' : ''}`,
			outcomes,
		});
	}
	return cases;
}

async function sidesOf(benchmark: Benchmark, fakes: Fakes, count: number): Promise<Side[]> {
	const credential = await benchmark.newCredential(fakes, TYPE);
	const withCredential = { credentials: { [TYPE]: { id: credential, name: '' } } };
	const getToken: Subject = {
		type: 'n8n-nodes-crmcom-aurea.crmCom',
		parameters: { operation: 'getToken' },
		...withCredential,
	};
	const only: Subject = { type: 'CUSTOM.benchCredentialsOnly', parameters: {}, ...withCredential };
	const side = (name: string, ...nodes: Subject[]): Side => ({
		name,
		run: async () => await benchmark.runAndWeigh(nodes, { count, joins: nodes.length > 1 }),
	});
	return [
		side('Get Token', getToken),
		side('reading the credential alone', only),
		side('an HTTP Request node, a login for each item', loginRequest(fakes)),
		side(
			'an HTTP Request node that runs once, and a Merge',
			{ ...loginRequest(fakes), executeOnce: true },
			merge,
		),
	];
}

function loginRequest({ crmCom }: Fakes): Subject {
	const { username, password, organisation } = crmCom.users[1]!;
	return {
		type: 'n8n-nodes-base.httpRequest',
		typeVersion: 4.2,
		parameters: {
			method: 'POST',
			url: `${crmCom.url}/crmapi/rest/v2/authentication/token`,
			sendBody: true,
			specifyBody: 'json',
			jsonBody: JSON.stringify({ username, password, organisation }),
			options: {},
		},
	};
}

/** Gives the one token to each of the items, which arrive on its second input. */
const merge: Subject = {
	type: 'n8n-nodes-base.merge',
	typeVersion: 3,
	parameters: { mode: 'combine', combineBy: 'combineAll', options: {} },
};
