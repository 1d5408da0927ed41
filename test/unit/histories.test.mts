/**
 * Random histories of calls, answers, ends of sessions, tests, edits, stops and clock steps. Whatever
 * happens, the promises of docs/architecture.md hold.
 */
import { afterAll, afterEach, beforeEach, describe, it, jest } from '@jest/globals';
import * as fc from 'fast-check';
import type { IHttpRequestOptions } from 'n8n-workflow';

import { userLogin, type CrmComSessions } from '../../nodes/CrmCom/auth.ts';
import { createMethod } from '../../nodes/CrmCom/method.ts';
import { requestWithSession } from '../../nodes/CrmCom/sessionRequest.ts';
import { Sessions } from '../../nodes/shared/session/sessions.ts';

/** The same ones in `npm test`; others in each `npm run test:histories`, which prints the seed of a failure. */
const HISTORIES = Number(process.env['HISTORIES'] ?? 500);
const SEED = process.env['HISTORIES'] === undefined ? { seed: 20_261_125 } : {};
const MIN_EVENTS = 20;
const MAX_EVENTS = 40;
const MINUTE = 60_000;
/** How long we use a session: an hour, less a minute. */
const LIFETIME = 59 * MINUTE;
/** How many logins in answer to failures P9 allows within a minute. */
const MAX_RENEWALS = 2;

/** How many rejections of a login P6 allows within 15 minutes. */
const MAX_REJECTIONS = 3;

/** How often P15 lets a read be sent. */
const MAX_SENDS = 3;

const CALLERS = 3;
const ANSWERS = ['good', 'code', 'sessionCode', 'words', '401', '403', '404', '503', 'cut', 'slow'];
const LOGIN_ANSWERS = ['good', 'rejected', 'busy500', '503', 'cut', 'slow'];

type Event =
	| {
			readonly type: 'call';
			readonly caller: number;
			readonly post: boolean;
			readonly renew: boolean;
	  }
	| { readonly type: 'answers'; readonly answer: string }
	| { readonly type: 'loginAnswers'; readonly answer: string }
	| { readonly type: 'endSessions' | 'test' | 'edit' | 'settle' | 'oneCode' }
	| { readonly type: 'stop'; readonly caller: number }
	| { readonly type: 'advance' | 'stepWall'; readonly ms: number };

const caller = fc.integer({ min: 0, max: CALLERS - 1 });
const event: fc.Arbitrary<Event> = fc.oneof(
	{
		weight: 8,
		arbitrary: fc.record({
			type: fc.constant('call' as const),
			caller,
			post: fc.boolean(),
			renew: fc.boolean(),
		}),
	},
	{
		weight: 4,
		arbitrary: fc.record({
			type: fc.constant('answers' as const),
			answer: fc.constantFrom(...ANSWERS, 'good', 'good'),
		}),
	},
	{
		weight: 3,
		arbitrary: fc.record({
			type: fc.constant('loginAnswers' as const),
			answer: fc.constantFrom(...LOGIN_ANSWERS, 'good', 'good'),
		}),
	},
	{ weight: 3, arbitrary: fc.record({ type: fc.constant('settle' as const) }) },
	{
		weight: 3,
		arbitrary: fc.record({ type: fc.constantFrom('endSessions', 'test', 'edit', 'oneCode') }),
	},
	{ weight: 1, arbitrary: fc.record({ type: fc.constant('stop' as const), caller }) },
	{
		weight: 4,
		arbitrary: fc.record({
			type: fc.constant('advance' as const),
			ms: fc.constantFrom(1, 400, 5_000, 30_000, MINUTE, 5 * MINUTE, 65 * MINUTE),
		}),
	},
	{
		weight: 1,
		arbitrary: fc.record({
			type: fc.constant('stepWall' as const),
			ms: fc.constantFrom(-24 * 60 * MINUTE, -5_000),
		}),
	},
);

interface Send {
	readonly call: number;
	readonly token: string;
	readonly at: number;
	/** When its answer came. */
	endedAt: number;
	answer: string;
}

