import { afterEach, describe, expect, it } from '@jest/globals';

import { Aurea } from '../fakes/aurea.mts';
import { CrmCom, rowsOf } from '../fakes/crmCom.mts';
import { pointedAt, readExamples } from '../demo/examples.mts';
import { newCredential } from '../harness/credentials.mts';
import { itemsOf, withCredentials } from '../harness/rest.mts';
import { secretsFoundIn, secretsOf } from '../harness/secrets.mts';
import { useHarness } from './useHarness.mts';

const harness = useHarness();

interface Finding {
	readonly question: string;
	readonly assumed: string;
	readonly found: string;
	readonly result: 'as assumed' | 'tell us';
}

/** Runs an example, as it is shipped, with a login that nothing else uses. */
async function contact(file: string, type: string) {
	const { rest, fakes } = harness;
	const { workflow } = (await readExamples()).find((example) => example.file.startsWith(file))!;
	const credentials = { [type]: await newCredential(harness, type) };
	const id = await rest.createWorkflow(withCredentials(pointedAt(fakes, workflow), credentials));
	const execution = await rest.run(id, 'Start');
	const error = execution.data.resultData.error?.message;
	const findings = itemsOf(execution, 'Findings').map(({ json }) => json as unknown as Finding);
	const [table] = itemsOf(execution, 'Table to Send');
	return { findings, error, table: String(table?.json['table']), counts: fakes.calls.counts() };
}

/** The answers in the table for the maintainers, by question. */
function told(findings: readonly Finding[]): Record<string, string> {
	return Object.fromEntries(
		findings
			.filter(({ result }) => result === 'tell us')
			.map(({ question, found }) => [question, found]),
	);
}

const found = (findings: readonly Finding[], asked: string) =>
	findings.find(({ question }) => question === asked)?.found;

