import { describe, expect, it } from '@jest/globals';

import { mapper, method } from '../harness/parameters.mts';
import { rowsOf } from '../fakes/crmCom.mts';
import {
	addUser,
	advanceClock,
	failedWith,
	expectAbsent,
	items,
	outputOf,
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
const CURRENCIES = 'currencies/list';

type Run = Parameters<typeof harness.engine.run>[0];

const call = async (parameters: object, more: Partial<Run> = {}) =>
	await harness.runCrmCom({ operation: 'callMethod', ...parameters }, more);

const show = (number = 'CI000111') => ({
	method: method(`GET ${SHOW}`),
	parameters: mapper({ contact_information_identifier: `number=${number}` }),
});
/** The expression makes the whole identifier: n8n resolves a text that begins with an equals sign. */
const showBy = (expression: string) => ({
	...show(),
	parameters: mapper({
		contact_information_identifier: expression.replace('={{ ', '={{ "number=" + '),
	}),
});
const create = { method: method(`POST ${CREATE}`) };
const json = (value: unknown) => ({
	specifyParameters: 'json',
	jsonParameters: typeof value === 'string' ? value : JSON.stringify(value),
});
const additional = (...parameter: object[]) => ({ additionalParameters: { parameter } });

const tokens = () => [...harness.fakes.crmCom.sessions.keys()];
const queryOf = (name: string) =>
	Object.fromEntries(new URL(harness.fakes.calls.of(name)[0]!.url, 'http://v').searchParams);
const bodyOf = (name: string) => harness.fakes.calls.of(name)[0]!.body;
const answer = (data: unknown) =>
	({ kind: 'status', status: 200, body: { status: { code: 'OK' }, data } }) as const;

describe('Call Method', () => {
	it('returns the data of a GET and sends the token only where the vendor wants it', async () => {
		const outcome = await call(show());
		expect(outputOf(outcome)).toEqual([
			expect.objectContaining({ number: 'CI000111', first_name: 'Ada' }),
		]);
		expect(harness.fakes.calls.of(SHOW)[0]!.url).toMatch(
			/\?contact_information_identifier=number%3DCI000111&token=[0-9A-F]{32}$/,
		);
		expectAbsent(outcome.record, ...tokens());
	});

	it('shares one login among 300 items and an HTTP Request node', async () => {
		const credential = userCredential(harness.fakes);
		const outcome = await call(show(), { credential, items: items(300) });
		expect(pairsOf(outcome)).toEqual(items(300, (item) => ({ item })));
		const url = `${harness.fakes.crmCom.url}/crmapi/rest/v2/${SHOW}?contact_information_identifier=number%3DCI000111`;
		await harness.engine.run({
			node: 'request',
			parameters: { credentialType: credential.type, request: { url } },
			credential,
		});
		expect(harness.fakes.calls.counts()).toEqual({ [LOGIN]: 1, [SHOW]: 301 });
	});

	it('works with a Web API key and returns the whole response on request', async () => {
		const outcome = await call(
			{ ...show(), authentication: 'webApiKey', options: { fullResponse: true } },
			{ credential: keyCredential(harness.fakes) },
		);
		expect(outputOf(outcome)).toEqual([
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

	it("fails with the vendor's words for its own item only", async () => {
		const given = ['CI000111', 'CI9', 'CI000111'].map((number) => ({ number }));
		const more = { items: given, settings: { onError: 'continueRegularOutput' } } as const;
		const outcome = await call(showBy('={{ $json.number }}'), more);
		expect(outputOf(outcome)).toEqual([
			expect.objectContaining({ number: 'CI000111' }),
			failedWith('The contact information was not found'),
			expect.objectContaining({ number: 'CI000111' }),
		]);
		const stopped = await call(showBy('={{ $json.number }}'), { items: given });
		expect(stopped.error).toMatchObject({
			message: 'The contact information was not found',
			context: { itemIndex: 1 },
		});
		expect(stopped.error?.description).toMatch(
			/<br>Code: COM\.CRM\.EXCEPTION\.CONTACTINFORMATION\.<br>CONTACTNOTFOUNDEXCEPTION$/,
		);
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
	])('runs %s calls with the default concurrency of %d', async (httpMethod, bound) => {
		const name = httpMethod === 'GET' ? SHOW : CREATE;
		harness.fakes.faults.plan(name, { kind: 'slow', milliseconds: 15 });
		await call(httpMethod === 'GET' ? show() : create, {
			items: items(15),
		});
		expect(harness.fakes.calls.mostAtOnce(name)).toBe(bound);
	});

	it.each([
		[
			'={{ $itemIndex === 3 ? "POST contact_information/create" : "GET contact_information/show" }}',
		],
		['={{ $itemIndex === 0 ? $(\'Missing\').item.json.a : "contact_information/create" }}'],
	])('runs one call after another when any item may be a POST: %s', async (name) => {
		harness.fakes.faults.plan('*', { kind: 'slow', milliseconds: 15 });
		const outcome = await call(
			{ method: method(name) },
			{ items: items(10), settings: { onError: 'continueRegularOutput' } },
		);
		expect(outcome.items).toHaveLength(10);
		expect([SHOW, CREATE].map((path) => harness.fakes.calls.mostAtOnce(path))).not.toContain(2);
		expect(harness.fakes.calls.mostAtOnce(CREATE)).toBe(1);
	});

	it('starts no further item when the user stops the execution (P8)', async () => {
		await call(
			{ ...show(), options: { concurrency: 1 } },
			{
				items: items(10),
				settings: { onError: 'continueRegularOutput' },
				onStart: (stop) => harness.fakes.calls.onCall(SHOW, stop),
			},
		);
		await new Promise((resolve) => setTimeout(resolve, 100));
		expect(harness.fakes.calls.count(SHOW)).toBe(1);
	});

	it('accepts switches in the form that an expression returns', async () => {
		const options = { fullResponse: 'true', renewSession: 'false' };
		const [found] = outputOf(await call({ ...show(), options }));
		expect(found).toMatchObject({ statusCode: 200 });
		harness.fakes.crmCom.sessions.clear();
		advanceClock(2 * MINUTE);
		expect((await call({ ...show(), options })).error?.message).toBe('Your session has expired');
		expect(harness.fakes.calls.count(LOGIN)).toBe(1);
	});

	it('ends when its timeout expires', async () => {
		harness.fakes.faults.plan(SHOW, { kind: 'hang' });
		const outcome = await call({ ...show(), options: { timeout: 200 } });
		expect(outcome.error?.message).toMatch(/did not answer in time$/);
	});

	it.each([[0.5], [0], [-1], ['soon'], [''], [{}]])(
		'rejects a time-out of %j before anything is sent',
		async (timeout) => {
			const outcome = await call({
				...show(),
				options: { timeout: `={{ ${JSON.stringify(timeout)} }}` },
			});
			expect(outcome.error?.message).toBe("'Timeout' must be a whole number of at least 1");
			expect(harness.fakes.calls.all).toEqual([]);
		},
	);

	it.each([['2000'], [1e15]])('accepts a time-out of %j', async (timeout) => {
		expect((await call({ ...show(), options: { timeout } })).error).toBeUndefined();
	});
});

describe('the method', () => {
	it.each([
		['contact_information/show'],
		['get contact_information/show'],
		['/contact_information/show/'],
		['crmapi/rest/v2/contact_information/show'],
		['GET URL/contact_information/show'],
		['URL/contact_information/show/'],
	])('can be written as %s', async (text) => {
		const name = text.replace('URL', `${harness.fakes.crmCom.url}/crmapi/rest/v2`);
		const outcome = await call({ ...show(), method: method(name) });
		expect(outcome.error).toBeUndefined();
		expect(harness.fakes.calls.count(SHOW)).toBe(1);
	});

	it.each([
		["={{ '' }}", "'Method' is empty"],
		['GET ../v1/x', "'Method' is not a method of the Web API"],
		['GET contact_information/show?token=x', "'Method' is not a method of the Web API"],
		['GET a/b#c', "'Method' is not a method of the Web API"],
		['GET URL/a/b?token=x', "'Method' is not a method of the Web API"],
		[
			'GET https://other.example/crmapi/rest/v2/a/b',
			"'Method' is a URL on a different server than the credential's",
		],
		['PUT a/b', "'Method' is not a method of the Web API"],
		['a/b', "'Method' does not say whether a/b is a GET or a POST"],
		[
			'accounts_receivable/show',
			"'Method' does not say whether accounts_receivable/show is a GET or a POST",
		],
		[
			'POST authentication/token',
			"authentication/token cannot be called with the credential's own session",
		],
		[
			'GET URL/authentication/token',
			"authentication/token cannot be called with the credential's own session",
		],
	])('is rejected before anything is sent when it is %s', async (text, message) => {
		const name = text.replace('URL', `${harness.fakes.crmCom.url}/crmapi/rest/v2`);
		expect((await call({ method: method(name) })).error?.message).toBe(message);
		expect(harness.fakes.calls.all).toEqual([]);
	});

	it('suggests its nearest neighbours when it is misspelt', async () => {
		const outcome = await call({ method: method('GET contact_infomation/show') });
		expect(outcome.error?.description).toContain('Similar ones are GET contact_information/show');
		// The login has worked, so the server's address is right.
		expect(outcome.error?.description).not.toContain('Server URL');
		const alone = await call({ method: method('payment/list') });
		expect(alone.error?.description).toContain('Similar ones are GET payments/list');
	});

	it('names the documented verb when the server refuses the other', async () => {
		const outcome = await call({ ...show(), method: method(`POST ${SHOW}`) });
		expect(outcome.error?.description).toContain(
			'It is documented as GET contact_information/show',
		);
	});

	it('is reported as deprecated, once', async () => {
		harness.fakes.crmCom.lists.set('access_tokens/configuration/classifications/list', []);
		const outcome = await call(
			{ method: method('GET access_tokens/configuration/classifications/list') },
			{ items: items(3) },
		);
		expect(outcome.error).toBeUndefined();
		expect(outcome.hints).toEqual([
			'GET access_tokens/configuration/classifications/list has been deprecated since CRM.COM R18.0.0',
		]);
	});

	it.each([
		['payments', 'GET payments/list'],
		['the payments of an account', 'GET payments/list'],
		['contact show', 'GET contact_information/show'],
	])('is found in the list by %j', async (text, name) => {
		const { results } = await harness.engine.searchList(
			'searchMethods',
			userCredential(harness.fakes),
			text,
			'crmCom',
		);
		expect(results.slice(0, 5).map(({ value }) => value)).toContain(name);
		expect(harness.fakes.calls.all).toEqual([]);
	});
});

describe('parameters', () => {
	it('sends an identifier as text in a GET and as an object in a POST', async () => {
		await call(show());
		expect(queryOf(SHOW)).toMatchObject({ contact_information_identifier: 'number=CI000111' });
		await call({
			method: method('POST payments/create'),
			parameters: mapper({
				accounts_receivable_identifier: 'name=a=b',
				type_identifier: { id: '1' },
				life_cycle_state: 'POSTED',
				payment_method_identifier: 'id=2',
				payment_amount: '12345678901234567890.5',
			}),
			...additional(
				{ name: 'other_identifier', value: 'number=7' },
				{ name: 'plain_identifier', value: 'x' },
			),
		});
		expect(bodyOf('payments/create')).toBe(
			`{"accounts_receivable_identifier":{"name":"a=b"},"type_identifier":{"id":"1"},"life_cycle_state":"POSTED","payment_method_identifier":{"id":"2"},"payment_amount":12345678901234567890.5,"other_identifier":{"number":"7"},"plain_identifier":"x","token":"${tokens()[0]}"}`,
		);
	});

	it('takes an object as the identifier of a GET', async () => {
		const parameters = mapper({ contact_information_identifier: '={{ { number: "CI000111" } }}' });
		expect((await call({ ...show(), parameters })).error).toBeUndefined();
		expect(queryOf(SHOW)).toMatchObject({ contact_information_identifier: 'number=CI000111' });
	});

	it.each([
		[
			'CI000111',
			"'Contact' (contact_information_identifier) needs the name of a field in front of its value",
		],
		['number=', "'contact_information_identifier' is not complete"],
		['={{ "=CI000111" }}', "'contact_information_identifier' is not complete"],
		[
			'={{ $json.none }}',
			"GET contact_information/show needs 'Contact' (contact_information_identifier)",
		],
		['', "GET contact_information/show needs 'Contact' (contact_information_identifier)"],
	])('rejects the identifier %j without sending it', async (value, message) => {
		const parameters = mapper({ contact_information_identifier: value });
		expect((await call({ ...show(), parameters })).error?.message).toBe(message);
		expect(harness.fakes.calls.all).toEqual([]);
	});

	it('does not send parameters that are not filled in', async () => {
		const parameters = mapper({ life_cycle_state: '', number_of_results: null, offset: 0 });
		await call({ method: method(`GET ${CURRENCIES}`), parameters });
		expect(queryOf(CURRENCIES)).toEqual({ offset: '0', token: tokens()[0] });
	});

	it('takes the fields of the input item that have the names of documented parameters', async () => {
		const outcome = await call(
			{ method: method(`GET ${SHOW}`), specifyParameters: 'input' },
			{
				items: [
					{
						contact_information_identifier: 'number=CI000111',
						fields_set: ['id', 'number'],
						other: 1,
						token: 'mine',
					},
				],
			},
		);
		expect(outcome.error).toBeUndefined();
		expect(queryOf(SHOW)).toEqual({
			contact_information_identifier: 'number=CI000111',
			fields_set: 'id,number',
			token: tokens()[0],
		});
		const unknown = await call({ method: method('GET not/known'), specifyParameters: 'input' });
		expect(unknown.error?.message).toContain('are not documented');
	});

	it('keeps a number of 20 digits in every way in which a parameter can be given', async () => {
		const big = '12345678901234567890';
		await call({ ...create, parameters: mapper({ notes: big, type: 'PERSON' }) });
		await call({ ...create, ...additional({ name: 'big', value: big }) });
		await call({ ...create, ...json(`{"big":${big}}`) });
		await call({
			method: method(`GET ${CURRENCIES}`),
			parameters: mapper({ number_of_results: big }),
		});
		await call({ method: method(`GET ${CURRENCIES}`), ...json(`{"big":${big}}`) });
		const sent = harness.fakes.calls.all.filter(({ name }) => name !== LOGIN);
		expect(sent).toHaveLength(5);
		for (const { url, body } of sent) expect(url + body).toContain(big);
	});

	it('keeps a number of 20 digits in an answer, as text', async () => {
		harness.fakes.faults.plan(SHOW, {
			kind: 'text',
			type: 'application/json',
			text: '{"status":{"code":"OK"},"data":{"big":12345678901234567890,"small":7}}',
		});
		expect(outputOf(await call(show()))).toEqual([{ big: '12345678901234567890', small: 7 }]);
	});

	it('encodes the values in a query', async () => {
		await call({
			...show('A & B'),
			...additional(
				{ name: 'fields set', value: 'a&b=c ü/?#' },
				{ name: 'half', value: '={{ "\ud800" }}' },
			),
		});
		expect(queryOf(SHOW)).toEqual({
			'fields set': 'a&b=c ü/?#',
			half: '\ufffd',
			contact_information_identifier: 'number=A & B',
			token: tokens()[0],
		});
	});

	it('sends JSON as it is, and as the parameters of a GET', async () => {
		const text =
			'{"contact_information_identifier":"number=CI000111","big":12345678901234567890,"name":"a b","none":null,"list":[1],"token":"mine","yes":true}';
		await call({ method: method(`GET ${SHOW}`), ...json(text) });
		expect(queryOf(SHOW)).toEqual({
			contact_information_identifier: 'number=CI000111',
			big: '12345678901234567890',
			name: 'a b',
			list: '[1]',
			yes: 'true',
			token: tokens()[0],
		});
		await call({ ...create, ...json('{ "first_name" : "Grace", "last_name":null }') });
		expect(bodyOf(CREATE)).toBe(`{"first_name":"Grace","last_name":null,"token":"${tokens()[0]}"}`);
	});

	it.each([[''], [' '], ['={{ {} }}']])('treats the JSON %j as no parameters', async (text) => {
		expect((await call({ ...create, ...json(text) })).error).toBeUndefined();
		expect(bodyOf(CREATE)).toBe(`{"token":"${tokens()[0]}"}`);
	});

	it.each([['[]'], ['{'], ['7'], ['={{ $now }}'], ['={{ new Date() }}']])(
		'rejects %s as JSON',
		async (text) => {
			expect((await call({ ...create, ...json(text) })).error?.message).toBe(
				"'JSON' is not a valid JSON object",
			);
		},
	);

	it('rejects a name that is given twice, and the name token', async () => {
		const twice = await call({
			...show(),
			...additional({ name: 'a', value: '1' }, { name: 'a', value: '2' }),
		});
		expect(twice.error?.message).toBe("The parameter 'a' is given twice");
		const token = await call({ ...show(), ...additional({ name: 'token', value: 'mine' }) });
		expect(token.error?.message).toBe("The parameter 'token' cannot be set");
		expect(harness.fakes.calls.all).toEqual([]);
	});

	it('names alternatives beside the words of the vendor when none is given', async () => {
		harness.fakes.faults.plan('subscriptions/activate', {
			kind: 'status',
			status: 200,
			body: { status: { code: 'NO', message: 'Which one?' } },
		});
		const outcome = await call({ method: method('POST subscriptions/activate') });
		expect(outcome.error).toMatchObject({
			message: 'Which one?',
			description: expect.stringContaining(
				"Depending on the case, the documentation may want some of these: 'Subscription' (subscription_identifier)",
			),
		});
	});
});

describe('the output', () => {
	it('has one item per row of a list, and one for an object', async () => {
		harness.fakes.crmCom.lists.set(CURRENCIES, rowsOf(3));
		const outcome = await call({ method: method(`GET ${CURRENCIES}`) });
		expect(outputOf(outcome).map(({ number }) => number)).toEqual([
			'R0000001',
			'R0000002',
			'R0000003',
		]);
		expect(pairsOf(outcome)).toEqual(items(3, () => ({ item: 0 })));
		harness.fakes.faults.plan(SHOW, answer([7, 'a', null, [1], { x: 1 }]), 1);
		expect(outputOf(await call(show()))).toEqual([
			{ data: 7 },
			{ data: 'a' },
			{ data: null },
			{ data: [1] },
			{ x: 1 },
		]);
	});

	it.each([
		[{}, [{}]],
		[[], []],
		[null, []],
		['', []],
		[undefined, []],
	])(
		'turns the result %j of a GET into the items %j, and into none for a list',
		async (data, found) => {
			harness.fakes.faults.plan('*', answer(data), Infinity, ({ name }) => name !== LOGIN);
			expect(outputOf(await call(show()))).toEqual(found);
			expect(outputOf(await call({ method: method('GET not/known') }))).toEqual(found);
			const list = await call({ method: method(`GET ${CURRENCIES}`) });
			expect([list.error, list.items]).toEqual([undefined, []]);
		},
	);

	it.each([[{}], [[]], [null], [''], [undefined]])(
		'has one item that reports success for a POST with the result %j, and none for a list',
		async (data) => {
			harness.fakes.faults.plan('*', answer(data), Infinity, ({ name }) => name !== LOGIN);
			expect(outputOf(await call(create))).toEqual([{ success: true }]);
			expect(outputOf(await call({ method: method('POST not/known') }))).toEqual([
				{ success: true },
			]);
			const list = await call({ method: method('POST subscriptions/list') });
			expect([list.error, list.items]).toEqual([undefined, []]);
		},
	);

	it('keeps the fields and the file of the input item on request, and lets the answer win', async () => {
		const options = { includeOtherFields: true };
		const given = { items: [{ order: 7, number: 'mine' }] };
		expect(outputOf(await call({ ...show(), options }, given))).toEqual([
			expect.objectContaining({ order: 7, number: 'CI000111' }),
		]);
		harness.fakes.faults.plan(CREATE, answer({}), 1);
		expect(outputOf(await call({ ...create, options }, given))).toEqual([
			{ order: 7, number: 'mine', success: true },
		]);
		harness.fakes.faults.plan(SHOW, answer([]), 1);
		expect((await call({ ...show(), options }, given)).items).toEqual([]);
	});

	it('has the rows in the field that Field to Split Out names', async () => {
		harness.fakes.faults.plan(SHOW, answer({ a: [1], b: [2, 3] }));
		const by = async (listField: string) => await call({ ...show(), options: { listField } });
		expect(outputOf(await by('b'))).toEqual([{ data: 2 }, { data: 3 }]);
		expect((await by('c')).error).toMatchObject({
			message: 'The response has no list c',
			description: "It has a, b: enter one of them in the option 'Field to Split Out'",
		});
		harness.fakes.faults.plan('not/known', answer({ a: [1] }));
		const options = { listField: 'c' };
		expect((await call({ method: method('POST not/known'), options })).error).toMatchObject({
			message: 'The response has no list c',
			description:
				"CRM.COM has carried out the call: do not repeat it. It has a: enter one of them in the option 'Field to Split Out'",
		});
	});

	it('ignores spaces in Field to Split Out, and treats a documented list by POST as a list', async () => {
		harness.fakes.faults.plan(SHOW, answer({ a: [1], b: [2] }));
		expect(outputOf(await call({ ...show(), options: { listField: ' b ' } }))).toEqual([
			{ data: 2 },
		]);
		const list = 'subscriptions/list';
		harness.fakes.faults.plan(list, answer({ a: [1] }));
		const options = { listField: 'c' };
		const { error } = await call({ method: method(`POST ${list}`), ...json({}), options });
		expect(error?.description).toBe(
			"It has a: enter one of them in the option 'Field to Split Out'",
		);
	});

	it.each([
		[{ kind: 'reset' }],
		[{ kind: 'hang' }],
		[{ kind: 'html' }],
		[{ kind: 'status', status: 502 }],
		[{ kind: 'status', status: 408 }],
	] as const)(
		'says of a POST that fails by %j that it may have been carried out (P1)',
		async (fault) => {
			const options = { timeout: 300 };
			harness.fakes.faults.plan(CREATE, fault);
			const { error } = await call({ ...create, options });
			expect(error?.description).toBe(
				'CRM.COM may have carried out the call: check that before you repeat it',
			);
			expect(harness.fakes.calls.count(CREATE)).toBe(1);
			harness.fakes.faults.plan(SHOW, fault);
			expect((await call({ ...show(), options })).error?.description).not.toMatch(/carried out/);
		},
	);

	it.each([
		[{ kind: 'status', status: 404 }],
		[{ kind: 'status', status: 429 }],
		[{ kind: 'redirect', status: 302, location: '/login' }],
	] as const)(
		'does not say that a POST may have been carried out if it fails by %j',
		async (fault) => {
			harness.fakes.faults.plan(CREATE, fault);
			expect((await call(create)).error?.description).not.toMatch(/carried out/);
		},
	);

	it('holds no token even if the vendor repeats it', async () => {
		await call(show());
		const [token = ''] = tokens();
		harness.fakes.faults.plan(
			SHOW,
			answer({ next: `x?token=${token}`, rows: [{ token, [token]: 1 }] }),
		);
		const outcome = await call({ ...show(), options: { fullResponse: true } });
		expectAbsent(outcome.record, token);
		expect(JSON.stringify(outputOf(outcome))).toContain('x?token=***');
	});
});

describe('a session that CRM.COM has ended early and reports with HTTP 200', () => {
	it('replaces an ended session once for concurrent GETs, which all succeed (P3, P5)', async () => {
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

	it('lets one POST fail under an ended session and sends the others under its successor (P1, P3)', async () => {
		await call(create);
		advanceClock(5 * MINUTE);
		harness.fakes.crmCom.endAllSessions();
		harness.fakes.calls.clear();
		const outcome = await call(create, {
			items: items(10),
			settings: { onError: 'continueRegularOutput' },
		});
		const errors = outputOf(outcome).filter(({ error }) => error !== undefined);
		expect(errors).toEqual([failedWith('Your session has expired')]);
		expect(harness.fakes.calls.counts()).toEqual({ [LOGIN]: 1, [CREATE]: 10 });
	});

	it('replaces an ended session in its first minute, too (P3)', async () => {
		await call(show());
		harness.fakes.crmCom.endAllSessions();
		expect((await call(show(), { items: items(20) })).error).toBeUndefined();
		expect(harness.fakes.calls.count(LOGIN)).toBe(2);
	});

	it('replaces an ended session for the next call when Retry If Session Has Ended is off (P3)', async () => {
		await call(show());
		harness.fakes.crmCom.endAllSessions();
		const off = { ...show(), options: { renewSession: false } };
		expect((await call(off)).error?.message).toBe('Your session has expired');
		expect((await call(off)).error).toBeUndefined();
		expect(harness.fakes.calls.count(LOGIN)).toBe(2);
	});

	it('does not doubt a session in its first minute because of a code about the call (P4)', async () => {
		await call(show());
		const settings = { onError: 'continueRegularOutput' } as const;
		expect((await call(show('CI9'), { items: items(20), settings })).items).toHaveLength(20);
		expect(harness.fakes.calls.counts()).toEqual({ [LOGIN]: 1, [SHOW]: 21 });
		// Since the session still serves calls, the code is about calls, later too.
		await call(show());
		advanceClock(5 * MINUTE);
		await call(show());
		await call(show('CI9'));
		expect(harness.fakes.calls.counts()).toEqual({ [LOGIN]: 1, [SHOW]: 24 });
	});

	it('logs in once for a wrong parameter in 300 items', async () => {
		await call(show());
		advanceClock(5 * MINUTE);
		harness.fakes.calls.clear();
		const outcome = await call(show('CI9'), {
			items: items(300),
			settings: { onError: 'continueRegularOutput' },
		});
		expect(outputOf(outcome)).toEqual(
			items(300, () => failedWith('The contact information was not found')),
		);
		expect(harness.fakes.calls.count(LOGIN)).toBe(1);
		expect(harness.fakes.calls.count(SHOW)).toBeLessThanOrEqual(305);
	});

	it('logs in at most twice a minute when every token is rejected (P9)', async () => {
		harness.fakes.crmCom.rejectsEveryToken = true;
		harness.fakes.faults.plan(SHOW, { kind: 'status', status: 401 });
		const settings = { onError: 'continueRegularOutput' } as const;
		for (let round = 0; round < 5; round++) await call(show(), { items: items(5), settings });
		// The first login answers no failure.
		expect(harness.fakes.calls.count(LOGIN)).toBe(3);
		advanceClock(2 * MINUTE);
		const outcome = await call(show());
		expect(outcome.error?.httpCode).toBe('401');
		expect(harness.fakes.calls.count(LOGIN)).toBe(4);
	});

	it('believes a code that names the session each time, within two logins a minute (P3, P4, P9)', async () => {
		await call(show());
		harness.fakes.crmCom.rejectsEveryToken = true;
		for (let round = 0; round < 5; round++) await call(show());
		expect(harness.fakes.calls.count(LOGIN)).toBe(3);
		harness.fakes.crmCom.rejectsEveryToken = false;
		advanceClock(MINUTE);
		await call(show());
		expect((await call(show())).error).toBeUndefined();
	});
});
