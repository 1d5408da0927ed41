import type { ICredentialDataDecryptedObject, IDataObject } from 'n8n-workflow';

import { secretsFoundIn } from '../harness/secrets.mts';
import { VENDOR_NAMES } from '../fakes/vendors.mts';
import { startFakes, type Fakes } from '../fakes/server.mts';
import type { FaultCase } from './catalogue.mts';
import { seed, loginSecrets, refill, type Operation, type Setup } from './operations.mts';

/** Where operations run: n8n's engine in this process, or a real n8n. */
export interface Place {
	/** How long one run may take, in milliseconds. */
	readonly limit: number;
	/** Whether its HTTP Request node is n8n's own, which says in its error which item has failed. */
	readonly hasOwnRequestNode: boolean;
	run(setup: Setup, settings: { readonly continues: boolean }): Promise<Result>;
	/** Presses Test. @returns `OK`, or the words that the user sees */
	test(type: string, data: ICredentialDataDecryptedObject): Promise<string>;
}

/** The result of a run. */
export interface Result {
	readonly items: readonly { readonly json: IDataObject; readonly from: number }[];
	readonly error: Failure | undefined;
	/** Everything that n8n has recorded of the run. */
	readonly record: string;
}

interface Failure {
	readonly message: string;
	readonly description?: string | null | undefined;
	readonly httpCode?: string | null | undefined;
	readonly context?: { readonly itemIndex?: number } | undefined;
}

/** Every token that nobody asked for, of all cells so far: none may be written anywhere. */
export const secretTokens = new Set<string>();

/** The result if n8n's own node hangs in the same way without any credential. */
export const HANGS_ANYWAY = 'n8n itself hangs here';

/** How long a user's own request, with a timeout of two seconds, may take on a busy machine, in milliseconds. */
const OWN_REQUEST_LIMIT = 60_000;

/** Whether an operation can meet a fault. */
export function canMeet({ meets, name }: Operation, { reach, server }: FaultCase): boolean {
	// The credential of Aurea has no such switch: its server is a public one.
	if (server === 'self-signed, SSL issues ignored' && /Aurea|Organization/.test(name)) return false;
	return reach === 'every call' || meets.includes(reach);
}

/** Runs one operation against one fault. @returns what is wrong with the result; empty if nothing is */
export async function judge(
	place: Place,
	operation: Operation,
	fault: FaultCase,
): Promise<string[]> {
	const fakes = await startNewServers(fault.server?.startsWith('self-signed') ?? false);
	try {
		seed(fakes);
		const setup = setupFor(operation, fault, fakes);
		if (fault.server === 'closed') await fakes.stop();
		const complaints = operation.tests
			? await judgeTest(place, operation, operation.tests, setup, fault, fakes)
			: await judgeRuns(place, operation, setup, fault, fakes);
		if ('polluted' in {}) complaints.push('a prototype was changed');
		return complaints;
	} finally {
		if (fault.server !== 'closed') await fakes.stop();
	}
}

const usedAddresses = new Set<string>();

/**
 * Servers at new addresses. All cells log in as the same users, and n8n keeps sessions by server and login:
 * with an earlier cell's address, its token would come back.
 */
async function startNewServers(tls: boolean): Promise<Fakes> {
	for (;;) {
		const fakes = await startFakes({ tls });
		const addresses = VENDOR_NAMES.map((name) => fakes[name].url);
		if (!addresses.some((address) => usedAddresses.has(address))) {
			for (const address of addresses) usedAddresses.add(address);
			return fakes;
		}
		await fakes.stop();
	}
}

function setupFor(operation: Operation, { server }: FaultCase, fakes: Fakes): Setup {
	const unknown = 'http://no-such-host.invalid';
	// Each cell has vendors of its own.
	if (server === 'unknown') for (const name of VENDOR_NAMES) fakes[name].url = unknown;
	const setup = operation.setup(fakes);
	if (server !== 'self-signed, SSL issues ignored') return setup;
	return {
		...setup,
		credential: { ...setup.credential, data: { ...setup.credential.data, ignoreSslIssues: true } },
	};
}

/** Lets an operation meet a fault from now on, or once. */
function plan({ method, isHit }: Operation, { fault, isOnce }: FaultCase, { faults }: Fakes): void {
	faults.clear();
	if (fault) faults.plan(method, fault, isOnce ? 1 : Infinity, (call) => isHit(call));
}

async function judgeTest(
	place: Place,
	operation: Operation,
	type: string,
	{ credential }: Setup,
	fault: FaultCase,
	fakes: Fakes,
): Promise<string[]> {
	plan(operation, fault, fakes);
	const words = await within(place.limit, place.test(type, credential.data));
	if (words === undefined) return ['it hangs'];
	const leaks = secretsFoundIn(words, loginSecrets).map((secret) => `it shows ${secret}`);
	if (isHarmless(fault, operation)) return words === 'OK' ? leaks : [...leaks, `it says: ${words}`];
	return [
		...leaks,
		...(words === 'OK' ? ['it says OK'] : complaintsOfWords(words)),
		...complaintsOfFault(words, words, fault),
	];
}

