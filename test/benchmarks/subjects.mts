/** The nodes that are measured. */
import type { IDataObject, INode, INodeParameters } from 'n8n-workflow';

import type { FakeVendor } from '../fakes/vendor.mts';
import { newCredential } from '../harness/credentials.mts';
import type { Subject } from '../harness/workflows.mts';
import type { Benchmark } from './benchmark.mts';
import type { Figures, Side } from './compare.mts';

type Credentials = Required<Pick<INode, 'credentials'>>;

export const USER_LOGIN = 'crmComUserLoginApi';
export const AUREA_LOGIN = 'aureaLoginApi';

/** Ways to do the same job: the nodes of each, by its name. */
export function sidesOf(
	nodesByName: Readonly<Record<string, readonly Subject[]>>,
	run: (nodes: readonly Subject[]) => Promise<Figures>,
): Side[] {
	return Object.entries(nodesByName).map(([name, nodes]) => ({
		name,
		run: async () => await run(nodes),
	}));
}

/** A credential of a login that nobody else uses. */
export async function login(
	{ harness, plain }: Benchmark,
	type: string,
	fakes = plain,
): Promise<Credentials> {
	return credentials(type, await newCredential({ fakes, rest: harness.rest }, type));
}

export function credentials(type: string, id: string): Credentials {
	return { credentials: { [type]: { id, name: '' } } };
}

export function ours(node: string, parameters: object, more: Credentials): Subject {
	return {
		type: `n8n-nodes-crmcom-aurea.${node}`,
		parameters: parameters as INodeParameters,
		...more,
	};
}

/** n8n's own HTTP Request node. It logs in by itself if it is given a credential. */
export function http(parameters: INodeParameters, more?: Credentials): Subject {
	const authentication = more && {
		authentication: 'predefinedCredentialType',
		nodeCredentialType: Object.keys(more.credentials)[0]!,
	};
	return {
		type: 'n8n-nodes-base.httpRequest',
		typeVersion: 4.2,
		parameters: { options: {}, ...authentication, ...parameters },
		...more,
	};
}

/** An HTTP Request node that sends JSON. */
export const httpPost = (url: string, body: object) =>
	http({
		method: 'POST',
		url,
		sendBody: true,
		specifyBody: 'json',
		jsonBody: JSON.stringify(body),
	});

export const splitOut = (field: string): Subject => ({
	type: 'n8n-nodes-base.splitOut',
	typeVersion: 1,
	parameters: { fieldToSplitOut: field, options: {} },
});

/** The answer of a vendor's own code, whose cost is not measured. */
export function answerTo<T>(vendor: FakeVendor, path: string, body: IDataObject): T {
	const request = { method: 'POST', path, query: new URLSearchParams(), headers: {}, body };
	return vendor.answer(request).body as T;
}
