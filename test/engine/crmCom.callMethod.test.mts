import { describe, expect, it } from '@jest/globals';

import { resourceLocator } from '../harness/parameters.mts';
import {
	addUser,
	advanceClock,
	expectAbsent,
	items,
	jsonOf,
	keyCredential,
	MINUTE,
	pairsOf,
	useEngine,
	userCredential,
} from './useEngine.mts';

const harness = useEngine();
const LOGIN = 'authentication/token';
const SHOW = 'contact_information/show';
const CREATE = 'contact_information/create';
const LIST = 'contact_information/list';

type Run = Parameters<typeof harness.engine.run>[0];

const call = async (parameters: object, more: Partial<Run> = {}) =>
	await harness.runCrmCom({ operation: 'callMethod', ...parameters }, more);

const path = (value: string) => ({ webApiMethod: resourceLocator('path', value) });
const identifier = (value: string) => ({
	identifiers: { identifier: [{ name: 'contact_information_identifier', field: 'number', value }] },
});
const show = (value = 'CI000111') => ({ ...path(SHOW), ...identifier(value) });
const post = (method: string, json: unknown) => ({
	...path(method),
	httpMethod: 'POST',
	specifyParameters: 'json',
	jsonParameters: typeof json === 'string' ? json : JSON.stringify(json),
});

const tokens = () => [...harness.fakes.crmCom.sessions.keys()];

