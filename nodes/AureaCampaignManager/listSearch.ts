import type {
	ILoadOptionsFunctions,
	INodeListSearchItems,
	INodeListSearchResult,
} from 'n8n-workflow';

import { ApiError } from '../shared/errors';
import type { Credentials } from '../shared/credentialInput';
import { BoundedMap } from '../shared/boundedMap';
import { ageOf, now, type Moment } from '../shared/session/clock';
import { aureaSessions, type AureaAccount } from './auth';
import { organizationsOf } from './organizations';
import type { LoginResponse, Organization } from './responses';

/** Every listing costs a login, so the picker keeps its list for a minute. */
const KEPT_FOR_MS = 60_000;
const MAX_LISTS = 100;

interface KnownList {
	/** What the login said about its organizations: a list, or none. */
	answer?: Promise<Pick<LoginResponse, 'organizations'>>;
	readAt: Moment;
}

const lists = new BoundedMap<KnownList>(MAX_LISTS);

/** The organizations of the login whose name or UID contains the filter, sorted by name. */
export async function searchOrganizations(
	this: ILoadOptionsFunctions,
	filter = '',
): Promise<INodeListSearchResult> {
	const { credentialType, read } = aureaSessions.strategy;
	const account = read(await this.getCredentials<Credentials>(credentialType));
	const organizations = await getOrganizations(this, account);
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

async function getOrganizations(
	{ helpers }: ILoadOptionsFunctions,
	account: AureaAccount,
): Promise<readonly Organization[]> {
	const list = lists.getOrCreate(account.loginKey, () => ({ readAt: now() }));
	if (list.answer === undefined || ageOf(list.readAt) >= KEPT_FOR_MS) {
		list.readAt = now();
		list.answer = aureaSessions
			.logInSeparately(
				account,
				{ why: 'for the list of organizations' },
				async (context) => await account.open(helpers, context),
			)
			.then(({ organizations }) => ({ organizations }));
		list.answer.catch(() => {
			delete list.answer;
		});
	}
	const organizations = organizationsOf(await list.answer);
	if (organizations.length > 0) return organizations;
	// An empty list does not say why it is empty.
	throw new ApiError('The login has no access to any organization', {
		advice: 'Ask whoever manages the account to add it to one',
	});
}
