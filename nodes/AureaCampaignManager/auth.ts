import { ApiError } from '../shared/errors';
import { getField, getRawField, assertFields, getSentField } from '../shared/credentials';
import { toRequestOptions, type Http, type HttpRequest } from '../shared/http';
import { toDisplayText } from '../shared/redact';
import { withHeader } from '../shared/session/attach';
import { hashKey } from '../shared/session/identity';
import { refusals, type BackoffPolicy } from '../shared/session/refusals';
import { Sessions, type Credentials, type Login } from '../shared/session/session';
import {
	isTokenDead,
	loginRequest,
	login,
	readAureaServer,
	switchOrganization,
	TOKEN_HEADER,
} from './api';
import type { LoginResponse, Organization, SwitchResponse } from './responses';

/** Nobody documents how long a token lives: half an hour is assumed, in milliseconds. */
const ASSUMED_LIFETIME = 30 * 60_000;

/** How many organizations an error names. */
const NAMED_ORGANIZATIONS = 10;

/** A session that the credential keeps for itself. */
interface AureaSession extends Login {
	/** The organization that it is in; null where the vendor did not say. */
	readonly organizationUid: string | null;
	readonly warning: string | null;
}

/** A login, and the switch that followed it where another organization was wanted. */
export interface AureaLogin {
	readonly opened: LoginResponse;
	readonly switched: SwitchResponse | null;
	/** The organization that the token is for; null where the vendor did not say. */
	readonly organizationUid: string | null;
}

function serverOf(credentials: Credentials): string {
	return readAureaServer(credentials['serverUrl']);
}

function requestOf(credentials: Credentials): HttpRequest {
	const server = serverOf(credentials);
	assertFields(credentials, { username: 'User Name', password: 'Password' });
	return loginRequest(
		server,
		getField(credentials, 'username'),
		getRawField(credentials, 'password'),
	);
}

/** What a server knows of a login that no answer may bring back. */
export function secretsOf(credentials: Credentials): string[] {
	return [getRawField(credentials, 'password')];
}

/** Who logs in where, as one key: the organization has no say in it. */
export function loginOf(credentials: Credentials): string {
	return hashKey(
		'aureaLoginApi',
		serverOf(credentials),
		...fieldsOf(credentials, 'username', 'password'),
	);
}

/** Who logs in where and goes on into which organization, as one key. */
function identity(credentials: Credentials): string {
	return hashKey(loginOf(credentials), ...fieldsOf(credentials, 'organizationUid'));
}

function fieldsOf(credentials: Credentials, ...names: string[]): string[] {
	return names.map((name) => getSentField(credentials, name));
}

/**
 * Logs in and stays where the login leads, unless the vendor has just refused the same login.
 *
 * @throws ApiError, InputError
 */
export async function open(
	http: Http,
	credentials: Credentials,
	asking: BackoffPolicy,
): Promise<LoginResponse> {
	const request = requestOf(credentials);
	return await refusals.ask(loginOf(credentials), async () => await login(http, request), asking);
}

/**
 * Logs in and goes on into the credential's organization, where it names one, unless the vendor has
 * just refused the same.
 *
 * @throws ApiError, InputError
 */
export async function logIn(
	http: Http,
	credentials: Credentials,
	asking: BackoffPolicy,
): Promise<AureaLogin> {
	const question = async () => await openAndSwitch(http, credentials, asking);
	return await refusals.ask(identity(credentials), question, asking);
}

async function openAndSwitch(
	http: Http,
	credentials: Credentials,
	asking: BackoffPolicy,
): Promise<AureaLogin> {
	const opened = await open(http, credentials, asking);
	const wanted = getField(credentials, 'organizationUid');
	if (wanted === '' || wanted === opened.current.uid) {
		return { opened, switched: null, organizationUid: opened.current.uid };
	}
	assertOrganization(opened, wanted);
	const switched = await switchOrganization(http, {
		server: serverOf(credentials),
		token: opened.token,
		organizationUid: wanted,
		secrets: secretsOf(credentials),
	});
	return { opened, switched, organizationUid: wanted };
}

/** The organizations of a login. @throws ApiError where its answer has no list of them */
export function organizationsOf({ organizations }: LoginResponse): readonly Organization[] {
	if (organizations !== null) return organizations;
	throw new ApiError('The answer to the login has no list of organizations', {
		description:
			'The login was accepted. Check that Server URL is the API of Aurea Campaign Manager',
	});
}

/** Spares the vendor a switch that cannot succeed, where it has said which can. */
export function assertOrganization({ organizations }: LoginResponse, uid: string): void {
	if (organizations === null || organizations.some((known) => known.uid === uid)) return;
	const named = organizations
		.slice(0, NAMED_ORGANIZATIONS)
		.map(({ name, uid: other }) => toDisplayText(`${name ?? '?'} (${other})`, []));
	const more = organizations.length - named.length;
	throw new ApiError(`The login has no organization ${uid}`, {
		description:
			named.length === 0
				? 'It has none at all. Ask who manages the account to add it to one'
				: `It has ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`,
		refused: true,
	});
}

/** The sessions of this process that the credential keeps for itself. */
export const sessions = new Sessions<AureaSession>({
	documentedLifetime: ASSUMED_LIFETIME,
	server: serverOf,
	identity,
	loginPath: 'sessions',
	async login(http, credentials, asking) {
		const { opened, switched, organizationUid } = await logIn(http, credentials, asking);
		const { token, receivedAt } = switched ?? opened;
		return { token, receivedAt, organizationUid, warning: opened.warning };
	},
	warningOf: ({ warning }) =>
		warning === null
			? undefined
			: new ApiError(warning, {
					description: 'Sign in once on its website and do what it asks, then test again',
				}),
	loginRequest: (credentials) => toRequestOptions(requestOf(credentials)),
	attach: (request, _target, { token }) => withHeader(request, TOKEN_HEADER, token),
	isDead: async (http, credentials, { token, organizationUid }) =>
		await isTokenDead(http, serverOf(credentials), token, organizationUid),
});