describe('Call Method', () => {
	it('gives the data of a GET, with the token where the vendor wants it and nowhere else', async () => {
		const outcome = await call(show());
		expect(jsonOf(outcome)).toEqual([
			expect.objectContaining({ number: 'CI000111', first_name: 'Ada' }),
		]);
		const [made] = harness.fakes.calls.of(SHOW);
		expect(made!.url).toMatch(
			/\?contact_information_identifier=number%3DCI000111&token=[0-9A-F]{32}$/,
		);
		expectAbsent(outcome.record, ...tokens());
	});

	it('sends the parameters of a POST as they are, also numbers that JavaScript cannot hold', async () => {
		const outcome = await call(
			post(CREATE, '{"type":"PERSON","first_name":"Grace","balance":12345678901234567890}'),
		);
		expect(jsonOf(outcome)[0]).toMatchObject({ first_name: 'Grace' });
		const body = harness.fakes.calls.of(CREATE)[0]!.body;
		expect(body).toBe(
			`{"token":"${tokens()[0]}","type":"PERSON","first_name":"Grace","balance":12345678901234567890}`,
		);
		const parameters = {
			parameter: [
				{ name: 'first_name', value: '={{ $json.name }}' },
				{ name: '', value: 'x' },
			],
		};
		const byFields = await call(
			{ ...path(CREATE), httpMethod: 'POST', parameters },
			{ items: [{ name: 'Alan' }] },
		);
		expect(jsonOf(byFields)[0]).toMatchObject({ first_name: 'Alan' });
	});

	it('encodes what stands in a query', async () => {
		const parameters = {
			parameter: [
				{ name: 'fields set', value: 'a&b=c ü/?#' },
				{ name: 'token', value: 'mine' },
			],
		};
		await call({ ...show('A & B'), parameters });
		const { searchParams } = new URL(harness.fakes.calls.of(SHOW)[0]!.url, 'http://v');
		expect(Object.fromEntries(searchParams)).toEqual({
			'fields set': 'a&b=c ü/?#',
			contact_information_identifier: 'number=A & B',
			token: tokens()[0],
		});
	});

	it('sends the JSON of a GET as parameters, with all digits', async () => {
		const json =
			'{"big":12345678901234567890,"name":"a b","none":null,"list":[1],"token":"mine","yes":true}';
		await call({ ...path(SHOW), specifyParameters: 'json', jsonParameters: json });
		const { searchParams } = new URL(harness.fakes.calls.of(SHOW)[0]!.url, 'http://v');
		expect(Object.fromEntries(searchParams)).toEqual({
			big: '12345678901234567890',
			name: 'a b',
			list: '[1]',
			yes: 'true',
			token: tokens()[0],
		});
	});

	it.each([
		[{ name: 'x_identifier', field: 'number', value: '' }],
		[{ name: '', field: 'number', value: '1' }],
		[{ name: 'x', field: ' ', value: '1' }],
	])('sends no identifier that is not complete: %j', async (row) => {
		const outcome = await call({ ...path(SHOW), identifiers: { identifier: [row] } });
		expect(outcome.error?.message).toBe('An identifier is not complete');
		expect(harness.fakes.calls.all).toEqual([]);
	});

	it('shares the session of the credential: one login for 1,000 items and an HTTP Request node', async () => {
		const credential = userCredential(harness.fakes);
		const outcome = await call(show(), { credential, items: items(1000) });
		expect(pairsOf(outcome)).toEqual(items(1000, (item) => ({ item })));
		const url = `${harness.fakes.crmComUrl}/crmapi/rest/v2/${SHOW}?contact_information_identifier=number%3DCI000111`;
		await harness.engine.run({
			node: 'request',
			parameters: { credentialType: credential.type, request: { url } },
			credential,
		});
		expect(harness.fakes.calls.counts()).toEqual({ [LOGIN]: 1, [SHOW]: 1001 });
	});

	it('works with a Web API key, and gives the whole response where that is wanted', async () => {
		const outcome = await call(
			{ ...show(), authentication: 'webApiKey', options: { fullResponse: true } },
			{ credential: keyCredential(harness.fakes) },
		);
		expect(jsonOf(outcome)).toEqual([
			{
				body: {
					status: expect.objectContaining({ code: 'OK' }),
					data: expect.objectContaining({ number: 'CI000111' }),
				},
				headers: expect.objectContaining({ 'content-type': expect.stringContaining('json') }),
				statusCode: 200,
			},
		]);
	});

	it("fails with the vendor's words, for its item alone", async () => {
		const given = ['CI000111', 'CI9', 'CI000111'].map((number) => ({ number }));
		const more = { items: given, settings: { onError: 'continueRegularOutput' } } as const;
		const outcome = await call(show('={{ $json.number }}'), more);
		expect(jsonOf(outcome).map(({ error, number }) => error ?? number)).toEqual([
			'CI000111',
			'The contact information was not found',
			'CI000111',
		]);
		const stopped = await call(show('={{ $json.number }}'), { items: given });
		expect(stopped.error).toMatchObject({
			message: 'The contact information was not found',
			context: { itemIndex: 1 },
		});
		expect(stopped.error?.description).toContain('CONTACTNOTFOUND');
	});

	it('never mixes identities', async () => {
		const pair = [addUser(harness.fakes), addUser(harness.fakes)];
		const credential = userCredential(harness.fakes, {
			username: '={{ $json.username }}',
			password: '={{ $json.password }}',
		});
		await call(show(), {
			credential,
			items: items(20, (index) => ({ ...pair[index % 2]!, units: [] })),
		});
		expect(harness.fakes.calls.counts()).toEqual({ [LOGIN]: 2, [SHOW]: 20 });
		const owners = harness.fakes.calls
			.of(SHOW)
			.map(
				({ url }) =>
					harness.fakes.crmCom.sessions.get(new URL(url, 'http://v').searchParams.get('token')!)!
						.user.username,
			);
		expect(pair.map(({ username }) => owners.filter((owner) => owner === username).length)).toEqual(
			[10, 10],
		);
	});

	it.each([
		['GET', 5],
		['POST', 1],
	])('has as many %s calls under way as is usual: %d', async (httpMethod, bound) => {
		let [now, most] = [0, 0];
		const { answer } = harness.fakes.crmCom;
		harness.fakes.faults.plan(httpMethod === 'GET' ? SHOW : CREATE, {
			kind: 'slow',
			milliseconds: 15,
		});
		const push = harness.fakes.calls.all.push.bind(harness.fakes.calls.all);
		harness.fakes.calls.all.push = (made) => {
			if (made.name !== LOGIN) most = Math.max(most, ++now);
			return push(made);
		};
		harness.fakes.crmCom.answer = (request, made) => {
			if (made.name !== LOGIN) now -= 1;
			return answer.call(harness.fakes.crmCom, request, made);
		};
		await call(httpMethod === 'GET' ? show() : post(CREATE, { type: 'PERSON' }), {
			items: items(15),
		});
		expect(most).toBe(bound);
	});

	it.each([
		['={{ $itemIndex === 3 ? "POST" : "GET" }}'],
		['={{ $itemIndex === 0 ? $(\'Missing\').item.json.a : "POST" }}'],
	])('does one after another where an item of %s posts', async (httpMethod) => {
		let [now, most] = [0, 0];
		const { answer } = harness.fakes.crmCom;
		harness.fakes.faults.plan('*', { kind: 'slow', milliseconds: 15 });
		const push = harness.fakes.calls.all.push.bind(harness.fakes.calls.all);
		harness.fakes.calls.all.push = (made) => {
			most = Math.max(most, ++now);
			return push(made);
		};
		harness.fakes.crmCom.answer = (request, made) => {
			now -= 1;
			return answer.call(harness.fakes.crmCom, request, made);
		};
		const outcome = await call(
			{ ...path(SHOW), httpMethod },
			{ items: items(10), settings: { onError: 'continueRegularOutput' } },
		);
		expect(outcome.items).toHaveLength(10);
		expect(most).toBe(1);
	});

	it('begins no further item, and asks for no further page, when somebody stops the execution', async () => {
		const stopping = (name: string) => (stop: () => void) => {
			const push = harness.fakes.calls.all.push.bind(harness.fakes.calls.all);
			harness.fakes.calls.all.push = (made) => {
				if (made.name === name) stop();
				return push(made);
			};
		};
		const settings = { onError: 'continueRegularOutput' } as const;
		await call(
			{ ...show(), options: { concurrency: 1 } },
			{ items: items(10), settings, onStart: stopping(SHOW) },
		);
		await new Promise((resolve) => setTimeout(resolve, 100));
		expect(harness.fakes.calls.count(SHOW)).toBe(1);
		harness.fakes.crmCom.contacts.push(
			...Array.from({ length: 50 }, (_, index) => ({
				...harness.fakes.crmCom.contacts[0]!,
				number: `CI${index}`,
			})),
		);
		await call(
			{ ...path(LIST), output: 'pages', returnAll: true, options: { pageSize: 5 } },
			{ settings, onStart: stopping(LIST) },
		);
		await new Promise((resolve) => setTimeout(resolve, 100));
		expect(harness.fakes.calls.count(LIST)).toBe(1);
	});

	it('takes switches and names as an expression gives them', async () => {
		advanceClock(0);
		const parameters = {
			parameter: [
				{ name: '={{ 7 }}', value: 'seven' },
				{ name: 'half', value: '={{ "\ud800" }}' },
			],
		};
		const options = { fullResponse: 'true', renewSession: 'false' };
		const [found] = jsonOf(await call({ ...show(), parameters, options }));
		expect(found).toMatchObject({ statusCode: 200 });
		const { searchParams } = new URL(harness.fakes.calls.of(SHOW)[0]!.url, 'http://v');
		expect([searchParams.get('7'), searchParams.get('half')]).toEqual(['seven', '\ufffd']);
		harness.fakes.crmCom.sessions.clear();
		advanceClock(2 * MINUTE);
		expect((await call({ ...show(), options })).error?.message).toBe('Your session has expired');
		expect(harness.fakes.calls.count(LOGIN)).toBe(1);
	});

	it('ends at its time-out', async () => {
		harness.fakes.faults.plan(SHOW, { kind: 'hang' });
		const outcome = await call({ ...show(), options: { timeout: 200 } });
		expect(outcome.error?.message).toMatch(/did not answer in time$/);
	});

	it.each([[0.5], [0], [-1], ['soon'], [''], [{}]])(
		'says that a time-out of %j is none',
		async (timeout) => {
			const outcome = await call({
				...show(),
				options: { timeout: `={{ ${JSON.stringify(timeout)} }}` },
			});
			expect(outcome.error?.message).toBe("'Timeout' must be a whole number of at least 1");
			expect(harness.fakes.calls.all).toEqual([]);
		},
	);

	it.each([['2000'], [1e15]])('takes a time-out of %j', async (timeout) => {
		expect((await call({ ...show(), options: { timeout } })).error).toBeUndefined();
	});

	it('lists the methods that the vendor names', async () => {
		const { results } = await harness.engine.searchList(
			'searchMethods',
			userCredential(harness.fakes),
			'contact',
			'crmCom',
		);
		expect(results.map(({ value }) => value)).toEqual([CREATE, SHOW]);
	});

	it.each([
		["={{ '' }}", "'Web API Method' is empty"],
		['../v1/x', "'Web API Method' is not the path of a method"],
		['contact_information/show?token=x', "'Web API Method' is not the path of a method"],
		['a/b#c', "'Web API Method' is not the path of a method"],
		[
			'authentication/token',
			"authentication/token cannot be called with the credential's own session",
		],
		[
			'/authentication/token/release',
			"authentication/token/release cannot be called with the credential's own session",
		],
	])('refuses the method %s before anything is sent', async (method, message) => {
		expect((await call(path(method))).error?.message).toBe(message);
		expect(harness.fakes.calls.all).toEqual([]);
	});

	it('takes a pasted address of a method', async () => {
		expect(
			(
				await call({
					...path(`https://any.example/crmapi/rest/v2/${SHOW}/`),
					...identifier('CI000111'),
				})
			).error,
		).toBeUndefined();
	});

	it.each([['[]'], ['{'], ['7'], ['']])('refuses %s for JSON', async (json) => {
		expect((await call(post(CREATE, json))).error?.message).toBe(
			"'JSON' is not a valid JSON object",
		);
	});
});

