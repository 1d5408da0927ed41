import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	INodeProperties,
} from 'n8n-workflow';

import { BoundedMap } from '../../shared/boundedMap';
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

/** A token to exchange, and the organization as far as it is known. */
interface Source {
	readonly key: string;
	readonly token: string;
	readonly organizationUid: string;
	readonly organizationName: string | null;
}

async function execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const logins = new OperationLogins<LoginResponse>(this);
	const switches = new BoundedMap<Promise<SwitchResponse>>(Infinity);
	const hints = new Hints(this);
	const signal = this.getExecutionCancelSignal();

	/** A token of the credential's login: one login serves all organizations, unless each needs its own. */
	const getCredentialToken = async (account: AureaAccount, wanted: string, isSeparate: boolean) => {
		const { loginKey } = account;
		const key = isSeparate ? `${loginKey} ${wanted}` : loginKey;
		const login = await logins.get(key, aureaSessions, account, account.open);
		showWarning(hints, login);
		const organizationUid = resolveOrganization(login, wanted);
		const listed = login.organizations?.find(({ uid }) => uid === organizationUid);
		return { key, token: login.token, organizationUid, organizationName: listed?.name ?? null };
	};

	const concurrency = readConcurrency(this) ?? DEFAULT_CONCURRENCY;
	return await forEachItem(this, concurrency, async (itemIndex) => {
		const options = this.getNodeParameter('options', itemIndex, {}) as SwitchOptions;
		const wanted = readOrganization(this, itemIndex);
		assertUid(wanted);
		const account = await readAccount(this, itemIndex);
		const { serverUrl, secrets } = account;
		const isInputToken = this.getNodeParameter('tokenSource', itemIndex, 'credential') === 'input';
		const source = isInputToken
			? readInputToken(this, itemIndex, serverUrl, wanted)
			: await getCredentialToken(account, wanted, isTrue(options.separateLogins));
		const { organizationUid, organizationName } = source;
		const switched = await switches.getOrCreate(
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

/** A token of an earlier node, whose item may name the organization, as List Organizations does. */
function readInputToken(
	context: IExecuteFunctions,
	itemIndex: number,
	serverUrl: string,
	organizationUid: string,
): Source {
	const item = context.getInputData()[itemIndex]?.json ?? {};
	assertSameServer(item['serverUrl'], serverUrl, readServerUrl);
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
