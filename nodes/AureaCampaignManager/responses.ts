import type { HttpRequest } from '../shared/http';
import { isTrue } from '../shared/input';
import { getNumber, getText, isJsonObject, type JsonObject } from '../shared/jsonObject';
import { redact } from '../shared/redact';
import { now, type Moment } from '../shared/session/clock';
import { parseToken } from '../shared/session/token';

/** An organization of a login, as the list of `POST /sessions` has it (documented). */
export interface Organization {
	readonly uid: string;
	readonly name: string | null;
	readonly isAdmin: boolean | null;
	readonly workGroupId: number | null;
}

/** The organization that a session is in right after the login (documented). */
interface CurrentOrganization {
	readonly uid: string | null;
	readonly name: string | null;
	readonly siteId: number | null;
	readonly farmUrl: string | null;
}

/** What `POST /sessions` returns (documented). Whatever is missing or of another type is null. */
export interface LoginResponse {
	readonly token: string;
	readonly sessionId: string | null;
	readonly receivedAt: Moment;
	readonly current: CurrentOrganization;
	/** null if the response has no such list. */
	readonly organizations: readonly Organization[] | null;
	readonly userName: string | null;
	readonly email: string | null;
	readonly roleName: string | null;
	/** What the vendor asks of a user whose login it accepts, as text; usually null. */
	readonly warning: string | null;
	/** The response as it came, with the request's secrets masked. With ten thousand organizations, it is large. */
	wholeResponse(): JsonObject;
}

/** What `GET /sessions/switch/{orgUid}` returns (documented). */
export interface SwitchResponse {
	readonly token: string;
	readonly sessionId: string | null;
	readonly receivedAt: Moment;
	/** The vendor's sample shows an empty object: its members are not documented. */
	readonly userSession: unknown;
	/** The response as it came, with the request's secrets masked. */
	wholeResponse(): JsonObject;
}

/** @throws ApiError if there is no usable token */
export function parseLoginResponse(response: JsonObject, request: HttpRequest): LoginResponse {
	const token = parseToken(response['token'], request);
	const body = redact(response, [...request.secrets, token]) as JsonObject;
	const org = isJsonObject(body['org']) ? body['org'] : {};
	return {
		token,
		sessionId: getText(body, 'sessionId'),
		receivedAt: now(),
		current: {
			uid: getUid(org, 'lhqOrgUid'),
			name: getText(org, 'name'),
			siteId: getNumber(org, 'siteId'),
			farmUrl: getText(org, 'farmUrl'),
		},
		organizations: parseOrganizations(body['lhqOrganizations']),
		userName: getText(body, 'userName'),
		email: getText(body, 'email'),
		roleName: getText(body, 'roleName'),
		warning: describeWarning(body),
		wholeResponse: () => redact(response, request.secrets) as JsonObject,
	};
}

/** @throws ApiError if there is no usable token */
export function parseSwitchResponse(response: JsonObject, request: HttpRequest): SwitchResponse {
	const token = parseToken(response['token'], request);
	const body = redact(response, [...request.secrets, token]) as JsonObject;
	return {
		token,
		sessionId: getText(body, 'sessionId'),
		receivedAt: now(),
		userSession: body['userSession'] ?? null,
		wholeResponse: () => redact(response, request.secrets) as JsonObject,
	};
}

/** An organization's UID: text (documented); a number is accepted, too. */
function getUid(object: JsonObject, name: string): string | null {
	const number = getNumber(object, name);
	return number === null ? getText(object, name) : String(number);
}

function parseOrganizations(list: unknown): Organization[] | null {
	if (!Array.isArray(list)) return null;
	return list.filter(isJsonObject).flatMap((entry) => {
		const uid = getUid(entry, 'uid');
		if (uid === null) return [];
		return {
			uid,
			name: getText(entry, 'name'),
			isAdmin: readFlag(entry['isAdmin']),
			workGroupId: getNumber(entry, 'workGroupId'),
		};
	});
}

/** A boolean (documented); equivalent text and numbers are accepted, too. */
function readFlag(value: unknown): boolean | null {
	if (isTrue(value) || value === 1 || value === '1') return true;
	return ['false', '0'].includes(String(value).trim().toLowerCase()) ? false : null;
}

/** `resetPassword` and `firstTimeLogin` are members of the response to a good login (documented). */
function describeWarning(body: JsonObject): string | null {
	const demands = [
		...(body['resetPassword'] === true ? ['asks for a new password'] : []),
		...(body['firstTimeLogin'] === true ? ['is waiting for the first login of this user'] : []),
	];
	return demands.length === 0 ? null : `Aurea Campaign Manager ${demands.join(' and ')}`;
}