/** Answers after which a read is sent again. */
const HICCUPS = ['503', 'cut'];
/** Answers by which the session is known to have ended. */
const ENDS = ['401', 'sessionCode', 'ended'];
/** Answers that put the session in doubt, once it is a minute old. */
const DOUBTS = ['code', 'words', '403', 'endedByCode'];

interface LoginRequest {
	readonly identity: string;
	readonly at: number;
	readonly isTest: boolean;
	endedAt: number;
	outcome: string;
	token?: string;
}

interface CallRecord {
	readonly id: number;
	readonly caller: number;
	readonly post: boolean;
	readonly signal: AbortSignal;
	readonly startedAt: number;
	stoppedAt: number;
	outcome?: { value?: unknown; error?: Error & { reason?: string } };
}

let histories = 0;
const distribution: Record<string, number> = {};

/** A vendor in memory that keeps a record of all that it is asked. */
class Vendor {
	answer = 'good';
	loginAnswer = 'good';
	/** Whether it has one code for everything, ended sessions included. */
	hasOneCode = false;
	readonly sends: Send[] = [];
	readonly logins: LoginRequest[] = [];
	private readonly tokens = new Map<string, string>();
	private made = 0;

	/** By the steady clock, which nobody sets. */
	now = (): number => performance.now();

	endSessions(): void {
		this.tokens.clear();
	}

	httpRequest = async (options: IHttpRequestOptions): Promise<unknown> =>
		options.url.endsWith('authentication/token')
			? await this.logIn(options, false)
			: await this.call(options);

	/** A client for the logins of tests, which are counted separately. */
	readonly testClient = {
		httpRequest: async (options: IHttpRequestOptions): Promise<unknown> =>
			await this.logIn(options, true),
	};

	private async logIn({ body }: IHttpRequestOptions, isTest: boolean): Promise<unknown> {
		const { password } = JSON.parse(String(body)) as { password: string };
		const { loginAnswer: answer } = this;
		const login: LoginRequest = {
			identity: password,
			at: this.now(),
			isTest,
			endedAt: Infinity,
			outcome: answer,
		};
		this.logins.push(login);
		await delay(answer === 'slow' ? 5_000 : 20);
		login.endedAt = this.now();
		if (answer === 'cut') throw Object.assign(new Error('cut'), { code: 'ECONNRESET' });
		if (answer === '503') return { statusCode: 503, headers: {}, body: '' };
		if (answer === 'rejected') return envelope('LOGINNO', 'login rejected');
		if (answer === 'busy500') return envelope('BUSY', 'login rejected', 500);
		const token = `T${++this.made}-${password}`;
		this.tokens.set(token, password);
		login.token = token;
		return envelope('OK', '', 200, { token });
	}

	private async call({ url, body, method }: IHttpRequestOptions): Promise<unknown> {
		const parameters =
			method === 'GET'
				? Object.fromEntries(new URL(url).searchParams)
				: (JSON.parse(String(body)) as Record<string, string>);
		const { id = '', token = '' } = parameters;
		const send: Send = {
			call: Number(id),
			token,
			at: this.now(),
			endedAt: Infinity,
			answer: this.answer,
		};
		this.sends.push(send);
		await delay(send.answer === 'slow' ? 5_000 : 20);
		send.endedAt = this.now();
		if (!this.tokens.has(token)) {
			send.answer = this.hasOneCode ? 'endedByCode' : 'ended';
			const code = this.hasOneCode ? 'NOTFOUND' : 'SESSIONEXPIRED';
			return envelope(`COM.CRM.${code}EXCEPTION`, `code for ${id}`);
		}
		switch (send.answer) {
			case 'code':
				return envelope('COM.CRM.NOTFOUNDEXCEPTION', `code for ${id}`);
			case 'sessionCode':
				return envelope('COM.CRM.INVALIDTOKENEXCEPTION', `session code for ${id}`, 500);
			case 'words':
				return envelope('COM.CRM.OTHEREXCEPTION', `Your session has expired for ${id}`);
			case 'cut':
				throw Object.assign(new Error('cut'), { code: 'ECONNRESET' });
			case 'good':
			case 'slow':
				return envelope('OK', '', 200, { id });
			default:
				return { statusCode: Number(send.answer), headers: {}, body: { message: `for ${id}` } };
		}
	}
}

