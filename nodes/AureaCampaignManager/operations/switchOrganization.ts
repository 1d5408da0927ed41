import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	INodeProperties,
} from 'n8n-workflow';

import { includeOtherFieldsOption } from '../../shared/fields';
import { isTrue } from '../../shared/flags';
import {
	readConcurrency,
	DEFAULT_CONCURRENCY,
	forEachItem,
	outputItem,
	PromiseCache,
} from '../../shared/items';
import { assertSameServer } from '../../shared/serverUrl';
import { forRun } from '../../shared/session/refusals';
import type { Credentials } from '../../shared/session/session';
import { loginOf, open, assertOrganization, secretsOf } from '../auth';
import { organizationField } from '../listSearch';
import { readAureaServer, assertUid, switchOrganization as switchTo } from '../api';
import type { LoginResponse, SwitchResponse } from '../responses';
import { credentialsAhead, Warnings } from './common';

const showOnlyForSwitch = { operation: ['switchOrganization'] };

export const switchOrganizationFields: INodeProperties[] = [
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
		description: 'Where the token comes from that is exchanged for one of the organization',
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
				displayName: 'Concurrency',
				name: 'concurrency',
				type: 'number',
				typeOptions: { minValue: 1 },
				default: DEFAULT_CONCURRENCY,
				description: 'How many organizations to switch to at the same time',
			},
			includeOtherFieldsOption,
			{
				displayName: 'Separate Logins',
				name: 'separateLogins',
				type: 'boolean',
				default: false,
				description:
					'Whether to log in once for each organization, for servers where a switch ends the token it was made with',
				displayOptions: { show: { '/tokenSource': ['credential'] } },
			},
		],
	},
];

interface SwitchOptions {
	separateLogins?: unknown;
	includeOtherFields?: unknown;
}

/** A token to exchange, and what is known of the organizations that it can be exchanged for. */
interface Source {
	readonly key: string;
	readonly token: string;
	readonly organizationName: string | null;
	/** The login that gave the token, where this operation made it. */
	readonly opened?: LoginResponse;
}

export async function switchOrganization(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const logins = new PromiseCache<LoginResponse>();
	const switches = new PromiseCache<SwitchResponse>();
	const warnings = new Warnings(this);
	const asking = forRun();
	const credentialsFor = credentialsAhead(this);
	return await forEachItem(this, readConcurrency(this, DEFAULT_CONCURRENCY), async (itemIndex) => {
		const options = this.getNodeParameter('options', itemIndex, {}) as SwitchOptions;
		const wanted = this.getNodeParameter('organization', itemIndex, '', { extractValue: true });
		const organizationUid = String(wanted ?? '').trim();
		assertUid(organizationUid);
		const credentials = await credentialsFor(itemIndex);
		const server = readAureaServer(credentials['serverUrl']);
		const separate = isTrue(options.separateLogins);
		const source =
			this.getNodeParameter('tokenSource', itemIndex, 'credential') === 'input'
				? inputToken(this, itemIndex, server, organizationUid)
				: await loginToken(
						credentials,
						organizationUid,
						separate,
						async (key) =>
							await logins.get(key, async () => await open(this.helpers, credentials, asking)),
					);
		if (source.opened) warnings.heed(source.opened);

		const { token, sessionId, receivedAt, userSession } = await switches.get(
			`${server} ${source.key} ${organizationUid}`,
			async () =>
				await switchTo(this.helpers, {
					server,
					token: source.token,
					organizationUid,
					secrets: secretsOf(credentials),
				}),
		);
		const json = {
			token,
			sessionId,
			issuedAt: new Date(receivedAt.wall).toISOString(),
			expiresAt: null,
			organizationUid,
			organizationName: source.organizationName,
			serverUrl: server,
			userSession: userSession as IDataObject,
		};
		return outputItem(this, itemIndex, json, isTrue(options.includeOtherFields));
	});
}

/** A token of the credential's login: one login serves all organizations, unless each needs its own. */
async function loginToken(
	credentials: Credentials,
	organizationUid: string,
	separate: boolean,
	loginFor: (key: string) => Promise<LoginResponse>,
): Promise<Source> {
	const login = loginOf(credentials);
	const key = separate ? `${login} ${organizationUid}` : login;
	const opened = await loginFor(key);
	assertOrganization(opened, organizationUid);
	const listed = opened.organizations?.find(({ uid }) => uid === organizationUid);
	return { key, token: opened.token, organizationName: listed?.name ?? null, opened };
}

/** A token that an earlier node got: its item may name the organization, as List Organizations does. */
function inputToken(
	context: IExecuteFunctions,
	itemIndex: number,
	server: string,
	organizationUid: string,
): Source {
	const item = context.getInputData()[itemIndex]?.json ?? {};
	assertSameServer(item['serverUrl'], server, readAureaServer);
	const token = String(context.getNodeParameter('token', itemIndex, '') ?? '').trim();
	const name = item['organizationUid'] === organizationUid ? item['organizationName'] : null;
	return { key: token, token, organizationName: typeof name === 'string' ? name : null };
}
