import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import type { CatalogueMethod } from '../../nodes/CrmCom/catalogue.ts';
import { identifierFields } from '../../nodes/CrmCom/identifierFields.ts';
import type { Clock } from './clock.mts';
import { hex32, signJwt } from './tokens.mts';
import type { FakeCredential, FakeRequest, FakeResponse, FakeVendor } from './vendor.mts';

/** The subscription that the server has. */
export const SUBSCRIPTION_ID = '5F0C3B1E9A7D4C28B6E1D2F3A4B5C6D7';

/** Where the methods are (documented). */
const BASE = '/crmapi/rest/v2/';

const HOUR = 3_600_000;

interface CrmComUser {
	username: string;
	password: string;
	organisation: string;
	/** The ids of the units that the user may log in to; the first is the default. */
	units: string[];
}

interface CrmComKey {
	key: string;
	username: string;
	organisation: string;
}

interface CrmComSession {
	readonly user: CrmComUser;
	readonly unit: string;
	/** When it ends, by the vendor's clock; each use moves it if it ends when idle. */
	endsAt: number;
	readonly idle: boolean;
	readonly kind: 'userLogin' | 'webApiKey';
}

interface Contact {
	id: string;
	number: string;
	type: string;
	first_name: string;
	last_name: string;
	/** What was written as `demographics.email_set[].email_address` (seen in client code). */
	emails_set: object[];
}

class Rejection extends Error {
	readonly code: string;
	readonly description: string;

	constructor(code: string, message: string, description = '') {
		super(message);
		this.code = code;
		this.description = description;
	}
}

/**
 * CRM.COM's Web API with real state, and every method of the catalogue. It does what the vendor documents;
 * error codes and messages are ASSUMED, in the form of the codes that have been seen.
 */
export class CrmCom implements FakeVendor {
	url = '';
	release: 'R10' | 'R11' | 'R12' = 'R11';
	/** ASSUMED, all three: what a server from R12 on answers to a release. */
	releaseFromR12: 'ok' | 'refused' | 'notFound' = 'refused';
	/** The lifetime of a JWT in seconds (documented: two hours). */
	jwtLifetime = 7_200;
	/** Claims that replace the usual ones; undefined leaves a claim out. */
	jwtClaims: Record<string, unknown> = {};
	/** What a login answers instead of its token, for wrong types and the like. */
	tokenInstead: { value: unknown } | undefined;
	/** ASSUMED, except the first: how list methods take page parameters. */
	paging: 'documented' | 'ignored' | 'offsetIgnored' | 'refused' = 'documented';
	/** ASSUMED, both ways: the most rows that a list gives at once. */
	maxPage = Infinity;
	/** ASSUMED: the name of the list if it is a member of `data`, and not `data` itself. */
	listMember: string | undefined;
	/** ASSUMED, both ways: whether a login ends the user's sessions before it. */
	oneSessionPerUser = false;
	/** ASSUMED, both ways: whether `number` names a contact, as one sample has it, and five pages do not. */
	contactsHaveNumbers = true;
	/** ASSUMED, all: the HTTP status of an error's envelope. It is normally 200. */
	errorStatus = 200;
	/** ASSUMED, all: the code of a call whose session has ended. */
	sessionCode = SECURITY('SESSIONEXPIRED');
	/** ASSUMED: the code of a missing record; undefined for a code per kind of record. */
	notFoundCode: string | undefined;
	/** Accepts every login and then rejects every token. */
	rejectsEveryToken = false;