const delay = async (ms: number) => await new Promise<void>((resolve) => setTimeout(resolve, ms));

function envelope(code: string, message: string, statusCode = 200, data: unknown = {}) {
	return { statusCode, headers: {}, body: { status: { code, message }, data } };
}

/** Runs a history to its end. @returns what happened */
async function replay(events: readonly Event[]) {
	const vendor = new Vendor();
	const sessions: CrmComSessions = new Sessions(userLogin);
	const calls: CallRecord[] = [];
	const tests: { at: number; endedAt: number; identity: string }[] = [];
	const stops = Array.from({ length: CALLERS }, () => new AbortController());
	const history = ++histories;
	let edits = 0;
	let pending: Promise<unknown>[] = [];
	const credentials = () => ({
		// Each has a retry budget of its own.
		serverUrl: `https://crm${history}.example.com`,
		username: 'u',
		password: `p${history}-${edits}`,
		organisation: 'o',
	});

	const call = (index: number, post: boolean, renewSession: boolean) => {
		if (stops[index]!.signal.aborted) stops[index] = new AbortController();
		const record: CallRecord = {
			id: calls.length,
			caller: index,
			post,
			signal: stops[index]!.signal,
			startedAt: vendor.now(),
			stoppedAt: Infinity,
		};
		calls.push(record);
		pending.push(
			requestWithSession(vendor, sessions, userLogin.read(credentials()), {
				method: createMethod(post ? 'POST' : 'GET', 'a/b'),
				parameters: new Map([['id', `"${record.id}"`]]),
				timeoutMs: 30_000,
				renewSession,
				signal: record.signal,
			}).then(
				({ data }) => {
					record.outcome = { value: (data as { id?: string }).id };
				},
				(error: Error) => {
					record.outcome = { error };
				},
			),
		);
	};

	for (const happened of events) {
		distribution[happened.type] = (distribution[happened.type] ?? 0) + 1;
		switch (happened.type) {
			case 'call':
				call(happened.caller, happened.post, happened.renew);
				break;
			case 'answers':
				vendor.answer = happened.answer;
				break;
			case 'loginAnswers':
				vendor.loginAnswer = happened.answer;
				break;
			case 'endSessions':
				vendor.endSessions();
				break;
			case 'oneCode':
				vendor.hasOneCode = !vendor.hasOneCode;
				break;
			case 'test': {
				const test = { at: vendor.now(), endedAt: Infinity, identity: credentials().password };
				tests.push(test);
				pending.push(
					sessions
						.test(vendor.testClient, userLogin.read(credentials()))
						.catch(() => undefined)
						.then(() => (test.endedAt = vendor.now())),
				);
				break;
			}
			case 'edit':
				edits += 1;
				break;
			case 'stop':
				stops[happened.caller]!.abort();
				for (const record of calls) {
					if (record.signal === stops[happened.caller]!.signal && record.outcome === undefined)
						record.stoppedAt = Math.min(record.stoppedAt, vendor.now());
				}
				break;
			case 'settle':
				await jest.advanceTimersByTimeAsync(31_000);
				break;
			case 'advance':
				await jest.advanceTimersByTimeAsync(happened.ms);
				break;
			case 'stepWall':
				jest.setSystemTime(Date.now() + happened.ms);
				break;
		}
	}
	await jest.advanceTimersByTimeAsync(5 * MINUTE);
	await Promise.all(pending);
	pending = [];
	return { vendor, calls, tests };
}

type Replayed = Awaited<ReturnType<typeof replay>>;

const broken = (promise: string, what: string): never => {
	throw new Error(`${promise} is broken: ${what}`);
};

