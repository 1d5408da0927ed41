import type { Clock } from './clock.mts';
import { uuid } from './tokens.mts';
import type { FakeCredential, FakeRequest, FakeResponse, FakeVendor } from './vendor.mts';

/** The UIDs of two organizations of the first user. The login leads to the second. */
export const SALES = '08781919-4dce-4e21-a6ae-19351b45aba5';
export const CURRENT = 'f4fcdc86-ba2e-4ce0-81f0-cf1d5f2dd26d';

const HOUR = 3_600_000;

interface AureaOrganization {
	uid: string;
	name: string;
	isAdmin: boolean;
	workGroupId: number;
}

interface AureaUser {
	username: string;
	password: string;
	organizations: AureaOrganization[];
	/** The organization that a login leads to. */
	currentUid: string;
	locked: boolean;
	resetPassword: boolean;
	firstTimeLogin: boolean;
}

interface AureaSession {
	readonly user: AureaUser;
	readonly organizationUid: string;
	/** Whether a switch has made it, so that it serves that organization only (documented). */
	readonly isSwitched: boolean;
	readonly endsAt: number;
}

interface MailingList {
	readonly organizationUid: string;
	readonly mailingListName: string;
}

/**
 * Aurea Campaign Manager's API with real state. Its good answers are the documented ones; every
 * error's status and body, and the lifetime of a token, are ASSUMED, since nothing is documented.
 */
export class Aurea implements FakeVendor {
	url = '';
	/** 201 is what client code expects (seen); 200 is possible. */
	loginStatus: 200 | 201 = 201;
	/** ASSUMED, both ways: whether a switch ends the token that it was made with. */
	switchEndsOldToken = false;
	/** ASSUMED. */
	lifetime = HOUR;
	/** What a login answers instead of its token. */
	tokenInstead: { value: unknown } | undefined;
	/** What a login answers instead of the list of organizations. */
	organizationsInstead: { value: unknown } | undefined;
	rejectsEveryToken = false;
	/**
	 * Whether a token serves all organizations of its login until it is switched. The vendor's page says
	 * so; that it does not is ASSUMED.
	 */
	tokenServesAllOrganizations = false;
	/** ASSUMED, both ways: the status that rejects a token that has ended. */
	endedTokenStatus: 401 | 403 = 401;
	/** ASSUMED, both ways: the status for a user without the right to lists. */
	listsDeniedBy: 401 | 403 | undefined;

	readonly users: AureaUser[] = [
		{
			username: 'lhquser9@example.com',
			password: 'lhq-Pa55word',
			organizations: [
				{
					uid: SALES,
					name: 'Sales2',
					isAdmin: true,
					workGroupId: 4155,
				},
				{
					uid: '5bc0bb7e-320d-450e-8a3c-89bfa6b4bc70',
					name: "Zanza's EL14 Testing",
					isAdmin: false,
					workGroupId: 12088,
				},
				{
					uid: '015c5c5c-f76c-4811-a062-0e53266fd619',
					name: "Zanza's EL3 Testing",
					isAdmin: false,
					workGroupId: 10309,
				},
				{
					uid: CURRENT,
					name: "Zanza's EL6 Testing",
					isAdmin: false,
					workGroupId: 10311,
				},
			],
			currentUid: CURRENT,
			locked: false,
			resetPassword: false,
			firstTimeLogin: false,
		},
	];
	readonly lists: MailingList[] = [{ organizationUid: CURRENT, mailingListName: 'News' }];
	readonly sessions = new Map<string, AureaSession>();

	private readonly clock: Clock;

	constructor(clock: Clock) {
		this.clock = clock;
	}

	endAllSessions(): void {
		this.sessions.clear();
	}

	/** `{orgUid}` stands for the UID of an organization. */
	nameOf(path: string): string {
		const segments = segmentsOf(path);
		if (segments[0] === 'sessions') return segments.slice(0, 2).join('/');
		return ['{orgUid}', ...segments.slice(1)].join('/');
	}

	credentials(): Record<string, FakeCredential> {
		const { username, password } = this.users[0]!;
		return {
			aureaLoginApi: {
				name: 'Aurea Campaign Manager Login',
				data: { serverUrl: this.url, username, password },
			},
		};
	}

	addLogin(_credentialType: string, number: number): Record<string, string> {
		const login = { username: `lhq${number}@example.com`, password: `lhq-Pa55-${number}-secret` };
		this.users.push({ ...this.users[0]!, ...login });
		return login;
	}

	loginSecrets(): string[] {
		return this.users.map(({ password }) => password);
	}

	tokens(): string[] {
		return [...this.sessions.keys()];
	}

