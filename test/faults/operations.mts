import type { ICredentialDataDecryptedObject, IDataObject, INodeParameters } from 'n8n-workflow';

import { mapper, method, resourceLocator, showContact } from '../harness/parameters.mts';
import type { Call } from '../fakes/calls.mts';
import { rowsOf } from '../fakes/crmCom.mts';
import type { Fakes } from '../fakes/server.mts';
import type { FaultCase } from './catalogue.mts';

/** A node that processes three items, of which the one in the middle meets the fault. */
export interface Setup {
	readonly node: 'crmCom' | 'aureaCampaignManager' | 'httpRequest';
	readonly parameters: INodeParameters;
	readonly credential: {
		readonly type: string;
		readonly data: ICredentialDataDecryptedObject;
	};
	readonly items: IDataObject[];
}

/** One column of the table: something that a user does, which calls a vendor. */
export interface Operation {
	readonly name: string;
	/** The method of the vendor that meets the faults. */
	readonly method: string;
	/** The kinds of faults that it can meet, in addition to those of every call. */
	readonly meets: readonly FaultCase['reach'][];
	/** True if the request is the user's own, so that n8n's HTTP Request node judges its answer. */
	readonly isUsersRequest?: true;
	/** Whether it reads, so that it survives a single failure. */
	readonly isRead?: true;
	/** An HTTP status that has a meaning of its own here, and words of its own. */
	readonly meaningful?: number;
	/** A press of Test in the credential, if that is the operation. */
	readonly tests?: string;
	/** Whether a call belongs to the item in the middle. */
	isHit(call: Call): boolean;
	setup(fakes: Fakes): Setup;
}

/** The password and the key's beginning: in the credential only, so that no record may hold them. */
const PASSWORD = 'fault-Pa55 "wörd"/+';
const KEY = 'SYSKEY/fault+';
/** The uids of the three items' organizations. */
const UIDS = [0, 1, 2].map((index) => `0000000${index}-aaaa-4000-8000-000000000000`);
const TOKENS = [0, 1, 2].map((index) => `FACE000${index}`.repeat(4));

/** What no record, no log and no answer may hold. */
export const loginSecrets = [PASSWORD, ...[0, 1, 2].map((index) => `${KEY}${index}`)];

/** Adds the logins that the operations use. */
export function seed({ crmCom, aurea }: Fakes): void {
	for (const index of [0, 1, 2]) {
		const user = {
			username: `user${index}`,
			password: PASSWORD,
			organisation: 'CRMDEMO',
			units: ['1'],
		};
		crmCom.users.push(user);
		crmCom.keys.push({ key: `${KEY}${index}`, username: `user${index}`, organisation: 'CRMDEMO' });
		crmCom.contacts.push({ ...crmCom.contacts[0]!, number: `C${index}` });
		crmCom.records.get('accounts_receivable')!.push({ number: `C${index}` });
		crmCom.lists.set('access_tokens/list', rowsOf(2));
		const organizations = UIDS.map((uid, at) => ({
			uid,
			name: `Branch ${at}`,
			isAdmin: true,
			workGroupId: at,
		}));
		aurea.users.push({
			...aurea.users[0]!,
			username: `user${index}`,
			password: PASSWORD,
			organizations,
			currentUid: UIDS[0]!,
		});
	}
	aurea.lists.push({ organizationUid: UIDS[0]!, mailingListName: 'News' });
}

/** Makes the tokens valid that an operation releases: each run uses them up. */
export function refill({ crmCom, clock }: Fakes): void {
	const user = crmCom.users.find(({ username }) => username === 'user0')!;
	for (const token of TOKENS)
		crmCom.sessions.set(token, {
			user,
			unit: '1',
			kind: 'userLogin',
			idle: true,
			endsAt: clock.now() + 3_600_000,
		});
}

