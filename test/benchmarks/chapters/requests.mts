import { setTimeout as sleep } from 'node:timers/promises';

import { CONTACT_NUMBER } from '../../harness/parameters.mts';
import type { Benchmark } from '../benchmark.mts';
import type { Case } from '../compare.mts';
import { AUREA_LOGIN, credentialOf, http, newCredentialOf, USER_LOGIN } from '../subjects.mts';

/** What is remembered of a login before its requests: a live session, nothing, or one that has ended. */
type State = 'live' | 'empty' | 'ended by the vendor' | 'ended by time';

/** The shortest lifetime of a JWT that is believed, in seconds. We end a session a tenth sooner. */
const SHORT_LIFE = 10;

const SHOW = `crmapi/rest/v2/contact_information/show?contact_information_identifier=number%3D${CONTACT_NUMBER}`;

/** The HTTP Request node with this package's credential, against n8n's own of the same kind. */
export async function* requests(benchmark: Benchmark): AsyncGenerator<Case> {
	const { harness, metabase, plain } = benchmark;
	const { crmCom, aurea } = plain;
	Object.assign(crmCom, { release: 'R12', jwtLifetime: SHORT_LIFE });
	const metabaseLogin = { url: metabase.url, username: 'user', password: 'Metabase-Pa55word' };
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
			const side = (url: string, logIn: () => ReturnType<typeof newCredentialOf>) => async () => {
				// A new login each time: a session that was renewed twice within a minute is not renewed again.
				const node = http({ url }, await logIn());
				if (state !== 'empty') await benchmark.run([node], 1);
				if (state === 'ended by time') await sleep(SHORT_LIFE * 1_000);
				if (state.startsWith('ended')) {
					aurea.endAllSessions();
					metabase.sessions.clear();
				}
				return await benchmark.run([node], count);
			};
			// Aurea's sessions are like Metabase's; CRM.COM's tokens tell when they end.
			const [type, url] =
				state === 'ended by time'
					? [USER_LOGIN, `${crmCom.url}/${SHOW}`]
					: [AUREA_LOGIN, `${aurea.url}/${aurea.users[0]!.currentUid}/lists/`];
			yield {
				title: `${count} items, ${latency} ms, session ${state}`,
				sides: {
					"this package's credential": side(
						url,
						async () => await newCredentialOf(benchmark, type),
					),
					"n8n's credential for Metabase": side(`${metabase.url}/lists/`, async () =>
						credentialOf(
							'metabaseApi',
							await harness.rest.createCredential('Metabase', 'metabaseApi', metabaseLogin),
						),
					),
				},
			};
		}
	}
}