async function judgeRuns(
	place: Place,
	operation: Operation,
	setup: Setup,
	fault: FaultCase,
	fakes: Fakes,
): Promise<string[]> {
	const results: (Result | undefined)[] = [];
	const limit = operation.isUsersRequest ? OWN_REQUEST_LIMIT : place.limit;
	for (const continues of [false, true]) {
		refill(fakes);
		plan(operation, fault, fakes);
		results.push(await within(limit, place.run(setup, { continues })));
	}
	const [stopped, continued] = results;
	const leaks = leaksOf(
		operation,
		fault,
		fakes,
		results.filter((result) => result !== undefined),
	);
	if (!stopped || !continued) {
		const plain = { ...setup, parameters: { ...setup.parameters, authentication: 'none' } };
		const hangsAnyway =
			operation.isUsersRequest &&
			(await within(limit, place.run(plain, { continues: false }))) === undefined;
		return [...leaks, hangsAnyway ? HANGS_ANYWAY : 'it hangs'];
	}
	return [
		...leaks,
		...(operation.isUsersRequest
			? []
			: outcomeComplaints(place, operation, fault, stopped, continued)),
	];
}

function outcomeComplaints(
	place: Place,
	operation: Operation,
	fault: FaultCase,
	stopped: Result,
	continued: Result,
): string[] {
	if (isHarmless(fault, operation)) {
		if (stopped.error) return [`it fails: ${stopped.error.message}`];
		return [...new Set(stopped.items.map(({ from }) => from))].join() === '0,1,2'
			? []
			: ['not every item has its result'];
	}
	const { error } = stopped;
	if (!error) return ['it does not fail'];
	// A missing server fails all items; a fault only the one in the middle.
	const failing = fault.fault ? [1] : [0, 1, 2];
	const failed = continued.items
		.filter(({ json }) => json['error'] !== undefined)
		.map(({ from }) => from);
	const good = continued.items
		.filter(({ json }) => json['error'] === undefined)
		.map(({ from }) => from);
	const neighbours = [0, 1, 2].filter((index) => !failing.includes(index));
	const namesItem = place.hasOwnRequestNode || !operation.name.startsWith('Request');
	return [
		...complaintsOfWords(error.message),
		...(error.description ? [] : ['it does not say what to do']),
		...(/<(?!br>)/.test(error.description ?? '') ? ['its description holds markup'] : []),
		...(operation.meaningful !== undefined && operation.meaningful === fault.status
			? []
			: complaintsOfFault(
					error.message,
					[error.message, error.description, error.httpCode].join(' '),
					fault,
				)),
		...(namesItem && error.context?.itemIndex !== failing[0]
			? [`it names the item ${error.context?.itemIndex}`]
			: []),
		...(failed.join() === failing.join()
			? []
			: [`with Continue, the items ${failed.join() || 'none'} fail`]),
		...([...new Set(good)].join() === neighbours.join()
			? []
			: ['with Continue, the other items are harmed']),
	];
}

/** The logins, which are tried once more after a hiccup. */
const LOGINS = ['authentication/token', 'authentication/web_api_key/token', 'sessions'];

function isHarmless(
	{ isHarmless: always, harmsOnly, isOnce }: FaultCase,
	{ name, method, isRead }: Operation,
): boolean {
	const isSurvived = isOnce === true && (isRead === true || LOGINS.includes(method));
	return always === true || isSurvived || (harmsOnly !== undefined && harmsOnly !== name);
}

/** A message is a short sentence of plain words. */
function complaintsOfWords(message: string): string[] {
	const isBad =
		message === '' ||
		message.length > 500 ||
		/undefined|\[object|<!doctype|<html|Authorization failed|Cannot read|is not a function/i.test(
			message,
		);
	return isBad ? [`it says: ${message.slice(0, 100)}`] : [];
}

function complaintsOfFault(message: string, all: string, { status, words }: FaultCase): string[] {
	return [
		...(words === undefined || message.includes(words)
			? []
			: [`the vendor's words are missing: ${message}`]),
		...(status === undefined || words !== undefined || all.includes(String(status))
			? []
			: [`HTTP ${status} is not named: ${all}`]),
	];
}

/** No record may contain passwords or keys, nor tokens unless requested. */
function leaksOf(
	{ name, isUsersRequest }: Operation,
	{ repeatsRequest }: FaultCase,
	fakes: Fakes,
	results: readonly Result[],
): string[] {
	const givesTokens = ['Get Token', 'Switch Organization'].some((giver) => name.includes(giver));
	const isOutOfReach = isUsersRequest && repeatsRequest;
	const tokens =
		givesTokens || isOutOfReach
			? []
			: [...fakes.crmCom.released, ...VENDOR_NAMES.flatMap((vendor) => fakes[vendor].tokens())];
	for (const token of tokens) secretTokens.add(token);
	return results
		.flatMap(({ record }) => secretsFoundIn(record, [...loginSecrets, ...tokens]))
		.map((secret) => `its record holds ${secret}`);
}

async function within<Value>(
	milliseconds: number,
	work: Promise<Value>,
): Promise<Value | undefined> {
	let timer: NodeJS.Timeout | undefined;
	const limit = new Promise<undefined>((resolve) => {
		timer = setTimeout(() => resolve(undefined), milliseconds);
	});
	return await Promise.race([work, limit]).finally(() => clearTimeout(timer));
}