	readonly organisations = new Set(['CRMDEMO', 'OTHERORG']);
	readonly users: CrmComUser[] = [
		{
			username: 'demo',
			password: 'demo-Pa55 "word"',
			organisation: 'CRMDEMO',
			units: ['1', '9D2F6A1B0C3E4D5F8A7B6C5D4E3F2A1B'],
		},
		{ username: 'second', password: 'second-Pa55word', organisation: 'CRMDEMO', units: ['1'] },
	];
	readonly keys: CrmComKey[] = [
		{ key: 'SYSKEY-7f3c9d1e5b', username: 'demo', organisation: 'CRMDEMO' },
	];
	readonly contacts: Contact[] = [
		{
			id: '93EE9CB4D8D82B91815EE58DE7E209F8',
			number: 'CI000111',
			type: 'PERSON',
			first_name: 'Ada',
			last_name: 'Lovelace',
			emails_set: [{ email: 'ada@example.com' }],
		},
	];
	/** What identifiers name, by the kind of record: any other is refused. */
	readonly records = new Map<string, object[]>([
		['accounts_receivable', [ACCOUNT]],
		['subscription', [{ id: SUBSCRIPTION_ID, number: 'S0000000329' }]],
		['payment', []],
	]);
	/** The rows of list methods, by path. */
	readonly lists = new Map<string, object[]>([
		['accounts_receivable/list', [ACCOUNT]],
		['activities/configuration/types/list', rowsOf(3, 'T')],
		['payments/list', rowsOf(3, 'P')],
		['payments/get_latest', rowsOf(1, 'P')],
		['subscriptions/list', rowsOf(2, 'S')],
		['currencies/list', rowsOf(3, 'C')],
		['jobs/all_scopes/get_overdue', rowsOf(3, 'J')],
		['webhook_requests/list', rowsOf(2, 'W')],
	]);
	/** The answers of methods that need no state, by path: `{}` if left out. */
	readonly answers = new Map<string, unknown>([
		[
			'customer_events/bulk/achievements/create',
			{
				processed_achievement_customer_events_set: [{ request_unique_identifier: 'E1' }],
				unprocessed_achievement_customer_events_set: [
					{
						request_unique_identifier: 'E2',
						error_code: WEBAPI('UNKNOWNACCOUNT'),
						error_description: 'The account does not exist',
					},
				],
			},
		],
	]);
	readonly sessions = new Map<string, CrmComSession>();
	/** Tokens that were given out and released again. */
	readonly released: string[] = [];

	private readonly clock: Clock;

	constructor(clock: Clock) {
		this.clock = clock;
	}

	/** Ends all sessions before their time, as a restart of the vendor's server would. */
	endAllSessions(): void {
		this.sessions.clear();
	}

	/** The number of sessions that are neither released nor over. */
	liveSessions(): number {
		return [...this.sessions.values()].filter(({ endsAt }) => endsAt > this.clock.now()).length;
	}

	nameOf(path: string): string {
		return path.startsWith(BASE) ? path.slice(BASE.length) : path;
	}

	credentials(): Record<string, FakeCredential> {
		const { username, password, organisation } = this.users[0]!;
		return {
			crmComUserLoginApi: {
				name: 'CRM.COM User Login',
				data: { serverUrl: this.url, username, password, organisation },
			},
			crmComWebApiKeyApi: {
				name: 'CRM.COM Web API Key',
				data: { serverUrl: this.url, webApiKey: this.keys[0]!.key },
			},
		};
	}

	addLogin(credentialType: string, number: number): Record<string, string> {
		const organisation = 'CRMDEMO';
		if (credentialType === 'crmComWebApiKeyApi') {
			const key = `SYSKEY-${number}-secret`;
			this.keys.push({ key, username: 'demo', organisation });
			return { webApiKey: key };
		}
		const login = { username: `user${number}`, password: `own-Pa55-${number}-secret` };
		this.users.push({ ...login, organisation, units: ['1'] });
		return login;
	}

	loginSecrets(): string[] {
		return [...this.users.map(({ password }) => password), ...this.keys.map(({ key }) => key)];
	}

	tokens(): string[] {
		return [...this.sessions.keys()];
	}

	help(): string {
		const [user, key] = [this.users[0]!, this.keys[0]!];
		return `CRM.COM ${this.release} (credentials "CRM.COM User Login API" and "CRM.COM Web API Key API")
  Server URL     ${this.url}
  User Name      ${user.username}
  Password       ${user.password}
  Organisation   ${user.organisation}
  Unit ID        (leave it empty, or ${user.units.join(' or ')})
  Web API Key    ${key.key}
  Try            GET ${this.url}${BASE}contact_information/show?contact_information_identifier=number=CI000111`;
	}

