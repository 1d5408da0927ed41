/** What an unattended run needs: failures as data, reads that survive, visible rejections, a log. */
import { describe, expect, it, jest } from '@jest/globals';
import { LoggerProxy } from 'n8n-workflow';

import { rowsOf } from '../fakes/crmCom.mts';
import { mapper, method } from '../harness/parameters.mts';
import {
	advanceClock,
	aureaCredential,
	expectAbsent,
	items,
	outputOf,
	MINUTE,
	useEngine,
	userCredential,
} from './useEngine.mts';

const harness = useEngine();
const LOGIN = 'authentication/token';
const SHOW = 'contact_information/show';
const CREATE = 'contact_information/create';
const LIST = 'access_tokens/list';
const BULK = 'customer_events/bulk/achievements/create';
const CONTINUE = { onError: 'continueRegularOutput' } as const;

const run = async (parameters: object, more: object = {}) =>
	await harness.runCrmCom({ operation: 'callMethod', ...parameters }, more);
const show = (number = 'CI000111') => ({
	method: method(`GET ${SHOW}`),
	parameters: mapper({ contact_information_identifier: `=number=${number}` }),
});
const create = {
	method: method(`POST ${CREATE}`),
	specifyParameters: 'json',
	jsonParameters: '{"type":"PERSON"}',
};
const list = (options: object = {}) => ({
	operation: 'getMany',
	method: method(`GET ${LIST}`),
	parameters: mapper({ accounts_receivable_identifier: 'number=192' }),
	returnAll: true,
	options,
});
const bulk = (options: object = {}) => ({
	method: method(`POST ${BULK}`),
	parameters: mapper({ achievement_customer_events_set: '[{}]' }),
	options,
});
const counts = () => harness.fakes.calls.counts();

describe('a failure as data (P16)', () => {
	const errorsOf = async (parameters: object, more: object = {}) =>
		outputOf(await run(parameters, { settings: CONTINUE, ...more })).map(({ error }) => error);

	it('has the words, the advice and the code of the vendor', async () => {
		expect(await errorsOf(show('CI9'))).toEqual([
			{
				message: 'The contact information was not found',
				description: 'Check the parameters of the method',
				httpCode: null,
				code: 'COM.CRM.EXCEPTION.CONTACTINFORMATION.CONTACTNOTFOUNDEXCEPTION',
				mayBeDone: false,
			},
		]);
	});

	it("has the HTTP status in n8n's form, and plain text for what the editor shows as HTML", async () => {
		harness.fakes.faults.plan(CREATE, {
			kind: 'status',
			status: 409,
			body: { status: { code: 'A', message: 'No <unit>', description: 'Use <b>other</b>' } },
		});
		expect(await errorsOf(create)).toEqual([
			{
				message: 'No ‹unit›',
				description: 'Check the parameters of the method. Use <b>other</b>',
				httpCode: '409',
				code: 'A',
				mayBeDone: false,
			},
		]);
	});

	it.each([
		['a POST whose connection broke', create, CREATE, { kind: 'reset' }, true],
		['a POST that was answered 502', create, CREATE, { kind: 'status', status: 502 }, true],
		[
			'a POST that was rejected with 500',
			create,
			CREATE,
			{ kind: 'status', status: 500, body: { status: { code: 'NO' } } },
			true,
		],
		['a POST that was answered 403', create, CREATE, { kind: 'status', status: 403 }, false],
		[
			'a POST that was rejected',
			create,
			CREATE,
			{ kind: 'status', status: 200, body: { status: { code: 'NO' } } },
			false,
		],
		['a POST before whose login the connection broke', create, LOGIN, { kind: 'reset' }, false],
		['a GET whose connection broke', show(), SHOW, { kind: 'reset' }, false],
	] as const)(
		'says whether it may have been carried out: %s',
		async (_what, call, name, fault, mayBeDone) => {
			jest.spyOn(Math, 'random').mockReturnValue(0);
			harness.fakes.faults.plan(name, fault);
			expect(await errorsOf(call)).toEqual([expect.objectContaining({ mayBeDone })]);
		},
	);

	it('says that a call was carried out if its response cannot be returned', async () => {
		harness.fakes.crmCom.answers.set(BULK, { other: 1 });
		expect(await errorsOf({ ...bulk({ listField: 'none' }) })).toEqual([
			expect.objectContaining({ mayBeDone: true }),
		]);
	});

	it('says that a call that was not sent was not carried out', async () => {
		const empty = { ...show(), parameters: mapper({}) };
		expect(await errorsOf(empty)).toEqual([
			expect.objectContaining({ code: null, httpCode: null, mayBeDone: false }),
		]);
		expect(counts()).toEqual({});
	});

	it('has the same form at Aurea', async () => {
		const outcome = await harness.runAurea(
			{ operation: 'listOrganizations' },
			{
				credential: aureaCredential(harness.fakes, { password: 'wrong-Pa55' }),
				settings: CONTINUE,
			},
		);
		expect(outputOf(outcome)).toEqual([
			{
				error: {
					message: 'Invalid username or password',
					description: expect.stringContaining("Check 'User Name' and 'Password'"),
					httpCode: '401',
					code: null,
					mayBeDone: false,
				},
			},
		]);
	});

	it('goes to the error output complete, beside the fields of its input item', async () => {
		const outcome = await run(show('{{ $json.number }}'), {
			settings: { onError: 'continueErrorOutput' },
			items: [{ number: 'CI000111' }, { number: 'CI9', order: 7 }],
		});
		expect(outcome.items).toHaveLength(1);
		expect(outcome.errorItems.map(({ json }) => json)).toEqual([
			{
				number: 'CI9',
				order: 7,
				error: expect.objectContaining({
					message: 'The contact information was not found',
					mayBeDone: false,
				}),
			},
		]);
	});
});

