import { readToken } from '../shared/answers';
import { InputFailure } from '../shared/errors';
import { fieldOf, flagOf, rawFieldOf, requireFields, sentFieldOf } from '../shared/credentials';
import { toHttpOptions, type Http, type VendorRequest } from '../shared/http';
import { isRecord } from '../shared/records';
import { withoutSecrets } from '../shared/redact';
import { withBodyMember, withQuery, type OutgoingRequest } from '../shared/session/attach';
import { identityOf } from '../shared/session/identity';
import { now } from '../shared/session/moment';
import { refusals, type Asking } from '../shared/session/refusals';
import { Sessions, type Credentials, type Login } from '../shared/session/session';
import { plainPath } from '../shared/session/target';
import { call, readCrmComServer } from './protocol';

const HOUR = 3_600_000;

/** A login of CRM.COM, with the vendor's answer as it came, but for the password or the key. */
export interface CrmComLogin extends Login {
	readonly response: unknown;
}

/** One of CRM.COM's two ways to log in. */
export interface LoginWay {
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
	 * @throws VendorFailure, InputFailure
	 */
	getToken(http: Http, credentials: Credentials, asking: Asking): Promise<CrmComLogin>;
}

interface Wire extends Pick<LoginWay, 'credentialType' | 'documentedLifetime' | 'expiresWhenIdle'> {
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

function loginWay(wire: Wire): LoginWay {
	const { credentialType, documentedLifetime, expiresWhenIdle, fields } = wire;
	const server = (credentials: Credentials) => readCrmComServer(credentials['serverUrl']);
	const secretsOf = (credentials: Credentials) => [rawFieldOf(credentials, wire.secretField)];

	function request(credentials: Credentials): VendorRequest {
		const url = `${server(credentials)}/${wire.path}`;
		requireFields(credentials, fields);
		// The unit is an id, and never sent empty: left out, it means the user's default unit (documented).
		const unit = fieldOf(credentials, 'unit');
		return {
			method: 'POST',
			url,
			headers: wire.headers?.(credentials) ?? {},
			body: { ...wire.body?.(credentials), ...(unit === '' ? {} : { unit }) },
			ignoreSslIssues: flagOf(credentials, 'ignoreSslIssues'),
			secrets: secretsOf(credentials),
		};
	}

	const identity = (credentials: Credentials) =>
		identityOf(
			credentialType,
			server(credentials),
			...[...Object.keys(fields), 'unit'].map((name) => sentFieldOf(credentials, name)),
			flagOf(credentials, 'ignoreSslIssues'),
		);

	async function getToken(
		http: Http,
		credentials: Credentials,
		asking: Asking,
	): Promise<CrmComLogin> {
		const login = request(credentials);
		const question = async () => {
			const { data, answer } = await call(http, login, {
				method: 'Get Token',
				advice: wire.advice,
			});
			const token = readToken(isRecord(data) ? data['token'] : undefined, login);
			return { token, receivedAt: now(), response: withoutSecrets(answer.body, login.secrets) };
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
		loginRequest: (credentials) => toHttpOptions(request(credentials)),
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
 * @throws InputFailure for a method of authentication
 */
function attachToken(request: OutgoingRequest, target: URL, { token }: Login): OutgoingRequest {
	if (/\/authentication(\/|$)/i.test(decoded(plainPath(target)))) {
		throw new InputFailure(
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
export const userLogin = loginWay({
	credentialType: 'crmComUserLoginApi',
	documentedLifetime: HOUR,
	expiresWhenIdle: true,
	fields: { username: 'User Name', password: 'Password', organisation: 'Organisation' },
	advice: 'Check User Name, Password, Organisation and Unit ID in the credential',
	path: 'authentication/token',
	secretField: 'password',
	body: (credentials) => ({
		username: fieldOf(credentials, 'username'),
		password: rawFieldOf(credentials, 'password'),
		organisation: fieldOf(credentials, 'organisation'),
	}),
});

/** Login by Web API key, from R10 on: the token ends two hours after its issue (documented). */
export const webApiKey = loginWay({
	credentialType: 'crmComWebApiKeyApi',
	documentedLifetime: 2 * HOUR,
	expiresWhenIdle: false,
	fields: { webApiKey: 'Web API Key' },
	advice: 'Check Web API Key, which must be a systemic key, and Unit ID in the credential',
	path: 'authentication/web_api_key/token',
	secretField: 'webApiKey',
	// HTTP Basic with the key as user name and an empty password (documented).
	headers: (credentials) => ({
		Authorization: `Basic ${Buffer.from(`${fieldOf(credentials, 'webApiKey')}:`).toString('base64')}`,
	}),
});
