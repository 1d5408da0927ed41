import type { INodeParameters } from 'n8n-workflow';

import type { Fakes } from '../../fakes/server.mts';
import type { Subject } from '../../harness/workflows.mts';
import type { Benchmark } from '../benchmark.mts';

const LOGIN = 'crmComUserLoginApi';

/** The CRM.COM node with a live session, against what a user builds from n8n's own nodes. */
export async function crmComSubject(benchmark: Benchmark, parameters: object): Promise<Subject> {
	const id = await benchmark.newCredential(benchmark.fakes.plain, LOGIN);
	return {
		type: 'n8n-nodes-crmcom-aurea.crmCom',
		parameters: parameters as INodeParameters,
		credentials: { [LOGIN]: { id, name: '' } },
	};
}

/** An HTTP Request node that logs in by itself. */
export async function withCredential(benchmark: Benchmark, node: Subject): Promise<Subject> {
	const id = await benchmark.newCredential(benchmark.fakes.plain, LOGIN);
	return {
		...node,
		parameters: {
			...node.parameters,
			authentication: 'predefinedCredentialType',
			nodeCredentialType: LOGIN,
		},
		credentials: { [LOGIN]: { id, name: '' } },
	};
}

/** A token of an earlier login, whose cost is not measured. */
export function openToken({ crmCom }: Fakes): string {
	crmCom.release = 'R11';
	const { username, password, organisation } = crmCom.users[0]!;
	const { body } = crmCom.answer({
		method: 'POST',
		path: 'authentication/token',
		query: new URLSearchParams(),
		headers: {},
		body: { username, password, organisation },
	});
	return (body as { data: { token: string } }).data.token;
}

export function httpByHand(
	url: string,
	query: Readonly<Record<string, string>>,
	options: INodeParameters,
): Subject {
	const parameters = Object.entries(query).map(([name, value]) => ({ name, value }));
	return {
		type: 'n8n-nodes-base.httpRequest',
		typeVersion: 4.2,
		parameters: {
			url,
			sendQuery: true,
			queryParameters: { parameters },
			options: { response: { response: { responseFormat: 'json' } }, ...options },
		},
	};
}
