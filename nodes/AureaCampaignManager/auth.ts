import { ApiError, InputError } from '../shared/errors';
import type { HttpClient } from '../shared/http';
import { assertFields, getField, getPassword, type Credentials } from '../shared/credentialInput';
import { assertWanted, loginBackoff, Undecided } from '../shared/session/backoff';
import { withHeader, type OutgoingRequest } from '../shared/session/request';
import { attemptLogin, retryUnavailable } from '../shared/session/loginRetry';
import { plainPath } from '../shared/session/target';
import { sessionLifetimeMs } from '../shared/session/token';
import { Sessions } from '../shared/session/sessions';
import { settle } from '../shared/settle';
import {
	accountName,
	hashKey,
	type Account,
	type AuthStrategy,
	type Login,
	type LoginContext,
} from '../shared/session/strategy';
import {
	statusOfLists,
	assertUid,
	requestLogin,
	LOGIN_PATH,
	loginRequest,
	readServerUrl,
	switchToOrganization,
	TOKEN_HEADER,
} from './api';
import { resolveOrganization, withOrganization } from './organizations';
import type { LoginResponse, SwitchResponse } from './responses';
import { checkSession, confirmRenewal, type AskForLists } from './sessionState';

/** How long a token lives is not documented: half an hour is assumed. */
const ASSUMED_LIFETIME_MS = 30 * 60_000;

const CREDENTIAL_TYPE = 'aureaLoginApi';

/** A session that the credential keeps for itself. */
export interface AureaLogin extends Login {
	/** The organization that it is in; null if the vendor did not say. */
	readonly organizationUid: string | null;
	readonly warning: string | null;
}

/** A login, and the switch that followed it if another organization was wanted. */
export interface OrganizationLogin {
	readonly login: LoginResponse;
	readonly switched: SwitchResponse | null;
	/** The organization that the token is for; null if the vendor did not say. */
	readonly organizationUid: string | null;
}

/** Who logs in where, and switches to which organization. */
export interface AureaAccount extends Account<AureaLogin> {
	/** Logs in without switching afterwards. @throws ApiError, InputError */
	open(http: HttpClient, context: LoginContext): Promise<LoginResponse>;
	/** Like `logIn`, with all that the responses say. */
	getToken(http: HttpClient, context: LoginContext): Promise<OrganizationLogin>;
}

/** Reads a credential. @throws InputError */
function read(credentials: Credentials): AureaAccount {
	const serverUrl = readServerUrl(credentials['serverUrl']);
	const username = getField(credentials, 'username');
	const password = getPassword(credentials);
	const wanted = getField(credentials, 'organizationUid');
	const loginKey = hashKey(CREDENTIAL_TYPE, serverUrl, username, password);
	const key = hashKey(loginKey, wanted);
	const name = accountName(CREDENTIAL_TYPE, serverUrl);
	const secrets = [password];

	async function open(http: HttpClient, context: LoginContext): Promise<LoginResponse> {
		assertFields({ username, password }, { username: 'User Name', password: 'Password' });
		const request = loginRequest(serverUrl, username, password);
		const logIn = async (timeoutMs: number) => await requestLogin(http, { ...request, timeoutMs });
		return await attemptLogin({ loginKey, name }, context, logIn);
	}

	async function getToken(http: HttpClient, context: LoginContext): Promise<OrganizationLogin> {
		if (wanted === '') return stay(await open(http, context));
		assertUid(wanted);
		// A rejected switch is not repeated either: each would cost a login. The login's own outcome is kept under
		// its own key, so its failure is not one of the switch.
		const logIn = async () => {
			const opened = await settle(open(http, context));
			if (opened.status === 'rejected') throw new Undecided(opened.reason);
			return await switchToWanted(http, opened.value, context);
		};
		return await loginBackoff.run({ key, name: `${name}, its organization` }, logIn, context);
	}

	/** Switches to the wanted organization, unless the login has led there. */
	async function switchToWanted(
		http: HttpClient,
		opened: LoginResponse,
		context: LoginContext,
	): Promise<OrganizationLogin> {
		const organizationUid = resolveOrganization(opened, wanted);
		if (organizationUid === opened.current.uid) return stay(opened);
		assertWanted(context.isWanted);
		let lost: unknown;
		const switchOnce = async (timeoutMs: number) => {
			const attempt = await settle(
				switchToOrganization(http, {
					serverUrl,
					token: opened.token,
					organizationUid,
					secrets,
					advice: 'Check the organization, and that this user is allowed to open it',
					timeoutMs,
				}),
			);
			if (attempt.status === 'fulfilled') return attempt.value;
			// A first switch whose answer was lost may have ended the token: then the second one's answer does not
			// reject the login.
			const isLost = attempt.reason instanceof ApiError && attempt.reason.mayBeDone;
			if (isLost) lost ??= attempt.reason;
			throw lost ?? attempt.reason;
		};
		const switched = await retryUnavailable(
			switchOnce,
			{ ...context, why: 'to its organization' },
			name,
		);
		return { login: opened, switched, organizationUid };
	}

	function askWith(http: HttpClient, timeoutMs: number): AskForLists {
		return async (token, organizationUid) =>
			await statusOfLists(http, { serverUrl, token, organizationUid, timeoutMs });
	}

	return {
		key,
		name,
		loginKey,
		serverUrl,
		ignoreSslIssues: false,
		secrets,
		open,
		getToken,
		async logIn(http, context) {
			const opened = await getToken(http, context);
			const { token, receivedAt } = opened.switched ?? opened.login;
			return {
				token,
				receivedAt,
				lifetimeMs: sessionLifetimeMs(token, ASSUMED_LIFETIME_MS),
				organizationUid: opened.organizationUid,
				warning: opened.login.warning,
			};
		},
		checkSession: (http, login, { timeoutMs }) => checkSession(login, askWith(http, timeoutMs)),
		confirmRenewal: async (http, renewed, previous, timeoutMs) =>
			await confirmRenewal(renewed, previous, askWith(http, timeoutMs)),
	};
}

function stay(opened: LoginResponse): OrganizationLogin {
	return { login: opened, switched: null, organizationUid: opened.current.uid };
}

/**
 * Every call takes its token in a header (seen).
 *
 * @throws InputError for a call about sessions: a switch may end the session that it is sent with
 * (documented nowhere), which is not the caller's; and for a name in braces that is not filled in
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

const aureaLogin: AuthStrategy<AureaLogin, AureaAccount> = {
	credentialType: CREDENTIAL_TYPE,
	loginPath: LOGIN_PATH,
	read,
	warning: ({ warning }) =>
		warning === null
			? undefined
			: new ApiError(warning, {
					advice: 'Sign in to its website once and follow the instructions, then test again',
				}),
	attach: attachToken,
};

/** The sessions of this process that the credentials keep for themselves. */
export const aureaSessions = new Sessions(aureaLogin);
