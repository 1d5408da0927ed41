import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	INodeProperties,
} from 'n8n-workflow';

import type { Operation } from '../../shared/operations';
import { InputError } from '../../shared/errors';
import {
	DEFAULT_CONCURRENCY,
	includeOtherFieldsOption,
	separateLoginsOption,
	simplifyField,
	tokenNotice,
} from '../../shared/fields';
import { isExpression, isTrue } from '../../shared/input';
import { isJsonObject } from '../../shared/jsonObject';
import { forEachItem, outputItem } from '../../shared/items';
import { OperationLogins } from '../../shared/operationLogins';
import { claimedLifetimeMs, decodeClaims, textClaim } from '../../shared/session/token';
import { WEB_API } from '../actions';
import type { CrmComAccount, CrmComLogin } from '../auth';
import { readAccount } from '../account';

const showOnlyForGetToken = { resource: [WEB_API], operation: ['getToken'] };

export const getTokenFields: INodeProperties[] = [
	{
		...tokenNotice(
			"To call the API, you don't need one: all other actions log in by themselves, and stop on errors.",
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
	const logins = new OperationLogins<CrmComLogin>(this);
	return await forEachItem(this, DEFAULT_CONCURRENCY, async (itemIndex) => {
		const options = this.getNodeParameter('options', itemIndex, {}) as GetTokenOptions;
		const unit = readUnit(this, options);
		const { sessions, account: stored } = await readAccount(this, itemIndex);
		const { account } =
			unit === '' ? { account: stored } : await readAccount(this, itemIndex, { unit });

		const { key } = account;
		const login = await logins.get(
			isTrue(options.separateLogins) ? `${key} ${itemIndex}` : key,
			sessions,
			stored,
			account.getToken,
		);

		const json = describeToken(account, login);
		if (!isTrue(this.getNodeParameter('simplify', itemIndex, true))) {
			json['response'] = login.response as IDataObject;
		}
		return outputItem(this, itemIndex, json, isTrue(options.includeOtherFields));
	});
}

/** The unit instead of the credential's. @throws InputError for an expression that returns nothing */
function readUnit(context: IExecuteFunctions, { unit }: GetTokenOptions): string {
	const wanted = String(unit ?? '').trim();
	const saved: unknown = context.getNode().parameters['options'];
	if (wanted !== '' || !isJsonObject(saved) || !isExpression(saved['unit'])) return wanted;
	throw new InputError(
		"The expression in 'Unit ID' returns nothing for this item",
		"Nothing was sent. Check what it returns. To log in to the credential's own unit, remove the option",
	);
}

/** A token with all that is known of it. What is unknown is null, so that the shape stays the same. */
function describeToken(
	{ organisation, unit, username, serverUrl, maxLifetimeMs, expiresWhenIdle }: CrmComAccount,
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
		organisation: textClaim(claims, 'org') ?? (organisation || null),
		unit: textClaim(claims, 'oun') ?? (unit || null),
		username: textClaim(claims, 'usr') ?? (username || null),
		sessionId: textClaim(claims, 'jti'),
		serverUrl,
	};
}

export const getToken: Operation = {
	option: {
		name: 'Get Token',
		value: 'getToken',
		action: 'Get a token',
		description: 'Log in and get a token for other Web API methods',
	},
	isHiddenFromAgents: true,
	execute,
};