/** Checks each promise from the vendor's point of view. @throws Error naming the one that is broken */
function assertPromises({ vendor: { sends, logins }, calls, tests }: Replayed): void {
	for (const { id, post, outcome, stoppedAt } of calls) {
		const own = sends.filter(({ call }) => call === id);
		const [first] = own;
		if (outcome === undefined) broken('P13', `call ${id} never ended`);
		if (post && own.length > 1 && first!.answer !== '401') broken('P1', `POST ${id} was repeated`);
		if (own.length > (post ? 2 : MAX_SENDS))
			broken('P15', `call ${id} was sent ${own.length} times`);
		assertRetries(id, own);
		if (outcome!.value !== undefined && outcome!.value !== String(id))
			broken('P13', `call ${id} got the answer of ${String(outcome!.value)}`);
		const afterStop = own.filter(({ at }) => at > stoppedAt);
		if (afterStop.length > 0) broken('P8', `call ${id} was sent after Stop`);
		// If in doubt, the user sees the vendor's first answer, not that of a failed login.
		const isKnownToHaveEnded = sends.some(
			({ token, answer }) => token === first?.token && ENDS.includes(answer),
		);
		const isDoubt = first && DOUBTS.includes(first.answer) && !isKnownToHaveEnded;
		const error = outcome!.error;
		if (
			isDoubt &&
			own.length === 1 &&
			error &&
			stoppedAt === Infinity &&
			!error.message.includes(`for ${id}`)
		)
			broken('P2', `call ${id} failed with "${error.message}" after ${first.answer}`);
	}
	for (const send of sends) {
		const issued = sends.find(({ token }) => token === send.token)!;
		if (send.at - issued.at > LIFETIME) broken('P3', 'a session was used after its end');
	}
	assertGivenUp({ sends, calls, logins, tests });
	for (const identity of new Set(logins.map((login) => login.identity))) {
		assertLogins(
			logins.filter((login) => login.identity === identity),
			tests.filter((test) => test.identity === identity),
		);
	}
}

/** P15: a read is sent again after a wait if it met a hiccup, else only in another session. */
function assertRetries(id: number, own: readonly Send[]): void {
	own.slice(1).forEach((send, index) => {
		const before = own[index]!;
		const waited = send.at - before.endedAt;
		if (HICCUPS.includes(before.answer)) {
			if (waited < [400, 1_600][index]!) broken('P15', `call ${id} came again after ${waited} ms`);
		} else if (send.token === before.token) {
			broken('P15', `call ${id} was sent again in the same session after ${before.answer}`);
		}
	});
}

/**
 * P3: a session that is known to have ended is used by no call that begins later. P4: nor is one in doubt that
 * has served nothing for a minute, whatever was learned before. Both within the limits of P9, and the latter
 * unless the login fails.
 */
function assertGivenUp({
	sends,
	calls,
	logins,
}: Pick<Vendor, 'sends' | 'logins'> & Pick<Replayed, 'calls' | 'tests'>): void {
	const served = (token: string, from: number, to: number) =>
		sends.some(
			(send) =>
				send.token === token &&
				['good', 'slow'].includes(send.answer) &&
				send.endedAt > from &&
				send.endedAt <= to,
		);
	for (const { token, answer, endedAt, call } of sends) {
		const issuedAt = logins.find((login) => login.token === token)!.endedAt;
		const isKnown = ENDS.includes(answer);
		const isDoubted =
			DOUBTS.includes(answer) &&
			endedAt - issuedAt >= MINUTE &&
			!served(token, endedAt - MINUTE, endedAt);
		if (!(isKnown || isDoubted) || calls[call]!.stoppedAt <= endedAt) continue;
		// Other requests for logins within this minute may have used up what P9 allows.
		const others = sends.filter(
			(send) =>
				[...ENDS, ...DOUBTS].includes(send.answer) &&
				send.endedAt > endedAt - MINUTE - 5_000 &&
				send.endedAt <= endedAt &&
				!(send.call === call && send.token === token),
		);
		if (others.length >= MAX_RENEWALS) continue;
		const later = sends.find(
			(send) => send.token === token && send.at > endedAt && calls[send.call]!.startedAt > endedAt,
		);
		if (later === undefined) continue;
		const hasFailedLogin = logins.some(
			(login) =>
				login.identity === token.split('-').slice(1).join('-') &&
				login.at >= endedAt - 30_000 &&
				login.at <= later.at &&
				!['good', 'slow'].includes(login.outcome),
		);
		// The login failed, or is not repeated yet: the session in doubt stays.
		if (isDoubted && (hasFailedLogin || isBlocked(logins, token, later.at))) continue;
		broken(
			isKnown ? 'P3' : 'P4',
			`${token} was used by call ${later.call} after ${answer} of call ${call}`,
		);
	}
}