describe('the first contact with CRM.COM', () => {
	const faithful = new CrmCom({ now: () => 0, seconds: () => 0 } as never);
	const { release, releaseFromR12, jwtLifetime, jwtClaims, paging, maxPage } = faithful;
	const { listMember, errorStatus, rejectsEveryToken, tokenInstead } = faithful;
	afterEach(() => {
		harness.fakes.crmCom.lists.set('currencies/list', rowsOf(3, 'C'));
		Object.assign(harness.fakes.crmCom, {
			...{ release, releaseFromR12, jwtLifetime, jwtClaims, paging, maxPage },
			...{ listMember, errorStatus, rejectsEveryToken, tokenInstead },
		});
	});

	const run = async (variant: Partial<CrmCom>, rows = 3) => {
		harness.fakes.crmCom.lists.set('currencies/list', rowsOf(rows, 'C'));
		Object.assign(harness.fakes.crmCom, variant);
		return await contact('13-', 'crmComUserLoginApi');
	};

	const ended = 'HTTP 200, code COM.CRM.EXCEPTION.SECURITY.SESSIONEXPIREDEXCEPTION';
	const madeUp = { 'A token that is made up': ended };

	it('finds out what is not documented, with one login and eight calls', async () => {
		const { findings, table, counts } = await run({});
		expect(findings).toHaveLength(10);
		expect(told(findings)).toEqual(madeUp);
		expect(counts).toEqual({
			'authentication/token': 1,
			'authentication/token/release': 1,
			'accounts_receivable/show': 1,
			'currencies/list': 5,
			'no_such_method/show': 1,
		});
		expect(table).toMatch(/^CRM\.COM, release \(please fill in\): \n\n\| Question \| Assumed \|/);
		expect(table).toContain(`| The offset of a list | Counts rows | Counts rows | as assumed |`);
		expect(table.split('\n')).toHaveLength(14);
		expect(table.split('\n').slice(2)).toEqual(
			Array.from({ length: 12 }, () => expect.stringMatching(/^\|([^|]+\|){4}$/)),
		);
	});

	it.each<[string, Partial<CrmCom>, Record<string, string>]>([
		['R12', { release: 'R12' }, {}],
		['R12 without a release', { release: 'R12', releaseFromR12: 'notFound' }, {}],
		[
			'R12 with a release',
			{ release: 'R12', releaseFromR12: 'ok' },
			{ 'Release of a token': 'HTTP 200, code OK' },
		],
		[
			'another lifetime of a JWT',
			{ release: 'R12', jwtLifetime: 600 },
			{ 'What a token is': 'JWT with exp, iat, jti, org, oun, usr; exp - iat is 600 s' },
		],
		[
			'claims with markup and the token of somebody',
			{ release: 'R12', jwtClaims: { '<b>|x|</b>': 'MPAdministrator', exp: undefined } },
			{ 'What a token is': 'JWT with iat, jti, org, oun, usr and 1 more; exp - iat is NaN s' },
		],
		[
			'another form of token',
			{ tokenInstead: { value: '1234567890' } },
			{ 'What a token is': '10 characters' },
		],
		[
			'401 for a token that has ended',
			{ errorStatus: 401 },
			{
				'A record that does not exist': expect.stringContaining('HTTP 401, code COM.CRM') as never,
			},
		],
		[
			'lists in a member',
			{ listMember: 'rows' },
			{ 'What a list is': 'An object of 2 fields, 1 of them lists' },
		],
		[
			'no pages',
			{ paging: 'ignored' },
			{
				'A list asked for 2 rows': '3 rows',
				'The offset of a list': 'Ignored',
				'A list beyond its end': '3 rows',
			},
		],
		[
			'an offset that is ignored',
			{ paging: 'offsetIgnored' },
			{ 'The offset of a list': 'Ignored', 'A list beyond its end': '2 rows' },
		],
		[
			'refused pages',
			{ paging: 'refused' },
			{
				'What a list is': 'HTTP 200, code COM.CRM.EXCEPTION.WEBAPI.UNKNOWNPARAMETEREXCEPTION',
				'A list asked for 2 rows': 'No list',
				'The offset of a list': 'No list',
				'A list beyond its end': expect.stringContaining('UNKNOWNPARAMETER') as never,
			},
		],
	])('finds out %s', async (_name, variant, expected) => {
		const { findings } = await run(variant);
		const { 'A token that is made up': token, ...others } = told(findings);
		expect(token).toBe(variant.errorStatus === 401 ? undefined : ended);
		if (variant.tokenInstead) expect(others).toMatchObject(expected);
		else expect(others).toEqual(expected);
	});

	it('does not judge an offset by a list of one row', async () => {
		const { findings } = await run({}, 1);
		expect(told(findings)).toEqual(madeUp);
		expect(found(findings, 'The offset of a list')).toBe('Cannot be told: fewer than two rows');
	});

	it.each([
		['a web page', { kind: 'html' }, 'HTTP 200, no JSON'],
		['a broken connection', { kind: 'reset' }, 'No answer'],
		['the token in its code', { kind: 'echo', status: 200 }, undefined],
	] as const)('shows no secret in its table after %s', async (_name, fault, words) => {
		harness.fakes.faults.plan('currencies/list', fault, 5);
		const { findings, table } = await run({});
		expect(findings).toHaveLength(10);
		if (words !== undefined) expect(found(findings, 'What a list is')).toBe(words);
		const output = JSON.stringify(findings) + table;
		expect(secretsFoundIn(output, secretsOf(harness.fakes))).toEqual([]);
	});

	it.each([
		['an organisation', 'UNKNOWN.CRMDEMO.TOKEN'],
		['a token in capitals', 'UNKNOWN_ABCDEFGHIJKLMNOPQRSTUVWXYZ_TOKEN'],
		['an address', 'www.evil.example'],
		['a sentence', 'No such customer: Jane Doe, 1 Main St'],
		['markup', 'A|<b>B</b>'],
	])('does not repeat a code with %s', async (_name, code) => {
		const body = { status: { code, message: 'No' } };
		harness.fakes.faults.plan('currencies/list', { kind: 'status', status: 200, body }, 5);
		const { findings, table } = await run({
			tokenInstead: { value: 'abcdefghijklmnopqrstuvwxyz' },
		});
		const other = `HTTP 200, another code, of ${code.length} characters`;
		expect(found(findings, 'A token that is made up')).toBe(other);
		expect(table).not.toContain(code);
	});

	it('repeats nothing from data that is not a list', async () => {
		const body = { status: { code: 'OK' }, data: { 'Jane Doe': '1 Main St' } };
		harness.fakes.faults.plan('currencies/list', { kind: 'status', status: 200, body }, 5);
		const { findings, table } = await run({});
		expect(found(findings, 'What a list is')).toBe('An object of 1 fields, 0 of them lists');
		expect(table).not.toMatch(/Jane|Main/);
	});

	it('stops after a rejected login, with the words of CRM.COM', async () => {
		harness.fakes.faults.plan('authentication/token', {
			kind: 'status',
			status: 200,
			body: { status: { code: 'NO', message: 'The user is locked' } },
		});
		const { error, counts } = await run({});
		expect(error).toBe('The user is locked');
		expect(counts).toEqual({ 'authentication/token': 1 });
	});
});

