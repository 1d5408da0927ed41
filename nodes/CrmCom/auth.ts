import { send, type HttpClient, type HttpRequest } from '../shared/http';
import { InputError } from '../shared/errors';
import {
	assertFields,
	getRawField,
	getSentField,
	isFieldTrue,
	isJsonObject,
	type Credentials,
} from '../shared/input';
import { redact } from '../shared/redact';
import { loginBackoff } from '../shared/session/backoff';
import { now } from '../shared/session/clock';
import { withBodyMember, withQuery, type OutgoingRequest } from '../shared/session/request';
import { retryUnavailable } from '../shared/session/retry';
import { Sessions } from '../shared/session/sessions';
import {
	hashKey,
	type AuthStrategy,
	type Login,
	type LoginContext,
} from '../shared/session/strategy';
import { plainPath } from '../shared/session/target';
import { parseToken } from '../shared/session/token';
import { callApi, readServerUrl } from './api';
import { isSessionMethod } from './method';
import { checkFailedRequest } from './sessionState';

const HOUR_MS = 3_600_000;

/** A login, with the vendor's response as it came, but for the password or the key. */
export interface CrmComLogin extends Login {
	readonly response: unknown;
}

/** One of CRM.COM's two ways to log in. */
export interface CrmComStrategy extends AuthStrategy {
	readonly credentialType: string;
	/** Whether an opaque token ends after its lifetime without use, and not after its issue. */
	readonly expiresWhenIdle: boolean;
	/** Secrets to mask in errors and output. */
	secrets(credentials: Credentials): string[];
	/** Like `login`, with all that the response says. */
	getToken(http: HttpClient, credentials: Credentials, context: LoginContext): Promise<CrmComLogin>;
}

interface StrategyOptions
	extends Pick<
		CrmComStrategy,
		'credentialType' | 'maxLifetimeMs' | 'expiresWhenIdle' | 'loginPath'
	> {
	/** The required fields that decide who logs in, with their names in the editor. */
	readonly fields: Readonly<Record<string, string>>;
	/** What to check where the vendor says no. */
	readonly advice: string;
	/** The field whose value no error may repeat. */
	readonly secretField: string;
	/** What the request holds beside the unit. */
	headers?(credentials: Credentials): Record<string, string>;
	body?(credentials: Credentials): Record<string, string>;
}

