import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	INodeProperties,
} from 'n8n-workflow';

import type { Operation } from '../../shared/operations';
import {
	concurrencyOption,
	DEFAULT_CONCURRENCY,
	includeOtherFieldsOption,
	readConcurrency,
	separateLoginsOption,
	tokenNotice,
} from '../../shared/fields';
import { Hints } from '../../shared/hints';
import { isTrue } from '../../shared/input';
import { forEachItem, outputItem } from '../../shared/items';
import { OperationLogins } from '../../shared/operationLogins';
import { PromiseCache } from '../../shared/promiseCache';
import { assertSameServer } from '../../shared/serverUrl';
import { assertUid, readServerUrl, switchToOrganization } from '../api';
import { aureaSessions, type AureaAccount } from '../auth';
import { NO_TOKEN_NEEDED, organizationField, readOrganization } from '../fields';
import { readAccount } from '../account';
import { resolveOrganization } from '../organizations';
import type { LoginResponse, SwitchResponse } from '../responses';
import { showWarning } from '../warnings';

const showOnlyForSwitch = { operation: ['switchOrganization'] };

export const switchOrganizationFields: INodeProperties[] = [
	{
		...tokenNotice(NO_TOKEN_NEEDED),
		displayOptions: { show: showOnlyForSwitch },
	},
	{
		...organizationField,
		default: { mode: 'uid', value: '={{ $json.organizationUid }}' },
		required: true,
		description: 'The organization to get a token for',
		displayOptions: { show: showOnlyForSwitch },
	},
	{
		displayName: 'Token Source',
		name: 'tokenSource',
		type: 'options',
		options: [
			{
				name: 'Credential',
				value: 'credential',
				description: 'Log in with the credential, once for all items',
			},
			{
				name: 'Input Item',
				value: 'input',
				description: 'Use a token that an earlier node got',
			},
		],
		default: 'credential',
		description: 'Where to get the token to exchange',
		displayOptions: { show: showOnlyForSwitch },
	},
	{
		displayName: 'Token',
		name: 'token',
		type: 'string',
		typeOptions: { password: true },
		default: '={{ $json.token }}',
		required: true,
		description: 'The token to exchange',
		displayOptions: { show: { ...showOnlyForSwitch, tokenSource: ['input'] } },
	},
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		displayOptions: { show: showOnlyForSwitch },
		options: [
			{
				...concurrencyOption,
				description: 'How many organizations to switch to at the same time',
			},
			includeOtherFieldsOption,
			{
				...separateLoginsOption,
				description:
					'Whether to log in separately for each organization. Use this for servers where a switch ends the token it was made with.',
				displayOptions: { show: { '/tokenSource': ['credential'] } },
			},
		],
	},
];

interface SwitchOptions {
	separateLogins?: unknown;
	includeOtherFields?: unknown;
}

/** One item's switch, from its fields and its credential. */
interface ItemSwitch {
	readonly itemIndex: number;
	readonly organizationUid: string;
	readonly account: AureaAccount;
	readonly separateLogins: boolean;
}

/** A token to exchange, and the organization as far as it is known. */
interface Source {
	readonly key: string;
	readonly token: string;
	readonly organizationUid: string;
	readonly organizationName: string | null;
}

type LogIn = (key: string, account: AureaAccount) => Promise<LoginResponse>;

async function execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const logins = new OperationLogins<LoginResponse>(this);
	const switches = new PromiseCache<SwitchResponse>();
	const hints = new Hints(this);
	const signal = this.getExecutionCancelSignal();

	const logIn: LogIn = async (key, account) => {
		const login = await logins.get(key, aureaSessions, account, account.open);
		showWarning(hints, login);
		return login;
	};

	const concurrency = readConcurrency(this) ?? DEFAULT_CONCURRENCY;
	return await forEachItem(this, concurrency, async (itemIndex) => {
		const options = this.getNodeParameter('options', itemIndex, {}) as SwitchOptions;
		const item = await readItem(this, itemIndex, isTrue(options.separateLogins));
		const { serverUrl, secrets } = item.account;
		const isInputToken = this.getNodeParameter('tokenSource', itemIndex, 'credential') === 'input';
		const source = isInputToken
			? readInputToken(this, item)
			: await getCredentialToken(item, logIn);
		const { organizationUid, organizationName } = source;
		const switched = await switches.get(
			`${serverUrl} ${source.key} ${organizationUid}`,
			async () =>
				await switchToOrganization(this.helpers, {
					serverUrl,
					token: source.token,
					organizationUid,
					secrets,
					advice: adviseOnSwitch(isInputToken),
					signal,
				}),
		);
		const json = {
			token: switched.token,
			sessionId: switched.sessionId,
			issuedAt: new Date(switched.receivedAt.wall).toISOString(),
			expiresAt: null,
			organizationUid,
			organizationName,
			serverUrl,
			userSession: switched.userSession as IDataObject,
		};
		return outputItem(this, itemIndex, json, isTrue(options.includeOtherFields));
	});
}

function adviseOnSwitch(isInputToken: boolean): string {
	const [check, remedy] = isInputToken
		? [
				'Check the organization, and that the token is still valid',
				"set 'Token Source' to Credential and turn on 'Separate Logins'",
			]
		: ['Check the organization', "turn on 'Separate Logins'"];
	return `${check}. On some servers, a switch ends the token it was made with. If so, ${remedy}`;
}

async function readItem(
	context: IExecuteFunctions,
	itemIndex: number,
	separateLogins: boolean,
): Promise<ItemSwitch> {
	const organizationUid = readOrganization(context, itemIndex);
	assertUid(organizationUid);
	const account = await readAccount(context, itemIndex);
	return { itemIndex, organizationUid, account, separateLogins };
}

/** A token of the credential's login: one login serves all organizations, unless each needs its own. */
async function getCredentialToken(
	{ account, organizationUid, separateLogins }: ItemSwitch,
	logIn: LogIn,
): Promise<Source> {
	const { loginKey } = account;
	const key = separateLogins ? `${loginKey} ${organizationUid}` : loginKey;
	const opened = await logIn(key, account);
	const known = resolveOrganization(opened, organizationUid);
	const listed = opened.organizations?.find(({ uid }) => uid === known);
	return {
		key,
		token: opened.token,
		organizationUid: known,
		organizationName: listed?.name ?? null,
	};
}

/** A token of an earlier node, whose item may name the organization, as List Organizations does. */
function readInputToken(
	context: IExecuteFunctions,
	{ itemIndex, organizationUid, account }: ItemSwitch,
): Source {
	const item = context.getInputData()[itemIndex]?.json ?? {};
	assertSameServer(item['serverUrl'], account.serverUrl, readServerUrl);
	const token = String(context.getNodeParameter('token', itemIndex, '') ?? '').trim();
	const name = item['organizationUid'] === organizationUid ? item['organizationName'] : null;
	const organizationName = typeof name === 'string' ? name : null;
	return { key: token, token, organizationUid, organizationName };
}

export const switchOrganization: Operation = {
	option: {
		name: 'Switch Organization',
		value: 'switchOrganization',
		action: 'Switch organization',
		description: 'Exchange a token for one that belongs to another organization',
	},
	execute,
};
