import type { Case } from './report.mts';

/** A figure of one side of the case with a title, by index. */
function figure(cases: readonly Case[], title: string, side: number, name: string): number {
	return (
		cases.find((candidate) => candidate.title === title)?.outcomes[side]?.medians[name] ??
		Number.NaN
	);
}

const percent = (ratio: number) =>
	`${ratio >= 1 ? '+' : '−'}${Math.abs(Math.round((ratio - 1) * 100))} %`;

export function getTokenFindings(cases: readonly Case[]): string[] {
	const [few, many] = ['100 items, 20 ms', '10000 items, 20 ms'];
	const more = 9_900;
	const costOf = (side: number) =>
		(figure(cases, many, side, 'ms') - figure(cases, few, side, 'ms')) / more;
	const heapOf = (side: number) =>
		((figure(cases, many, side, 'heapMb') - figure(cases, few, side, 'heapMb')) / more) * 1024;
	const [own, alone] = [costOf(0), costOf(1)];
	return [
		`One login for any number of items: ${figure(cases, many, 0, 'calls')} call for 10,000.`,
		`An additional item costs ${own.toFixed(3)} ms, where reading the credential alone, which n8n wants for each item, costs ${alone.toFixed(3)} ms: ${percent(own / alone)}.`,
		`Memory rises by ${heapOf(0).toFixed(1)} kB with each additional item, beside ${heapOf(1).toFixed(1)} kB where the credential is read alone: n8n's own items, and what is not yet collected.`,
	];
}

export function requestFindings(cases: readonly Case[]): string[] {
	const at = (count: number, latency: number, state: string) =>
		`${count} items, ${latency} ms, session ${state}`;
	const live = figure(cases, at(200, 100, 'live'), 0, 'ms');
	const empty = figure(cases, at(200, 100, 'empty'), 0, 'ms');
	const writesOf = (isMeant: (title: string) => boolean) =>
		cases
			.filter(({ title }) => isMeant(title))
			.reduce((sum, { outcomes }) => sum + (outcomes[0]?.medians['writes'] ?? 0), 0);
	const isEndedEarly = (title: string) => title.endsWith('ended by the vendor');
	const liveRatios = cases
		.filter(({ title }) => title.endsWith('live'))
		.map(
			({ title, outcomes }) =>
				`${title.replace(', session live', '')}: ${percent(1 / (outcomes[1]?.ratio ?? Number.NaN))}`,
		);
	return [
		`With a live session, beside n8n's own credential with a live session: ${liveRatios.join('; ')}.`,
		`Without a session, 200 items at 100 ms make ${figure(cases, at(200, 100, 'empty'), 0, 'logins')} login (Metabase's: ${figure(cases, at(200, 100, 'empty'), 1, 'logins')}) and take ${Math.abs(Math.round(empty - live))} ms ${empty >= live ? 'longer' : 'less'} than with one, where a login takes 100 ms.`,
		`Writes of the credential into the database, all cases together: ${writesOf((title) => !isEndedEarly(title))} where the session is live, empty or ended by time, and ${writesOf(isEndedEarly)} where the vendor has ended it: n8n sends a request again only for a credential that it writes back, and what it writes is an empty field.`,
	];
}

export function callMethodFindings(cases: readonly Case[]): string[] {
	const many = cases.filter(({ outcomes }) => outcomes.length > 3);
	const ratios = (side: number, to: number) =>
		many
			.map(({ title, outcomes }) => {
				const [ours = Number.NaN, theirs = Number.NaN] = [side, to].map(
					(index) => outcomes.at(index)?.ratio,
				);
				return `${title}: ${percent(ours / theirs)}`;
			})
			.join('; ');
	return [
		`All at once, beside an HTTP Request node that logs in with the same credential: ${ratios(-1, 2)}.`,
		`All at once, beside an HTTP Request node that is given a token and reads no credential: ${ratios(-1, 1)}. n8n reads and decrypts a credential for each item, since its fields may be expressions of the item; in a profile of 2,000 items, that is the largest part of what an item costs.`,
		`10 at once, beside 5: ${ratios(3, 0)}. 20 at once: ${ratios(4, 0)}. The default is 5 all the same: no page of the vendor says what its server bears, a run of some hundred items is done in seconds either way, and the option Parallel Requests is there for longer ones.`,
	];
}

export function fanOutFindings(cases: readonly Case[]): string[] {
	const ratios = (side: number) =>
		cases
			.map(
				({ title, outcomes }) =>
					`${title.replace('200 organizations, ', '')}: ${percent(1 / (outcomes[side]?.ratio ?? Number.NaN))}`,
			)
			.join('; ');
	return [
		`Beside bare calls of n8n's helper, equally many at once: ${ratios(1)}.`,
		`Beside the same that also read each item's credential out of n8n's database and evaluate one expression, as whoever lets fields be expressions must: ${ratios(2)}.`,
		`Beside bare undici, which keeps its connections where n8n's helper opens one for each call: ${ratios(3)}.`,
		`An HTTP Request node sends all requests at once, which no vendor's limit bounds; with the option Parallel Requests as high, Switch Organization does the same. At 5 at once it leaves the vendor alone and takes longer.`,
	];
}