function createStrategy(options: StrategyOptions): CrmComStrategy {
	const { credentialType, maxLifetimeMs, expiresWhenIdle, fields, loginPath } = options;
	const serverUrl = (credentials: Credentials) => readServerUrl(credentials['serverUrl']);
	const secrets = (credentials: Credentials) => [getRawField(credentials, options.secretField)];

	function loginRequest(credentials: Credentials): HttpRequest {
		const url = `${serverUrl(credentials)}/${loginPath}`;
		assertFields(credentials, fields);
		// The unit is an ID, and never sent empty: left out, it means the user's default (documented).
		const unit = getSentField(credentials, 'unit');
		assertUnit(unit);
		return {
			method: 'POST',
			url,
			headers: options.headers?.(credentials) ?? {},
			body: { ...options.body?.(credentials), ...(unit === '' ? {} : { unit }) },
			ignoreSslIssues: isFieldTrue(credentials, 'ignoreSslIssues'),
			secrets: secrets(credentials),
		};
	}

	// The unit belongs to the request: a rejection does not tell a wrong unit from a wrong password.
	const cacheKey = (credentials: Credentials) =>
		hashKey(
			credentialType,
			serverUrl(credentials),
			...[...Object.keys(fields), 'unit'].map((name) => getSentField(credentials, name)),
			isFieldTrue(credentials, 'ignoreSslIssues'),
		);

	async function getToken(http: HttpClient, credentials: Credentials, context: LoginContext) {
		const request = loginRequest(credentials);
		const logIn = async (timeoutMs: number): Promise<CrmComLogin> => {
			const description = { method: 'Get Token', advice: options.advice, isLogin: true };
			const { data, response } = await callApi(http, { ...request, timeoutMs }, description);
			const token = parseToken(isJsonObject(data) ? data['token'] : undefined, request);
			return { token, receivedAt: now(), response: redact(response.body, request.secrets) };
		};
		return await loginBackoff.run(
			cacheKey(credentials),
			async () => await retryUnavailable(logIn, context),
			context,
		);
	}

	return {
		credentialType,
		maxLifetimeMs,
		expiresWhenIdle,
		loginPath,
		serverUrl,
		cacheKey,
		secrets,
		getToken,
		async login(http, credentials, context) {
			const { token, receivedAt } = await getToken(http, credentials, context);
			return { token, receivedAt };
		},
		attach: attachToken,
		checkSession: async (http, credentials, login, failed) =>
			await checkFailedRequest(
				login,
				failed,
				cacheKey(credentials),
				async (request) =>
					await send(http, {
						...request,
						ignoreSslIssues: isFieldTrue(credentials, 'ignoreSslIssues'),
						secrets: [login.token],
						timeoutMs: failed.timeoutMs,
					}),
			),
	};
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
 * Every method takes its token as the query parameter `token` in a GET, and as the top-level member
 * `token` of the JSON body in a POST (documented). With any other body it is the query parameter
 * (assumed).
 *
 * @throws InputError for a method about sessions: a release would end the session that it is sent
 * with, which is not the caller's. Its path can be spelled in many ways, so none below
 * `authentication/` gets the token
 */
function attachToken(request: OutgoingRequest, target: URL, { token }: Login): OutgoingRequest {
	if (isSessionMethod(plainPath(target))) {
		throw new InputError(
			"Methods that make, end or change a session cannot be called with the credential's own session",
			'It is shared by everyone who uses the credential, and ends by itself. Use the Get Token and Release Token operations of the CRM.COM node instead: their tokens are yours',
		);
	}
	const isPost = request.method?.toUpperCase() === 'POST';
	const withMember = isPost ? withBodyMember(request, 'token', token) : undefined;
	return withMember ?? withQuery(request, target, 'token', token);
}

/** Login by user name and password: an opaque token ends after an hour without use (documented). */
export const userLogin = createStrategy({
	credentialType: 'crmComUserLoginApi',
	maxLifetimeMs: HOUR_MS,
	expiresWhenIdle: true,
	loginPath: 'authentication/token',
	fields: { username: 'User Name', password: 'Password', organisation: 'Organisation' },
	advice:
		"If the login itself is wrong, check 'User Name', 'Password', 'Organisation' and 'Unit ID' in the credential",
	secretField: 'password',
	body: (credentials) => ({
		username: getSentField(credentials, 'username'),
		password: getSentField(credentials, 'password'),
		organisation: getSentField(credentials, 'organisation'),
	}),
});

/** Login by Web API key, from R10 on: the token ends two hours after its issue (documented). */
export const webApiKey = createStrategy({
	credentialType: 'crmComWebApiKeyApi',
	maxLifetimeMs: 2 * HOUR_MS,
	expiresWhenIdle: false,
	loginPath: 'authentication/web_api_key/token',
	fields: { webApiKey: 'Web API Key' },
	advice:
		"If the login itself is wrong, check 'Web API Key', which must be a systemic key, and 'Unit ID' in the credential",
	secretField: 'webApiKey',
	// HTTP Basic with the key as user name and an empty password (documented).
	headers: (credentials) => ({
		Authorization: `Basic ${Buffer.from(`${getSentField(credentials, 'webApiKey')}:`).toString('base64')}`,
	}),
});

export type CrmComSessions = Sessions<Login, CrmComStrategy>;

/** The sessions of this process that the credentials keep for themselves. */
export const userLoginSessions: CrmComSessions = new Sessions(userLogin);
export const webApiKeySessions: CrmComSessions = new Sessions(webApiKey);
