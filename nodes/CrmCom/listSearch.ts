import type { ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';

/** The methods that the vendor's own pages name (documented). Every other can be typed. */
const KNOWN_METHODS: ReadonlyArray<readonly [path: string, httpMethod: 'GET' | 'POST']> = [
	['accounts_receivable/show', 'GET'],
	['contact_information/create', 'POST'],
	['contact_information/show', 'GET'],
	['payments/get_latest', 'GET'],
	['subscriptions/show', 'GET'],
];

/** The known methods whose path contains the filter. It needs no request. */
export async function searchMethods(
	this: ILoadOptionsFunctions,
	filter = '',
): Promise<INodeListSearchResult> {
	const wanted = filter.trim().toLowerCase();
	const methods = KNOWN_METHODS.filter(([path]) => path.includes(wanted));
	return {
		results: methods.map(([path, httpMethod]) => ({
			name: `${path} (${httpMethod})`,
			value: path,
		})),
	};
}
