import { ApiError, InputError } from '../shared/errors';
import { toDisplayText } from '../shared/redact';
import { withAddress, type OutgoingRequest } from '../shared/session/request';
import { assertUid } from './api';
import type { LoginResponse, Organization } from './responses';

/** How many organizations an error names. */
const MAX_NAMED_ORGANIZATIONS = 10;

/** The organizations of a login. @throws ApiError if its response has no list of them */
export function organizationsOf({
	organizations,
}: Pick<LoginResponse, 'organizations'>): readonly Organization[] {
	if (organizations !== null) return organizations;
	throw new ApiError('The response to the login has no list of organizations', {
		advice: "The login was accepted. Check that 'Server URL' is the API of Aurea Campaign Manager",
	});
}

/**
 * The UID of an organization as the login's list has it, whatever case it was typed in. Prevents a switch that
 * cannot succeed, if the vendor has listed the possible organizations.
 *
 * @throws ApiError
 */
export function resolveOrganization(
	{ organizations, current }: LoginResponse,
	wanted: string,
): string {
	const isWanted = (uid: string | null) => uid?.toLowerCase() === wanted.toLowerCase();
	const uids = [current.uid, ...(organizations ?? []).map(({ uid }) => uid)];
	const known = uids.find((uid) => uid === wanted) ?? uids.find(isWanted);
	if (known) return known;
	if (organizations === null) return wanted;
	const named = organizations
		.slice(0, MAX_NAMED_ORGANIZATIONS)
		.map(({ name, uid: other }) => toDisplayText(`${name ?? '?'} (${other})`, []));
	const more = organizations.length - named.length;
	throw new ApiError(`The login has no access to the organization ${wanted}`, {
		advice:
			named.length === 0
				? 'It has no access to any organization. Ask whoever manages the account to add it to one'
				: `It has access to ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`,
		reason: 'rejected',
	});
}

/** `{orgUid}`, `{{orgUid}}` or `{organizationUid}` as one segment of a path, as a URL encodes it. */
const ORGANIZATION_PLACEHOLDER =
	/(?<=\/)(?:%7B){1,2}(?:%20)*(?:orgUid|organizationUid)(?:%20)*(?:%7D){1,2}(?=\/|$)/gi;
/** Any other name in braces. */
const OTHER_PLACEHOLDER = /%7B(?:%20)*([a-z_]+)(?:%20)*%7D/i;

/**
 * A copy of the request with the UID of the session's organization in place of `{orgUid}` in its path.
 *
 * @throws InputError if the vendor did not say which organization the session is in, and for any
 * other name in braces
 */
export function withOrganization(
	request: OutgoingRequest,
	target: URL,
	organizationUid: string | null,
): OutgoingRequest {
	const rest = target.pathname.replaceAll(ORGANIZATION_PLACEHOLDER, '');
	const [, other] = OTHER_PLACEHOLDER.exec(rest) ?? [];
	if (other !== undefined) {
		throw new InputError(
			`{${other}} in the URL is not filled in`,
			'Only {orgUid} is filled in, with the organization of the session, where it stands alone between two slashes. Write everything else as an expression',
		);
	}
	if (rest === target.pathname) return request;
	if (organizationUid === null) {
		throw new InputError(
			'{orgUid} in the URL cannot be filled in: the login did not say which organization it is in',
			"Put the organization's UID into the URL, or set 'Organization UID' in the credential",
		);
	}
	assertUid(organizationUid);
	const url = new URL(target);
	url.pathname = target.pathname.replaceAll(
		ORGANIZATION_PLACEHOLDER,
		encodeURIComponent(organizationUid),
	);
	return withAddress(request, url);
}
