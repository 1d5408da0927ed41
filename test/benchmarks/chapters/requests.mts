import { setTimeout as sleep } from 'node:timers/promises';

import { CONTACT_NUMBER } from '../../harness/parameters.mts';
import type { Benchmark } from '../benchmark.mts';
import type { Case } from '../compare.mts';
import { AUREA_LOGIN, http, loginOf, newLogin, USER_LOGIN } from '../subjects.mts';

/** What is remembered of a login before its requests: a live session, nothing, or one that has ended. */
type State = 'live' | 'empty' | 'ended by the vendor' | 'ended by time';

/** The shortest lifetime of a JWT that is believed, in seconds. We end a session a tenth sooner. */
const SHORT_LIFE = 10;

/** The HTTP Request node with this package's credential, against n8n's own of the same kind. */
export async function* requests(benchmark: Benchmark): AsyncGenerator<Case> {
	const { harness, metabase } = benchmark;
	const metabaseData = { url: metabase.url, username: 'user', password: 'Metabase-Pa55word' };
	const all: readonly State[] = ['live', 'empty', 'ended by the vendor'];
	for (const [count, latency, states] of [
		[200, 0, all],
		[1, 20, all],
		[200, 20, all],
		[2_000, 20, all],
		[200, 100, [...all, 'ended by time']],
	] as const) {
		benchmark.setLatency(latency);
		for (const state of states) {
			const { url, type } = subject(benchmark, state);
			const side = (url: string, logIn: () => Promise<ReturnType<typeof loginOf>>) => async () => {
				// Its own login: a session that was renewed twice in a minute is not renewed again.
				const node = http({ url }, await logIn());
				if (state !== 'empty') await benchmark.run([node], 1);
				if (state === 'ended by time') await sleep(SHORT_LIFE * 1_000);
				if (state.startsWith('ended')) {
					benchmark.plain.aurea.endAllSessions();
					metabase.sessions.clear();
				}
				return await benchmark.run([node], count);
			};
			yield {
				title: `${count} items, ${latency} ms, session ${state}`,
				sides: {
					"this package's credential": side(url, async () => await newLogin(benchmark, type)),
					"n8n's credential for Metabase": side(`${metabase.url}/lists/`, async () =>
						loginOf(
							'metabaseApi',
							await harness.rest.createCredential('Metabase', 'metabaseApi', metabaseData),
						),
					),
				},
			};
		}
	}
}

/** Aurea, whose sessions are like Metabase's, or CRM.COM where a token tells when it ends. */
function subject({ plain: { crmCom, aurea } }: Benchmark, state: State) {
	Object.assign(crmCom, { release: 'R12', jwtLifetime: SHORT_LIFE });
	const show = `contact_information/show?contact_information_identifier=number%3D${CONTACT_NUMBER}`;
	return state === 'ended by time'
		? { type: USER_LOGIN, url: `${crmCom.url}/crmapi/rest/v2/${show}` }
		: { type: AUREA_LOGIN, url: `${aurea.url}/${aurea.users[0]!.currentUid}/lists/` };
}
