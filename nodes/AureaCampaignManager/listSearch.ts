import type {
	ILoadOptionsFunctions,
	INodeListSearchItems,
	INodeListSearchResult,
	INodeProperties,
} from 'n8n-workflow';

import { ApiError } from '../shared/errors';
import { Memory } from '../shared/session/memory';
import { ageOf, now, type Moment } from '../shared/session/moment';
import { forSession } from '../shared/session/refusals';
import type { Credentials } from '../shared/session/session';
import { loginOf, open, organizationsOf } from './auth';
import type { Organization } from './responses';

/** Every listing is a login, so the picker keeps its list for a minute, in milliseconds. */
const LIST_KEPT = 60_000;

interface KnownOrganizations {
	readonly organizations: readonly Organization[];
	readonly readAt: Moment;
}

const known = new Memory<KnownOrganizations>(({ readAt }) => ageOf(readAt) >= LIST_KEPT);

/** The field by which an operation's user names an organization, from the account's or by its UID. */
export const organizationField: INodeProperties = {
	displayName: 'Organization',
	name: 'organization',
	type: 'resourceLocator',
	default: { mode: 'list', value: '' },
	modes: [
		{
			displayName: 'From List',
			name: 'list',
			type: 'list',
			placeholder: 'Select an organization…',
			typeOptions: { searchListMethod: 'searchOrganizations', searchable: true },
		},
		{
			displayName: 'By UID',
			name: 'uid',
			type: 'string',
			placeholder: 'e.g. f4fcdc86-ba2e-4ce0-81f0-cf1d5f2dd26d',
		},
	],
};

/** The organizations of the login whose name or UID contains the filter, by name. */
export async function searchOrganizations(
	this: ILoadOptionsFunctions,
	filter = '',
): Promise<INodeListSearchResult> {
	const credentials = await this.getCredentials<Credentials>('aureaLoginApi');
	const organizations = await knownOrganizations(this, credentials);
	const wanted = filter.trim().toLowerCase();
	const results = organizations
		.filter(({ name, uid }) => `${name ?? ''} ${uid}`.toLowerCase().includes(wanted))
		.map(
			({ name, uid }): INodeListSearchItems => ({
				name: name ?? uid,
				value: uid,
				description: uid,
			}),
		)
		.sort((a, b) => a.name.localeCompare(b.name));
	return { results };
}

async function knownOrganizations(
	{ helpers }: ILoadOptionsFunctions,
	credentials: Credentials,
): Promise<readonly Organization[]> {
	const { organizations } = await known.obtain(loginOf(credentials), async () => {
		const opened = await open(helpers, credentials, forSession);
		return { organizations: organizationsOf(opened), readAt: now() };
	});
	if (organizations.length > 0) return organizations;
	// An empty list says nothing of why it is empty.
	throw new ApiError('The login has no organizations', {
		description: 'Ask who manages the account to add it to one',
	});
}
