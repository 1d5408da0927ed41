import { rowsOf } from '../../fakes/crmCom.mts';
import { method } from '../../harness/parameters.mts';
import type { Subject } from '../../harness/workflows.mts';
import type { Benchmark } from '../benchmark.mts';
import type { Case } from '../report.mts';
import { compare, roundsFor, type Side } from '../rounds.mts';
import { crmComSubject, httpByHand, openToken } from './byHand.mts';

const LIST = 'currencies/list';
const PAGE_SIZE = 100;

/** Get Many, against an HTTP Request node with pagination and a Split Out node that do the same. */
export async function getManyCases(benchmark: Benchmark, rounds: number): Promise<Case[]> {
	const cases: Case[] = [];
	for (const [count, latency] of [
		[1_000, 0],
		[1_000, 20],
		[10_000, 0],
		[10_000, 20],
		[10_000, 100],
	] as const) {
		benchmark.setLatency(latency);
		benchmark.fakes.plain.crmCom.lists.set(LIST, rowsOf(count));
		const outcomes = await compare(await sidesOf(benchmark), roundsFor(count, rounds));
		cases.push({ title: `${count} rows, ${latency} ms`, outcomes });
	}
	return cases;
}

async function sidesOf(benchmark: Benchmark): Promise<Side[]> {
	const { plain } = benchmark.fakes;
	const http = httpByHand(
		`${plain.crmCom.url}/crmapi/rest/v2/${LIST}`,
		{ token: openToken(plain), number_of_results: String(PAGE_SIZE) },
		{
			pagination: {
				pagination: {
					paginationMode: 'updateAParameterInEachRequest',
					parameters: {
						parameters: [{ type: 'qs', name: 'offset', value: `={{ $pageCount * ${PAGE_SIZE} }}` }],
					},
					paginationCompleteWhen: 'other',
					completeExpression: '={{ $response.body.data.length === 0 }}',
				},
			},
		},
	);
	const splitOut: Subject = {
		type: 'n8n-nodes-base.splitOut',
		typeVersion: 1,
		parameters: { fieldToSplitOut: 'data', options: {} },
	};
	const ours = async (options: object) =>
		await crmComSubject(benchmark, {
			operation: 'getMany',
			method: method(`GET ${LIST}`),
			returnAll: true,
			options: { pageSize: PAGE_SIZE, ...options },
		});
	const side = (name: string, ...nodes: Subject[]): Side => ({
		name,
		run: async () => await benchmark.runAndWeigh(nodes, { count: 1 }),
	});
	return [
		side('Get Many', await ours({})),
		side('Get Many, Parallel Requests 1: one by one', await ours({ concurrency: 1 })),
		side('an HTTP Request node with pagination, and Split Out', http, splitOut),
	];
}
