import { describe, expect, it } from '@jest/globals';

import { SALES } from '../fakes/aurea.mts';
import { showContact } from '../harness/parameters.mts';
import {
	aureaCredential,
	expectAbsent,
	keyCredential,
	useEngine,
	userCredential,
} from './useEngine.mts';

const harness = useEngine();
const banner = async ({ type, data }: { type: string; data: object }) =>
	await harness.engine.testCredential(type, data as never);
/** The banner's first sentence, which says what is wrong. */
const press = async (credential: { type: string; data: object }) =>
	(await banner(credential)).split('. ')[0]!;

describe("a credential's test", () => {
	it('makes exactly one real login', async () => {
		expect(await press(userCredential(harness.fakes))).toBe('OK');
		expect(await press(keyCredential(harness.fakes))).toBe('OK');
		expect(await press(aureaCredential(harness.fakes))).toBe('OK');
		expect(harness.fakes.calls.counts()).toEqual({
			'authentication/token': 1,
			'authentication/web_api_key/token': 1,
			sessions: 1,
			// n8n always sends a request: one without login or token.
			'/crmapi/rest/v2': 2,
			'{orgUid}': 1,
		});
		const { username, password } = userCredential(harness.fakes).data;
		for (const { method, url, headers, body } of harness.fakes.calls.all) {
			if (method === 'POST') continue;
			expectAbsent(JSON.stringify({ url, headers, body }), String(username), String(password));
			expect(url).not.toContain('token');
			expect(headers).not.toHaveProperty('x-lhq-token');
		}
	});

	it.each([
		['an error', { kind: 'status', status: 500 }],
		['a web page', { kind: 'html' }],
		['a redirect', { kind: 'redirect', status: 302, location: 'https://evil.example/' }],
		['nothing', { kind: 'text', text: '' }],
	] as const)("accepts %s from the server's address as a good answer", async (_what, fault) => {
		harness.fakes.faults.plan('/crmapi/rest/v2', fault);
		expect(await press(userCredential(harness.fakes))).toBe('OK');
	});

	it.each([
		['the list of domains names the server', 'domains', '127.0.0.1'],
		['all domains are allowed', 'all', ''],
	])('works if %s', async (_what, allowedHttpRequestDomains, allowedDomains) => {
		const restricted = { allowedHttpRequestDomains, allowedDomains };
		expect(await press(userCredential(harness.fakes, restricted))).toBe('OK');
		expect(await press(keyCredential(harness.fakes, restricted))).toBe('OK');
		expect(await press(aureaCredential(harness.fakes, restricted))).toBe('OK');
	});

	it("shows n8n's reason if the list of domains does not name the server", async () => {
		const restricted = { allowedHttpRequestDomains: 'domains', allowedDomains: 'example.com' };
		for (const credentialOf of [userCredential, keyCredential, aureaCredential]) {
			const message = await press(credentialOf(harness.fakes, restricted));
			expect(message).toMatch(/Domain not allowed/);
			expect(message).not.toContain('could not be reached');
		}
		expect(harness.fakes.calls.all).toEqual([]);
	});

	it('accepts an address with a path, slashes, spaces or a pasted method', async () => {
		for (const rest of [
			'/',
			'/crmapi/rest/v2',
			'/crmapi/rest/v2/authentication/token',
			'/crmapi/rest/v2/ ',
		]) {
			expect(
				await press(
					userCredential(harness.fakes, { serverUrl: ` ${harness.fakes.crmCom.url}${rest}` }),
				),
			).toBe('OK');
		}
		expect(
			await press(
				aureaCredential(harness.fakes, { serverUrl: `${harness.fakes.aurea.url}/sessions/ ` }),
			),
		).toBe('OK');
	});

	it.each([
		['a wrong password', { password: 'no-Pa55' }, 'The user name or the password is wrong'],
		['an unknown organisation', { organisation: 'NOPE' }, 'Organisation NOPE does not exist'],
		['a wrong unit', { unit: '77' }, 'The user does not belong to this unit'],
		['no password', { password: '' }, "'Password' is empty in the credential"],
		['no address', { serverUrl: '' }, "'Server URL' is empty"],
		[
			'an address of another kind',
			{ serverUrl: 'ftp://crm.example.com' },
			"'Server URL' is not an http(s) address",
		],
		[
			'a host that does not exist',
			{ serverUrl: 'https://no.such.host.invalid' },
			'no.such.host.invalid is a host that does not exist',
		],
	])('explains %s in its own sentence', async (_what, changes, sentence) => {
		expect(await press(userCredential(harness.fakes, changes))).toBe(sentence);
		expect(harness.fakes.calls.all.length).toBeLessThanOrEqual(1);
	});

	it.each([
		['a wrong password', { password: 'no-Pa55' }, "check 'User Name', 'Password', 'Organisation'"],
		[
			'an address without a scheme',
			{ serverUrl: 'crm.example.com' },
			'with http:// or https:// in front',
		],
		['no password', { password: '' }, 'Fill it in'],
		['another product', { serverUrl: 'HERE/other' }, "Check 'Server URL'"],
	])(
		'says the next step in the message, which is all that n8n shows: %s',
		async (_what, changes, step) => {
			const { serverUrl } = changes as { serverUrl?: string };
			const here = serverUrl?.replace('HERE', harness.fakes.crmCom.url);
			const own = userCredential(harness.fakes, {
				...changes,
				...(here === undefined ? {} : { serverUrl: here }),
			});
			expect(await banner(own)).toContain(step);
			// A credential's test has no item.
			expect(await banner(own)).not.toContain('for this item');
		},
	);

	it('reports a wrong key, a wrong Aurea login and a web page', async () => {
		expect(await press(keyCredential(harness.fakes, { webApiKey: 'nope' }))).toBe(
			'The Web API key is wrong',
		);
		expect(await press(aureaCredential(harness.fakes, { password: 'nope' }))).toBe(
			'Invalid username or password',
		);
		harness.fakes.faults.plan('*', { kind: 'html' });
		for (const credential of [
			userCredential(harness.fakes),
			keyCredential(harness.fakes),
			aureaCredential(harness.fakes),
		]) {
			expect(await press(credential)).toMatch(/answered with a web page instead/);
		}
	});

	it('asks the vendor even when a session is cached', async () => {
		const credential = userCredential(harness.fakes);
		expect(await press(credential)).toBe('OK');
		harness.fakes.crmCom.users[0]!.password = 'changed-at-the-vendor';
		expect(await press(credential)).toBe('The user name or the password is wrong');
	});

	it('asks the vendor despite a remembered rejection and clears it', async () => {
		const credential = userCredential(harness.fakes);
		const { password } = credential.data;
		harness.fakes.crmCom.users[0]!.password = 'locked-for-now';
		const show = {
			node: 'crmCom',
			parameters: showContact,
			credential,
		} as const;
		expect((await harness.engine.run(show)).error?.message).toBe(
			'The user name or the password is wrong',
		);
		harness.fakes.crmCom.users[0]!.password = password;
		const remembered = (await harness.engine.run(show)).error;
		expect(remembered?.message).toBe('The user name or the password is wrong');
		expect(await press(credential)).toBe('OK');
		expect((await harness.engine.run(show)).error).toBeUndefined();
	});

	it('reports what Aurea asks of a user whose login it accepts', async () => {
		const [user] = harness.fakes.aurea.users;
		user!.firstTimeLogin = true;
		expect(await press(aureaCredential(harness.fakes))).toBe(
			'Aurea Campaign Manager is waiting for the first login of this user',
		);
		Object.assign(user!, { firstTimeLogin: false, resetPassword: true });
		expect(await press(aureaCredential(harness.fakes))).toBe(
			'Aurea Campaign Manager asks for a new password',
		);
		Object.assign(user!, { resetPassword: false, locked: true });
		expect(await press(aureaCredential(harness.fakes))).toBe('The account is locked');
	});

	it('tests the organization of the credential too', async () => {
		expect(await press(aureaCredential(harness.fakes, { organizationUid: SALES }))).toBe('OK');
		expect(await press(aureaCredential(harness.fakes, { organizationUid: 'no-such' }))).toBe(
			'The login has no access to the organization no-such',
		);
	});

	it('masks the password when the vendor repeats it', async () => {
		harness.fakes.faults.plan('*', {
			kind: 'status',
			status: 200,
			body: { status: { code: 'X', message: 'Bad: demo-Pa55 "word"' } },
		});
		const { data, type } = userCredential(harness.fakes);
		expectAbsent(await press({ data, type }), data.password);
	});
});
