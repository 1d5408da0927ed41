import { describe, expect, it } from '@jest/globals';

import { assertFields, getField, getPassword } from '../../nodes/shared/credentialInput.ts';

describe("a credential's field", () => {
	const fields = { text: ' a ', number: 7, nothing: null, password: ' ' };

	it('reads a field as text, trimmed unless spaces may belong to it', () => {
		expect([getField(fields as never, 'text'), getPassword(fields as never)]).toEqual(['a', ' ']);
		expect(['number', 'nothing', 'missing'].map((name) => getField(fields as never, name))).toEqual(
			['7', '', ''],
		);
	});

	it.each([[{ a: 1 }], [['x', 'y']], [true], [12345678901234567890], [1.5]])(
		'refuses %j, with which a login could only fail (P6)',
		(password) =>
			expect(() => getPassword({ password })).toThrow(
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
