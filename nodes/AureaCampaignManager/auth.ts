import { ApiError, InputError } from '../shared/errors';
import type { HttpClient, HttpRequest } from '../shared/http';
import { assertFields, getRawField, getSentField, type Credentials } from '../shared/input';
import { assertWanted, loginBackoff } from '../shared/session/backoff';
import { withHeader, type OutgoingRequest } from '../shared/session/request';
import { retryUnavailable } from '../shared/session/retry';
import { plainPath } from '../shared/session/target';
import { Sessions } from '../shared/session/sessions';
import { settle } from '../shared/settle';
import {
	hashKey,
	stateInDoubt,
	type AuthStrategy,
	type Login,
	type LoginContext,
} from '../shared/session/strategy';
import {
	askForLists,
	assertUid,
	login,
	LOGIN_PATH,
	loginRequest,
	readServerUrl,
	switchToOrganization,
	TOKEN_HEADER,
} from './api';
import { resolveOrganization, withOrganization } from './organizations';
import type { LoginResponse, SwitchResponse } from './responses';

/** How long a token lives is documented nowhere: half an hour is assumed. */
const ASSUMED_LIFETIME_MS = 30 * 60_000;

export const CREDENTIAL_TYPE = 'aureaLoginApi';

/** A session that the credential keeps for itself. */
interface AureaLogin extends Login {
	/** The organization that it is in; null where the vendor did not say. */
	readonly organizationUid: string | null;
	readonly warning: string | null;
	/** Set to false once the question has turned out to say nothing about this login's session. */
	isQuestionUseful: boolean;
}

/** A login, and the switch that followed it where another organization was wanted. */
export interface OrganizationLogin {
	readonly login: LoginResponse;
	readonly switched: SwitchResponse | null;
	/** The organization that the token is for; null where the vendor did not say. */
	readonly organizationUid: string | null;
}

function serverUrl(credentials: Credentials): string {
	return readServerUrl(credentials['serverUrl']);
}

/** Secrets to mask in errors and output. */
export function secrets(credentials: Credentials): string[] {
	return [getRawField(credentials, 'password')];
}

function createLoginRequest(credentials: Credentials): HttpRequest {
	const server = serverUrl(credentials);
	assertFields(credentials, { username: 'User Name', password: 'Password' });
	return loginRequest(
		server,
		getSentField(credentials, 'username'),
		getSentField(credentials, 'password'),
	);
}

/** Who logs in where, as one key. The organization is not part of it. */
export function loginKey(credentials: Credentials): string {
	const [username, password] = ['username', 'password'].map((name) =>
		getSentField(credentials, name),
	);
	return hashKey(CREDENTIAL_TYPE, serverUrl(credentials), username, password);
}

/** Who logs in where and goes on to which organization, as one key. */
export function cacheKey(credentials: Credentials): string {
	return hashKey(loginKey(credentials), getSentField(credentials, 'organizationUid'));
}

/**
 * Logs in and stays where the login leads, unless the vendor has just rejected the same.
 *
 * @throws ApiError, InputError
 */
export async function getLogin(
	http: HttpClient,
	credentials: Credentials,
	context: LoginContext,
): Promise<LoginResponse> {
	const request = createLoginRequest(credentials);
	const logIn = async (timeoutMs: number) => await login(http, { ...request, timeoutMs });
	return await loginBackoff.run(
		loginKey(credentials),
		async () => await retryUnavailable(logIn, context),
		context,
	);
}

/**
 * Logs in and goes on to the credential's organization, where it names one, unless the vendor has
 * just rejected the same.
 *
 * @throws ApiError, InputError
 */