describe('a read that meets a hiccup (P15)', () => {
	const quick = () => jest.spyOn(Math, 'random').mockReturnValue(0);
	const fill = (count: number) => harness.fakes.crmCom.lists.set(LIST, rowsOf(count));
	const at =
		(offset: number) =>
		({ url }: { url: string }) =>
			new URL(url, 'http://vendor').searchParams.get('offset') === String(offset);

	it('reads a list whole and in order past a 503, a reset and a 429', async () => {
		quick();
		fill(1_500);
		harness.fakes.faults.plan(LIST, { kind: 'status', status: 503 }, 1, at(300));
		harness.fakes.faults.plan(LIST, { kind: 'reset' }, 1, at(800));
		const headers = { 'Retry-After': '0' };
		harness.fakes.faults.plan(LIST, { kind: 'status', status: 429, headers }, 1, at(1_400));
		const outcome = await harness.runCrmCom(list());
		expect(outcome.error).toBeUndefined();
		expect(outputOf(outcome).map(({ reference_number: number }) => number)).toEqual(
			Array.from({ length: 1_500 }, (_, index) => `R-${index + 1}`),
		);
		expect(counts()[LOGIN]).toBe(1);
		// 15 pages, three of them twice, and what was requested in vain.
		expect(counts()[LIST]).toBeLessThanOrEqual(18 + 6);
	});

	it('sends a call three times at most, the repeat after a renewal among them', async () => {
		quick();
		await run(show());
		harness.fakes.crmCom.endAllSessions();
		harness.fakes.faults.plan(SHOW, { kind: 'status', status: 502 }, Infinity, ({ url }) =>
			[...harness.fakes.crmCom.sessions.keys()].some((token) => url.includes(token)),
		);
		expect((await run(show())).error?.description).toContain('HTTP 502');
		expect(counts()).toEqual({ [LOGIN]: 2, [SHOW]: 1 + 3 });
	});

	it('does not repeat the third send in a new session, but makes one for the next call (P3)', async () => {
		quick();
		harness.fakes.faults.plan(SHOW, { kind: 'status', status: 503 }, 2);
		harness.fakes.faults.plan(SHOW, { kind: 'status', status: 401 }, 1);
		expect((await run(show())).error?.description).toBe(
			'The session has ended. The next call logs in, but this one was not repeated, since it was sent 3 times',
		);
		expect(counts()).toEqual({ [LOGIN]: 1, [SHOW]: 3 });
		expect((await run(show())).error).toBeUndefined();
		expect(counts()).toEqual({ [LOGIN]: 2, [SHOW]: 4 });
	});

	it('does not doubt a session because of a busy server, with an envelope or without (P4)', async () => {
		quick();
		await run(show());
		advanceClock(5 * MINUTE);
		const body = { status: { code: 'BUSY', message: 'Busy' } };
		harness.fakes.faults.plan(SHOW, { kind: 'status', status: 503, body }, 1);
		harness.fakes.faults.plan(SHOW, { kind: 'status', status: 503 }, 1);
		expect((await run(show())).error).toBeUndefined();
		expect(counts()).toEqual({ [LOGIN]: 1, [SHOW]: 4 });
	});

	it.each([
		['a POST', create, CREATE, { kind: 'status', status: 503 }],
		[
			'a list by POST',
			{ method: method('POST subscriptions/list') },
			'subscriptions/list',
			{ kind: 'reset' },
		],
		['a timeout', { ...show(), options: { timeout: 200 } }, SHOW, { kind: 'hang' }],
		['HTTP 500', show(), SHOW, { kind: 'status', status: 500 }],
	] as const)('does not repeat %s', async (_what, call, name, fault) => {
		harness.fakes.faults.plan(name, fault);
		expect((await run(call)).error).toBeDefined();
		expect(harness.fakes.calls.count(name)).toBe(1);
	});

	it('names a requested wait that is too long', async () => {
		const headers = { 'Retry-After': '31' };
		harness.fakes.faults.plan(SHOW, { kind: 'status', status: 429, headers });
		const { error } = await run(show());
		expect(error?.description).toContain('It asks to wait 31 s (Retry-After)');
		expect(harness.fakes.calls.count(SHOW)).toBe(1);
	});

	it('makes only 210 calls for 200 items to a server that stays busy', async () => {
		quick();
		harness.fakes.faults.plan(SHOW, { kind: 'status', status: 503 });
		const outcome = await run(show(), { items: items(200), settings: CONTINUE });
		expect(outputOf(outcome)).toHaveLength(200);
		expect(counts()).toEqual({ [LOGIN]: 1, [SHOW]: 210 });
	});

	it('names the wait that the vendor itself asks for, beside its own words', async () => {
		const body = { status: { code: 'BUSY', message: 'Busy' } };
		const headers = { 'Retry-After': '31' };
		harness.fakes.faults.plan(SHOW, { kind: 'status', status: 503, body, headers });
		const { error } = await run(show());
		expect(error).toMatchObject({ message: 'Busy' });
		expect(error?.description).toContain('31 s');
		expect(harness.fakes.calls.count(SHOW)).toBe(1);
	});

	it('fails 200 items with few attempts when a server refuses connections', async () => {
		quick();
		await run(show());
		const credential = userCredential(harness.fakes);
		await harness.fakes.stop();
		const waits = jest.spyOn(LoggerProxy, 'debug');
		const outcome = await run(show(), { credential, settings: CONTINUE, items: items(200) });
		expect(outputOf(outcome)).toHaveLength(200);
		const repeated = waits.mock.calls.filter(([line]) => line.includes('is sent again'));
		expect(repeated.length).toBeLessThanOrEqual(10);
	});

	it('ends its wait with Stop (P8)', async () => {
		harness.fakes.faults.plan(SHOW, {
			kind: 'status',
			status: 503,
			headers: { 'Retry-After': '30' },
		});
		await run(show(), {
			onStart: (stop: () => void) => harness.fakes.calls.onCall(SHOW, () => setTimeout(stop, 50)),
		});
		expect(harness.fakes.calls.count(SHOW)).toBe(1);
	});
});

