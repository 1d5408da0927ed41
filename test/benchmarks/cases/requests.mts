import { setTimeout as sleep } from 'node:timers/promises';

import type { INodeParameters } from 'n8n-workflow';

import { metabaseCredential, type Benchmark } from '../benchmark.mts';
import type { Case } from '../report.mts';
import { compare, roundsFor, type Figures, type Side } from '../rounds.mts';
import type { Subject } from '../../harness/workflows.mts';

const AUREA = 'aureaLoginApi';
const CRMCOM = 'crmComUserLoginApi';

/** What is remembered of a login before its requests: nothing, a live session, or one that has ended. */
type State = 'live' | 'empty' | 'ended by the vendor' | 'ended by time';

/** The shortest lifetime of a JWT that is believed, in seconds; we end a session a tenth sooner. */
const SHORT_LIFE = 10;

/** The HTTP Request node with this package's credential, against n8n's own of the same kind. */
export async function requestCases(benchmark: Benchmark, rounds: number): Promise<Case[]> {
	const all: readonly State[] = ['live', 'empty', 'ended by the vendor'];
	const settings: readonly { latency: number; count: number; states: readonly State[] }[] = [
		{ latency: 0, count: 200, states: all },
		{ latency: 20, count: 1, states: all },
		{ latency: 20, count: 200, states: all },
		{ latency: 20, count: 2_000, states: all },
		{ latency: 100, count: 200, states: [...all, 'ended by time'] },
	];
	const cases: Case[] = [];
	for (const { latency, count, states } of settings) {
		benchmark.setLatency(latency);
		for (const state of states) {
			const outcomes = await compare(
				[await ours(benchmark, state, count), await metabases(benchmark, state, count)],
				roundsFor(count, rounds),
			);
			cases.push({ title: `${count} items, ${latency} ms, session ${state}`, outcomes });
		}
	}
	return cases;
}

async function ours(benchmark: Benchmark, state: State, count: number): Promise<Side> {
	const { plain } = benchmark.fakes;
	const endsByTime = state === 'ended by time';
	const type = endsByTime ? CRMCOM : AUREA;
	const url = endsByTime
		? `${plain.crmCom.url}/crmapi/rest/v2/contact_information/show?contact_information_identifier=number%3DCI000111`
		: `${plain.aurea.url}/${plain.aurea.users[0]!.currentUid}/lists/`;
	const live = await benchmark.newCredential(plain, type);
	return {
		name: "this package's credential",
		async run() {
			// Its own login if one is made: a session renewed twice a minute is not renewed again.
			const id = state === 'live' ? live : await benchmark.newCredential(plain, type);
			Object.assign(plain.crmCom, { release: 'R12', jwtLifetime: endsByTime ? SHORT_LIFE : 7_200 });
			if (state !== 'empty') await benchmark.run([request(type, id, url)], { count: 1 });
			if (state === 'ended by the vendor') plain.aurea.endAllSessions();
			if (endsByTime) await sleep(SHORT_LIFE * 1_000);
			const figures = await counted(
				benchmark,
				async () => await benchmark.run([request(type, id, url)], { count }),
			);
			return {
				...figures,
				logins: plain.calls.count('sessions') + plain.calls.count('authentication/token'),
			};
		},
	};
}

async function metabases(benchmark: Benchmark, state: State, count: number): Promise<Side> {
	const { metabase } = benchmark;
	const url = `${metabase.url}/lists/`;
	const live = await metabaseCredential(benchmark);
	return {
		name: "n8n's credential for Metabase",
		async run() {
			const id = state === 'live' ? live : await metabaseCredential(benchmark);
			if (state !== 'empty') await benchmark.run([request('metabaseApi', id, url)], { count: 1 });
			if (state.startsWith('ended')) metabase.endAllSessions();
			Object.assign(metabase, { logins: 0, requests: 0 });
			const figures = await counted(
				benchmark,
				async () => await benchmark.run([request('metabaseApi', id, url)], { count }),
			);
			return { ...figures, calls: metabase.logins + metabase.requests, logins: metabase.logins };
		},
	};
}

async function counted(benchmark: Benchmark, run: () => Promise<Figures>): Promise<Figures> {
	const before = benchmark.credentialWrites();
	const figures = await run();
	return { ...figures, writes: benchmark.credentialWrites() - before };
}

function request(type: string, id: string, url: string): Subject {
	const parameters: INodeParameters = {
		authentication: 'predefinedCredentialType',
		nodeCredentialType: type,
		url,
		options: {},
	};
	return {
		type: 'n8n-nodes-base.httpRequest',
		typeVersion: 4.2,
		parameters,
		credentials: { [type]: { id, name: '' } },
	};
}
