import { isToken, unexpectedResponseError } from '../shared/answers';
import { InputError, ApiError } from '../shared/errors';
import { send, type Http, type HttpRequest } from '../shared/http';
import { isJsonObject } from '../shared/records';
import { readServerUrl } from '../shared/serverUrl';
import {
	parseLoginResponse,
	parseSwitchResponse,
	type LoginResponse,
	type SwitchResponse,
} from './responses';

const API = 'the Aurea Campaign Manager API';

/** The header that carries a token (seen in client code). */
export const TOKEN_HEADER = 'X-LHQ-TOKEN';

/** The base of the API. @throws InputError where it is no http(s) URL. */
export function readAureaServer(typed: unknown): string {
	return readServerUrl(typed, {
		example: 'https://api.cam.aurea.com',
		defaultPath: '',
		methodPath: /\/sessions(\/switch\/[^/]*)?$/,
	});
}

/** The request of a login (documented). */
export function loginRequest(server: string, username: string, password: string): HttpRequest {
	return {
		method: 'POST',
		url: `${server}/sessions`,
		body: { username, password },
		ignoreSslIssues: false,
		secrets: [password],
	};
}

/**
 * Logs in. Success is HTTP 201 (seen) or 200 with a token; the shape of an error is not documented.
 *
 * @throws ApiError where the vendor says no, also to a locked account, which it lets in.
 */
export async function login(http: Http, request: HttpRequest): Promise<LoginResponse> {
	const advice = 'Check User Name and Password in the credential';
	const answer = await send(http, request);
	if (answer.status >= 400 || !isJsonObject(answer.body)) {
		throw unexpectedResponseError(answer, request, { api: API, advice });
	}
	if (answer.body['locked'] === true) {
		throw new ApiError('The account is locked', {
			description: 'Unlock it in Aurea Campaign Manager, or ask Aurea Support to do so',
			// BackoffPolicy again at once would only open one session after another.
			refused: true,
		});
	}
	return parseLoginResponse(answer.body, request);
}

/** A token, and the organization for whose token it is to be exchanged. */
interface Switch {
	readonly server: string;
	readonly token: string;
	readonly organizationUid: string;
	/** What else the server knows that no answer may bring back. */
	readonly secrets: readonly string[];
}

/**
 * Exchanges a token for one of another organization. The old one may live on or may die: that is
 * documented nowhere.
 *
 * @throws ApiError where the vendor says no; InputError where the uid or the token cannot be one.
 */
export async function switchOrganization(
	http: Http,
	{ server, token, organizationUid, secrets }: Switch,
): Promise<SwitchResponse> {
	assertUid(organizationUid);
	const request: HttpRequest = {
		method: 'GET',
		url: `${server}/sessions/switch/${encodeURIComponent(organizationUid)}`,
		headers: { [TOKEN_HEADER]: usableToken(token) },
		ignoreSslIssues: false,
		secrets: [token, ...secrets],
	};
	const answer = await send(http, request);
	if (answer.status >= 400 || !isJsonObject(answer.body)) {
		throw unexpectedResponseError(answer, request, {
			api: API,
			advice:
				'Check the organization, and that the token is alive: on some servers a switch ends the token it was made with. Token Source: Credential with Separate Logins then helps',
			notFound: `Check the organization: the server knows none with the UID ${organizationUid}`,
		});
	}
	return parseSwitchResponse(answer.body, request);
}

/** Whether the server says that a token is dead. A 401 is likely to mean that (assumed). */
export async function isTokenDead(
	http: Http,
	server: string,
	token: string,
	organizationUid: string | null,
): Promise<boolean> {
	if (organizationUid === null) return false;
	assertUid(organizationUid);
	const { status } = await send(http, {
		method: 'GET',
		url: `${server}/${encodeURIComponent(organizationUid)}/lists/`,
		headers: { [TOKEN_HEADER]: token },
		ignoreSslIssues: false,
		secrets: [token],
	});
	return status === 401;
}

/** Refuses what is no segment of a path and could lead elsewhere. @throws InputError */
export function assertUid(uid: string): void {
	if (uid === '' || uid === '.' || uid === '..' || /\p{Cs}/u.test(uid)) {
		throw new InputError(
			'The organization is missing or is no UID',
			'Choose it from the list, or give the UID that List Organizations has in organizationUid',
		);
	}
}

function usableToken(token: string): string {
	if (isToken(token)) return token;
	throw new InputError(
		'The token is empty or is no token',
		'Give the field token of Get Token or Switch Organization, as in {{ $json.token }}',
	);
}