describe('the first contact with Aurea', () => {
	const faithful = new Aurea({ now: () => 0 } as never);
	const { loginStatus, switchEndsOldToken, tokenServesAllOrganizations } = faithful;
	const { endedTokenStatus, listsDeniedBy, organizationsInstead } = faithful;
	afterEach(() => {
		Object.assign(harness.fakes.aurea, {
			...{ loginStatus, switchEndsOldToken, tokenServesAllOrganizations },
			...{ endedTokenStatus, listsDeniedBy, organizationsInstead },
		});
	});

	const run = async (variant: Partial<Aurea>) => {
		Object.assign(harness.fakes.aurea, variant);
		return await contact('14-', 'aureaLoginApi');
	};

	it('finds everything as assumed, with one login and six calls', async () => {
		const { findings, table, counts } = await run({});
		expect(findings).toHaveLength(7);
		expect(told(findings)).toEqual({});
		expect(counts).toEqual({ sessions: 1, 'sessions/switch': 1, '{orgUid}/lists': 5 });
		expect(table.split('\n')).toHaveLength(11);
		expect(secretsFoundIn(table, secretsOf(harness.fakes))).toEqual([]);
	});

	const OK = 'HTTP 200, a JSON array';
	const ELSEWHERE = 'The same token in another organization';
	const MADE_UP = 'A token that is made up';
	const AFTER_SWITCH = 'The old token after the switch';

	it.each<[string, Partial<Aurea>, string, string]>([
		['one token for all organizations', { tokenServesAllOrganizations: true }, ELSEWHERE, OK],
		['a token for one organization', {}, ELSEWHERE, 'HTTP 403, a JSON object'],
		['an old token that lives on', {}, AFTER_SWITCH, OK],
		[
			'an old token that ends with the switch',
			{ switchEndsOldToken: true },
			AFTER_SWITCH,
			'HTTP 401, a JSON object',
		],
		[
			'a login that names no organizations',
			{ organizationsInstead: { value: [] } },
			ELSEWHERE,
			'Cannot be told: one organization only',
		],
		['a login that answers 200', { loginStatus: 200 }, MADE_UP, 'HTTP 401, a JSON object'],
	])('reports %s as found', async (_name, variant, asked, answer) => {
		const { findings } = await run(variant);
		expect(told(findings)).toEqual({});
		expect(found(findings, asked)).toBe(answer);
	});

	it.each<[string, Partial<Aurea>, Record<string, string>]>([
		[
			'403 for a token that has ended',
			{ endedTokenStatus: 403, switchEndsOldToken: true },
			{ [MADE_UP]: 'HTTP 403, a JSON object' },
		],
		[
			'lists that the user may not read',
			{ listsDeniedBy: 403 },
			{
				'GET of the lists of the own organization': 'HTTP 403, a JSON object',
				'The new token in the new organization': 'HTTP 403, a JSON object',
				[AFTER_SWITCH]: 'HTTP 403, a JSON object',
			},
		],
	])('reports %s', async (_name, variant, expected) => {
		const { findings } = await run(variant);
		expect(told(findings)).toEqual(expected);
	});

	it('continues after a rejected switch', async () => {
		harness.fakes.faults.plan('sessions/switch', { kind: 'status', status: 500 });
		const { findings } = await run({});
		expect(told(findings)).toEqual({
			'Switch Organization': 'Rejected',
			'The new token in the new organization': 'Not switched',
		});
	});
});