	answer(request: FakeRequest): FakeResponse {
		try {
			return ok(this.run({ ...request, path: this.nameOf(request.path) }));
		} catch (error) {
			if (error === NOT_FOUND)
				return { status: 404, body: '<h1>Not Found</h1>', outcome: 'not found' };
			if (!(error instanceof Rejection)) throw error;
			const { code, message, description } = error;
			// Errors come in the same envelope, normally with HTTP status 200 (documented, inferred).
			return {
				status: this.errorStatus,
				body: { data: {}, status: { code, message, description } },
				outcome: code,
			};
		}
	}

	private run(request: FakeRequest): unknown {
		const route = `${request.method} ${request.path}`;
		switch (route) {
			case 'POST authentication/token':
				return this.logInByPassword(request.body);
			case 'POST authentication/web_api_key/token':
				return this.logInByKey(request);
			case 'POST authentication/token/release':
				return this.releaseToken(request.body);
		}
		if (route === 'POST attachments/add') {
			this.requireSession(request);
			return this.addAttachment(request);
		}
		const method = METHODS.find(
			({ httpMethod, path }) => httpMethod === request.method && path === request.path,
		);
		if (method === undefined) throw NOT_FOUND;
		this.requireSession(request);
		return this.runProtected(method, request);
	}

	private logInByPassword({
		username,
		password,
		organisation,
		unit,
	}: FakeRequest['body']): unknown {
		const known = this.users.filter((user) => user.username === username);
		const user = known.find((candidate) => candidate.organisation === organisation);
		if (!this.organisations.has(String(organisation))) {
			throw new Rejection(
				SECURITY('UNKNOWNORGANISATION'),
				`Organisation ${String(organisation)} does not exist`,
			);
		}
		if (!user || user.password !== password) {
			throw new Rejection(SECURITY('INVALIDCREDENTIALS'), 'The user name or the password is wrong');
		}
		return { token: this.open(user, unit, 'userLogin') };
	}

	private logInByKey({ headers, body }: FakeRequest): unknown {
		if (this.release < 'R10') throw NOT_FOUND;
		const encoded = /^Basic (.+)$/.exec(String(headers['authorization'] ?? ''))?.[1] ?? '';
		const plain = Buffer.from(encoded, 'base64').toString('utf8');
		// The key is the user name and the password is empty (documented), so it ends with the colon.
		const found = this.keys.find(({ key }) => plain === `${key}:`);
		const user = this.users.find(
			({ username, organisation }) =>
				username === found?.username && organisation === found.organisation,
		);
		if (!user) throw new Rejection(SECURITY('INVALIDWEBAPIKEY'), 'The Web API key is wrong');
		return { token: this.open(user, body['unit'], 'webApiKey') };
	}

	private open(user: CrmComUser, wanted: unknown, kind: CrmComSession['kind']): unknown {
		const unit = wanted === undefined ? user.units[0]! : String(wanted);
		if (!user.units.includes(unit)) {
			throw new Rejection(
				SECURITY('UNITNOTALLOWED'),
				'The user does not belong to this unit',
				`Unit ${unit}`,
			);
		}
		if (this.tokenInstead) return this.tokenInstead.value;
		if (this.oneSessionPerUser) {
			for (const [token, session] of this.sessions) {
				if (session.user === user) this.sessions.delete(token);
			}
		}
		const isJwt = this.release === 'R12';
		const lifetime = isJwt ? this.jwtLifetime * 1000 : kind === 'userLogin' ? HOUR : 2 * HOUR;
		const token = isJwt ? this.jwt(user, unit) : hex32();
		this.sessions.set(token, {
			user,
			unit,
			kind,
			endsAt: this.clock.now() + lifetime,
			idle: !isJwt && kind === 'userLogin',
		});
		return token;
	}

	/** Claims as in real samples, in which `exp` and `iat` are strings (documented). */
	private jwt(user: CrmComUser, unit: string): string {
		const issuedAt = this.clock.seconds();
		return signJwt({
			usr: user.username,
			org: user.organisation,
			oun: unit,
			exp: String(issuedAt + this.jwtLifetime),
			iat: String(issuedAt),
			jti: hex32(),
			...this.jwtClaims,
		});
	}