describe('a session that CRM.COM has ended early, which it tells with HTTP 200', () => {
	it('is replaced once for concurrent GETs, which all succeed (P3, P5)', async () => {
		await call(show());
		advanceClock(5 * MINUTE);
		harness.fakes.crmCom.endAllSessions();
		harness.fakes.calls.clear();
		const outcome = await call(show(), { items: items(50) });
		expect(outcome.error).toBeUndefined();
		expect(harness.fakes.calls.count(LOGIN)).toBe(1);
		const rejected = harness.fakes.calls.all.filter(({ outcome: said }) => said !== 'OK');
		expect(rejected.length).toBeLessThanOrEqual(5);
	});

	it('lets one POST fail, and the others go out under its successor (P1, P3)', async () => {
		const create = post(CREATE, { type: 'PERSON' });
		await call(create);
		advanceClock(5 * MINUTE);
		harness.fakes.crmCom.endAllSessions();
		harness.fakes.calls.clear();
		const outcome = await call(create, {
			items: items(10),
			settings: { onError: 'continueRegularOutput' },
		});
		const errors = jsonOf(outcome).filter(({ error }) => error !== undefined);
		expect(errors).toEqual([{ error: 'Your session has expired' }]);
		expect(harness.fakes.calls.counts()).toEqual({ [LOGIN]: 1, [CREATE]: 10 });
	});

	it('is replaced in its first minute, too (P3)', async () => {
		await call(show());
		harness.fakes.crmCom.endAllSessions();
		expect((await call(show(), { items: items(20) })).error).toBeUndefined();
		expect(harness.fakes.calls.count(LOGIN)).toBe(2);
	});

	it('is replaced for the next call where Renew Session is off (P3)', async () => {
		await call(show());
		harness.fakes.crmCom.endAllSessions();
		const off = { ...show(), options: { renewSession: false } };
		expect((await call(off)).error?.message).toBe('Your session has expired');
		expect((await call(off)).error).toBeUndefined();
		expect(harness.fakes.calls.count(LOGIN)).toBe(2);
	});

	it('is not doubted in its first minute because of a code about the call (P4)', async () => {
		await call(show());
		const settings = { onError: 'continueRegularOutput' } as const;
		expect((await call(show('CI9'), { items: items(20), settings })).items).toHaveLength(20);
		advanceClock(5 * MINUTE);
		await call(show('CI9'));
		expect(harness.fakes.calls.counts()).toEqual({ [LOGIN]: 1, [SHOW]: 22 });
	});

	it('costs one login for a wrong parameter in 1,000 items', async () => {
		await call(show());
		advanceClock(5 * MINUTE);
		harness.fakes.calls.clear();
		const outcome = await call(show('CI9'), {
			items: items(1000),
			settings: { onError: 'continueRegularOutput' },
		});
		expect(jsonOf(outcome)).toEqual(
			items(1000, () => ({ error: 'The contact information was not found' })),
		);
		expect(harness.fakes.calls.count(LOGIN)).toBe(1);
		expect(harness.fakes.calls.count(SHOW)).toBeLessThanOrEqual(1005);
	});

	it('costs at most two logins a minute where every token is rejected (P9)', async () => {
		harness.fakes.crmCom.rejectsEveryToken = true;
		harness.fakes.faults.plan(SHOW, { kind: 'status', status: 401 });
		const settings = { onError: 'continueRegularOutput' } as const;
		for (let round = 0; round < 5; round++) await call(show(), { items: items(5), settings });
		// The first login answers no failure.
		expect(harness.fakes.calls.count(LOGIN)).toBe(3);
		advanceClock(2 * MINUTE);
		const outcome = await call(show());
		expect(outcome.error?.description).toContain('HTTP 401');
		expect(harness.fakes.calls.count(LOGIN)).toBe(4);
	});

	it('stays where a code comes again for the same call under its successor (P3, P4)', async () => {
		await call(show());
		harness.fakes.crmCom.rejectsEveryToken = true;
		for (let round = 0; round < 5; round++) await call(show());
		expect(harness.fakes.calls.count(LOGIN)).toBe(2);
		advanceClock(61 * MINUTE);
		harness.fakes.calls.clear();
		await call(show());
		expect(harness.fakes.calls.count(LOGIN)).toBe(1);
	});
});