const items = [0, 1, 2].map((n): IDataObject => ({ n }));
const showOne = {
	...showContact,
	parameters: mapper({ contact_information_identifier: '=number=C{{ $json.n }}' }),
};
const listOne = {
	operation: 'getMany',
	method: method('GET access_tokens/list'),
	parameters: mapper({ accounts_receivable_identifier: '=number=C{{ $json.n }}' }),
};
const own = '={{ "user" + $json.n }}';

/** Each item has its own login if `username` is an expression. */
const user = ({ crmCom }: Fakes, username = own): Setup['credential'] => ({
	type: 'crmComUserLoginApi',
	data: { serverUrl: crmCom.url, username, password: PASSWORD, organisation: 'CRMDEMO' },
});
const key = ({ crmCom }: Fakes, webApiKey = `={{ "${KEY}" + $json.n }}`): Setup['credential'] => ({
	type: 'crmComWebApiKeyApi',
	data: { serverUrl: crmCom.url, webApiKey },
});
const aureaLogin = ({ aurea }: Fakes, username = own): Setup['credential'] => ({
	type: 'aureaLoginApi',
	data: { serverUrl: aurea.url, username, password: PASSWORD },
});

const ofUser = ({ body }: Call) => body.includes('"user1"');
const ofKey = ({ headers }: Call) =>
	Buffer.from(String(headers['authorization']).slice(6), 'base64').toString() === `${KEY}1:`;
const LOGIN = {
	method: 'authentication/token',
	meets: ['tokens', 'envelopes'],
	isHit: ofUser,
} as const;
const KEY_LOGIN = {
	method: 'authentication/web_api_key/token',
	meets: ['tokens', 'envelopes'],
	isHit: ofKey,
} as const;
const AUREA_LOGIN = {
	method: 'sessions',
	meets: ['tokens', 'organizations'],
	isHit: ofUser,
} as const;

const request = (
	credential: Setup['credential'],
	url: string,
	more: INodeParameters = {},
): Setup => ({
	node: 'httpRequest',
	parameters: {
		authentication: 'predefinedCredentialType',
		nodeCredentialType: credential.type,
		url,
		options: {},
		...more,
	},
	credential,
	items,
});
const showUrl = ({ crmCom }: Fakes) =>
	`=${crmCom.url}/crmapi/rest/v2/contact_information/show?contact_information_identifier=number%3DC{{ $json.n }}`;
const listsUrl = ({ aurea }: Fakes) => `${aurea.url}/${UIDS[0]}/lists/`;