	private releaseToken({ token }: FakeRequest['body']): unknown {
		if (this.release === 'R12') {
			if (this.releaseFromR12 === 'notFound') throw NOT_FOUND;
			if (this.releaseFromR12 === 'refused') {
				throw new Rejection(
					'COM.CRM.EXCEPTION.WEBAPI.METHODDEPRECATEDEXCEPTION',
					'This method is deprecated',
				);
			}
		}
		if (!this.sessions.delete(String(token)))
			throw new Rejection(SECURITY('INVALIDTOKEN'), 'The token is not valid');
		this.released.push(String(token));
		return {};
	}

	/** The token is the query parameter of a GET and the body's member of a POST (documented). */
	private requireSession({ method, query, body }: FakeRequest): void {
		// ASSUMED: the query parameter is read in a POST too, if the body has no such member.
		const token = method === 'GET' ? query.get('token') : (body['token'] ?? query.get('token'));
		const session = this.sessions.get(String(token));
		const now = this.clock.now();
		if (this.rejectsEveryToken || !session || session.endsAt <= now) {
			throw new Rejection(this.sessionCode, 'Your session has expired', 'Get a new token');
		}
		if (session.idle) session.endsAt = now + HOUR;
	}

	/** Checks what the documentation says of a method, and answers in its form. */
	private runProtected(method: CatalogueMethod, request: FakeRequest): unknown {
		const parameters = parametersOf(request);
		for (const { name, mandatory } of method.parameters) {
			if (mandatory === true && parameters[name] === undefined)
				throw new Rejection(WEBAPI('MANDATORYPARAMETER'), `The parameter ${name} is mandatory`);
		}
		const [named] = this.readIdentifiers(method, parameters).map((known) => this.find(known));
		if (method.isList) return this.list(method, parameters);
		if (method.path === 'contact_information/create') return this.createContact(parameters);
		if (method.path === 'payments/create') return this.createPayment(parameters);
		if (this.answers.has(method.path)) return this.answers.get(method.path);
		if (!method.path.endsWith('/show')) return {};
		if (!named) throw this.notFound(method.path.split('/')[0]!);
		return named;
	}

	/** `number=192` in a GET, `{ "number": "192" }` in a POST, with a field that the parameter takes (documented). */
	private readIdentifiers(
		{ httpMethod, parameters: known }: CatalogueMethod,
		parameters: Record<string, unknown>,
	): Identifier[] {
		const given = known.filter(({ name, type }) => type === 'identifier' && parameters[name]);
		return given.map((parameter) => {
			const { name } = parameter;
			const value = parameters[name];
			const [field, text] =
				httpMethod === 'GET'
					? String(value).split(/=(.*)/s)
					: typeof value === 'object'
						? (Object.entries(value as object)[0] ?? [])
						: [];
			const fields = [...identifierFields(parameter)];
			// The one sample of an introduction names a contact by its number; five pages do not allow it.
			const isContact = name.endsWith('contact_information_identifier');
			if (isContact && this.contactsHaveNumbers) fields.push('number');
			const isTaken =
				fields.length === 0 ||
				fields.includes(String(field)) ||
				field === 'access_token_identifier';
			if (!field || typeof text !== 'string' || !isTaken)
				throw new Rejection(WEBAPI('INVALIDIDENTIFIER'), `The identifier ${name} is not valid`);
			return { entity: name.replace(/_identifier$/, ''), field, value: text };
		});
	}

	/** The record that an identifier names; undefined if this server keeps none of its kind. */
	private find({ entity, field, value }: Identifier): object | undefined {
		const records: readonly object[] | undefined =
			entity === 'contact_information' ? this.contacts : this.records.get(entity);
		if (records === undefined) return undefined;
		const found = records.find((record) => (record as Record<string, unknown>)[field] === value);
		if (!found) throw this.notFound(entity);
		return found;
	}

	/** ASSUMED: the words and the code for a missing record. */
	private notFound(entity: string): Rejection {
		const [what, code] =
			entity === 'contact_information'
				? ['contact information', 'CONTACTINFORMATION.CONTACT']
				: [entity.replaceAll('_', ' '), `${entity.replaceAll('_', '').toUpperCase()}.RECORD`];
		return new Rejection(
			this.notFoundCode ?? `COM.CRM.EXCEPTION.${code}NOTFOUNDEXCEPTION`,
			`The ${what} was not found`,
		);
	}

