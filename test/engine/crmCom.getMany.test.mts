import { describe, expect, it, jest } from '@jest/globals';

import { CrmCom, rowsOf } from '../fakes/crmCom.mts';
import { mapper, method } from '../harness/parameters.mts';
import { items, outputOf, MINUTE, advanceClock, pairsOf, useEngine } from './useEngine.mts';

const harness = useEngine();
const LOGIN = 'authentication/token';
/** A method with page parameters (documented). */
const PAGED = 'currencies/list';
/** A method for which page parameters are not documented. */
const UNKNOWN = 'payments/list';
/** A method without page parameters (documented). */
const UNPAGED = 'communications/configuration/categories/list';

type Run = Parameters<typeof harness.engine.run>[0];

const getMany = async (parameters: object = {}, more: Partial<Run> = {}) =>
	await harness.runCrmCom(
		{ operation: 'getMany', method: method(`GET ${PAGED}`), returnAll: true, ...parameters },
		more,
	);
const PAGES_IGNORED =
	'The server ignores the parameters of a page, so it is not certain that it has returned all rows.';
const PAGES_REJECTED =
	'The server rejects the parameters of a page, so it is not certain that it has returned all rows.';
const ofAccount = mapper({ accounts_receivable_identifier: 'number=192' });
const payments = { method: method(`GET ${UNKNOWN}`), parameters: ofAccount };

/** An answer with this data. */
const page = (data: unknown) =>
	({ kind: 'status', status: 200, body: { status: { code: 'OK' }, data } }) as const;
/** A code that may be about anything. */
const busy = {
	kind: 'status',
	status: 200,
	body: { status: { code: 'BUSY', message: 'Busy' } },
} as const;

const fill = (count: number, path = PAGED) => harness.fakes.crmCom.lists.set(path, rowsOf(count));
const alike = (count: number, path = PAGED) =>
	harness.fakes.crmCom.lists.set(
		path,
		Array.from({ length: count }, () => ({ name: 'the same' })),
	);
const numbersOf = (outcome: Awaited<ReturnType<typeof getMany>>) =>
	new Set(outputOf(outcome).map(({ number }) => number)).size;
const pagesOf = (path = PAGED) =>
	harness.fakes.calls.of(path).map(({ url }) => {
		const { searchParams } = new URL(url, 'http://v');
		return [searchParams.get('number_of_results'), searchParams.get('offset')].map(
			(text) => text && Number(text),
		);
	});

describe('a page that was requested ahead and fails', () => {
	const fails = async (
		fault: Parameters<typeof harness.fakes.faults.plan>[1],
		options: object = {},
	) => {
		jest.spyOn(Math, 'random').mockReturnValue(0);
		fill(1_500);
		harness.fakes.faults.plan(PAGED, fault, Infinity, ({ url }) => url.includes('offset=700'));
		const { error } = await getMany({ options });
		return { error, sends: pagesOf().filter(([, offset]) => offset === 700).length };
	};

	it.each([
		['a busy server', { kind: 'status', status: 503 }, 3],
		[
			'a server that asks for a minute',
			{ kind: 'status', status: 429, headers: { 'Retry-After': '60' } },
			1,
		],
	] as const)(
		'is sent to %s no more often than any other read (P15)',
		async (_what, fault, sends) => {
			expect(await fails(fault)).toMatchObject({ sends, error: { name: 'NodeApiError' } });
		},
	);

	it('is not repeated after a timeout (P15)', async () => {
		expect(await fails({ kind: 'hang' }, { timeout: 1_500 })).toMatchObject({ sends: 1 });
	});
});

