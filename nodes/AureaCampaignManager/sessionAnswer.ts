import { readToken } from '../shared/answers';
import type { VendorRequest } from '../shared/http';
import { isRecord, textOf, type Members } from '../shared/records';
import { withoutSecrets } from '../shared/redact';
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
export interface OpenedSession {
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
	readonly response: Members;
}

/** What `GET /sessions/switch/{orgUid}` answers (documented). */
export interface SwitchedSession {
	readonly token: string;
	readonly sessionId: string | null;
	/** When the answer was here. */
	readonly receivedAt: Moment;
	/** The vendor's sample shows an empty object: its members are not documented. */
	readonly userSession: unknown;
	/** The answer as it came, but for what the request had that is secret. */
	readonly response: Members;
}

/** @throws VendorFailure where there is no usable token */
export function readOpenedSession(answer: Members, request: VendorRequest): OpenedSession {
	const token = readToken(answer['token'], request);
	const body = withoutSecrets(answer, [...request.secrets, token]) as Members;
	const org = isRecord(body['org']) ? body['org'] : {};
	return {
		token,
		sessionId: textOf(body, 'sessionId'),
		receivedAt: now(),
		current: {
			uid: textOf(org, 'lhqOrgUid'),
			name: textOf(org, 'name'),
			siteId: numberOf(org, 'siteId'),
			farmUrl: textOf(org, 'farmUrl'),
		},
		organizations: readOrganizations(body['lhqOrganizations']),
		userName: textOf(body, 'userName'),
		email: textOf(body, 'email'),
		roleName: textOf(body, 'roleName'),
		warning: warningOf(body),
		// Made where it is wanted: with ten thousand organizations it is large.
		get response() {
			return withoutSecrets(answer, request.secrets) as Members;
		},
	};
}

/** @throws VendorFailure where there is no usable token */
export function readSwitchedSession(answer: Members, request: VendorRequest): SwitchedSession {
	const token = readToken(answer['token'], request);
	const body = withoutSecrets(answer, [...request.secrets, token]) as Members;
	return {
		token,
		sessionId: textOf(body, 'sessionId'),
		receivedAt: now(),
		userSession: body['userSession'] ?? null,
		get response() {
			return withoutSecrets(answer, request.secrets) as Members;
		},
	};
}

function readOrganizations(list: unknown): Organization[] | null {
	if (!Array.isArray(list)) return null;
	return list.filter(isRecord).flatMap((entry) => {
		const uid = textOf(entry, 'uid');
		if (uid === null) return [];
		return {
			uid,
			name: textOf(entry, 'name'),
			isAdmin: typeof entry['isAdmin'] === 'boolean' ? entry['isAdmin'] : null,
			workGroupId: numberOf(entry, 'workGroupId'),
		};
	});
}

/** `resetPassword` and `firstTimeLogin` are members of the answer to a good login (documented). */
function warningOf(body: Members): string | null {
	const wishes = [
		...(body['resetPassword'] === true ? ['asks for a new password'] : []),
		...(body['firstTimeLogin'] === true ? ['awaits the first login of this user'] : []),
	];
	return wishes.length === 0 ? null : `Aurea Campaign Manager ${wishes.join(' and ')}`;
}

function numberOf(record: Members, name: string): number | null {
	const value = record[name];
	return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
