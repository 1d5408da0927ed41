import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	INodeProperties,
} from 'n8n-workflow';

import { getField } from '../../shared/credentials';
import { isTrue } from '../../shared/flags';
import {
	credentialNotice,
	includeOtherFieldsOption,
	separateLoginsOption,
	simplifyField,
} from '../../shared/fields';
import { DEFAULT_CONCURRENCY, forEachItem, outputItem, PromiseCache } from '../../shared/items';
import { claimedLifetime } from '../../shared/session/expiry';
import { readClaims, textClaim } from '../../shared/session/jwt';
import { forRun } from '../../shared/session/refusals';
import type { Credentials } from '../../shared/session/session';
import type { CrmComLogin, AuthStrategy } from '../auth';
import { readCrmComServer } from '../api';
import { credentialsOf, readAuthentication } from './authentication';

const showOnlyForGetToken = { operation: ['getToken'] };

export const getTokenFields: INodeProperties[] = [
	{ ...credentialNotice, displayOptions: { show: showOnlyForGetToken } },
	{ ...simplifyField, displayOptions: { show: showOnlyForGetToken } },
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		displayOptions: { show: showOnlyForGetToken },
		options: [
			includeOtherFieldsOption,
			separateLoginsOption,
			{
				displayName: 'Unit ID',
				name: 'unit',
				type: 'string',
				default: '',
				placeholder: 'e.g. 9D2F6A1B0C3E4D5F8A7B6C5D4E3F2A1B',
				description: "The unit to log in to, instead of the credential's: its ID, not its name",
			},
		],
	},
];

interface GetTokenOptions {
	unit?: unknown;
	separateLogins?: unknown;
	includeOtherFields?: unknown;
}

export async function getToken(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const logins = new PromiseCache<CrmComLogin>();
	const asking = forRun();
	return await forEachItem(this, DEFAULT_CONCURRENCY, async (itemIndex) => {
		const way = readAuthentication(this, itemIndex);
		const options = this.getNodeParameter('options', itemIndex, {}) as GetTokenOptions;
		const ofItem = await credentialsOf(this, way, itemIndex);
		const unit = String(options.unit ?? '').trim();
		const credentials = unit === '' ? ofItem : { ...ofItem, unit };

		const identity = way.sessions.kind.identity(credentials);
		const key = isTrue(options.separateLogins) ? `${identity} ${itemIndex}` : identity;
		const login = await logins.get(
			key,
			async () => await way.getToken(this.helpers, credentials, asking),
		);

		const json = describeToken(way, credentials, login);
		if (!isTrue(this.getNodeParameter('simplify', itemIndex, true)))
			json['response'] = login.response as IDataObject;
		return outputItem(this, itemIndex, json, isTrue(options.includeOtherFields));
	});
}

/** A token with all that is known of it; unknown is null, so that the shape is always the same. */
function describeToken(
	way: AuthStrategy,
	credentials: Credentials,
	{ token, receivedAt }: CrmComLogin,
): IDataObject {
	const claims = readClaims(token);
	const lifetime = claimedLifetime(token) ?? way.documentedLifetime;
	return {
		token,
		tokenType: claims === undefined ? 'opaque' : 'jwt',
		issuedAt: new Date(receivedAt.wall).toISOString(),
		expiresAt: new Date(receivedAt.wall + lifetime).toISOString(),
		expiresWhenIdle: claims === undefined && way.expiresWhenIdle,
		organisation: textClaim(claims, 'org') ?? (getField(credentials, 'organisation') || null),
		unit: textClaim(claims, 'oun') ?? (getField(credentials, 'unit') || null),
		username: textClaim(claims, 'usr') ?? (getField(credentials, 'username') || null),
		sessionId: textClaim(claims, 'jti'),
		serverUrl: readCrmComServer(credentials['serverUrl']),
	};
}