describe('Get Many', () => {
	it.each([
		[0, 1],
		[1, 2],
		[99, 2],
		[100, 3],
		[101, 3],
		[250, 4],
		[10_000, 101],
	])('reads %d rows, each once and in order, in %d calls (P13)', async (count, calls) => {
		fill(count);
		const outcome = await getMany();
		expect(outputOf(outcome)).toEqual(harness.fakes.crmCom.lists.get(PAGED));
		expect(pairsOf(outcome)).toEqual(items(count, () => ({ item: 0 })));
		// Pages requested ahead in vain come on top.
		expect(harness.fakes.calls.count(LOGIN)).toBe(1);
		const asked = harness.fakes.calls.count(PAGED);
		expect([asked >= calls, asked <= calls + 4]).toEqual([true, true]);
		expect(harness.fakes.calls.mostAtOnce(PAGED)).toBeLessThanOrEqual(5);
		expect(outcome.hints).toEqual([]);
	});

	it('reads a server that caps its pages whole', async () => {
		fill(250);
		harness.fakes.crmCom.maxPage = 50;
		expect(numbersOf(await getMany())).toBe(250);
		expect(pagesOf().slice(0, 6)).toEqual(
			[0, 50, 100, 150, 200, 250].map((offset) => [100, offset]),
		);
	});

	it.each([[100], [101], [250]])(
		'reads %d rows that look alike, and asks once more',
		async (count) => {
			alike(count);
			const outcome = await getMany();
			expect(outcome.items).toHaveLength(count);
			expect(harness.fakes.calls.count(PAGED)).toBeLessThanOrEqual(Math.ceil(count / 100) + 3);
		},
	);

	it.each([
		['ignored', 30, 3],
		['ignored', 99, 3],
		['ignored', 100, 4],
		['ignored', 250, 3],
		['offsetIgnored', 30, 3],
		['offsetIgnored', 100, 4],
		['offsetIgnored', 250, 4],
	] as const)(
		'reads a whole list whose page parameters are %s, of %d rows',
		async (paging, count, calls) => {
			fill(count);
			harness.fakes.crmCom.paging = paging;
			const outcome = await getMany();
			expect(outputOf(outcome)).toEqual(harness.fakes.crmCom.lists.get(PAGED));
			expect(harness.fakes.calls.count(PAGED)).toBeLessThanOrEqual(calls);
		},
	);

	it('stops at the limit, and says that there may be more', async () => {
		fill(500);
		const outcome = await getMany({ returnAll: false, limit: 120 });
		expect(numbersOf(outcome)).toBe(120);
		expect(pagesOf()).toEqual([
			[100, 0],
			[20, 100],
		]);
		expect(outcome.hints).toEqual([
			"The list may have more rows. Turn on 'Return All', or raise 'Limit', to get them.",
		]);
	});

	it('says both that the limit has cut a list and that it may not be whole', async () => {
		harness.fakes.crmCom.lists.set('leads/list', rowsOf(80, 'L'));
		const { hints } = await harness.runCrmCom({
			operation: 'getMany',
			method: method('GET leads/list'),
		});
		expect(hints).toEqual([
			expect.stringContaining('not certain that it has returned all rows'),
			expect.stringContaining('The list may have more rows'),
		]);
	});

	it.each([[50], [101], [102]])('reads up to a limit of %d when rows look alike', async (limit) => {
		alike(150);
		const outcome = await getMany({ returnAll: false, limit });
		expect(outcome.items).toHaveLength(limit);
	});

	it.each([[{ returnAll: true }], [{ returnAll: false, limit: 50 }]])(
		'says with %j that a list may not be whole if the offset is ignored',
		async (wanted) => {
			fill(30);
			harness.fakes.crmCom.paging = 'offsetIgnored';
			const outcome = await getMany(wanted);
			expect(outcome.items).toHaveLength(30);
			expect(outcome.hints).toEqual([PAGES_IGNORED]);
		},
	);

	it('says nothing of more rows when the list has ended before the limit', async () => {
		fill(20);
		const outcome = await getMany({ returnAll: false });
		expect(outcome.items).toHaveLength(20);
		expect(outcome.hints).toEqual([]);
	});

	it('calls a method that has no pages once, without page parameters', async () => {
		fill(120, UNPAGED);
		const outcome = await getMany({
			method: method(`GET ${UNPAGED}`),
			returnAll: false,
			limit: 100,
		});
		expect(outcome.error).toBeUndefined();
		expect(outcome.items).toHaveLength(100);
		expect(outcome.hints).toHaveLength(1);
		expect(pagesOf(UNPAGED)).toEqual([[null, null]]);
	});

	it('calls a method that refuses pages once more without them, if the documentation does not say', async () => {
		fill(120, UNKNOWN);
		harness.fakes.crmCom.paging = 'refused';
		const outcome = await getMany(payments);
		expect(numbersOf(outcome)).toBe(120);
		expect(outcome.hints).toEqual([PAGES_REJECTED]);
		expect(pagesOf(UNKNOWN)).toEqual([
			[100, 0],
			[null, null],
			[100, 0],
		]);
		// Before R13, documented pages are not known either.
		fill(120);
		const documented = await getMany();
		expect(numbersOf(documented)).toBe(120);
		expect(documented.hints).toEqual([PAGES_REJECTED]);
	});

	it('does not take the default page of a server that was only busy for the whole list (P13)', async () => {
		fill(250, UNKNOWN);
		harness.fakes.crmCom.maxPage = 50;
		harness.fakes.faults.plan(UNKNOWN, busy, 1);
		const outcome = await getMany(payments);
		expect(numbersOf(outcome)).toBe(250);
		expect(outcome.hints).toEqual([]);
	});

	it('fails when a page after the first is rejected, even if reading has restarted (P13)', async () => {
		fill(250, UNKNOWN);
		let calls = 0;
		harness.fakes.faults.plan(UNKNOWN, busy, Infinity, () => [1, 4].includes(++calls));
		const outcome = await getMany(payments);
		expect(outcome.error?.message).toBe('Busy');
		expect(outcome.items).toEqual([]);
		expect(harness.fakes.calls.count(UNKNOWN)).toBeLessThanOrEqual(5);
	});

	it("asks nothing more after a session has ended, with 'Retry If Session Has Ended' off (P3, P13)", async () => {
		fill(120, UNKNOWN);
		const wanted = { ...payments, options: { renewSession: false } };
		expect(numbersOf(await getMany(wanted))).toBe(120);
		harness.fakes.crmCom.sessions.clear();
		const calls = harness.fakes.calls.count(UNKNOWN);
		const ended = await getMany(wanted);
		expect(ended.error?.description).toContain(
			"not repeated, since 'Retry If Session Has Ended' is off",
		);
		expect(harness.fakes.calls.count(UNKNOWN)).toBe(calls + 1);
		expect(numbersOf(await getMany(wanted))).toBe(120);
	});

	it.each([
		[{ total: 2 }, 'The response has no list payments'],
		[{ payments: null, total: 2 }, undefined],
	])('takes %j after the last row as the end of the list', async (end, beforeAnyRow) => {
		harness.fakes.faults.plan(PAGED, page({ payments: [{ a: 1 }, { a: 2 }], total: 2 }), 1);
		harness.fakes.faults.plan(PAGED, page(end), 2);
		const options = { listField: ' payments ' };
		expect(outputOf(await getMany({ options }))).toEqual([{ a: 1 }, { a: 2 }]);
		expect((await getMany({ options })).error?.message).toBe(beforeAnyRow);
	});

	it('shows the first rejection when the call without pages fails as well', async () => {
		harness.fakes.faults.plan(UNKNOWN, busy);
		expect((await getMany(payments)).error?.message).toBe('Busy');
		expect(harness.fakes.calls.count(UNKNOWN)).toBe(2);
	});

	it.each([['POST not/known'], ['POST payments/create'], ['POST vouchers/purchase_evoucher']])(
		'sends nothing for %s, which may change something (P1)',
		async (name) => {
			expect((await getMany({ method: method(name) })).error).toMatchObject({
				message: expect.stringMatching(
					/is not documented as a list, so Get Many does not repeat it$/,
				),
				description: 'Nothing was sent. Use the operation Call Method, which sends it once',
			});
			expect(harness.fakes.calls.all).toEqual([]);
		},
	);

	it('reads a method that is not documented, page by page', async () => {
		harness.fakes.faults.plan('not/known', page([{ a: 1 }, { a: 2 }]), 1);
		harness.fakes.faults.plan('not/known', page([]), 1);
		const outcome = await getMany({ method: method('GET not/known') });
		expect(outputOf(outcome)).toEqual([{ a: 1 }, { a: 2 }]);
		expect(pagesOf('not/known')).toEqual([
			[100, 0],
			[100, 2],
		]);
	});

	it('names Page Size if it is not a number', async () => {
		const { error } = await getMany({ options: { pageSize: 0 } });
		expect(error?.message).toBe("'Page Size' must be a whole number of at least 1");
	});

	it('calls a method that is not documented once more without pages if it refuses them', async () => {
		const rejection = { status: { code: 'NO', message: 'No pages' } };
		harness.fakes.faults.plan('not/known', { kind: 'status', status: 200, body: rejection }, 1);
		harness.fakes.faults.plan('not/known', {
			kind: 'status',
			status: 200,
			body: { status: { code: 'OK' }, data: [{ a: 1 }] },
		});
		expect(outputOf(await getMany({ method: method('GET not/known') }))).toEqual([{ a: 1 }]);
	});

	it('asks once only when the first page fails for another reason, or a later page is refused', async () => {
		fill(120, UNKNOWN);
		harness.fakes.faults.plan(UNKNOWN, { kind: 'status', status: 500 }, 1);
		expect((await getMany(payments)).error?.description).toContain('HTTP 500');
		expect(harness.fakes.calls.count(UNKNOWN)).toBe(1);
		harness.fakes.faults.plan(
			UNKNOWN,
			{ kind: 'status', status: 200, body: { status: { code: 'NO', message: 'No more' } } },
			1,
			({ url }) => url.includes('offset=100'),
		);
		expect((await getMany(payments)).error?.message).toBe('No more');
		// The two pages, and the check whether that is the end.
		expect(harness.fakes.calls.count(UNKNOWN)).toBe(4);
	});

	it('sends a refused POST once only (P1)', async () => {
		harness.fakes.crmCom.paging = 'refused';
		const outcome = await getMany({ method: method('POST subscriptions/list') });
		expect(outcome.error?.message).toBe('The parameter offset is not known');
		expect(harness.fakes.calls.count('subscriptions/list')).toBe(1);
	});

	it('reads a list by POST, with the page parameters as numbers in the body', async () => {
		fill(150, 'subscriptions/list');
		expect(numbersOf(await getMany({ method: method('POST subscriptions/list') }))).toBe(150);
		const bodies = harness.fakes.calls.of('subscriptions/list').map(({ body }) => body);
		expect(bodies.map((body) => JSON.parse(body) as object)).toEqual(
			[0, 100, 150].map((offset) => expect.objectContaining({ number_of_results: 100, offset })),
		);
	});

	it('reads the only list in a response, or the one that Field to Split Out names', async () => {
		fill(120);
		harness.fakes.crmCom.listMember = 'currencies';
		expect(numbersOf(await getMany())).toBe(120);
		harness.fakes.faults.plan(PAGED, {
			kind: 'status',
			status: 200,
			body: { status: { code: 'OK' }, data: { a: [], b: [] } },
		});
		expect((await getMany()).error).toMatchObject({
			message: 'The response has no list, or more than one',
			description: "It has a, b: enter one of them in the option 'Field to Split Out'",
		});
		expect((await getMany({ options: { listField: ' b ' } })).items).toEqual([]);
	});

	it.each([
		['offset', mapper({ offset: '10' }), {}],
		['number_of_results', mapper({}), { parameter: [{ name: 'number_of_results', value: '5' }] }],
	])('does not let the user set %s', async (name, parameters, additionalParameters) => {
		const { error } = await getMany({ parameters, additionalParameters });
		expect(error).toMatchObject({
			message: `The parameter '${name}' is set by Get Many`,
			description:
				"Remove it, or leave it out of 'Fields to Send', and use 'Limit' and the option 'Page Size'. To read a single page, use the operation Call Method",
		});
		expect(harness.fakes.calls.all).toEqual([]);
	});

	it('reports a missing mandatory parameter before anything is sent', async () => {
		const { error } = await getMany({ method: method(`GET ${UNKNOWN}`) });
		expect(error?.message).toBe(
			"GET payments/list needs 'Account' (accounts_receivable_identifier)",
		);
		expect(harness.fakes.calls.all).toEqual([]);
	});

	it('reads the lists of several items, each paired with its own', async () => {
		fill(3);
		const outcome = await getMany({}, { items: items(4) });
		expect(pairsOf(outcome)).toEqual(
			[0, 1, 2, 3].flatMap((item) => [{ item }, { item }, { item }]),
		);
		expect(harness.fakes.calls.count(LOGIN)).toBe(1);
	});

	it('renews a session that ends between two pages, and loses no row', async () => {
		fill(300);
		const { answer } = harness.fakes.crmCom;
		let asked = 0;
		harness.fakes.crmCom.answer = (request) => {
			if (request.path.endsWith(PAGED) && ++asked === 2) {
				advanceClock(5 * MINUTE);
				harness.fakes.crmCom.endAllSessions();
			}
			return answer.call(harness.fakes.crmCom, request);
		};
		expect(numbersOf(await getMany())).toBe(300);
		expect(harness.fakes.calls.count(LOGIN)).toBe(2);
	});

	it('requests no further page when the user stops the execution (P8)', async () => {
		fill(500);
		await getMany(
			{ options: { pageSize: 5 } },
			{
				settings: { onError: 'continueRegularOutput' },
				onStart: (stop) => harness.fakes.calls.onCall(PAGED, stop),
			},
		);
		await new Promise((resolve) => setTimeout(resolve, 100));
		expect(harness.fakes.calls.count(PAGED)).toBe(1);
	});

	it('fails if a list may not be whole and the option asks for that', async () => {
		fill(120);
		harness.fakes.crmCom.paging = 'refused';
		const { error } = await getMany({ options: { failIfIncomplete: true } });
		expect(error).toMatchObject({
			message: PAGES_REJECTED.slice(0, -1),
			description: expect.stringContaining("'Fail If Incomplete'"),
		});
		harness.fakes.crmCom.paging = 'documented';
		expect((await getMany({ options: { failIfIncomplete: true } })).error).toBeUndefined();
		// A limit that the user set raises no doubt.
		const limited = { returnAll: false, limit: 5, options: { failIfIncomplete: true } };
		expect((await getMany(limited)).items).toHaveLength(5);
	});

	it('names Page Size in a doubt, too, if the server says that it is about the size', async () => {
		fill(120);
		const body = { status: { code: 'TOOMANY', message: 'At most 50 rows for number_of_results' } };
		harness.fakes.faults.plan(PAGED, { kind: 'status', status: 200, body }, Infinity, ({ url }) =>
			url.includes('number_of_results'),
		);
		expect((await getMany()).hints).toEqual([
			`${PAGES_REJECTED.slice(0, -1)}. If it allows smaller pages, lower the option 'Page Size'.`,
		]);
	});

	it.each([
		['number_of_results must not be greater than 50', true],
		['At most 100 rows, please, and fewer are better', true],
		['At most 1000 rows', false],
	])('names Page Size if the server says: %s', async (message, isNamed) => {
		harness.fakes.faults.plan(PAGED, {
			kind: 'status',
			status: 200,
			body: { status: { code: 'TOOMANY', message } },
		});
		const { error } = await getMany();
		expect(error?.message).toBe(message);
		expect(/'Page Size'/.test(error?.description ?? '')).toBe(isNamed);
	});

	it('reads a last row that comes without a list around it', async () => {
		fill(101);
		harness.fakes.faults.plan(
			PAGED,
			{ kind: 'reshape', change: (body) => ({ bytes: JSON.stringify(unwrapped(body)) }) },
			Infinity,
			({ url }) => url.includes('offset=100'),
		);
		expect(numbersOf(await getMany())).toBe(101);
	});

	it('reads a server that gives 50 rows whatever is asked', async () => {
		fill(500);
		const rows = harness.fakes.crmCom.lists.get(PAGED)!;
		harness.fakes.crmCom.answer = (request) => {
			if (request.path.endsWith(LOGIN)) return answer(request);
			const offset = Number(request.query.get('offset'));
			const data = rows.slice(offset, offset + 50);
			return { status: 200, body: { status: { code: 'OK' }, data }, outcome: 'OK' };
		};
		expect(numbersOf(await getMany({ options: { pageSize: 10 } }))).toBe(500);
	});

	it.each([[3], [100], [101]])(
		'reads %d rows of a server with an error beyond the end',
		async (count) => {
			fill(count);
			const end = { status: { code: 'COM.CRM.OFFSETEXCEPTION', message: 'No rows' } };
			harness.fakes.faults.plan(
				PAGED,
				{ kind: 'status', status: 200, body: end },
				Infinity,
				({ url }) => {
					const offset = Number(new URL(url, 'http://vendor').searchParams.get('offset'));
					return offset >= count;
				},
			);
			const outcome = await getMany();
			expect(numbersOf(outcome)).toBe(count);
			expect(outcome.hints).toEqual([]);
			expect(numbersOf(await getMany({ returnAll: false }))).toBe(Math.min(count, 50));
		},
	);

	it('accepts null as an empty list', async () => {
		harness.fakes.faults.plan(PAGED, page({ payments: null, total: 0 }));
		const outcome = await getMany();
		expect([outcome.error, outcome.items, outcome.hints]).toEqual([undefined, [], []]);
	});

	it('sends at most Parallel Requests at once, for one long list and many short ones', async () => {
		fill(3_000);
		harness.fakes.faults.plan(PAGED, { kind: 'slow', milliseconds: 5 });
		const outcome = await getMany(
			{ returnAll: '={{ $json.n === 0 }}', limit: 1, options: { concurrency: 3 } },
			{ items: items(20, (n) => ({ n })) },
		);
		expect(outcome.items).toHaveLength(3_000 + 19);
		expect(harness.fakes.calls.mostAtOnce(PAGED)).toBe(3);
	});

	it('reads a list whose verb is inferred once, and says that it may not be whole', async () => {
		const path = 'communications/list';
		fill(250, path);
		const options = { method: method(`GET ${path}`) };
		const outcome = await getMany(options);
		expect(harness.fakes.calls.count(path)).toBe(1);
		expect(outcome.hints).toEqual([expect.stringContaining('whether this method is a GET')]);
		// Nobody knows what its parameters mean.
		const paged = await getMany({
			...options,
			additionalParameters: { parameter: [{ name: 'offset', value: '9' }] },
		});
		expect(paged.error).toBeUndefined();
		expect(pagesOf(path).at(-1)).toEqual([null, 9]);
		const failed = await getMany({ ...options, options: { failIfIncomplete: true } });
		expect(failed.error?.message).toContain('whether this method is a GET');
	});

	it('says of a failed list that nothing can have been carried out', async () => {
		harness.fakes.faults.plan(PAGED, { kind: 'status', status: 500 });
		const outcome = await getMany({}, { settings: { onError: 'continueRegularOutput' } });
		expect(outputOf(outcome)).toEqual([{ error: expect.objectContaining({ mayBeDone: false }) }]);
	});
});

/** The fake server's own answer, if a test has replaced it. */
function answer(...asked: Parameters<CrmCom['answer']>): ReturnType<CrmCom['answer']> {
	return CrmCom.prototype.answer.apply(harness.fakes.crmCom, asked);
}

/** The only row of an answer in place of its list. */
function unwrapped(body: unknown): unknown {
	const { data, ...rest } = body as { data: unknown };
	return { ...rest, data: Array.isArray(data) && data.length === 1 ? (data[0] as unknown) : data };
}