describe('rejections in a success (P17)', () => {
	const refused = {
		request_unique_identifier: 'E1',
		error_code: 'DUPLICATE',
		error_description: 'Twice',
	};
	const answer = (processed: object[]) =>
		harness.fakes.crmCom.answers.set(BULK, {
			processed_events_set: processed,
			unprocessed_events_set: [refused],
		});

	it('warns beside the output and in the log', async () => {
		const warn = jest.spyOn(LoggerProxy, 'warn').mockImplementation(() => undefined);
		answer([{ id: 1 }]);
		const outcome = await run(bulk());
		expect(outcome.error).toBeUndefined();
		expect(outcome.hints).toEqual(['CRM.COM has refused 1 of 2 entries: E1: Twice']);
		expect(warn.mock.calls.map(([line]) => line)).toEqual([
			`crmComUserLoginApi at ${new URL(harness.fakes.crmCom.url).host}: POST ${BULK} refused 1 of 2 entries`,
		]);
	});

	it('fails if the option asks for it, and says what was carried out', async () => {
		const more = { settings: CONTINUE };
		answer([{ id: 1 }]);
		const fails = bulk({ failOnPartialErrors: true });
		expect(outputOf(await run(fails, more))).toEqual([
			{
				error: {
					message: 'CRM.COM has refused 1 of 2 entries: E1: Twice',
					description: 'Send only the refused entries again: 1 was carried out',
					httpCode: null,
					code: 'DUPLICATE',
					mayBeDone: true,
				},
			},
		]);
		answer([]);
		expect(outputOf(await run(fails, more))).toEqual([
			{ error: expect.objectContaining({ mayBeDone: false }) },
		]);
	});

	it('takes no field of a record that was read for refused entries', async () => {
		const body = { status: { code: 'OK' }, data: { unprocessed_events_set: [refused] } };
		harness.fakes.faults.plan(SHOW, { kind: 'status', status: 200, body });
		expect((await run(show())).hints).toEqual([]);
	});

	it('shows what the vendor says beside OK', async () => {
		const body = { status: { code: 'OK', message: 'Ἀποθηκεύτηκε' }, data: { a: 1 } };
		harness.fakes.faults.plan(SHOW, { kind: 'status', status: 200, body });
		expect((await run(show())).hints).toEqual(['CRM.COM says: Ἀποθηκεύτηκε']);
	});
});

