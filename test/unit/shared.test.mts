import { describe, expect, it, jest } from '@jest/globals';

import { showWarning } from '../../nodes/AureaCampaignManager/warnings.ts';
import { readServerUrl } from '../../nodes/CrmCom/api.ts';
import { showDeprecation } from '../../nodes/CrmCom/call.ts';
import { readConcurrency, readLimit } from '../../nodes/shared/fields.ts';
import {
	assertFields,
	getField,
	getNumber,
	isTrue,
	toPositiveInteger,
} from '../../nodes/shared/input.ts';
import {
	loginContextOf,
	mapWithConcurrency,
	outputItem,
	PromiseCache,
} from '../../nodes/shared/items.ts';
import { Hints } from '../../nodes/shared/hints.ts';
import { toDisplayText, redact } from '../../nodes/shared/redact.ts';
import { assertSameServer } from '../../nodes/shared/serverUrl.ts';

describe('a text that may be shown', () => {
	it.each([
		['hunter2 is wrong', ['hunter2'], '*** is wrong'],
		['p%20w%22', ['p w"'], '***'],
		['{"p":"a\\"bcd"}', ['a"bcd'], '{"p":"***"}'],
		[`Basic ${Buffer.from('KEY-123:').toString('base64')}`, ['KEY-123'], 'Basic ***'],
		['abc-def1 abc-de', ['abc-de', 'abc-def1'], '*** ***'],
		['two\r\nlines\u0007 \u2028', [], 'two lines'],
		['abc\u202edef\u2066 x\u200f', [], 'abc def x'],
		['x'.repeat(600), [], `${'x'.repeat(499)}…`],
		['x'.repeat(500), [], 'x'.repeat(500)],
		['as it is', [''], 'as it is'],
		['wait - what?', [''], 'wait - what?'],
		['half \ud800 a pair', ['\ud800x-long'], 'half \ud800 a pair'],
		['a%20b%EF%BF%BDcd', ['a b\ud800cd'], '***'],
		['pass-w-1 word', ['  pass-w-1  '], '*** word'],
		['p-1 \n q-2!', ['p-1 \n q-2!'], '***'],
		// A password that is a word, a number or a short code is masked only if it is named one.
		['the user name or the password is wrong', ['is'], 'the user name or the password is wrong'],
		['Lovelace is locked since 2024', ['Lovelace', '2024'], 'Lovelace is locked since 2024'],
		[
			'{"user":"Lovelace","password":"Lovelace"}',
			['Lovelace'],
			'{"user":"Lovelace","password":"***"}',
		],
		['password = 2024, year 2024', ['2024'], 'password = ***, year 2024'],
		['password=Lovelaces', ['Lovelace'], 'password=Lovelaces'],
		["Token: 'a.c' abc", ['a.c'], "Token: '***' abc"],
		['x'.repeat(15), ['x'.repeat(15)], 'x'.repeat(15)],
		['x'.repeat(16), ['x'.repeat(16)], '***'],
		['1234567 of 12345678', ['1234567', '12345678'], '1234567 of ***'],
		['ab-12 of ab-123', ['ab-12', 'ab-123'], 'ab-12 of ***'],
	])('makes %s safe to show', (text, secrets, shown) =>
		expect(toDisplayText(text, secrets)).toBe(shown),
	);

	it('drops a partial secret at the end of a long text', () => {
		const text = `${' '.repeat(99_990)}tokentokentoken`;
		expect(toDisplayText(text, ['tokentokentoken'])).toBe('');
	});

	it('drops no more than a partial secret can be long', () => {
		// The longest form of this secret is its Base64, of 16 characters.
		const secrets = ['token-123'];
		const cut = `${'The server says no.'.padEnd(99_996)}toke`;
		expect(toDisplayText(`${cut}n-123`, secrets)).toBe('The serv');
		expect(toDisplayText(cut, secrets)).toBe('The server says no. toke');
		expect(toDisplayText(`${cut}n`, [])).toBe('The server says no. tok');
	});

	it('reads at most 100,000 characters', () => {
		expect(toDisplayText(`${' '.repeat(100_001)}x`, [])).toBe('');
	});
});

