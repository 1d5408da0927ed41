import { setTimeout as sleep } from 'node:timers/promises';

import { CONTACT_NUMBER } from '../../harness/parameters.mts';
import type { Benchmark } from '../benchmark.mts';
import type { Case, Side } from '../compare.mts';
import { AUREA_LOGIN, credentials, http, login, USER_LOGIN } from '../subjects.mts';

/** What is remembered of a login before its requests: nothing, a live session, or one that has ended. */
type State = 'live' | 'empty' | 'ended by the vendor' | 'ended by time';

/** The shortest lifetime of a JWT that is believed, in seconds. We end a session a tenth sooner. */
const SHORT_LIFE = 10;

/** The HTTP Request node with this package's credential, against n8n's own of the same kind. */
export async function* requests(benchmark: Benchmark): AsyncGenerator<Case> {
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
			yield {
				title: `${count} items, ${latency} ms, session ${state}`,
				isLong: count > 1_000,
				sides: [
					await sideOf(benchmark, state, count, packages(benchmark, state)),
					await sideOf(benchmark, state, count, metabases(benchmark)),
				],
			};
		}
	}
}

/** A vendor, and a credential for it. */
interface Kind {
	readonly name: string;
	readonly url: string;
	newLogin(): Promise<ReturnType<typeof credentials>>;
	endAllSessions(): void;
	/** Of the last run. */
	counts(): { readonly calls: number; readonly logins: number };
}

async function sideOf(
	benchmark: Benchmark,
	state: State,
	count: number,
	kind: Kind,
): Promise<Side> {
	const live = await kind.newLogin();
	return {
		name: kind.name,
		async run() {
			// Its own login if one is made: a session renewed twice a minute is not renewed again.
			const node = http({ url: kind.url }, state === 'live' ? live : await kind.newLogin());
			if (state !== 'empty') await benchmark.run([node], { count: 1 });
			if (state === 'ended by time') await sleep(SHORT_LIFE * 1_000);
			if (state.startsWith('ended')) kind.endAllSessions();
			const before = benchmark.credentialWrites();
			const { ms } = await benchmark.run([node], { count });
			return { ms, ...kind.counts(), writes: benchmark.credentialWrites() - before };
		},
	};
}

function packages(benchmark: Benchmark, state: State): Kind {
	const { crmCom, aurea, calls } = benchmark.plain;
	const endsByTime = state === 'ended by time';
	Object.assign(crmCom, { release: 'R12', jwtLifetime: endsByTime ? SHORT_LIFE : 7_200 });
	return {
		name: "this package's credential",
		url: endsByTime
			? `${crmCom.url}/crmapi/rest/v2/contact_information/show?contact_information_identifier=number%3D${CONTACT_NUMBER}`
			: `${aurea.url}/${aurea.users[0]!.currentUid}/lists/`,
		newLogin: async () => await login(benchmark, endsByTime ? USER_LOGIN : AUREA_LOGIN),
		endAllSessions: () => aurea.endAllSessions(),
		counts: () => ({
			calls: calls.all.length,
			logins: calls.count('sessions') + calls.count('authentication/token'),
		}),
	};
}

function metabases({ metabase, harness }: Benchmark): Kind {
	const { url, username, password } = metabase;
	return {
		name: "n8n's credential for Metabase",
		url: `${url}/lists/`,
		async newLogin() {
			const data = { url, username, password };
			return credentials(
				'metabaseApi',
				await harness.rest.createCredential('Metabase', 'metabaseApi', data),
			);
		},
		endAllSessions: () => metabase.endAllSessions(),
		counts: () => ({ calls: metabase.calls, logins: metabase.logins }),
	};
}
