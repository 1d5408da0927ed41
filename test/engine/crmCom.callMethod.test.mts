import { describe, expect, it, jest } from '@jest/globals';

import {
	addUser,
	expectAbsent,
	items,
	jsonOf,
	keyCredential,
	pairsOf,
	harness,
	userCredential,
} from './useEngine.mts';

const at = harness();
const LOGIN = 'authentication/token';
const SHOW = 'contact_information/show';
const CREATE = 'contact_information/create';
const LIST = 'contact_information/list';

type Run = Parameters<typeof at.engine.run>[0];

const call = async (parameters: object, more: Partial<Run> = {}) =>
	await at.engine.run({
		node: 'crmCom',
		parameters: { operation: 'callMethod', ...parameters },
		credential: userCredential(at.vendors),
		...more,
	});

const path = (value: string) => ({ webApiMethod: { __rl: true, mode: 'path', value } });
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

/** Moves the clock of this process, which the package reads, and the vendors with it. */
function later(minutes: number): void {
	const [then, since] = [Date.now() + minutes * 60_000, performance.now()];
	jest.spyOn(Date, 'now').mockImplementation(() => then + performance.now() - since);
}

const tokens = () => [...at.vendors.crmCom.sessions.keys()];

describe('Call Method', () => {
	it('gives the data of a GET, with the token where the vendor wants it and nowhere else', async () => {
		const outcome = await call(show());
		expect(jsonOf(outcome)).toEqual([
			expect.objectContaining({ number: 'CI000111', first_name: 'Ada' }),
		]);
		const [made] = at.vendors.calls.of(SHOW);
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
		const body = at.vendors.calls.of(CREATE)[0]!.body;
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
		const { searchParams } = new URL(at.vendors.calls.of(SHOW)[0]!.url, 'http://v');
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
		const { searchParams } = new URL(at.vendors.calls.of(SHOW)[0]!.url, 'http://v');
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
		expect(at.vendors.calls.all).toEqual([]);
	});

	it('shares the session of the credential: one login for 1,000 items and an HTTP Request node', async () => {
		const credential = userCredential(at.vendors);
		const outcome = await call(show(), { credential, items: items(1000) });
		expect(pairsOf(outcome)).toEqual(items(1000, (item) => ({ item })));
		const url = `${at.vendors.crmComUrl}/crmapi/rest/v2/${SHOW}?contact_information_identifier=number%3DCI000111`;
		await at.engine.run({
			node: 'request',
			parameters: { credentialType: credential.type, request: { url } },
			credential,
		});
		expect(at.vendors.calls.counts()).toEqual({ [LOGIN]: 1, [SHOW]: 1001 });
	});

	it('works with a Web API key, and gives the whole response where that is wanted', async () => {
		const outcome = await call(
			{ ...show(), authentication: 'webApiKey', options: { fullResponse: true } },
			{ credential: keyCredential(at.vendors) },
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
		const pair = [addUser(at.vendors), addUser(at.vendors)];
		const credential = userCredential(at.vendors, {
			username: '={{ $json.username }}',
			password: '={{ $json.password }}',
		});
		await call(show(), {
			credential,
			items: items(20, (index) => ({ ...pair[index % 2]!, units: [] })),
		});
		expect(at.vendors.calls.counts()).toEqual({ [LOGIN]: 2, [SHOW]: 20 });
		const owners = at.vendors.calls
			.of(SHOW)
			.map(
				({ url }) =>
					at.vendors.crmCom.sessions.get(new URL(url, 'http://v').searchParams.get('token')!)!.user
						.username,
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
		const { answer } = at.vendors.crmCom;
		at.vendors.faults.plan(httpMethod === 'GET' ? SHOW : CREATE, {
			kind: 'slow',
			milliseconds: 15,
		});
		const push = at.vendors.calls.all.push.bind(at.vendors.calls.all);
		at.vendors.calls.all.push = (made) => {
			if (made.name !== LOGIN) most = Math.max(most, ++now);
			return push(made);
		};
		at.vendors.crmCom.answer = (request, made) => {
			if (made.name !== LOGIN) now -= 1;
			return answer.call(at.vendors.crmCom, request, made);
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
		const { answer } = at.vendors.crmCom;
		at.vendors.faults.plan('*', { kind: 'slow', milliseconds: 15 });
		const push = at.vendors.calls.all.push.bind(at.vendors.calls.all);
		at.vendors.calls.all.push = (made) => {
			most = Math.max(most, ++now);
			return push(made);
		};
		at.vendors.crmCom.answer = (request, made) => {
			now -= 1;
			return answer.call(at.vendors.crmCom, request, made);
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
			const push = at.vendors.calls.all.push.bind(at.vendors.calls.all);
			at.vendors.calls.all.push = (made) => {
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
		expect(at.vendors.calls.count(SHOW)).toBe(1);
		at.vendors.crmCom.contacts.push(
			...Array.from({ length: 50 }, (_, index) => ({
				...at.vendors.crmCom.contacts[0]!,
				number: `CI${index}`,
			})),
		);
		await call(
			{ ...path(LIST), output: 'pages', returnAll: true, options: { pageSize: 5 } },
			{ settings, onStart: stopping(LIST) },
		);
		await new Promise((resolve) => setTimeout(resolve, 100));
		expect(at.vendors.calls.count(LIST)).toBe(1);
	});

	it('takes switches and names as an expression gives them', async () => {
		later(0);
		const parameters = {
			parameter: [
				{ name: '={{ 7 }}', value: 'seven' },
				{ name: 'half', value: '={{ "\ud800" }}' },
			],
		};
		const options = { fullResponse: 'true', renewSession: 'false' };
		const [found] = jsonOf(await call({ ...show(), parameters, options }));
		expect(found).toMatchObject({ statusCode: 200 });
		const { searchParams } = new URL(at.vendors.calls.of(SHOW)[0]!.url, 'http://v');
		expect([searchParams.get('7'), searchParams.get('half')]).toEqual(['seven', '\ufffd']);
		at.vendors.crmCom.sessions.clear();
		later(2);
		expect((await call({ ...show(), options })).error?.message).toBe('Your session has expired');
		expect(at.vendors.calls.count(LOGIN)).toBe(1);
	});

	it('ends at its time-out', async () => {
		at.vendors.faults.plan(SHOW, { kind: 'hang' });
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
			expect(outcome.error?.message).toBe('Timeout is not a whole number from 1 up');
			expect(at.vendors.calls.all).toEqual([]);
		},
	);

	it.each([['2000'], [1e15]])('takes a time-out of %j', async (timeout) => {
		expect((await call({ ...show(), options: { timeout } })).error).toBeUndefined();
	});

	it('lists the methods that the vendor names', async () => {
		const { results } = await at.engine.searchList(
			'searchMethods',
			userCredential(at.vendors),
			'contact',
			'crmCom',
		);
		expect(results.map(({ value }) => value)).toEqual([CREATE, SHOW]);
	});

	it.each([
		["={{ '' }}", 'Web API Method is empty'],
		['../v1/x', 'Web API Method is not the path of a method'],
		['contact_information/show?token=x', 'Web API Method is not the path of a method'],
		['a/b#c', 'Web API Method is not the path of a method'],
		[
			'authentication/token',
			"authentication/token is not called with the credential's own session",
		],
		[
			'/authentication/token/release',
			"authentication/token/release is not called with the credential's own session",
		],
	])('refuses the method %s before anything is sent', async (method, message) => {
		expect((await call(path(method))).error?.message).toBe(message);
		expect(at.vendors.calls.all).toEqual([]);
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
		expect((await call(post(CREATE, json))).error?.message).toBe('JSON is not a JSON object');
	});
});

describe('a session that CRM.COM has ended early, which it tells with HTTP 200', () => {
	it('is renewed once for a crowd, and each call then succeeds', async () => {
		for (const parameters of [show(), post(CREATE, { type: 'PERSON' })]) {
			await call(parameters);
			later(5);
			at.vendors.crmCom.endAllSessions();
			at.vendors.calls.clear();
			const outcome = await call(parameters, { items: items(50) });
			expect(outcome.error).toBeUndefined();
			expect(at.vendors.calls.count(LOGIN)).toBe(1);
			expect(
				at.vendors.calls.all.filter(({ outcome: said }) => said !== 'OK').length,
			).toBeLessThanOrEqual(5);
		}
	});

	it('is not renewed in its first minute, nor where that is switched off', async () => {
		await call(show());
		expect(
			(
				await call(show('CI9'), {
					items: items(20),
					settings: { onError: 'continueRegularOutput' },
				})
			).items,
		).toHaveLength(20);
		expect(at.vendors.calls.count(LOGIN)).toBe(1);
		later(5);
		await call({ ...show('CI9'), options: { renewSession: false } });
		expect(at.vendors.calls.counts()).toEqual({ [LOGIN]: 1, [SHOW]: 22 });
	});

	it('costs one login for a wrong parameter in 1,000 items', async () => {
		await call(show());
		later(5);
		at.vendors.calls.clear();
		const outcome = await call(show('CI9'), {
			items: items(1000),
			settings: { onError: 'continueRegularOutput' },
		});
		expect(jsonOf(outcome)).toEqual(
			items(1000, () => ({ error: 'The contact information was not found' })),
		);
		expect(at.vendors.calls.count(LOGIN)).toBe(1);
		expect(at.vendors.calls.count(SHOW)).toBeLessThanOrEqual(1005);
	});

	it('costs at most two logins a minute where every token is rejected', async () => {
		at.vendors.crmCom.rejectsEveryToken = true;
		for (let round = 0; round < 5; round++)
			await call(show(), { items: items(5), settings: { onError: 'continueRegularOutput' } });
		expect(at.vendors.calls.count(LOGIN)).toBe(1);
		later(2);
		const outcome = await call(show());
		expect(outcome.error?.message).toBe('Your session has expired');
		expect(at.vendors.calls.count(LOGIN)).toBe(2);
	});
});

describe('lists', () => {
	const fill = (count: number) => {
		for (let number = 2; number <= count; number++) {
			at.vendors.crmCom.contacts.push({
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
		expect(at.vendors.calls.count(LIST)).toBe(calls);
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
		expect(at.vendors.calls.count(LIST)).toBe(22);
		expect(JSON.parse(at.vendors.calls.of(LIST).at(-1)!.body)).toMatchObject({
			fields_set: 'number',
			offset: 10_000,
		});
	});

	it('stop at the limit', async () => {
		fill(500);
		expect((await call({ ...pages, limit: 120 })).items).toHaveLength(120);
		expect(
			at.vendors.calls
				.of(LIST)
				.map(({ url }) => new URL(url, 'http://v').searchParams.get('number_of_results')),
		).toEqual(['100', '20']);
	});

	it('are refused where the server gives the same page for ever', async () => {
		fill(300);
		at.vendors.crmCom.listHeedsOffset = false;
		const { error, items: none } = await call({ ...pages, returnAll: true });
		expect(error).toMatchObject({
			message: expect.stringMatching(/^The server gave the same rows for two pages/),
			context: { itemIndex: 0 },
		});
		expect(none).toEqual([]);
		expect(at.vendors.calls.count(LIST)).toBe(2);
	});

	it('are given by row from one call, and named where there is no telling which', async () => {
		fill(3);
		expect((await call({ ...path(LIST), output: 'rows' })).items).toHaveLength(3);
		const body = (data: unknown) =>
			({ kind: 'status', status: 200, body: { status: { code: 'OK' }, data } }) as const;
		at.vendors.faults.plan(LIST, body({ a: [1], b: [2, 3] }), 2);
		const unclear = await call({ ...path(LIST), output: 'rows' });
		expect(unclear.error).toMatchObject({
			message: 'The answer has no list, or more than one',
			description: 'It has a, b: name one in the option List Field',
		});
		expect(
			jsonOf(await call({ ...path(LIST), output: 'rows', options: { listField: 'b' } })),
		).toEqual([{ data: 2 }, { data: 3 }]);
		at.vendors.faults.plan(LIST, body([{ x: 1 }]), 1);
		expect(jsonOf(await call({ ...path(LIST), output: 'rows' }))).toEqual([{ x: 1 }]);
		at.vendors.faults.plan(LIST, body(undefined), 1);
		expect(jsonOf(await call(path(LIST)))).toEqual([{ data: null }]);
	});

	it('hold no token, though the vendor repeats it', async () => {
		await call(show());
		const [token = ''] = tokens();
		at.vendors.faults.plan(LIST, {
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
