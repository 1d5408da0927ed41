import { CONTACT_NUMBER, showContact } from '../../harness/parameters.mts';
import type { Subject } from '../../harness/workflows.mts';
import type { Benchmark } from '../benchmark.mts';
import type { Case } from '../report.mts';
import { compare, roundsFor, type Side } from '../rounds.mts';
import { crmComSubject, httpByHand, openToken, withCredential } from './byHand.mts';

/** Call Method, against an HTTP Request node and an If node that do the same. */
export async function callMethodCases(benchmark: Benchmark, rounds: number): Promise<Case[]> {
	const cases: Case[] = [];
	for (const [count, latency] of [
		[1, 20],
		[200, 0],
		[200, 20],
		[200, 200],
		[2_000, 20],
	] as const) {
		benchmark.setLatency(latency);
		const outcomes = await compare(await sidesOf(benchmark, count), roundsFor(count, rounds));
		cases.push({ title: `${count} items, ${latency} ms`, outcomes });
	}
	return cases;
}

async function sidesOf(benchmark: Benchmark, count: number): Promise<Side[]> {
	const { plain } = benchmark.fakes;
	const token = openToken(plain);
	const url = `${plain.crmCom.url}/crmapi/rest/v2/contact_information/show`;
	const query = { contact_information_identifier: `number=${CONTACT_NUMBER}` };
	const http = httpByHand(url, { token, ...query }, {});
	const withLogin = await withCredential(benchmark, httpByHand(url, query, {}));
	const ours = async (concurrency: number) =>
		await crmComSubject(benchmark, { ...showContact, options: { concurrency } });
	const side = (name: string, ...nodes: Subject[]): Side => ({
		name,
		run: async () => await benchmark.run(nodes, { count }),
	});
	const sides = [
		side('Call Method, 5 at once', await ours(5)),
		side('an HTTP Request node with a token, all at once, and an If', http, IS_OK),
		side('an HTTP Request node with the credential, all at once, and an If', withLogin, IS_OK),
	];
	if (count === 1) return sides;
	for (const concurrency of [10, 20, count])
		sides.push(side(`Call Method, ${concurrency} at once`, await ours(concurrency)));
	return sides;
}

/** The check that a call without this node needs, since CRM.COM's errors come with HTTP status 200. */
const IS_OK: Subject = {
	type: 'n8n-nodes-base.if',
	typeVersion: 2.2,
	parameters: {
		conditions: {
			options: { caseSensitive: false, leftValue: '', typeValidation: 'loose', version: 2 },
			conditions: [
				{
					id: 'ok',
					leftValue: '={{ $json.status.code }}',
					rightValue: 'OK',
					operator: { type: 'string', operation: 'equals' },
				},
			],
			combinator: 'and',
		},
		options: {},
	},
};
