import type { Call } from './calls.mts';
import type { Clock } from './clock.mts';
import { hex32, signJwt } from './tokens.mts';

/** Where the methods are (documented). */
export const CRMCOM_BASE = '/crmapi/rest/v2';

const HOUR = 3_600_000;

export interface CrmComUser {
	username: string;
	password: string;
	organisation: string;
	/** The ids of the units that the user may log in to; the first is the default. */
	units: string[];
}

export interface CrmComKey {
	key: string;
	username: string;
	organisation: string;
}

interface CrmComSession {
	readonly user: CrmComUser;
	readonly unit: string;
	/** When it ends, by the vendor's clock; moved by each use where it ends when idle. */
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
}

/** A request as a method sees it. */
export interface CrmComRequest {
	readonly method: string;
	readonly path: string;
	readonly query: URLSearchParams;
	readonly headers: Readonly<Record<string, string | string[] | undefined>>;
	readonly body: Readonly<Record<string, unknown>>;
}

export interface CrmComResponse {
	readonly status: number;
	readonly body: unknown;
	/** `OK` or the error's code. */
	readonly outcome: string;
}

class Rejection extends Error {
	constructor(
		readonly code: string,
		message: string,
		readonly description = '',
	) {
		super(message);
	}
}

/**
 * CRM.COM's Web API with real state. What the vendor documents is done as documented; the error
 * codes and messages are ASSUMED, in the form of the codes that have been seen.
 */
export class CrmCom {
	release: 'R10' | 'R11' | 'R12' = 'R11';
	/** ASSUMED, all three: what a server from R12 on answers to a release. */
	releaseFromR12: 'ok' | 'refused' | 'notFound' = 'refused';
	/** The life of a JWT in seconds (documented: two hours). */
	jwtLifetime = 7_200;
	/** Claims that replace the usual ones; undefined leaves a claim out. */
	jwtClaims: Record<string, unknown> = {};
	/** What a login answers instead of its token, for wrong types and the like. */
	tokenInstead: { value: unknown } | undefined;
	/** ASSUMED, both ways: whether the list method heeds `offset`. */
	listHeedsOffset = true;
	/** ASSUMED, both ways: whether a login ends the user's sessions before it. */
	oneSessionPerUser = false;
	/** ASSUMED, all: the HTTP status of an error's envelope. It is normally 200. */
	errorStatus = 200;
	/** A vendor that lets everybody in and then rejects every token. */
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
		{ id: hex32(), number: 'CI000111', type: 'PERSON', first_name: 'Ada', last_name: 'Lovelace' },
	];
	readonly sessions = new Map<string, CrmComSession>();
	/** Tokens that were given out and released again. */
	readonly released: string[] = [];

	constructor(private readonly clock: Clock) {}

	/** Ends all sessions before their time, as a restart of the vendor's server would. */
	endAllSessions(): void {
		this.sessions.clear();
	}

	/** Sessions that are neither released nor over. */
	liveSessions(): number {
		return [...this.sessions.values()].filter(({ endsAt }) => endsAt > this.clock.now()).length;
	}

	answer(request: CrmComRequest, call: Call): CrmComResponse {
		try {
			const data = this.run(request);
			return ok(data);
		} catch (error) {
			if (error === NOT_FOUND)
				return { status: 404, body: '<h1>Not Found</h1>', outcome: 'not found' };
			if (!(error instanceof Rejection)) throw error;
			const { code, message, description } = error;
			call.outcome = code;
			// Errors come in the same envelope, normally with HTTP status 200 (documented, inferred).
			return {
				status: this.errorStatus,
				body: { data: {}, status: { code, message, description } },
				outcome: code,
			};
		}
	}

	private run(request: CrmComRequest): unknown {
		const route = `${request.method} ${request.path}`;
		switch (route) {
			case 'POST authentication/token':
				return this.logInByPassword(request.body);
			case 'POST authentication/web_api_key/token':
				return this.logInByKey(request);
			case 'POST authentication/token/release':
				return this.releaseToken(request.body);
		}
		if (!PROTECTED.includes(route)) throw NOT_FOUND;
		this.requireSession(request);
		return this.runProtected(route, request);
	}

	private logInByPassword({
		username,
		password,
		organisation,
		unit,
	}: CrmComRequest['body']): unknown {
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

	private logInByKey({ headers, body }: CrmComRequest): unknown {
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

	private releaseToken({ token }: CrmComRequest['body']): unknown {
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
	private requireSession({ method, query, body }: CrmComRequest): void {
		// ASSUMED: the query parameter is read in a POST too, where the body has no such member.
		const token = method === 'GET' ? query.get('token') : (body['token'] ?? query.get('token'));
		const session = this.sessions.get(String(token));
		const now = this.clock.now();
		if (this.rejectsEveryToken || !session || session.endsAt <= now) {
			throw new Rejection(
				SECURITY('SESSIONEXPIRED'),
				'Your session has expired',
				'Get a new token',
			);
		}
		if (session.idle) session.endsAt = now + HOUR;
	}

	private runProtected(route: string, { query, body }: CrmComRequest): unknown {
		switch (route) {
			case 'GET contact_information/show':
				return this.showContact(query.get('contact_information_identifier') ?? '');
			case 'GET contact_information/list':
				return this.listContacts(Object.fromEntries(query));
			case 'POST contact_information/list':
				return this.listContacts(body);
			case 'POST contact_information/create':
				return this.createContact(body);
			case 'GET payments/get_latest':
				return { payments: [{ id: hex32(), number: 'P0000001', reference_number: 'R-1' }] };
			case 'GET subscriptions/show':
				return { id: hex32(), number: query.get('subscription_identifier')?.split('=')[1] ?? '' };
			default:
				return { id: hex32(), number: '192' };
		}
	}

	private showContact(identifier: string): Contact {
		const [field, value] = identifier.split('=');
		const found = this.contacts.find(
			(contact) => field !== undefined && contact[field as keyof Contact] === value,
		);
		if (found) return found;
		throw new Rejection(
			'COM.CRM.EXCEPTION.CONTACTINFORMATION.CONTACTNOTFOUNDEXCEPTION',
			'The contact information was not found',
		);
	}

	/** ASSUMED: the name of this method and of its list, and that the offset counts rows. */
	private listContacts({
		offset = 0,
		number_of_results: size = 10,
	}: CrmComRequest['body']): unknown {
		const start = this.listHeedsOffset ? Number(offset) : 0;
		return { contacts: this.contacts.slice(start, start + Number(size)) };
	}

	private createContact(body: CrmComRequest['body']): Contact {
		const contact = {
			id: hex32(),
			number: `CI${String(this.contacts.length + 111).padStart(6, '0')}`,
			type: String(body['type']),
			first_name: String(body['first_name']),
			last_name: String(body['last_name']),
		};
		this.contacts.push(contact);
		return contact;
	}
}

const PROTECTED = [
	'GET contact_information/show',
	'GET contact_information/list',
	'POST contact_information/list',
	'POST contact_information/create',
	'GET payments/get_latest',
	'GET subscriptions/show',
	'GET accounts_receivable/show',
];

const NOT_FOUND = new Error('not found');

const SECURITY = (what: string) => `COM.CRM.EXCEPTION.SECURITY.${what}EXCEPTION`;

function ok(data: unknown): CrmComResponse {
	return {
		status: 200,
		body: { data, status: { code: 'OK', message: '', description: null } },
		outcome: 'OK',
	};
}
