import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	INodeProperties,
} from 'n8n-workflow';

import {
	credentialNotice,
	includeOtherFieldsOption,
	separateLoginsOption,
	simplifyField,
} from '../../shared/fields';
import { isTrue } from '../../shared/flags';
import { DEFAULT_CONCURRENCY, forEachItem, outputItem, PromiseCache } from '../../shared/items';
import { forRun } from '../../shared/session/refusals';
import { logIn, sessions, type AureaLogin } from '../auth';
import { organizationField } from '../listSearch';
import { readAureaServer } from '../api';
import { credentialsOf, Warnings } from './common';

const showOnlyForGetToken = { operation: ['getToken'] };

export const getTokenFields: INodeProperties[] = [
	{ ...credentialNotice, displayOptions: { show: showOnlyForGetToken } },
	{
		...organizationField,
		description:
			'The organization that the token is for. Leave it empty for the one that the login leads to.',
		displayOptions: { show: showOnlyForGetToken },
	},
	{ ...simplifyField, displayOptions: { show: showOnlyForGetToken } },
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		displayOptions: { show: showOnlyForGetToken },
		options: [includeOtherFieldsOption, separateLoginsOption],
	},
];

interface GetTokenOptions {
	separateLogins?: unknown;
	includeOtherFields?: unknown;
}

export async function getToken(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const logins = new PromiseCache<AureaLogin>();
	const warnings = new Warnings(this);
	const asking = forRun();
	return await forEachItem(this, DEFAULT_CONCURRENCY, async (itemIndex) => {
		const options = this.getNodeParameter('options', itemIndex, {}) as GetTokenOptions;
		const wanted = this.getNodeParameter('organization', itemIndex, '', { extractValue: true });
		const ofItem = await credentialsOf(this, itemIndex);
		const organizationUid = String(wanted ?? '').trim();
		const credentials = organizationUid === '' ? ofItem : { ...ofItem, organizationUid };

		const identity = sessions.kind.identity(credentials);
		const login = await logins.get(
			isTrue(options.separateLogins) ? `${identity} ${itemIndex}` : identity,
			async () => {
				const made = await logIn(this.helpers, credentials, asking);
				warnings.heed(made.opened);
				return made;
			},
		);

		const json = describeToken(login, readAureaServer(credentials['serverUrl']));
		if (!isTrue(this.getNodeParameter('simplify', itemIndex, true)))
			json['response'] = (login.switched ?? login.opened).response as IDataObject;
		return outputItem(this, itemIndex, json, isTrue(options.includeOtherFields));
	});
}

/**
 * A token with all that is known of it. After a switch, what the vendor said of the organization
 * before is no longer true, and what it does not say of the new one is null.
 */
function describeToken(
	{ opened, switched, organizationUid }: AureaLogin,
	serverUrl: string,
): IDataObject {
	const { token, sessionId, receivedAt } = switched ?? opened;
	const { current, organizations, userName, email, roleName } = opened;
	const listed = organizations?.find(({ uid }) => uid === organizationUid);
	const stays = switched === null;
	return {
		token,
		sessionId,
		issuedAt: new Date(receivedAt.wall).toISOString(),
		expiresAt: null,
		organizationUid,
		organizationName: (stays ? current.name : null) ?? listed?.name ?? null,
		siteId: stays ? current.siteId : null,
		farmUrl: stays ? current.farmUrl : null,
		userName,
		email,
		roleName: stays ? roleName : null,
		isAdmin: listed?.isAdmin ?? null,
		serverUrl,
	};
}
