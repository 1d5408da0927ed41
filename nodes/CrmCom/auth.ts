import { readToken } from '../shared/answers';
import { InputError } from '../shared/errors';
import {
	getField,
	isFieldTrue,
	getRawField,
	assertFields,
	getSentField,
} from '../shared/credentials';
import { toRequestOptions, type Http, type HttpRequest } from '../shared/http';
import { isJsonObject } from '../shared/records';
import { redact } from '../shared/redact';
import { withBodyMember, withQuery, type OutgoingRequest } from '../shared/session/attach';
import { hashKey } from '../shared/session/identity';
import { now } from '../shared/session/moment';
import { refusals, type BackoffPolicy } from '../shared/session/refusals';
import { Sessions, type Credentials, type Login } from '../shared/session/session';
import { plainPath } from '../shared/session/target';
import { call, readCrmComServer } from './api';

const HOUR = 3_600_000;

/** A login of CRM.COM, with the vendor's answer as it came, but for the password or the key. */
export interface CrmComLogin extends Login {
	readonly response: unknown;
}

/** One of CRM.COM's two ways to log in. */
export interface AuthStrategy {
	readonly credentialType: string;
	/** How long a token lives by the documentation, in milliseconds. */
	readonly documentedLifetime: number;
	/** Whether an opaque token ends after that time without use, and not after its issue. */
	readonly expiresWhenIdle: boolean;
	/** The sessions of this process that the credential keeps for itself. */
	readonly sessions: Sessions<Login>;
	/** What a server knows of a login that no answer may bring back. */
	secretsOf(credentials: Credentials): string[];
	/**
	 * One login with all that its answer says, unless the vendor has just refused the same one.
	 *
	 * @throws ApiError, InputError
	 */
	getToken(http: Http, credentials: Credentials, asking: BackoffPolicy): Promise<CrmComLogin>;
}

interface StrategyOptions
	extends Pick<AuthStrategy, 'credentialType' | 'documentedLifetime' | 'expiresWhenIdle'> {
	/** The credential's fields that must be filled in, by their labels: they decide who logs in. */
	readonly fields: Readonly<Record<string, string>>;
	readonly advice: string;
	readonly path: string;
	/** The field whose value no error may repeat. */
	readonly secretField: string;
	/** What the request says beside the unit. */
	headers?(credentials: Credentials): Record<string, string>;
	body?(credentials: Credentials): Record<string, string>;
}

function createStrategy(wire: StrategyOptions): AuthStrategy {
	const { credentialType, documentedLifetime, expiresWhenIdle, fields } = wire;
	const server = (credentials: Credentials) => readCrmComServer(credentials['serverUrl']);
	const secretsOf = (credentials: Credentials) => [getRawField(credentials, wire.secretField)];

	function request(credentials: Credentials): HttpRequest {
		const url = `${server(credentials)}/${wire.path}`;
		assertFields(credentials, fields);
		// The unit is an id, and never sent empty: left out, it means the user's default unit (documented).
		const unit = getField(credentials, 'unit');
		return {
			method: 'POST',
			url,
			headers: wire.headers?.(credentials) ?? {},
			body: { ...wire.body?.(credentials), ...(unit === '' ? {} : { unit }) },
			ignoreSslIssues: isFieldTrue(credentials, 'ignoreSslIssues'),
			secrets: secretsOf(credentials),
		};
	}

	const identity = (credentials: Credentials) =>
		hashKey(
			credentialType,
			server(credentials),
			...[...Object.keys(fields), 'unit'].map((name) => getSentField(credentials, name)),
			isFieldTrue(credentials, 'ignoreSslIssues'),
		);

	async function getToken(
		http: Http,
		credentials: Credentials,
		asking: BackoffPolicy,
	): Promise<CrmComLogin> {
		const login = request(credentials);
		const question = async () => {
			const { data, answer } = await call(http, login, {
				method: 'Get Token',
				advice: wire.advice,
			});
			const token = readToken(isJsonObject(data) ? data['token'] : undefined, login);
			return { token, receivedAt: now(), response: redact(answer.body, login.secrets) };
		};
		// The unit belongs to the question: a refusal does not tell a wrong unit from a wrong password.
		return await refusals.ask(identity(credentials), question, asking);
	}

	const sessions = new Sessions<Login>({
		documentedLifetime,
		server,
		identity,
		async login(http, credentials, asking) {
			const { token, receivedAt } = await getToken(http, credentials, asking);
			return { token, receivedAt };
		},
		loginPath: wire.path,
		loginRequest: (credentials) => toRequestOptions(request(credentials)),
		attach: attachToken,
	});

	return { credentialType, documentedLifetime, expiresWhenIdle, sessions, secretsOf, getToken };
}

/**
 * Every method takes its token as the query parameter `token` in a GET and as the top-level member
 * `token` of the JSON body in a POST (documented); with any other body, as the query parameter
 * (assumed). A release would end the very session that it is sent with, which is not the caller's;
 * its path may be spelled in many ways, so nothing below `authentication/` gets the token.
 *
 * @throws InputError for a method of authentication
 */
function attachToken(request: OutgoingRequest, target: URL, { token }: Login): OutgoingRequest {
	if (/\/authentication(\/|$)/i.test(decoded(plainPath(target)))) {
		throw new InputError(
			"Methods of authentication are not called with the credential's own session",
			'It is shared by all who use the credential, and ends by itself. Use the operations Get Token and Release Token of the CRM.COM node, whose tokens are yours',
		);
	}
	const isPost = request.method?.toUpperCase() === 'POST';
	const withMember = isPost ? withBodyMember(request, 'token', token) : undefined;
	return withMember ?? withQuery(request, target, 'token', token);
}

/** A path with its encoded letters as letters. */
function decoded(path: string): string {
	return path.replace(/%([0-7][\da-f])/gi, (_code, hex: string) =>
		String.fromCharCode(Number.parseInt(hex, 16)),
	);
}

/** Login by user name and password: an opaque token ends after an hour without use (documented). */
export const userLogin = createStrategy({
	credentialType: 'crmComUserLoginApi',
	documentedLifetime: HOUR,
	expiresWhenIdle: true,
	fields: { username: 'User Name', password: 'Password', organisation: 'Organisation' },
	advice: 'Check User Name, Password, Organisation and Unit ID in the credential',
	path: 'authentication/token',
	secretField: 'password',
	body: (credentials) => ({
		username: getField(credentials, 'username'),
		password: getRawField(credentials, 'password'),
		organisation: getField(credentials, 'organisation'),
	}),
});

/** Login by Web API key, from R10 on: the token ends two hours after its issue (documented). */
export const webApiKey = createStrategy({
	credentialType: 'crmComWebApiKeyApi',
	documentedLifetime: 2 * HOUR,
	expiresWhenIdle: false,
	fields: { webApiKey: 'Web API Key' },
	advice: 'Check Web API Key, which must be a systemic key, and Unit ID in the credential',
	path: 'authentication/web_api_key/token',
	secretField: 'webApiKey',
	// HTTP Basic with the key as user name and an empty password (documented).
	headers: (credentials) => ({
		Authorization: `Basic ${Buffer.from(`${getField(credentials, 'webApiKey')}:`).toString('base64')}`,
	}),
});
