import { describe, expect, it } from '@jest/globals';

import { redact, toDisplayText } from '../../nodes/shared/redact.ts';

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
		// A password that is a word, a number or a short code is masked only if it is labelled as one.
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

	it('masks a password that could be a word if JSON within JSON labels it (P11)', () =>
		expect(redact('{"body":"{\\"password\\":\\"correcthorse\\"}"}', ['correcthorse'])).toBe(
			'{"body":"{\\"password\\":\\"***\\"}"}',
		));

	it('reads millions of spaces without delay', () => {
		// With quadratic work, this would take hours.
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
