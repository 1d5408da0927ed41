import { rowsOf } from '../../fakes/crmCom.mts';
import { CONTACT_NUMBER, method, showContact } from '../../harness/parameters.mts';
import type { Subject } from '../../harness/workflows.mts';
import type { Benchmark } from '../benchmark.mts';
import type { Case } from '../compare.mts';
import {
	http,
	httpPost,
	newCredentialOf,
	ours,
	sidesOf,
	splitOut,
	tokenOf,
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
		const credential = await newCredentialOf(benchmark, USER_LOGIN, fakes);
		const { username, password, organisation } = fakes.crmCom.users[1]!;
		const url = `${fakes.crmCom.url}/${API}/authentication/token`;
		const byHand = httpPost(url, { username, password, organisation });
		const readsOnly = { job: 'credential', credentialType: USER_LOGIN };
		yield {
			title: `${count} items, ${latency} ms${fakes === tls ? ', TLS' : ''}`,
			sides: sidesOf(benchmark, count, {
				'Get Token': [ours('crmCom', { operation: 'getToken' }, credential)],
				'reading the credential alone': [
					{ type: 'CUSTOM.bench', parameters: readsOnly, ...credential },
				],
				'an HTTP Request node, a login for each item': [byHand],
				'an HTTP Request node that runs once, and a Merge': [
					{ ...byHand, executeOnce: true },
					MERGE,
				],
			}),
		};
	}
}

const MERGE: Subject = {
	type: 'n8n-nodes-base.merge',
	typeVersion: 3,
	parameters: { mode: 'combine', combineBy: 'combineAll', options: {} },
};

/** Call Method, against an HTTP Request node and an If node that do the same. */
export async function* callMethod(benchmark: Benchmark): AsyncGenerator<Case> {
	const { url } = benchmark.plain.crmCom;
	const show = `${url}/${API}/contact_information/show?contact_information_identifier=number%3D${CONTACT_NUMBER}`;
	const withToken = `${show}&token=${openToken(benchmark)}`;
	for (const [count, latency] of [
		[1, 20],
		[200, 0],
		[200, 20],
		[200, 200],
		[2_000, 20],
	] as const) {
		benchmark.setLatency(latency);
		const credential = await newCredentialOf(benchmark, USER_LOGIN);
		const calls = (concurrency: number) => ({
			[`Call Method, ${concurrency} at once`]: [
				ours('crmCom', { ...showContact, options: { concurrency } }, credential),
			],
		});
		yield {
			title: `${count} items, ${latency} ms`,
			sides: sidesOf(benchmark, count, {
				...calls(5),
				'an HTTP Request node with a token, all at once, and an If': [
					http({ url: withToken }),
					IS_OK,
				],
				'an HTTP Request node with the credential, all at once, and an If': [
					http({ url: show }, credential),
					IS_OK,
				],
				...(count > 1 && { ...calls(10), ...calls(20), ...calls(count) }),
			}),
		};
	}
}

/** The check that a call without this node needs, since CRM.COM's errors come with HTTP status 200. */
const IS_OK: Subject = {
	type: 'n8n-nodes-base.if',
	typeVersion: 2.2,
	parameters: {
		options: {},
		conditions: {
			options: { version: 2, caseSensitive: false, leftValue: '', typeValidation: 'loose' },
			combinator: 'and',
			conditions: [
				{
					id: 'ok',
					leftValue: '={{ $json.status.code }}',
					rightValue: 'OK',
					operator: { type: 'string', operation: 'equals' },
				},
			],
		},
	},
};

/** Get Many, against an HTTP Request node with pagination and a Split Out node that do the same. */
export async function* getMany(benchmark: Benchmark): AsyncGenerator<Case> {
	const { crmCom } = benchmark.plain;
	const url = `${crmCom.url}/${API}/${LIST}?token=${openToken(benchmark)}&number_of_results=${PAGE_SIZE}`;
	const byHand = http({ url, options: PAGES });
	for (const [count, latency] of [
		[1_000, 0],
		[1_000, 20],
		[10_000, 0],
		[10_000, 20],
		[10_000, 100],
	] as const) {
		benchmark.setLatency(latency);
		crmCom.lists.set(LIST, rowsOf(count));
		const credential = await newCredentialOf(benchmark, USER_LOGIN);
		const reads = (more: object) => {
			const options = { pageSize: PAGE_SIZE, ...more };
			const list = { operation: 'getMany', method: method(`GET ${LIST}`), returnAll: true };
			return ours('crmCom', { ...list, options }, credential);
		};
		yield {
			title: `${count} rows, ${latency} ms`,
			sides: sidesOf(benchmark, 1, {
				'Get Many': [reads({})],
				'Get Many, Parallel Requests 1: one by one': [reads({ concurrency: 1 })],
				'an HTTP Request node with pagination, and Split Out': [byHand, splitOut('data')],
			}),
		};
	}
}

const PAGES = {
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

/** A token that lives as long as it is used. */
function openToken({ plain: { crmCom } }: Benchmark): string {
	crmCom.release = 'R11';
	return tokenOf(crmCom, 'authentication/token', { ...crmCom.users[0] });
}
