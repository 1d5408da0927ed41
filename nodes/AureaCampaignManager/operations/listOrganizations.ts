import type { IExecuteFunctions, INodeExecutionData, INodeProperties } from 'n8n-workflow';

import type { Operation } from '../../shared/operations';
import { DEFAULT_CONCURRENCY, limitField, readLimit, returnAllField } from '../../shared/fields';
import { Hints } from '../../shared/hints';
import { isTrue } from '../../shared/input';
import { forEachItem } from '../../shared/items';
import { OperationLogins } from '../../shared/operationLogins';
import { aureaSessions } from '../auth';
import { readAccount } from '../account';
import { organizationsOf } from '../organizations';
import type { LoginResponse } from '../responses';
import { showWarning } from '../warnings';

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
				description: 'Return only organizations whose name contains this text (not case-sensitive)',
			},
		],
	},
];

interface ListOptions {
	nameContains?: unknown;
	adminOnly?: unknown;
}

async function execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const logins = new OperationLogins<LoginResponse>(this);
	const hints = new Hints(this);
	return await forEachItem(this, DEFAULT_CONCURRENCY, async (itemIndex) => {
		const account = await readAccount(this, itemIndex);
		const login = await logins.get(account.loginKey, aureaSessions, account, account.open);
		showWarning(hints, login);

		const options = this.getNodeParameter('options', itemIndex, {}) as ListOptions;
		const nameContains = String(options.nameContains ?? '')
			.trim()
			.toLowerCase();
		const adminOnly = isTrue(options.adminOnly);
		const matching = organizationsOf(login).filter(
			({ name, isAdmin }) =>
				(name ?? '').toLowerCase().includes(nameContains) && (!adminOnly || isAdmin === true),
		);
		return matching
			.slice(0, readLimit(this, itemIndex))
			.map(({ uid, name, isAdmin, workGroupId }) => ({
				json: {
					organizationUid: uid,
					organizationName: name,
					isAdmin,
					workGroupId,
					isCurrent: uid === login.current.uid,
				},
			}));
	});
}

export const listOrganizations: Operation = {
	option: {
		name: 'List Organizations',
		value: 'listOrganizations',
		action: 'List organizations',
		description: 'List the organizations that the login has access to, for each input item',
	},
	execute,
};
