import type { IExecuteFunctions, INodeExecutionData, INodeProperties } from 'n8n-workflow';

import { limitField, returnAllField } from '../../shared/fields';
import { isTrue } from '../../shared/flags';
import { DEFAULT_CONCURRENCY, forEachItem, PromiseCache } from '../../shared/items';
import { readLimit } from '../../shared/numbers';
import { forRun } from '../../shared/session/refusals';
import { loginOf, open, organizationsOf } from '../auth';
import type { LoginResponse } from '../responses';
import { credentialsOf, Warnings } from './common';

const showOnlyForListOrganizations = { operation: ['listOrganizations'] };

export const listOrganizationsFields: INodeProperties[] = [
	{ ...returnAllField, displayOptions: { show: showOnlyForListOrganizations } },
	{
		...limitField,
		displayOptions: { show: { ...showOnlyForListOrganizations, returnAll: [false] } },
	},
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		displayOptions: { show: showOnlyForListOrganizations },
		options: [
			{
				displayName: 'Admin Only',
				name: 'adminOnly',
				type: 'boolean',
				default: false,
				description: 'Whether to return only organizations in which the user is an administrator',
			},
			{
				displayName: 'Name Contains',
				name: 'nameContains',
				type: 'string',
				default: '',
				placeholder: 'e.g. Sales',
				description:
					'Return only organizations with this text in their name, in upper or lower case',
			},
		],
	},
];

interface ListOptions {
	nameContains?: unknown;
	adminOnly?: unknown;
}

export async function listOrganizations(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const logins = new PromiseCache<LoginResponse>();
	const warnings = new Warnings(this);
	const asking = forRun();
	return await forEachItem(this, DEFAULT_CONCURRENCY, async (itemIndex) => {
		const credentials = await credentialsOf(this, itemIndex);
		const opened = await logins.get(
			loginOf(credentials),
			async () => await open(this.helpers, credentials, asking),
		);
		warnings.heed(opened);
		const { current } = opened;
		const organizations = organizationsOf(opened);

		const options = this.getNodeParameter('options', itemIndex, {}) as ListOptions;
		const wanted = String(options.nameContains ?? '').toLowerCase();
		const adminOnly = isTrue(options.adminOnly);
		const matching = organizations.filter(
			({ name, isAdmin }) =>
				(name ?? '').toLowerCase().includes(wanted) && (!adminOnly || isAdmin === true),
		);
		return matching
			.slice(0, readLimit(this, itemIndex))
			.map(({ uid, name, isAdmin, workGroupId }) => ({
				json: {
					organizationUid: uid,
					organizationName: name,
					isAdmin,
					workGroupId,
					isCurrent: uid === current.uid,
				},
			}));
	});
}