	/** A list is an array that is `data` itself (documented); the offset counts rows (documented). */
	private list({ path }: CatalogueMethod, parameters: Record<string, unknown>): unknown {
		const { email_address: address } = parameters;
		const all = this.lists.get(path) ?? [];
		const rows =
			address === undefined ? all : all.filter((row) => 'email' in row && row.email === address);
		const { offset = 0, number_of_results: wanted = Infinity } = parameters;
		const isPage = 'offset' in parameters || 'number_of_results' in parameters;
		if (this.paging === 'refused' && isPage)
			throw new Rejection(WEBAPI('UNKNOWNPARAMETER'), 'The parameter offset is not known');
		if (this.paging === 'ignored') return this.inList(rows);
		const start = this.paging === 'offsetIgnored' ? 0 : Number(offset);
		return this.inList(rows.slice(start, start + Math.min(Number(wanted), this.maxPage)));
	}

	private inList(rows: readonly object[]): unknown {
		return this.listMember === undefined ? rows : { [this.listMember]: rows, total: rows.length };
	}

	/** A file comes in a form (documented). */
	private addAttachment({ headers }: FakeRequest): unknown {
		if (!String(headers['content-type']).startsWith('multipart/form-data'))
			throw new Rejection(WEBAPI('NOFILE'), 'The file is missing');
		return { id: hex32() };
	}

	/** ASSUMED: a payment is created with a reference number by which it can be found. */
	private createPayment({ reference_number, payment_amount }: Record<string, unknown>): object {
		const payments = this.records.get('payment') ?? [];
		const payment = {
			id: hex32(),
			number: `P${String(payments.length + 1).padStart(7, '0')}`,
			reference_number,
			payment_amount,
		};
		this.records.set('payment', [...payments, payment]);
		return payment;
	}

	private createContact(body: Record<string, unknown>): Contact {
		const contact = {
			id: hex32(),
			number: `CI${String(this.contacts.length + 111).padStart(6, '0')}`,
			type: String(body['type']),
			first_name: String(body['first_name']),
			last_name: String(body['last_name']),
			emails_set: emailsOf(body['demographics']),
		};
		this.contacts.push(contact);
		return contact;
	}
}

function emailsOf(demographics: unknown): object[] {
	const { email_set: written = [] } = (demographics ?? {}) as {
		email_set?: ReadonlyArray<{ email_address: string }>;
	};
	return written.map(({ email_address: email }) => ({ email }));
}

/** How a record is named: by one of its fields (documented). */
interface Identifier {
	readonly entity: string;
	readonly field: string;
	readonly value: string;
}

/** A GET has its parameters in the query, and a POST in its body (documented). */
function parametersOf({ method, query, body }: FakeRequest): Record<string, unknown> {
	return method === 'GET' ? Object.fromEntries(query) : body;
}

/** Rows of a list, all different. */
export function rowsOf(count: number, prefix = 'R'): object[] {
	return Array.from({ length: count }, (_, index) => ({
		id: hex32(),
		number: `${prefix}${String(index + 1).padStart(7, '0')}`,
		reference_number: `R-${index + 1}`,
	}));
}

/** ASSUMED: that a row of the list contains the address by which it was found. */
const ACCOUNT = { id: hex32(), number: '192', name: 'Ada Lovelace', email: 'ada@example.com' };

const METHODS = JSON.parse(
	readFileSync(resolve(import.meta.dirname, '../../nodes/CrmCom/methods.json'), 'utf8'),
) as readonly CatalogueMethod[];

/** ASSUMED: the codes of errors in a call. */
const WEBAPI = (what: string) => `COM.CRM.EXCEPTION.WEBAPI.${what}EXCEPTION`;

const NOT_FOUND = new Error('not found');

function SECURITY(what: string): string {
	return `COM.CRM.EXCEPTION.SECURITY.${what}EXCEPTION`;
}

function ok(data: unknown): FakeResponse {
	return {
		status: 200,
		body: { data, status: { code: 'OK', message: '', description: null } },
		outcome: 'OK',
	};
}
