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
import { Hints } from '../../shared/hints';
import { isTrue } from '../../shared/input';
import { forEachItem, outputItem } from '../../shared/items';
import { OperationLogins } from '../../shared/operationLogins';
import { aureaSessions, type OrganizationLogin } from '../auth';
import { NO_TOKEN_NEEDED, organizationField, readOrganization } from '../fields';
import { readAccount } from '../account';
import { showWarning } from '../warnings';

const showOnlyForGetToken = { operation: ['getToken'] };

export const getTokenFields: INodeProperties[] = [
	{
		...tokenNotice(NO_TOKEN_NEEDED),
		displayOptions: { show: showOnlyForGetToken },
	},
	{
		...organizationField,
		description:
			'The organization that the token is for. Leave it empty to use the one in the credential, or else the one that the login opens.',
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

async function execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const logins = new OperationLogins<OrganizationLogin>(this);
	const hints = new Hints(this);
	return await forEachItem(this, DEFAULT_CONCURRENCY, async (itemIndex) => {
		const options = this.getNodeParameter('options', itemIndex, {}) as GetTokenOptions;
		const organizationUid = readOrganization(this, itemIndex);
		const stored = await readAccount(this, itemIndex);
		const account =
			organizationUid === '' ? stored : await readAccount(this, itemIndex, { organizationUid });

		const { key } = account;
		const login = await logins.get(
			isTrue(options.separateLogins) ? `${key} ${itemIndex}` : key,
			aureaSessions,
			stored,
			account.getToken,
		);
		showWarning(hints, login.login);

		const json = describeToken(login, account.serverUrl);
		if (!isTrue(this.getNodeParameter('simplify', itemIndex, true))) {
			json['response'] = (login.switched ?? login.login).wholeResponse() as IDataObject;
		}
		return outputItem(this, itemIndex, json, isTrue(options.includeOtherFields));
	});
}

/**
 * A token with all that is known of it. After a switch, details of the previous organization are dropped, and
 * what the vendor does not say of the new one is null.
 */
function describeToken(
	{ login, switched, organizationUid }: OrganizationLogin,
	serverUrl: string,
): IDataObject {
	const { token, sessionId, receivedAt } = switched ?? login;
	const { current, organizations, userName, email, roleName } = login;
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

export const getToken: Operation = {
	option: {
		name: 'Get Token',
		value: 'getToken',
		action: 'Get a token',
		description: 'Log in and get a token, in any of your organizations',
	},
	execute,
};
