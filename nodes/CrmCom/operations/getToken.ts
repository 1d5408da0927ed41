import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	INodeProperties,
} from 'n8n-workflow';

import type { Operation } from '../../shared/operations';
import {
	DEFAULT_CONCURRENCY,
	includeOtherFieldsOption,
	separateLoginsOption,
	simplifyField,
	tokenNotice,
} from '../../shared/fields';
import { getField, isTrue, type Credentials } from '../../shared/input';
import { forEachItem, loginContextOf, outputItem, PromiseCache } from '../../shared/items';
import { claimedLifetimeMs, decodeClaims, textClaim } from '../../shared/session/token';
import type { CrmComLogin, CrmComStrategy } from '../auth';
import { readSessions } from '../fields';

const showOnlyForGetToken = { operation: ['getToken'] };

const fields: INodeProperties[] = [
	{
		...tokenNotice(
			"To call the API, you don't need one: <b>Call Method</b> and <b>Get Many</b> log in by themselves, and fail if CRM.COM reports an error.",
		),
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

async function execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const logins = new PromiseCache<CrmComLogin>();
	const loginContext = loginContextOf(this);
	return await forEachItem(this, DEFAULT_CONCURRENCY, async (itemIndex) => {
		const sessions = readSessions(this, itemIndex);
		const { strategy } = sessions;
		const options = this.getNodeParameter('options', itemIndex, {}) as GetTokenOptions;
		const stored = await this.getCredentials<Credentials>(strategy.credentialType, itemIndex);
		const unit = String(options.unit ?? '').trim();
		const credentials = unit === '' ? stored : { ...stored, unit };

		const key = strategy.cacheKey(credentials);
		const login = await logins.get(
			isTrue(options.separateLogins) ? `${key} ${itemIndex}` : key,
			async () =>
				await sessions.apart(
					stored,
					async () => await strategy.getToken(this.helpers, credentials, loginContext),
				),
		);

		const json = describeToken(strategy, credentials, login);
		if (!isTrue(this.getNodeParameter('simplify', itemIndex, true))) {
			json['response'] = login.response as IDataObject;
		}
		return outputItem(this, itemIndex, json, isTrue(options.includeOtherFields));
	});
}

/** A token with all that is known of it. What is unknown is null, so that the shape stays the same. */
function describeToken(
	{ maxLifetimeMs, expiresWhenIdle, serverUrl }: CrmComStrategy,
	credentials: Credentials,
	{ token, receivedAt }: CrmComLogin,
): IDataObject {
	const claims = decodeClaims(token);
	const lifetimeMs = claimedLifetimeMs(token) ?? maxLifetimeMs;
	return {
		token,
		tokenType: claims === undefined ? 'opaque' : 'jwt',
		issuedAt: new Date(receivedAt.wall).toISOString(),
		expiresAt: new Date(receivedAt.wall + lifetimeMs).toISOString(),
		expiresWhenIdle: claims === undefined && expiresWhenIdle,
		organisation: textClaim(claims, 'org') ?? (getField(credentials, 'organisation') || null),
		unit: textClaim(claims, 'oun') ?? (getField(credentials, 'unit') || null),
		username: textClaim(claims, 'usr') ?? (getField(credentials, 'username') || null),
		sessionId: textClaim(claims, 'jti'),
		serverUrl: serverUrl(credentials),
	};
}

export const getToken: Operation = {
	option: {
		name: 'Get Token',
		value: 'getToken',
		action: 'Get a token',
		description: 'Log in and get a token for other Web API methods',
	},
	fields,
	isHiddenFromAgents: true,
	execute,
};
