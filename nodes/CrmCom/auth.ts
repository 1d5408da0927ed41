import { send, type HttpClient } from '../shared/http';
import { InputError } from '../shared/errors';
import { isTrue } from '../shared/input';
import { assertFields, getField, getPassword, type Credentials } from '../shared/credentialInput';
import { isJsonObject } from '../shared/jsonObject';
import { redact } from '../shared/redact';
import { now } from '../shared/session/clock';
import { isRead, withBodyMember, withQuery, type OutgoingRequest } from '../shared/session/request';
import { attemptLogin } from '../shared/session/loginRetry';
import { Sessions } from '../shared/session/sessions';
import {
	accountName,
	hashKey,
	type Account,
	type AuthStrategy,
	type Login,
	type LoginContext,
} from '../shared/session/strategy';
import { plainPath } from '../shared/session/target';
import { parseToken, sessionLifetimeMs } from '../shared/session/token';
import { callApi, readServerUrl } from './api';
import { isSessionMethod } from './method';
import { checkSession } from './sessionState';

const HOUR_MS = 3_600_000;

/** A login, with the vendor's response as it came, except for the password or the key. */
export interface CrmComLogin extends Login {
	readonly response: unknown;
}

/** Who logs in where. What the credential does not say is an empty text. */
export interface CrmComAccount extends Account {
	readonly username: string;
	readonly organisation: string;
	readonly unit: string;
	/** How long its tokens live at most (documented). */
	readonly maxLifetimeMs: number;
	/** Whether the lifetime of an opaque one counts from its last use, not from its issue. */
	readonly expiresWhenIdle: boolean;
	/** Like `logIn`, with all that the response says. */
	getToken(http: HttpClient, context: LoginContext): Promise<CrmComLogin>;
}

type CrmComStrategy = AuthStrategy<Login, CrmComAccount>;

/** A credential's fields, as they are sent. */
type Fields = Readonly<Record<string, string>>;

/** One of CRM.COM's two ways to log in. */
interface StrategyOptions
	extends Pick<CrmComStrategy, 'credentialType' | 'loginPath'>,
		Pick<CrmComAccount, 'maxLifetimeMs' | 'expiresWhenIdle'> {
	/** Reads the required fields, which decide who logs in. @throws InputError */
	readFields(credentials: Credentials): Fields;
	/** Their names in the editor. */
	readonly labels: Fields;
	/** What to check if the vendor says no. */
	readonly advice: string;
	/** The field whose value no error may repeat. */
	readonly secretField: string;
	/** What the request contains in addition to the unit. */
	headers?(fields: Fields): Record<string, string>;
	body?(fields: Fields): Record<string, string | undefined>;
}

function createStrategy(options: StrategyOptions): CrmComStrategy {
	const { credentialType, maxLifetimeMs, expiresWhenIdle, labels, loginPath } = options;

	function read(credentials: Credentials): CrmComAccount {
		const serverUrl = readServerUrl(credentials['serverUrl']);
		const ignoreSslIssues = isTrue(credentials['ignoreSslIssues']);
		const unit = getField(credentials, 'unit');
		const fields: Fields = { ...options.readFields(credentials), unit };
		const { username = '', organisation = '', [options.secretField]: secret = '' } = fields;
		// The unit belongs to the request: a rejection does not tell a wrong unit from a wrong password.
		const loginKey = hashKey(credentialType, serverUrl, fields, ignoreSslIssues);
		const key = loginKey;
		const name = accountName(credentialType, serverUrl);
		const secrets = [secret];

		async function requestToken(http: HttpClient, timeoutMs: number): Promise<CrmComLogin> {
			const request = {
				method: 'POST',
				url: `${serverUrl}/${loginPath}`,
				headers: options.headers?.(fields) ?? {},
				// The unit is an ID, and never sent empty: left out, it means the user's default (documented).
				body: { ...options.body?.(fields), ...(unit === '' ? {} : { unit }) },
				ignoreSslIssues,
				secrets,
				timeoutMs,
			} as const;
			const description = { method: 'Get Token', advice: options.advice, isLogin: true };
			const { data, response } = await callApi(http, request, description);
			const token = parseToken(isJsonObject(data) ? data['token'] : undefined, request);
			return {
				token,
				receivedAt: now(),
				lifetimeMs: sessionLifetimeMs(token, maxLifetimeMs),
				response: redact(response.body, secrets),
			};
		}

		async function getToken(http: HttpClient, context: LoginContext): Promise<CrmComLogin> {
			assertFields(fields, labels);
			assertUnit(unit);
			const logIn = async (timeoutMs: number) => await requestToken(http, timeoutMs);
			return await attemptLogin({ loginKey, name }, context, logIn);
		}

		return {
			key,
			loginKey,
			name,
			serverUrl,
			ignoreSslIssues,
			secrets,
			username,
			organisation,
			unit,
			maxLifetimeMs,
			expiresWhenIdle,
			getToken,
			async logIn(http, context) {
				const { token, receivedAt, lifetimeMs } = await getToken(http, context);
				return { token, receivedAt, lifetimeMs };
			},
			checkSession: (http, login, failed) =>
				checkSession(login, failed, key, async (request) => {
					const { token } = login;
					const { timeoutMs } = failed;
					return await send(http, { ...request, ignoreSslIssues, secrets: [token], timeoutMs });
				}),
		};
	}

	return { credentialType, loginPath, read, attach: attachToken };
}