export async function getOrganizationLogin(
	http: HttpClient,
	credentials: Credentials,
	context: LoginContext,
): Promise<OrganizationLogin> {
	const wanted = getSentField(credentials, 'organizationUid');
	if (wanted === '') return stay(await getLogin(http, credentials, context));
	assertUid(wanted);
	// A rejected switch is not repeated either: each would cost a login.
	const logInAndSwitch = async (): Promise<OrganizationLogin> => {
		const opened = await getLogin(http, credentials, context);
		const organizationUid = resolveOrganization(opened, wanted);
		if (organizationUid === opened.current.uid) return stay(opened);
		assertWanted(context);
		let lost: unknown;
		const switchOnce = async (timeoutMs: number) => {
			const attempt = await settle(
				switchToOrganization(http, {
					serverUrl: serverUrl(credentials),
					token: opened.token,
					organizationUid,
					secrets: secrets(credentials),
					advice: 'Check the organization, and that this user is allowed to open it',
					timeoutMs,
				}),
			);
			if (attempt.status === 'fulfilled') return attempt.value;
			// A first switch whose answer was lost may have ended the token: what the second is told
			// then is no rejection of the login.
			const isLost = attempt.reason instanceof ApiError && attempt.reason.mayBeDone;
			if (isLost) lost ??= attempt.reason;
			throw lost ?? attempt.reason;
		};
		const switched = await retryUnavailable(switchOnce, context);
		return { login: opened, switched, organizationUid };
	};
	return await loginBackoff.run(cacheKey(credentials), logInAndSwitch, context);
}

function stay(opened: LoginResponse): OrganizationLogin {
	return { login: opened, switched: null, organizationUid: opened.current.uid };
}

/** 401 is likely for a token that has ended, and 403 possible (assumed). */
function isDenied(status: number): boolean {
	return status === 401 || status === 403;
}

/**
 * Every call takes its token in a header (seen).
 *
 * @throws InputError for a call about sessions: a switch may end the session that it is sent with
 * (documented nowhere), which is not the caller's
 */
function attachToken(
	request: OutgoingRequest,
	target: URL,
	{ token, organizationUid }: AureaLogin,
): OutgoingRequest {
	if (/\/sessions(\/|$)/i.test(plainPath(target))) {
		throw new InputError(
			"Calls that make or switch a session cannot be sent with the credential's own session",
			"It is shared by everyone who uses the credential. Set 'Organization UID' in the credential, or use the Switch Organization operation of the Aurea Campaign Manager node: its tokens are yours",
		);
	}
	return withHeader(withOrganization(request, target, organizationUid), TOKEN_HEADER, token);
}

const aureaLogin: AuthStrategy<AureaLogin> = {
	maxLifetimeMs: ASSUMED_LIFETIME_MS,
	loginPath: LOGIN_PATH,
	serverUrl,
	cacheKey,
	async login(http, credentials, context) {
		const opened = await getOrganizationLogin(http, credentials, context);
		const { token, receivedAt } = opened.switched ?? opened.login;
		return {
			token,
			receivedAt,
			organizationUid: opened.organizationUid,
			warning: opened.login.warning,
			isQuestionUseful: true,
		};
	},
	warning: ({ warning }) =>
		warning === null
			? undefined
			: new ApiError(warning, {
					advice: 'Sign in to its website once and follow the instructions, then test again',
				}),
	attach: attachToken,
	async checkSession(http, credentials, login, { timeoutMs }) {
		const { token, organizationUid } = login;
		if (organizationUid === null || !login.isQuestionUseful) return stateInDoubt(login);
		const status = await askForLists(http, {
			serverUrl: serverUrl(credentials),
			token,
			organizationUid,
			timeoutMs,
		});
		// The user may lack the right to lists: only another token's answer proves anything.
		if (isDenied(status)) return 'denied';
		return status < 300 ? 'valid' : stateInDoubt(login);
	},
	async confirmRenewal(http, credentials, renewed, previous, timeoutMs) {
		const { token, organizationUid } = renewed;
		// Only an answer to one and the same question proves anything.
		if (organizationUid === null || organizationUid !== previous.organizationUid) return false;
		const status = await askForLists(http, {
			serverUrl: serverUrl(credentials),
			token,
			organizationUid,
			timeoutMs,
		});
		renewed.isQuestionUseful = !isDenied(status);
		// A redirect is no answer to the question.
		return status < 300 || (status >= 400 && status < 500 && !isDenied(status));
	},
};

/** The sessions of this process that the credentials keep for themselves. */
export const aureaSessions = new Sessions(aureaLogin);