describe('output data', () => {
	it('masks secrets in values and names and leaves the rest unchanged', () => {
		const data = {
			'my-token-1': ['my-token-1', 'x my%2dtoken-1 my-token-1x', 1, null, true, { a: undefined }],
			__proto__: { b: 'c' },
		};
		expect(redact(data, ['my-token-1'])).toEqual({
			'***': ['***', 'x my%2dtoken-1 ***x', 1, null, true, { a: undefined }],
		});
		expect(redact(JSON.parse('{"__proto__":"my-token-1"}'), ['my-token-1'])).toEqual(
			JSON.parse('{"__proto__":"***"}'),
		);
	});

	it.each([
		[[1234567890, 123456789, '1234567890'], '1234567890', ['***', 123456789, '***']],
		[
			[12345678901234567890, 12345678901234500000],
			'12345678901234567890',
			['***', 12345678901234500000],
		],
		[[2024, '2024', 'Lovelace'], '2024', [2024, '2024', 'Lovelace']],
		[['', 'a'], '', ['', 'a']],
	])('redacts %j with the secret %s to %j', (data, secret, expected) =>
		expect(redact(data, [secret])).toEqual(expected),
	);

	it('masks a password that could be a word where JSON within JSON names it (P11)', () =>
		expect(redact('{"body":"{\\"password\\":\\"correcthorse\\"}"}', ['correcthorse'])).toBe(
			'{"body":"{\\"password\\":\\"***\\"}"}',
		));

	it('reads very many spaces without delay', () => {
		// With work that grows by the square, this would take hours.
		const spaces = ' '.repeat(3_000_000);
		expect(redact(spaces, ['a'])).toBe(spaces);
	});

	it('leaves out data nested deeper than n8n can keep', () => {
		let deep: unknown = 'end';
		for (let level = 0; level < 100_000; level++) deep = level % 2 ? { a: deep } : [deep];
		expect(JSON.stringify(redact({ deep, b: 1 }, ['s']))).toMatch(
			/"\[more than 500 levels deep: left out\]".*"b":1\}$/,
		);
	});
});

it.each([
	[true, true],
	['true', true],
	[' True ', true],
	[false, false],
	['false', false],
	['', false],
	[1, false],
	['yes', false],
	[undefined, false],
	[null, false],
])('tells whether the switch %j is on: %j', (value, on) => expect(isTrue(value)).toBe(on));

describe('a number that was typed', () => {
	it.each([
		[1, 1],
		['7', 7],
		[' 50 ', 50],
		[2 ** 53 - 1, 2 ** 53 - 1],
	])('reads %j as a number', (value, number) =>
		expect(toPositiveInteger(value, 'Limit')).toBe(number),
	);

	it.each([
		[0],
		[-1],
		[1.5],
		['1.5'],
		['many'],
		[''],
		[' '],
		[null],
		[undefined],
		[true],
		[[5]],
		[Number.NaN],
		[Infinity],
		[2 ** 53],
	])('refuses %j and names the field', (value) => {
		const refused = expect.objectContaining({
			message: "'Limit' must be a whole number of at least 1",
			description: expect.stringMatching(/^If it is an expression/),
		});
		expect(() => toPositiveInteger(value, 'Limit')).toThrow(refused);
	});

	const contextOf = (parameters: Record<string, unknown>) =>
		({
			getNodeParameter: (name: string, _item: number, fallback: unknown) =>
				parameters[name] ?? fallback,
		}) as never;

	it.each([
		[{ returnAll: true }, Infinity],
		[{ returnAll: 'true', limit: 3 }, Infinity],
		[{ returnAll: false, limit: 3 }, 3],
		[{ returnAll: 'false', limit: '3' }, 3],
		[{}, 50],
	])('reads %j as a limit of %j', (parameters, limit) =>
		expect(readLimit(contextOf(parameters), 0)).toBe(limit),
	);

	it('names Limit when its value is wrong', () =>
		expect(() => readLimit(contextOf({ limit: 'x' }), 0)).toThrow(/^'Limit' must/));
});

