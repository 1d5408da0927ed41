import { describe, expect, it } from '@jest/globals';

import {
	isStructuredText,
	isObjectText,
	parseJson,
	putMember,
	readMembers,
	textOfJson,
	writeMembers,
} from '../../nodes/shared/jsonText.ts';

describe('putting a member into JSON text', () => {
	it.each([
		['{}', '{"token":"T"}'],
		[' { } ', ' {"token":"T" } '],
		['{"a":1}', '{"token":"T","a":1}'],
		[
			'{"n":12345678901234567890,"s":"\\u0000"}',
			'{"token":"T","n":12345678901234567890,"s":"\\u0000"}',
		],
		['{"token":"old"}', '{"token":"T"}'],
		['{"token" : {"token":[1,"}"]} , "b":2}', '{"token" :"T" , "b":2}'],
		['{"a":{"token":"inner"}}', '{"token":"T","a":{"token":"inner"}}'],
		['{"a":"\\"token\\":1","tok\\u0065n":null}', '{"a":"\\"token\\":1","tok\\u0065n":"T"}'],
		['{"token":1,"token":2}', '{"token":"T","token":"T"}'],
	])('puts the member into %s', (text, expected) => {
		expect(putMember(text, 'token', 'T')).toBe(expected);
		expect(putMember(expected, 'token', 'T')).toBe(expected);
	});

	it.each([['[]'], ['"x"'], ['{'], ['{"a":}'], ['']])(
		'returns undefined for %s, which is not a JSON object',
		(text) => {
			expect(putMember(text, 'token', 'T')).toBeUndefined();
		},
	);

	it('recognizes the JSON of an object', () => {
		expect(['{}', ' {"a":1}', '\n{}'].map(isObjectText)).toEqual([true, true, true]);
		expect(['[]', '{', '', 'null', '"{}"', 'x{}'].map(isObjectText)).toEqual([
			false,
			false,
			false,
			false,
			false,
			false,
		]);
	});

	it('recognizes the JSON of an object or an array', () => {
		expect(['{}', ' [1]', '\n{"a":[]}'].map(isStructuredText)).toEqual([true, true, true]);
		expect(['"[1]"', '7', '[1', ''].map(isStructuredText)).toEqual([false, false, false, false]);
	});

	it('reads each member as its JSON, and writes them again', () => {
		const text = '{ "a" : "x\\"y" , "n":12345678901234567890, "o": { "b": [1, "}"] } , "s":"" }';
		const members = readMembers(text);
		expect([...members]).toEqual([
			['a', '"x\\"y"'],
			['n', '12345678901234567890'],
			['o', '{ "b": [1, "}"] }'],
			['s', '""'],
		]);
		expect(writeMembers(members)).toBe(
			'{"a":"x\\"y","n":12345678901234567890,"o":{ "b": [1, "}"] },"s":""}',
		);
		expect([...members.values()].map(textOfJson)).toEqual([
			'x"y',
			'12345678901234567890',
			'{ "b": [1, "}"] }',
			'',
		]);
		expect(writeMembers(readMembers('{}'))).toBe('{}');
	});

	it('reads a long run of spaces without delay', () => {
		const text = `{"token":1${' '.repeat(2_000_000)},"a":"${' '.repeat(2_000_000)}x"}`;
		expect(putMember(text, 'token', 'T')).toHaveLength(text.length + 2);
	});

	it('replaces thousands of members of the same name without delay', () => {
		const members = (value: string) =>
			`{${Array.from({ length: 100_000 }, () => `"token":${value}`).join(',')}}`;
		expect(putMember(members('1'), 'token', 'T')).toBe(members('"T"'));
	});

	it('reads a string with millions of escapes', () => {
		const text = JSON.stringify({ a: '"\\'.repeat(3_000_000) });
		expect(putMember(text, 'token', 'T')).toHaveLength(text.length + '"token":"T",'.length);
	});

	it('reads a string of five million characters', () => {
		const text = JSON.stringify({ a: 'x'.repeat(5_000_000) });
		expect(putMember(text, 'token', 'T')).toHaveLength(text.length + '"token":"T",'.length);
	});
});

describe('reading JSON', () => {
	const digits = '12345678901234567890';

	it.each([
		[`{"a":${digits}}`, { a: digits }],
		[`[${digits}, -${digits},1]`, [digits, `-${digits}`, 1]],
		[digits, digits],
		[` { "a" : ${digits} , "b" : 2 } `, { a: digits, b: 2 }],
		// These are exact, or differ only in zeros.
		['[1000000000000000000000]', [1e21]],
		['[0.1000000000000000]', [0.1]],
		['[0.0000000000000001]', [1e-16]],
		['[1234567890123456e3]', [1234567890123456000]],
		['[9007199254740992]', [9007199254740992]],
		['[9007199254740993]', ['9007199254740993']],
		['[1234567890.1234567890]', ['1234567890.1234567890']],
		['[12345678901234567890e2]', ['12345678901234567890e2']],
		['[1234567890123456E-5]', [12345678901.23456]],
		// The nearest number ends in 9010: without its zeros, it would look the same.
		['[129021695477269001]', ['129021695477269001']],
		// Within texts, everything stays as it is.
		[`{"a":"x:${digits},"}`, { a: `x:${digits},` }],
		[String.raw`{"a":"\\","b":12345678901234567890}`, { a: '\\', b: digits }],
		[
			String.raw`{"a":"\\\",12345678901234567890,","b":12345678901234567890}`,
			{ a: String.raw`\",12345678901234567890,`, b: digits },
		],
		[`{"a":"q\\"[${digits}]"}`, { a: `q"[${digits}]` }],
		[`["${digits}",${digits}]`, [digits, digits]],
		[`",${digits},"`, `,${digits},`],
		['no JSON', undefined],
		['', undefined],
	])('reads %j', (text, value) => expect(parseJson(text)).toEqual(value));
});

describe('numbers with very many zeros', () => {
	// With quadratic work, this would take a quarter of an hour.
	const zeros = '0'.repeat(1_000_000);

	it.each([
		['a number', `{"a":1${zeros}1}`, { a: `1${zeros}1` }],
		['a string', `{"a":",1${zeros}1,"}`, { a: `,1${zeros}1,` }],
	])('are read in %s without delay', (_what, text, value) =>
		expect(parseJson(text)).toEqual(value),
	);
});