/** A unit's ID has 32 hexadecimal characters, or is 1 for the built-in unit (documented). @throws InputError */
function assertUnit(unit: string): void {
	if (unit === '' || /^([\da-f]{32}|\d+)$/i.test(unit)) return;
	throw new InputError(
		"'Unit ID' is not the ID of a unit",
		"An ID has 32 characters of 0 to 9 and A to F, or is 1 for the built-in unit. Enter the ID and not the unit's name, or leave the field empty for the user's default unit",
	);
}

/**
 * Every method takes its token as the query parameter `token` in a GET, and as the top-level member `token` of
 * the JSON body in a POST (documented). With any other body it is the query parameter (assumed).
 *
 * @throws InputError for a method about sessions: a release would end the session that it is sent with, which
 * is not the caller's. Its path has many spellings, so no path below `authentication/` gets the token
 */
function attachToken(request: OutgoingRequest, target: URL, { token }: Login): OutgoingRequest {
	if (isSessionMethod(plainPath(target))) {
		throw new InputError(
			"Methods that make, end or change a session cannot be called with the credential's own session",
			'It is shared by everyone who uses the credential, and ends by itself. Use the Get Token and Release Token operations of the CRM.COM node instead: their tokens are yours',
		);
	}
	const withMember = isRead(request) ? undefined : withBodyMember(request, 'token', token);
	return withMember ?? withQuery(request, target, 'token', token);
}

/** Login by user name and password: an opaque token ends after an hour without use (documented). */
export const userLogin = createStrategy({
	credentialType: 'crmComUserLoginApi',
	maxLifetimeMs: HOUR_MS,
	expiresWhenIdle: true,
	loginPath: 'authentication/token',
	readFields: (credentials) => ({
		username: getField(credentials, 'username'),
		password: getPassword(credentials),
		organisation: getField(credentials, 'organisation'),
	}),
	labels: { username: 'User Name', password: 'Password', organisation: 'Organisation' },
	advice:
		"If the login itself is wrong, check 'User Name', 'Password', 'Organisation' and 'Unit ID' in the credential",
	secretField: 'password',
	body: ({ username, password, organisation }) => ({ username, password, organisation }),
});

/** Login by Web API key, from R10 on: the token ends two hours after its issue (documented). */
export const webApiKey = createStrategy({
	credentialType: 'crmComWebApiKeyApi',
	maxLifetimeMs: 2 * HOUR_MS,
	expiresWhenIdle: false,
	loginPath: 'authentication/web_api_key/token',
	readFields: (credentials) => ({ webApiKey: getField(credentials, 'webApiKey') }),
	labels: { webApiKey: 'Web API Key' },
	advice:
		"If the login itself is wrong, check 'Web API Key', which must be a systemic key, and 'Unit ID' in the credential",
	secretField: 'webApiKey',
	// HTTP Basic with the key as user name and an empty password (documented).
	headers: ({ webApiKey }) => ({
		Authorization: `Basic ${Buffer.from(`${webApiKey}:`).toString('base64')}`,
	}),
});

export type CrmComSessions = Sessions<Login, CrmComAccount>;

/** The sessions of this process that the credentials keep for themselves. */
export const userLoginSessions: CrmComSessions = new Sessions(userLogin);
export const webApiKeySessions: CrmComSessions = new Sessions(webApiKey);
