/** The nodes that are measured. */
import type { INodeParameters } from 'n8n-workflow';

import type { FakeVendor } from '../fakes/vendor.mts';
import { newCredential } from '../harness/credentials.mts';
import { httpRequest, type Subject } from '../harness/workflows.mts';
import type { Benchmark } from './benchmark.mts';
import type { Case } from './compare.mts';

export const USER_LOGIN = 'crmComUserLoginApi';
export const AUREA_LOGIN = 'aureaLoginApi';

type Credential = ReturnType<typeof credentialOf>;

/** A node's credential. */
export const credentialOf = (type: string, id: string) => ({
	credentials: { [type]: { id, name: '' } },
});

/** A credential of a login that nobody else uses. */
export async function newCredentialOf(
	{ harness: { rest }, plain }: Benchmark,
	type: string,
	fakes = plain,
): Promise<Credential> {
	return credentialOf(type, await newCredential({ fakes, rest }, type));
}

/** Ways to do the same job on `count` items: the nodes of each, by its name. */
export const sidesOf = (
	{ run }: Benchmark,
	count: number,
	nodesByName: Readonly<Record<string, readonly Subject[]>>,
): Case['sides'] =>
	Object.fromEntries(
		Object.entries(nodesByName).map(([name, nodes]) => [name, async () => await run(nodes, count)]),
	);

export const ours = (node: string, parameters: object, credential: Credential): Subject => ({
	type: `n8n-nodes-crmcom-aurea.${node}`,
	parameters: parameters as INodeParameters,
	...credential,
});

/** n8n's own HTTP Request node. It logs in by itself if it is given a credential. */
export function http(parameters: INodeParameters, credential?: Credential): Subject {
	const [given] = Object.entries(credential?.credentials ?? {});
	if (given) return httpRequest(given[0], given[1].id, parameters);
	return {
		type: 'n8n-nodes-base.httpRequest',
		typeVersion: 4.2,
		parameters: { options: {}, ...parameters },
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

export const splitOut = (fieldToSplitOut: string): Subject => ({
	type: 'n8n-nodes-base.splitOut',
	parameters: { fieldToSplitOut, options: {} },
});

/** A token from a vendor's own code, whose cost is not measured. */
export function tokenOf(vendor: FakeVendor, path: string, body: Record<string, unknown>): string {
	const request = { method: 'POST', path, query: new URLSearchParams(), headers: {}, body };
	const answer = vendor.answer(request).body as { token?: string; data?: { token: string } };
	return answer.token ?? answer.data!.token;
}
