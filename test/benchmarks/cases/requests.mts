import { setTimeout as sleep } from 'node:timers/promises';

import type { INodeParameters } from 'n8n-workflow';

import { metabaseCredential, type Hall } from '../hall.mts';
import type { Case } from '../report.mts';
import { compare, type Figures, type Side } from '../rounds.mts';
import type { Subject } from '../../host/workflows.mts';

const AUREA = 'aureaLoginApi';
const CRMCOM = 'crmComUserLoginApi';

/** What is remembered of a login before its requests: nothing, a live session, or one that is no longer. */
type State = 'live' | 'empty' | 'ended by the vendor' | 'ended by time';

/** The shortest life of a JWT that is believed, in seconds; a session ends for us a tenth sooner. */
const SHORT_LIFE = 10;

/** The HTTP Request node with this package's credential, beside n8n's own of the same kind. */
export async function requestCases(hall: Hall, rounds: number): Promise<Case[]> {
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
		hall.setLatency(latency);
		for (const state of states) {
			const few = Math.min(rounds, 3);
			const outcomes = await compare(
				[await ours(hall, state, count), await metabases(hall, state, count)],
				count > 1_000 ? few : rounds,
			);
			cases.push({ title: `${count} items, ${latency} ms, session ${state}`, outcomes });
		}
	}
	return cases;
}

async function ours(hall: Hall, state: State, count: number): Promise<Side> {
	const { plain } = hall.vendors;
	const endsByTime = state === 'ended by time';
	const type = endsByTime ? CRMCOM : AUREA;
	const url = endsByTime
		? `${plain.crmComUrl}/crmapi/rest/v2/contact_information/show?contact_information_identifier=number%3DCI000111`
		: `${plain.aureaUrl}/${plain.aurea.users[0]!.currentUid}/lists/`;
	const live = await hall.newCredential(plain, type);
	return {
		name: "this package's credential",
		async run() {
			// A login of its own where one is made: what is renewed twice a minute is not renewed again.
			const id = state === 'live' ? live : await hall.newCredential(plain, type);
			Object.assign(plain.crmCom, { release: 'R12', jwtLifetime: endsByTime ? SHORT_LIFE : 7_200 });
			if (state !== 'empty') await hall.run([request(type, id, url)], { count: 1 });
			if (state === 'ended by the vendor') plain.aurea.endAllSessions();
			if (endsByTime) await sleep(SHORT_LIFE * 1_000);
			const figures = await counted(
				hall,
				async () => await hall.run([request(type, id, url)], { count }),
			);
			return {
				...figures,
				logins: plain.calls.count('sessions') + plain.calls.count('authentication/token'),
			};
		},
	};
}

async function metabases(hall: Hall, state: State, count: number): Promise<Side> {
	const { metabase } = hall;
	const url = `${metabase.url}/lists/`;
	const live = await metabaseCredential(hall);
	return {
		name: "n8n's credential for Metabase",
		async run() {
			const id = state === 'live' ? live : await metabaseCredential(hall);
			if (state !== 'empty') await hall.run([request('metabaseApi', id, url)], { count: 1 });
			if (state.startsWith('ended')) metabase.endAllSessions();
			Object.assign(metabase, { logins: 0, requests: 0 });
			const figures = await counted(
				hall,
				async () => await hall.run([request('metabaseApi', id, url)], { count }),
			);
			return { ...figures, calls: metabase.logins + metabase.requests, logins: metabase.logins };
		},
	};
}

async function counted(hall: Hall, run: () => Promise<Figures>): Promise<Figures> {
	const before = hall.credentialWrites();
	const figures = await run();
	return { ...figures, writes: hall.credentialWrites() - before };
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