it.each([
	[{ a: 1.5 }, 1.5],
	[{ a: '1' }, null],
	[{ a: Infinity }, null],
	[{}, null],
	[Object.create({ a: 1 }), null],
])('reads the number in %j as %j', (object, number) =>
	expect(getNumber(object as never, 'a')).toBe(number),
);

describe("a credential's field", () => {
	const fields = { text: ' a ', number: 7, nothing: null, password: ' ', username: ' ' };

	it('reads a field as text, trimmed unless spaces may belong to it', () => {
		expect([getField(fields as never, 'text'), getField(fields as never, 'password')]).toEqual([
			'a',
			' ',
		]);
		expect(['number', 'nothing', 'missing'].map((name) => getField(fields as never, name))).toEqual(
			['7', '', ''],
		);
	});

	it.each([[{ a: 1 }], [['x', 'y']], [true], [12345678901234567890], [1.5]])(
		'refuses %j, with which a login could only fail (P6)',
		(password) =>
			expect(() => getField({ password }, 'password')).toThrow(
				expect.objectContaining({
					message: "The expression in the field 'password' of the credential does not return text",
					description: 'Check what it returns for this item. A long number has to be text',
				}),
			),
	);

	it('refuses a field that is far too long and names its label', () => {
		expect(() => assertFields({ password: 'x'.repeat(5_001) }, { password: 'Password' })).toThrow(
			expect.objectContaining({
				message: "'Password' is too long",
				description: expect.stringMatching(
					/^Correct it in the credential\. If it is an expression/,
				),
			}),
		);
		expect(() =>
			assertFields({ password: 'x'.repeat(5_000) }, { password: 'Password' }),
		).not.toThrow();
	});

	it('names an empty required field by its label and accepts spaces only as a password', () => {
		expect(() =>
			assertFields({ password: ' ', text: 'a' }, { password: 'Password', text: 'Text' }),
		).not.toThrow();
		expect(() =>
			assertFields({ text: 'a', username: '' }, { text: 'Text', username: 'User Name', no: 'No' }),
		).toThrow(/^'User Name' is empty in the credential$/);
		expect(() => assertFields({ password: '' }, { password: 'Password' })).toThrow(
			/^'Password' is empty/,
		);
	});
});

describe("a token's server", () => {
	const server = 'https://crm.example.com/crmapi/rest/v2';

	it.each([
		[undefined],
		[null],
		[''],
		[server],
		['https://crm.example.com'],
		[' https://CRM.example.com/ '],
	])('accepts %j as the server of the credential', (ofItem) => {
		expect(() => assertSameServer(ofItem, server, readServerUrl)).not.toThrow();
	});

	it.each([
		['https://other.example.com', 'https://other.example.com/crmapi/rest/v2'],
		['ftp://crm.example.com', 'another server'],
		[7, 'another server'],
		[' ', 'another server'],
	])('refuses %j as another server', (ofItem, named) => {
		const refused = {
			message: `The token of this item was issued by ${named}, but the credential is for ${server}`,
			description: 'Nothing was sent. Choose the credential that the token was made with',
		};
		expect(() => assertSameServer(ofItem, server, readServerUrl)).toThrow(
			expect.objectContaining(refused),
		);
	});
});

describe('an output item', () => {
	const binary = { data: { data: '', mimeType: 'text/plain' } };
	const contextOf = (...items: object[]) => ({ getInputData: () => items }) as never;

	it('adds input fields and files only on request and lets its own fields win', () => {
		const context = contextOf({ json: { a: 1, b: 1 }, binary });
		expect(outputItem(context, 0, { b: 2 }, false)).toEqual({ json: { b: 2 } });
		expect(outputItem(context, 0, { b: 2 }, true)).toEqual({ json: { a: 1, b: 2 }, binary });
		expect(Object.keys(outputItem(contextOf({ json: { a: 1 } }), 0, { b: 2 }, true))).toEqual([
			'json',
		]);
		expect(outputItem(contextOf(), 0, { b: 2 }, true)).toEqual({ json: { b: 2 } });
	});
});

