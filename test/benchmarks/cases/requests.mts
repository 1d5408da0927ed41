import type { INodeParameters } from 'n8n-workflow';

import { metabaseCredential, type Hall } from '../hall.mts';
import type { Case } from '../report.mts';
import { compare, type Figures, type Side } from '../rounds.mts';
import type { Subject } from '../../host/workflows.mts';

const TYPE = 'aureaLoginApi';

/** What is remembered of a login before its requests: nothing, a session, or one that the vendor has ended. */
type State = 'empty' | 'live' | 'expired';
const STATES: readonly State[] = ['live', 'empty', 'expired'];

/** The HTTP Request node with this package's credential, beside n8n's own of the same kind. */
export async function requestCases(hall: Hall, rounds: number): Promise<Case[]> {
	const settings = [
		{ latency: 0, count: 200 },
		{ latency: 20, count: 1 },
		{ latency: 20, count: 200 },
		{ latency: 20, count: 2_000 },
		{ latency: 100, count: 200 },
	];
	const cases: Case[] = [];
	for (const { latency, count } of settings) {
		hall.setLatency(latency);
		for (const state of STATES) {
			const few = Math.min(rounds, 3);
			const outcomes = await compare([await ours(hall, state, count), await metabases(hall, state, count)], count > 1_000 ? few : rounds);
			cases.push({ title: `${count} items, ${latency} ms, session ${state}`, outcomes });
		}
	}
	return cases;
}

async function ours(hall: Hall, state: State, count: number): Promise<Side> {
	const { plain } = hall.vendors;
	const url = `${plain.aureaUrl}/${plain.aurea.users[0]!.currentUid}/lists/`;
	const live = await hall.newCredential(plain, TYPE);
	return {
		name: "this package's credential",
		async run() {
			// A login of its own where one is made: what is renewed twice a minute is not renewed again.
			const id = state === 'live' ? live : await hall.newCredential(plain, TYPE);
			if (state !== 'empty') await hall.run([request(TYPE, id, url)], { count: 1 });
			if (state === 'expired') plain.aurea.endAllSessions();
			const figures = await counted(hall, async () => await hall.run([request(TYPE, id, url)], { count }));
			return { ...figures, logins: plain.calls.count('sessions') };
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
			if (state === 'expired') metabase.endAllSessions();
			Object.assign(metabase, { logins: 0, requests: 0 });
			const figures = await counted(hall, async () => await hall.run([request('metabaseApi', id, url)], { count }));
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
	const parameters: INodeParameters = { authentication: 'predefinedCredentialType', nodeCredentialType: type, url, options: {} };
	return { type: 'n8n-nodes-base.httpRequest', typeVersion: 4.2, parameters, credentials: { [type]: { id, name: '' } } };
}