/** Every operation, in the order of the printed table. */
export const OPERATIONS: readonly Operation[] = [
	{
		name: 'Get Token, user',
		...LOGIN,
		setup: (fakes) => ({
			node: 'crmCom',
			parameters: { operation: 'getToken' },
			credential: user(fakes),
			items,
		}),
	},
	{
		name: 'Get Token, key',
		...KEY_LOGIN,
		setup: (fakes) => ({
			node: 'crmCom',
			parameters: { operation: 'getToken', authentication: 'webApiKey' },
			credential: key(fakes),
			items,
		}),
	},
	{
		name: 'Release Token',
		method: 'authentication/token/release',
		// The server does not offer releases.
		meaningful: 404,
		meets: ['envelopes'],
		isHit: ({ body }) => body.includes(TOKENS[1]!),
		setup: (fakes) => ({
			node: 'crmCom',
			// The token is in no item, so no record may hold it.
			parameters: { operation: 'releaseToken', token: '={{ ("FACE000" + $json.n).repeat(4) }}' },
			credential: user(fakes, 'user0'),
			items,
		}),
	},
	{
		name: 'Call Method, login',
		...LOGIN,
		setup: (fakes) => ({
			node: 'crmCom',
			parameters: showOne,
			credential: user(fakes),
			items,
		}),
	},
	{
		name: 'Call Method',
		isRead: true,
		method: 'contact_information/show',
		meets: ['envelopes'],
		isHit: ({ url }) => url.includes('number%3DC1'),
		setup: (fakes) => ({
			node: 'crmCom',
			parameters: { ...showOne, options: { timeout: 2_000 } },
			credential: user(fakes, 'user0'),
			items,
		}),
	},
	{
		name: 'Call Method, POST',
		method: 'contact_information/create',
		meets: ['envelopes'],
		isHit: ({ body }) => body.includes('"C1"'),
		setup: (fakes) => ({
			node: 'crmCom',
			parameters: {
				operation: 'callMethod',
				method: method('POST contact_information/create'),
				specifyParameters: 'json',
				jsonParameters: '={{ { type: "PERSON", first_name: "C" + $json.n } }}',
				options: { timeout: 2_000 },
			},
			credential: user(fakes, 'user0'),
			items,
		}),
	},
	{
		name: 'Get Many',
		isRead: true,
		method: 'access_tokens/list',
		meets: ['envelopes'],
		isHit: ({ url }) => url.includes('number%3DC1'),
		setup: (fakes) => ({
			node: 'crmCom',
			parameters: { ...listOne, options: { timeout: 2_000 } },
			credential: user(fakes, 'user0'),
			items,
		}),
	},
	{
		name: 'Aurea Get Token',
		...AUREA_LOGIN,
		setup: (fakes) => ({
			node: 'aureaCampaignManager',
			parameters: { operation: 'getToken' },
			credential: aureaLogin(fakes),
			items,
		}),
	},
	{
		name: 'List Organizations',
		...AUREA_LOGIN,
		setup: (fakes) => ({
			node: 'aureaCampaignManager',
			parameters: { operation: 'listOrganizations', returnAll: true },
			credential: aureaLogin(fakes),
			items,
		}),
	},
	{
		name: 'Switch Organization',
		method: 'sessions/switch',
		meets: ['tokens'],
		isHit: ({ url }) => url.includes(UIDS[1]!),
		setup: (fakes) => ({
			node: 'aureaCampaignManager',
			parameters: {
				operation: 'switchOrganization',
				organization: resourceLocator(
					'uid',
					'={{ "0000000" + $json.n + "-aaaa-4000-8000-000000000000" }}',
				),
			},
			credential: aureaLogin(fakes, 'user0'),
			items,
		}),
	},
	{
		name: 'Request, CRM.COM login',
		...LOGIN,
		setup: (fakes) => request(user(fakes), showUrl(fakes)),
	},
	{
		name: 'Request, key login',
		...KEY_LOGIN,
		setup: (fakes) => request(key(fakes), showUrl(fakes)),
	},
	{
		name: 'Request, Aurea login',
		...AUREA_LOGIN,
		setup: (fakes) => request(aureaLogin(fakes), listsUrl(fakes)),
	},
	{
		name: 'Request, CRM.COM',
		method: 'contact_information/show',
		meets: [],
		isUsersRequest: true,
		isHit: ({ url }) => url.includes('number%3DC1'),
		setup: (fakes) =>
			request(user(fakes, 'user0'), showUrl(fakes), { options: { timeout: 2_000 } }),
	},
	{
		name: 'Request, Aurea',
		method: '{orgUid}/attributes',
		meets: [],
		isUsersRequest: true,
		isHit: ({ url }) => url.includes('n=1'),
		setup: (fakes) =>
			request(
				aureaLogin(fakes, 'user0'),
				`=${listsUrl(fakes).replace('lists', 'attributes')}?n={{ $json.n }}`,
				{ options: { timeout: 2_000 } },
			),
	},
	{
		name: 'Test, user',
		...LOGIN,
		tests: 'crmComUserLoginApi',
		setup: (fakes) => ({ ...request(user(fakes, 'user1'), ''), items: [] }),
	},
	{
		name: 'Test, key',
		...KEY_LOGIN,
		tests: 'crmComWebApiKeyApi',
		setup: (fakes) => ({ ...request(key(fakes, `${KEY}1`), ''), items: [] }),
	},
	{
		name: 'Test, Aurea',
		...AUREA_LOGIN,
		tests: 'aureaLoginApi',
		setup: (fakes) => ({ ...request(aureaLogin(fakes, 'user1'), ''), items: [] }),
	},
];
