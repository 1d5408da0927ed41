import type { INodeParameters } from 'n8n-workflow';

import { rowsOf } from '../../fakes/crmCom.mts';
import { CONTACT_NUMBER, method, showContact } from '../../harness/parameters.mts';
import type { Subject } from '../../harness/workflows.mts';
import type { Benchmark } from '../benchmark.mts';
import type { Case } from '../compare.mts';
import {
	answerTo,
	http,
	httpPost,
	login,
	ours,
	sidesOf,
	splitOut,
	USER_LOGIN,
} from '../subjects.mts';

const API = 'crmapi/rest/v2';
const LIST = 'currencies/list';
const PAGE_SIZE = 100;

/** Get Token, against what a user would build without it, and against reading the credential alone. */
export async function* getToken(benchmark: Benchmark): AsyncGenerator<Case> {
	const { plain, tls } = benchmark;
	for (const [fakes, count, latency] of [
		[plain, 1, 20],
		[plain, 100, 0],
		[plain, 100, 20],
		[plain, 100, 100],
		[tls, 100, 20],
		[plain, 10_000, 20],
	] as const) {
		benchmark.setLatency(latency);
		const credential = await login(benchmark, USER_LOGIN, fakes);
		const { username, password, organisation } = fakes.crmCom.users[1]!;
		const url = `${fakes.crmCom.url}/${API}/authentication/token`;
		const byHand = httpPost(url, { username, password, organisation });
		const readsOnly = { job: 'credential', credentialType: USER_LOGIN };
		yield {
			title: `${count} items, ${latency} ms${fakes === tls ? ', TLS' : ''}`,
			isLong: count > 1_000,
			sides: sidesOf(
				{
					'Get Token': [ours('crmCom', { operation: 'getToken' }, credential)],
					'reading the credential alone': [
						{ type: 'CUSTOM.bench', parameters: readsOnly, ...credential },
					],
					'an HTTP Request node, a login for each item': [byHand],
					'an HTTP Request node that runs once, and a Merge': [
						{ ...byHand, executeOnce: true },
						MERGE,
					],
				},
				async (nodes) => await benchmark.runAndWeigh(nodes, { count, joins: nodes.length > 1 }),
			),
		};
	}
}

/** Gives the one token to each of the items, which arrive on its second input. */
const MERGE: Subject = {
	type: 'n8n-nodes-base.merge',
	typeVersion: 3,
	parameters: { mode: 'combine', combineBy: 'combineAll', options: {} },
};

/** Call Method, against an HTTP Request node and an If node that do the same. */
export async function* callMethod(benchmark: Benchmark): AsyncGenerator<Case> {
	const query = { contact_information_identifier: `number=${CONTACT_NUMBER}` };
	const withToken = get(benchmark, 'contact_information/show', {
		token: openToken(benchmark),
		...query,
	});
	const withLogin = get(benchmark, 'contact_information/show', query);
	for (const [count, latency] of [
		[1, 20],
		[200, 0],
		[200, 20],
		[200, 200],
		[2_000, 20],
	] as const) {
		benchmark.setLatency(latency);
		const credential = await login(benchmark, USER_LOGIN);
		const calls = (concurrency: number) => ({
			[`Call Method, ${concurrency} at once`]: [
				ours('crmCom', { ...showContact, options: { concurrency } }, credential),
			],
		});
		yield {
			title: `${count} items, ${latency} ms`,
			isLong: count > 1_000,
			sides: sidesOf(
				{
					...calls(5),
					'an HTTP Request node with a token, all at once, and an If': [http(withToken), IS_OK],
					'an HTTP Request node with the credential, all at once, and an If': [
						http(withLogin, credential),
						IS_OK,
					],
					...(count > 1 && { ...calls(10), ...calls(20), ...calls(count) }),
				},
				async (nodes) => await benchmark.run(nodes, { count }),
			),
		};
	}
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

/** Get Many, against an HTTP Request node with pagination and a Split Out node that do the same. */
export async function* getMany(benchmark: Benchmark): AsyncGenerator<Case> {
	const byHand = http({
		...get(benchmark, LIST, {
			token: openToken(benchmark),
			number_of_results: String(PAGE_SIZE),
		}),
		options: PAGES,
	});
	for (const [count, latency] of [
		[1_000, 0],
		[1_000, 20],
		[10_000, 0],
		[10_000, 20],
		[10_000, 100],
	] as const) {
		benchmark.setLatency(latency);
		benchmark.plain.crmCom.lists.set(LIST, rowsOf(count));
		const credential = await login(benchmark, USER_LOGIN);
		const reads = (options: object) =>
			ours(
				'crmCom',
				{
					operation: 'getMany',
					method: method(`GET ${LIST}`),
					returnAll: true,
					options: { pageSize: PAGE_SIZE, ...options },
				},
				credential,
			);
		yield {
			title: `${count} rows, ${latency} ms`,
			isLong: count > 1_000,
			sides: sidesOf(
				{
					'Get Many': [reads({})],
					'Get Many, Parallel Requests 1: one by one': [reads({ concurrency: 1 })],
					'an HTTP Request node with pagination, and Split Out': [byHand, splitOut('data')],
				},
				async (nodes) => await benchmark.runAndWeigh(nodes, { count: 1 }),
			),
		};
	}
}

const PAGES: INodeParameters = {
	response: { response: { responseFormat: 'json' } },
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
};

/** The parameters of an HTTP Request node that reads. */
function get(
	{ plain }: Benchmark,
	path: string,
	query: Readonly<Record<string, string>>,
): INodeParameters {
	return {
		url: `${plain.crmCom.url}/${API}/${path}`,
		sendQuery: true,
		queryParameters: {
			parameters: Object.entries(query).map(([name, value]) => ({ name, value })),
		},
		options: { response: { response: { responseFormat: 'json' } } },
	};
}

/** A token of a release whose tokens do not end. */
function openToken({ plain: { crmCom } }: Benchmark): string {
	crmCom.release = 'R11';
	const { username, password, organisation } = crmCom.users[0]!;
	const body = { username, password, organisation };
	return answerTo<{ data: { token: string } }>(crmCom, 'authentication/token', body).data.token;
}