/** Whether a rejected login of the token's identity may still count (P6). */
function isBlocked(logins: readonly LoginRequest[], token: string, at: number): boolean {
	return logins.some(
		({ identity, outcome, endedAt }) =>
			identity === token.split('-').slice(1).join('-') &&
			['rejected', 'busy500'].includes(outcome) &&
			endedAt <= at &&
			at - endedAt < 15 * MINUTE,
	);
}

function assertLogins(
	logins: readonly LoginRequest[],
	tests: readonly { at: number; endedAt: number }[],
): void {
	const own = logins.filter(({ isTest }) => !isTest);
	own.forEach((login, index) => {
		const before = own.slice(0, index);
		if (before.some(({ endedAt }) => endedAt > login.at)) broken('P5', 'two logins at one time');
		// P6: a rejected login is not repeated for a minute, unless a test has been accepted meanwhile.
		const rejected = before.filter(
			({ outcome, endedAt }) =>
				['rejected', 'busy500'].includes(outcome) && login.at - endedAt < MINUTE - 1,
		);
		const since = rejected.at(-1)?.endedAt;
		const isCured = logins.some(
			({ outcome, endedAt }) =>
				['good', 'slow'].includes(outcome) &&
				since !== undefined &&
				endedAt >= since &&
				endedAt <= login.at,
		);
		if (since !== undefined && !isCured) broken('P6', 'a rejected login was repeated');
		// P6: nor more than three times within 15 minutes.
		const failed = [...before, login].filter(
			({ outcome, endedAt }) =>
				['rejected', 'busy500'].includes(outcome) && endedAt > login.at - 15 * MINUTE,
		);
		const isGoodSince = logins.some(
			({ outcome, endedAt }) =>
				['good', 'slow'].includes(outcome) &&
				endedAt >= (failed[0]?.endedAt ?? Infinity) &&
				endedAt <= login.at,
		);
		if (failed.length > MAX_REJECTIONS && !isGoodSince)
			broken('P6', `a login was rejected ${failed.length} times within 15 minutes`);
		// P9: two in answer to failures, the first one, and one for each test that put the session in doubt.
		const recent = own.filter(({ at }) => at > login.at - MINUTE && at <= login.at);
		const accepted = recent.filter(({ outcome }) => ['good', 'slow'].includes(outcome));
		const tested = tests.filter(
			({ at, endedAt }) => endedAt > login.at - 2 * MINUTE && at <= login.at,
		);
		if (accepted.length > 1 + MAX_RENEWALS + tested.length)
			broken('P9', `${accepted.length} logins were accepted within a minute`);
	});
}

describe('random histories of events', () => {
	beforeEach(() => {
		jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
		jest.spyOn(AbortSignal, 'timeout').mockImplementation(() => new AbortController().signal);
	});
	afterEach(() => {
		jest.useRealTimers();
	});
	afterAll(() => {
		if (process.env['HISTORIES']) console.log(histories, 'histories', distribution);
	});

	it('keeps the promises of sessions in random histories (P1 to P6, P8, P9, P13, P15)', async () => {
		const property = fc.asyncProperty(
			fc.array(event, { minLength: MIN_EVENTS, maxLength: MAX_EVENTS }),
			async (events) => assertPromises(await replay(events)),
		);
		await fc.assert(property, { numRuns: HISTORIES, ...SEED });
	});
});
