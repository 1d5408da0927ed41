import { describe, expect, it } from '@jest/globals';

import {
	aureaCredential,
	expectAbsent,
	keyCredential,
	harness,
	userCredential,
} from './useEngine.mts';

const at = harness();
const press = async ({ type, data }: { type: string; data: object }) =>
	await at.engine.testCredential(type, data as never);

describe("a credential's test", () => {
	it('succeeds by real logins: a fresh one, and the one that it ends with', async () => {
		expect(await press(userCredential(at.vendors))).toBe('OK');
		expect(await press(keyCredential(at.vendors))).toBe('OK');
		expect(await press(aureaCredential(at.vendors))).toBe('OK');
		expect(at.vendors.calls.counts()).toEqual({
			'authentication/token': 2,
			'authentication/web_api_key/token': 2,
			sessions: 2,
		});
	});

	it('takes an address with a path, slashes, spaces or a pasted method', async () => {
		for (const rest of [
			'/',
			'/crmapi/rest/v2',
			'/crmapi/rest/v2/authentication/token',
			'/crmapi/rest/v2/ ',
		]) {
			expect(
				await press(userCredential(at.vendors, { serverUrl: ` ${at.vendors.crmComUrl}${rest}` })),
			).toBe('OK');
		}
		expect(
			await press(aureaCredential(at.vendors, { serverUrl: `${at.vendors.aureaUrl}/sessions/ ` })),
		).toBe('OK');
	});

	it.each([
		['a wrong password', { password: 'no-Pa55' }, 'The user name or the password is wrong'],
		['an unknown organisation', { organisation: 'NOPE' }, 'Organisation NOPE does not exist'],
		['a wrong unit', { unit: '77' }, 'The user does not belong to this unit'],
		['no password', { password: '' }, 'Password is empty in the credential'],
		['no address', { serverUrl: '' }, 'Server URL is empty'],
		[
			'an address of another kind',
			{ serverUrl: 'ftp://crm.example.com' },
			'Server URL is not an http or https address',
		],
		[
			'a host that does not exist',
			{ serverUrl: 'https://no.such.host.invalid' },
			'no.such.host.invalid is a host that does not exist',
		],
	])('tells %s in its own sentence', async (_what, changes, sentence) => {
		expect(await press(userCredential(at.vendors, changes))).toBe(sentence);
		expect(at.vendors.calls.all.length).toBeLessThanOrEqual(1);
	});

	it('tells a wrong key, a wrong login of Aurea, and a web page', async () => {
		expect(await press(keyCredential(at.vendors, { webApiKey: 'nope' }))).toBe(
			'The Web API key is wrong',
		);
		expect(await press(aureaCredential(at.vendors, { password: 'nope' }))).toBe(
			'Invalid username or password',
		);
		at.vendors.faults.plan('*', { kind: 'html' });
		for (const credential of [
			userCredential(at.vendors),
			keyCredential(at.vendors),
			aureaCredential(at.vendors),
		]) {
			expect(await press(credential)).toMatch(/answered with a web page instead/);
		}
	});

	it('asks the vendor though a session is in memory', async () => {
		const credential = userCredential(at.vendors);
		expect(await press(credential)).toBe('OK');
		at.vendors.crmCom.users[0]!.password = 'changed-at-the-vendor';
		expect(await press(credential)).toBe('The user name or the password is wrong');
	});

	it('asks the vendor though a refusal is remembered, and that clears it', async () => {
		const credential = userCredential(at.vendors);
		const { password } = credential.data;
		at.vendors.crmCom.users[0]!.password = 'locked-for-now';
		const show = {
			node: 'crmCom',
			parameters: { operation: 'callMethod', webApiMethod: 'accounts_receivable/show' },
			credential,
		} as const;
		expect((await at.engine.run(show)).error?.message).toBe(
			'The user name or the password is wrong',
		);
		at.vendors.crmCom.users[0]!.password = password;
		const remembered = (await at.engine.run(show)).error;
		expect(remembered?.message).toBe('The user name or the password is wrong');
		expect(await press(credential)).toBe('OK');
		expect((await at.engine.run(show)).error).toBeUndefined();
	});

	it('says what Aurea wants of a user whom it lets in', async () => {
		const [user] = at.vendors.aurea.users;
		user!.firstTimeLogin = true;
		expect(await press(aureaCredential(at.vendors))).toBe(
			'Aurea Campaign Manager awaits the first login of this user',
		);
		Object.assign(user!, { firstTimeLogin: false, resetPassword: true });
		expect(await press(aureaCredential(at.vendors))).toBe(
			'Aurea Campaign Manager asks for a new password',
		);
		Object.assign(user!, { resetPassword: false, locked: true });
		expect(await press(aureaCredential(at.vendors))).toBe('The account is locked');
	});

	it('tests the organization of the credential, too', async () => {
		expect(
			await press(
				aureaCredential(at.vendors, { organizationUid: '08781919-4dce-4e21-a6ae-19351b45aba5' }),
			),
		).toBe('OK');
		expect(await press(aureaCredential(at.vendors, { organizationUid: 'no-such' }))).toBe(
			'The login has no organization no-such',
		);
	});

	it('repeats no secret', async () => {
		at.vendors.faults.plan('*', {
			kind: 'status',
			status: 200,
			body: { status: { code: 'X', message: 'Bad: demo-Pa55 "word"' } },
		});
		const { data, type } = userCredential(at.vendors);
		expectAbsent(await press({ data, type }), data.password);
	});
});