describe('lists', () => {
	const fill = (count: number) => {
		for (let number = 2; number <= count; number++) {
			harness.fakes.crmCom.contacts.push({
				id: `${number}`,
				number: `CI${number}`,
				type: 'PERSON',
				first_name: 'F',
				last_name: `L${number}`,
			});
		}
	};
	const pages = { ...path(LIST), output: 'pages' };

	it.each([
		[1, 1],
		[99, 1],
		[100, 2],
		[101, 2],
		[250, 3],
	])('of %d rows are read in %d calls', async (count, calls) => {
		fill(count);
		const outcome = await call({ ...pages, returnAll: true });
		expect(new Set(jsonOf(outcome).map(({ number }) => number)).size).toBe(count);
		expect(harness.fakes.calls.count(LIST)).toBe(calls);
		expect(pairsOf(outcome)).toEqual(items(count, () => ({ item: 0 })));
	});

	it('of 10,000 rows are read whole, by POST too', async () => {
		fill(10_000);
		for (const parameters of [
			{ ...pages },
			{ ...post(LIST, { fields_set: 'number' }), output: 'pages' },
		]) {
			const outcome = await call({ ...parameters, returnAll: true, options: { pageSize: 1000 } });
			expect(new Set(jsonOf(outcome).map(({ number }) => number)).size).toBe(10_000);
		}
		expect(harness.fakes.calls.count(LIST)).toBe(22);
		expect(JSON.parse(harness.fakes.calls.of(LIST).at(-1)!.body)).toMatchObject({
			fields_set: 'number',
			offset: 10_000,
		});
	});

	it('stop at the limit', async () => {
		fill(500);
		expect((await call({ ...pages, limit: 120 })).items).toHaveLength(120);
		expect(
			harness.fakes.calls
				.of(LIST)
				.map(({ url }) => new URL(url, 'http://v').searchParams.get('number_of_results')),
		).toEqual(['100', '20']);
	});

	it('are refused where the server gives the same page for ever', async () => {
		fill(300);
		harness.fakes.crmCom.listHeedsOffset = false;
		const { error, items: none } = await call({ ...pages, returnAll: true });
		expect(error).toMatchObject({
			message: expect.stringMatching(/^The server returned the same rows for two pages/),
			context: { itemIndex: 0 },
		});
		expect(none).toEqual([]);
		expect(harness.fakes.calls.count(LIST)).toBe(2);
	});

	it('are given by row from one call, and named where there is no telling which', async () => {
		fill(3);
		expect((await call({ ...path(LIST), output: 'rows' })).items).toHaveLength(3);
		const body = (data: unknown) =>
			({ kind: 'status', status: 200, body: { status: { code: 'OK' }, data } }) as const;
		harness.fakes.faults.plan(LIST, body({ a: [1], b: [2, 3] }), 2);
		const unclear = await call({ ...path(LIST), output: 'rows' });
		expect(unclear.error).toMatchObject({
			message: 'The response has no list, or more than one',
			description: "It has a, b: enter one of them in the option 'List Field'",
		});
		expect(
			jsonOf(await call({ ...path(LIST), output: 'rows', options: { listField: 'b' } })),
		).toEqual([{ data: 2 }, { data: 3 }]);
		harness.fakes.faults.plan(LIST, body([{ x: 1 }]), 1);
		expect(jsonOf(await call({ ...path(LIST), output: 'rows' }))).toEqual([{ x: 1 }]);
		harness.fakes.faults.plan(LIST, body(undefined), 1);
		expect(jsonOf(await call(path(LIST)))).toEqual([{ data: null }]);
	});

	it('hold no token, though the vendor repeats it', async () => {
		await call(show());
		const [token = ''] = tokens();
		harness.fakes.faults.plan(LIST, {
			kind: 'status',
			status: 200,
			body: {
				status: { code: 'OK' },
				data: { next: `x?token=${token}`, rows: [{ token, [token]: 1 }] },
			},
		});
		const outcome = await call({ ...path(LIST), options: { fullResponse: true } });
		expectAbsent(outcome.record, token);
		expect(JSON.stringify(jsonOf(outcome))).toContain('x?token=***');
	});
});
