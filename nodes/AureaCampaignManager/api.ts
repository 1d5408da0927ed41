import { ApiError, InputError } from '../shared/errors';
import { send, type HttpClient, type HttpRequest } from '../shared/http';
import { responseError } from '../shared/httpErrors';
import { isJsonObject } from '../shared/jsonObject';
import { parseServerUrl } from '../shared/serverUrl';
import { isToken } from '../shared/session/token';
import {
	parseLoginResponse,
	parseSwitchResponse,
	type LoginResponse,
	type SwitchResponse,
} from './responses';

const API = 'the Aurea Campaign Manager API';

/** The header that carries a token (seen in client code). */
export const TOKEN_HEADER = 'X-LHQ-TOKEN';

/** The path of the login below the base URL (documented). */
export const LOGIN_PATH = 'sessions';

/** The base URL of the API. @throws InputError if it is not an http(s) URL */
export function readServerUrl(typed: unknown): string {
	return parseServerUrl(typed, {
		example: 'https://api.cam.aurea.com',
		defaultPath: '',
		methodPath: /\/sessions(\/switch\/[^/]*)?$/,
	});
}

/** The request of a login (documented). */
export function loginRequest(serverUrl: string, username: string, password: string): HttpRequest {
	return {
		method: 'POST',
		url: `${serverUrl}/${LOGIN_PATH}`,
		body: { username, password },
		ignoreSslIssues: false,
		secrets: [password],
	};
}

/**
 * Logs in. Success is HTTP 201 (seen) or 200 with a token. The form of an error is not documented.
 *
 * @throws ApiError if the vendor says no, or the account is locked: the vendor accepts its login
 */
export async function requestLogin(http: HttpClient, request: HttpRequest): Promise<LoginResponse> {
	const response = await send(http, request);
	if (response.status >= 300 || !isJsonObject(response.body)) {
		throw responseError(response, request, {
			api: API,
			advice: "Check 'User Name' and 'Password' in the credential",
			isLogin: true,
		});
	}
	if (response.body['locked'] === true) {
		throw new ApiError('The account is locked', {
			advice: 'Unlock it in Aurea Campaign Manager, or ask Aurea Support to do so',
			// Repeating the login at once would only open more sessions.
			reason: 'rejected',
		});
	}
	return parseLoginResponse(response.body, request);
}

/** A token, and the organization for which to exchange it. */
interface SwitchRequest {
	readonly serverUrl: string;
	readonly token: string;
	readonly organizationUid: string;
	/** Other secrets that the server knows and that must not be shown. */
	readonly secrets: readonly string[];
	/** What to do if the vendor says no. */
	readonly advice: string;
	readonly timeoutMs?: number;
	readonly signal?: AbortSignal | undefined;
}

/**
 * Exchanges a token for one of another organization. Whether the old one stays valid is not documented.
 *
 * @throws ApiError if the vendor says no; InputError if the UID or the token cannot be one
 */
export async function switchToOrganization(
	http: HttpClient,
	{ serverUrl, token, organizationUid, secrets, advice, timeoutMs, signal }: SwitchRequest,
): Promise<SwitchResponse> {
	assertUid(organizationUid);
	assertToken(token);
	const request: HttpRequest = {
		method: 'GET',
		url: `${serverUrl}/sessions/switch/${encodeURIComponent(organizationUid)}`,
		headers: { [TOKEN_HEADER]: token },
		ignoreSslIssues: false,
		secrets: [token, ...secrets],
		timeoutMs,
		signal,
	};
	const response = await send(http, request);
	if (response.status >= 300 || !isJsonObject(response.body)) {
		throw responseError(response, request, {
			api: API,
			// A switch is the second half of a login: if it returns no token, it is not repeated either.
			isLogin: true,
			advice,
			notFound: `Check the organization: the server knows none with the UID ${organizationUid}`,
		});
	}
	return parseSwitchResponse(response.body, request);
}

/** A token, and the organization whose lists to request with it. */
interface ListsRequest {
	readonly serverUrl: string;
	readonly token: string;
	readonly organizationUid: string;
	readonly timeoutMs: number;
}

/**
 * The HTTP status of a harmless request with a token: the lists of an organization. That they can be read is
 * assumed: only creating a list was seen.
 */
export async function statusOfLists(
	http: HttpClient,
	{ serverUrl, token, organizationUid, timeoutMs }: ListsRequest,
): Promise<number> {
	assertUid(organizationUid);
	const { status } = await send(http, {
		method: 'GET',
		url: `${serverUrl}/${encodeURIComponent(organizationUid)}/lists/`,
		headers: { [TOKEN_HEADER]: token },
		ignoreSslIssues: false,
		secrets: [token],
		timeoutMs,
	});
	return status;
}

/** Maximum length of an organization's UID, in characters. The samples have 36 (documented). */
const MAX_UID_LENGTH = 200;

/**
 * Rejects what is not a path segment, could lead elsewhere, or is an expression that n8n could not resolve.
 *
 * @throws InputError
 */
export function assertUid(uid: string): void {
	const isPossible =
		uid !== '' && uid.length <= MAX_UID_LENGTH && !/^(\.{1,2}$|=)|\p{Cs}/u.test(uid);
	if (!isPossible) {
		throw new InputError(
			'The organization is missing or is not a UID',
			"Choose it from the list, or enter the UID that List Organizations returns as 'organizationUid'",
		);
	}
}

function assertToken(token: string): void {
	if (isToken(token)) return;
	throw new InputError(
		'The token is empty or not valid',
		"Use the field 'token' of Get Token or Switch Organization, as in {{ $json.token }}",
	);
}
