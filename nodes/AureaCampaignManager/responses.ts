import { readToken } from '../shared/answers';
import type { HttpRequest } from '../shared/http';
import { isJsonObject, getText, type JsonObject } from '../shared/records';
import { redact } from '../shared/redact';
import { now, type Moment } from '../shared/session/moment';

/** An organization that a login can work in, as the list of `POST /sessions` has it (documented). */
export interface Organization {
	readonly uid: string;
	readonly name: string | null;
	readonly isAdmin: boolean | null;
	readonly workGroupId: number | null;
}

/** The organization that a session is in right after the login (documented). */
export interface CurrentOrganization {
	readonly uid: string | null;
	readonly name: string | null;
	readonly siteId: number | null;
	readonly farmUrl: string | null;
}

/** What `POST /sessions` answers (documented); whatever is missing or of another type is null. */
export interface LoginResponse {
	readonly token: string;
	readonly sessionId: string | null;
	/** When the answer was here. */
	readonly receivedAt: Moment;
	readonly current: CurrentOrganization;
	/** null where the answer has no such list. */
	readonly organizations: readonly Organization[] | null;
	readonly userName: string | null;
	readonly email: string | null;
	readonly roleName: string | null;
	/** What the vendor wants of the user although it let them in, in words; null is the usual. */
	readonly warning: string | null;
	/** The answer as it came, but for what the request had that is secret. */
	readonly response: JsonObject;
}

/** What `GET /sessions/switch/{orgUid}` answers (documented). */
export interface SwitchResponse {
	readonly token: string;
	readonly sessionId: string | null;
	/** When the answer was here. */
	readonly receivedAt: Moment;
	/** The vendor's sample shows an empty object: its members are not documented. */
	readonly userSession: unknown;
	/** The answer as it came, but for what the request had that is secret. */
	readonly response: JsonObject;
}

/** @throws ApiError where there is no usable token */
export function parseLoginResponse(answer: JsonObject, request: HttpRequest): LoginResponse {
	const token = readToken(answer['token'], request);
	const body = redact(answer, [...request.secrets, token]) as JsonObject;
	const org = isJsonObject(body['org']) ? body['org'] : {};
	return {
		token,
		sessionId: getText(body, 'sessionId'),
		receivedAt: now(),
		current: {
			uid: getText(org, 'lhqOrgUid'),
			name: getText(org, 'name'),
			siteId: numberOf(org, 'siteId'),
			farmUrl: getText(org, 'farmUrl'),
		},
		organizations: readOrganizations(body['lhqOrganizations']),
		userName: getText(body, 'userName'),
		email: getText(body, 'email'),
		roleName: getText(body, 'roleName'),
		warning: warningOf(body),
		// Made where it is wanted: with ten thousand organizations it is large.
		get response() {
			return redact(answer, request.secrets) as JsonObject;
		},
	};
}

/** @throws ApiError where there is no usable token */
export function parseSwitchResponse(answer: JsonObject, request: HttpRequest): SwitchResponse {
	const token = readToken(answer['token'], request);
	const body = redact(answer, [...request.secrets, token]) as JsonObject;
	return {
		token,
		sessionId: getText(body, 'sessionId'),
		receivedAt: now(),
		userSession: body['userSession'] ?? null,
		get response() {
			return redact(answer, request.secrets) as JsonObject;
		},
	};
}

function readOrganizations(list: unknown): Organization[] | null {
	if (!Array.isArray(list)) return null;
	return list.filter(isJsonObject).flatMap((entry) => {
		const uid = getText(entry, 'uid');
		if (uid === null) return [];
		return {
			uid,
			name: getText(entry, 'name'),
			isAdmin: typeof entry['isAdmin'] === 'boolean' ? entry['isAdmin'] : null,
			workGroupId: numberOf(entry, 'workGroupId'),
		};
	});
}

/** `resetPassword` and `firstTimeLogin` are members of the answer to a good login (documented). */
function warningOf(body: JsonObject): string | null {
	const wishes = [
		...(body['resetPassword'] === true ? ['asks for a new password'] : []),
		...(body['firstTimeLogin'] === true ? ['awaits the first login of this user'] : []),
	];
	return wishes.length === 0 ? null : `Aurea Campaign Manager ${wishes.join(' and ')}`;
}

function numberOf(record: JsonObject, name: string): number | null {
	const value = record[name];
	return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