describe('the log', () => {
	it('explains each login, without a user name or a secret', async () => {
		const lines: string[] = [];
		for (const level of ['debug', 'warn'] as const) {
			jest.spyOn(LoggerProxy, level).mockImplementation((line) => {
				lines.push(`${level} ${line}`);
			});
		}
		jest.spyOn(Math, 'random').mockReturnValue(0.5);
		const credential = userCredential(harness.fakes);
		await run(show());
		harness.fakes.faults.plan(SHOW, { kind: 'status', status: 503 }, 1);
		await run(show());
		harness.fakes.crmCom.endAllSessions();
		await run(show());
		advanceClock(60 * MINUTE);
		await run(show());
		harness.fakes.faults.plan(LOGIN, { kind: 'status', status: 503 }, 1);
		await run({ operation: 'getToken' });
		const wrong = userCredential(harness.fakes, { password: 'wrong-Pa55' });
		for (let time = 0; time < 2; time++) await run(show(), { credential: wrong });
		await harness.engine.testCredential(credential.type, credential.data);
		const account = `crmComUserLoginApi at ${new URL(harness.fakes.crmCom.url).host}`;
		expect(lines.filter((line) => line.includes(account))).toEqual([
			`debug ${account}: logged in since there was no session`,
			`debug ${account}: GET ${SHOW} failed (HTTP 503), and is sent again in 0.5 s`,
			`debug ${account}: the session has ended (COM.CRM.EXCEPTION.SECURITY.SESSIONEXPIREDEXCEPTION), so the next request logs in`,
			`debug ${account}: logged in since the session has ended`,
			`debug ${account}: logged in since the session was over`,
			`debug ${account}: login failed (HTTP 503), and is tried once more`,
			`debug ${account}: logged in for an operation`,
			`warn ${account}: login rejected (COM.CRM.EXCEPTION.SECURITY.INVALIDCREDENTIALSEXCEPTION), and not repeated for 1 min`,
			`debug ${account}: login not repeated for another 1 min`,
			`debug ${account}: logged in for a test`,
		]);
		const { username, password } = credential.data;
		expectAbsent(
			lines.join('\n'),
			String(password),
			'wrong-Pa55',
			...harness.fakes.crmCom.sessions.keys(),
		);
		expect(lines.join('\n')).not.toContain(`"${String(username)}"`);
	});

	it('does not contain a code that repeats the request', async () => {
		const lines: string[] = [];
		for (const level of ['debug', 'warn'] as const) {
			jest.spyOn(LoggerProxy, level).mockImplementation((line) => {
				lines.push(line);
			});
		}
		await run(show());
		harness.fakes.faults.plan(SHOW, { kind: 'echo', status: 401 });
		harness.fakes.faults.plan(LOGIN, { kind: 'echo', status: 400 });
		await run(show());
		expect(lines.filter((line) => line.includes('(HTTP 40'))).toHaveLength(2);
		expect(lines.join('\n')).not.toMatch(/CI000111|CRMDEMO/);
	});
});