it('shows each hint once, beside the output', () => {
	const shown: object[] = [];
	const hints = new Hints({ addExecutionHints: (hint: object) => shown.push(hint) } as never);
	for (const message of ['a < b', 'a < b', 'other']) hints.show(message, 'info');
	expect(shown).toEqual([
		{ message: 'a &lt; b', type: 'info', location: 'outputPane' },
		{ message: 'other', type: 'info', location: 'outputPane' },
	]);
});

it('warns of what the vendor asks of a user, and informs of a method that is going to end', () => {
	const addExecutionHints = jest.fn();
	const hints = new Hints({ addExecutionHints } as never);
	showWarning(hints, { warning: 'It asks' } as never);
	showWarning(hints, { warning: null } as never);
	const documentation = { httpMethod: 'GET', path: 'a/b', deprecated: 'R18' };
	showDeprecation(hints, { documentation } as never);
	showDeprecation(hints, { documentation: { ...documentation, deprecated: null } } as never);
	expect(addExecutionHints.mock.calls).toEqual([
		[expect.objectContaining({ type: 'warning' })],
		[
			expect.objectContaining({
				type: 'info',
				message: 'GET a/b has been deprecated since CRM.COM R18',
			}),
		],
	]);
});

it('wants a login until the execution is stopped, and always where n8n cannot tell (P8)', () => {
	const stop = new AbortController();
	const isWantedWith = (signal?: AbortSignal) =>
		loginContextOf({ getExecutionCancelSignal: () => signal } as never).isWanted?.();
	expect([isWantedWith(), isWantedWith(stop.signal)]).toEqual([true, true]);
	stop.abort();
	expect(isWantedWith(stop.signal)).toBe(false);
});

describe('concurrent work', () => {
	it('keeps the order and the concurrency limit and starts no work after a failure', async () => {
		let [now, most] = [0, 0];
		const begun: number[] = [];
		const work = async (index: number) => {
			begun.push(index);
			most = Math.max(most, ++now);
			await new Promise((resolve) => setTimeout(resolve, (7 * index) % 5));
			now -= 1;
			return index * 2;
		};
		expect(await mapWithConcurrency(20, 3, work)).toEqual(
			Array.from({ length: 20 }, (_, index) => index * 2),
		);
		expect(most).toBe(3);
		begun.length = 0;
		const failing = mapWithConcurrency(20, 2, async (index) => {
			await work(index);
			if (index >= 3) throw new Error(`item ${index}`);
			return index;
		});
		await expect(failing).rejects.toThrow('item 3');
		expect(begun.length).toBeLessThanOrEqual(5);
	});

	it.each([
		[7, 7],
		['7', 7],
		[7.9, 7],
		[0, undefined],
		[Number.NaN, undefined],
		[-1, 1],
		[0.5, undefined],
		['many', undefined],
		[undefined, undefined],
	])('reads a concurrency of %j as %j', (given, bound) => {
		const context = {
			getNodeParameter: (_name: string, _item: number, fallback: unknown) => given ?? fallback,
		} as never;
		expect(readConcurrency(context)).toBe(bound);
	});

	it('has no concurrency when it cannot be read', () => {
		const context = {
			getNodeParameter: () => {
				throw new Error('The expression fails');
			},
		} as never;
		expect(readConcurrency(context)).toBeUndefined();
	});

	it('throws the failure of the first item, whichever failed first', async () => {
		const all = mapWithConcurrency(3, 3, async (index) => {
			await new Promise((resolve) => setTimeout(resolve, 10 - index * 5));
			throw new Error(`item ${index}`);
		});
		await expect(all).rejects.toThrow(/^item 0$/);
	});

	it('throws the first failure of 200,000 concurrent items', async () => {
		const all = mapWithConcurrency(
			200_000,
			200_000,
			async (index) => await Promise.reject(new Error(`item ${index}`)),
		);
		await expect(all).rejects.toThrow(/^item 0$/);
	});

	it('creates a value once for each key', async () => {
		const shared = new PromiseCache<number>();
		let made = 0;
		const make = async () => ++made;
		expect(
			await Promise.all([shared.get('a', make), shared.get('b', make), shared.get('a', make)]),
		).toEqual([1, 2, 1]);
	});
});