	help(): string {
		const { username, password, currentUid } = this.users[0]!;
		return `Aurea Campaign Manager (credential "Aurea Campaign Manager Login API")
  Server URL     ${this.url}
  User Name      ${username}
  Password       ${password}
  Try            POST ${this.url}/${currentUid}/lists/ with {"mailingListName":"News"}`;
	}

	answer({ method, path, headers, body }: FakeRequest): FakeResponse {
		const segments = segmentsOf(path);
		if (method === 'POST' && segments.join('/') === 'sessions') return this.logIn(body);
		const [first = '', second = '', third = ''] = segments;
		const session = this.sessionOf(headers['x-lhq-token']);
		const isSwitch =
			method === 'GET' && first === 'sessions' && second === 'switch' && segments.length === 3;
		const isResource = segments.length === 2 && ['lists', 'attributes'].includes(second);
		if (!isSwitch && !isResource) return refused(404, 'Not found');
		if (!session) return refused(this.endedTokenStatus, 'The token is not valid');
		if (isSwitch) return this.switchTo(session, third, String(headers['x-lhq-token']));
		if (!this.serves(session, first)) return refused(403, 'The token is for another organization');
		if (second === 'lists' && this.listsDeniedBy !== undefined)
			return refused(this.listsDeniedBy, 'The user has no right to lists');
		return this.resource(method, first, second, body);
	}

	private serves({ user, organizationUid, isSwitched }: AureaSession, uid: string): boolean {
		if (!this.tokenServesAllOrganizations || isSwitched) return uid === organizationUid;
		return user.organizations.some((organization) => organization.uid === uid);
	}

	private logIn({ username, password }: FakeRequest['body']): FakeResponse {
		const user = this.users.find((candidate) => candidate.username === username);
		if (!user || user.password !== password) return refused(401, 'Invalid username or password');
		const { token, sessionId } = this.open(user, user.currentUid, false);
		const current = user.organizations.find(({ uid }) => uid === user.currentUid);
		return {
			status: this.loginStatus,
			outcome: 'OK',
			// The members of the vendor's sample answer (documented).
			body: {
				sessionId,
				token: this.tokenInstead ? this.tokenInstead.value : token,
				userName: user.username,
				firstName: 'LHQ',
				lastName: 'User 9',
				email: user.username,
				locked: user.locked,
				resetPassword: user.resetPassword,
				firstTimeLogin: user.firstTimeLogin,
				org: {
					name: current?.name,
					lhqOrgUid: user.currentUid,
					deleted: false,
					lhqWorkGroupId: current?.workGroupId,
					siteId: 12347260,
					farmUrl: 'https://www.elabs6.com',
				},
				roleName: 'user',
				lhqOrganizations: this.organizationsInstead
					? this.organizationsInstead.value
					: user.organizations,
				lhqUserId: 31294,
			},
		};
	}

	private switchTo({ user }: AureaSession, uid: string, oldToken: string): FakeResponse {
		if (!user.organizations.some((organization) => organization.uid === uid)) {
			return refused(403, 'The user does not belong to this organization');
		}
		if (this.switchEndsOldToken) this.sessions.delete(oldToken);
		const { token, sessionId } = this.open(user, uid, true);
		return { status: 200, outcome: 'OK', body: { sessionId, token, userSession: {} } };
	}

	private open(
		user: AureaUser,
		organizationUid: string,
		isSwitched: boolean,
	): { token: string; sessionId: string } {
		const token = uuid();
		const endsAt = this.clock.now() + this.lifetime;
		this.sessions.set(token, { user, organizationUid, isSwitched, endsAt });
		return { token, sessionId: uuid() };
	}

	private sessionOf(token: unknown): AureaSession | undefined {
		const session = this.sessions.get(String(token));
		return !this.rejectsEveryToken && session && session.endsAt > this.clock.now()
			? session
			: undefined;
	}

	private resource(
		method: string,
		organizationUid: string,
		resource: string,
		body: FakeRequest['body'],
	): FakeResponse {
		const ofOrganization = this.lists.filter((list) => list.organizationUid === organizationUid);
		// ASSUMED: that lists can be read by GET; only their creation has been seen.
		if (method === 'GET') return { status: 200, outcome: 'OK', body: ofOrganization };
		if (method !== 'POST') return refused(405, 'Method not allowed');
		if (resource === 'lists') {
			this.lists.push({ organizationUid, mailingListName: String(body['mailingListName']) });
		}
		return { status: 200, outcome: 'OK', body: { id: this.lists.length, ...body } };
	}
}

function segmentsOf(path: string): string[] {
	return path.split('/').filter(Boolean).map(decodeURIComponent);
}

function refused(status: number, message: string): FakeResponse {
	return { status, outcome: `HTTP ${status}`, body: { message } };
}
