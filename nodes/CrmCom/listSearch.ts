import type { ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';

import { InputError } from '../shared/errors';

/** The methods that the vendor's own pages name (documented); every other can be typed. */
const KNOWN_METHODS: ReadonlyArray<readonly [path: string, httpMethod: 'GET' | 'POST']> = [
	['accounts_receivable/show', 'GET'],
	['contact_information/create', 'POST'],
	['contact_information/show', 'GET'],
	['payments/get_latest', 'GET'],
	['subscriptions/show', 'GET'],
];

/** A longer path is none of a method, in characters. */
const MAX_PATH_LENGTH = 500;

export async function searchMethods(
	this: ILoadOptionsFunctions,
	filter = '',
): Promise<INodeListSearchResult> {
	const wanted = filter.trim().toLowerCase();
	const found = KNOWN_METHODS.filter(([path]) => path.includes(wanted));
	return {
		results: found.map(([path, httpMethod]) => ({ name: `${path} (${httpMethod})`, value: path })),
	};
}

/**
 * A method's path from what a person typed: it may begin with slashes or with the server's base.
 *
 * @throws InputError where it could lead elsewhere, or is about logins, which have operations
 */
export function parseMethodPath(typed: unknown): string {
	const text = typeof typed === 'string' ? typed.trim() : '';
	const path = text
		.slice(0, MAX_PATH_LENGTH)
		.replace(/^(.*\/)?crmapi\/rest\/v2\//, '')
		.replace(/^\/+|\/+$/g, '');
	if (text.length > MAX_PATH_LENGTH || !/^\w+(\/\w+)+$/.test(path)) {
		throw new InputError(
			path === '' ? 'Web API Method is empty' : 'Web API Method is not the path of a method',
			'Type it as in the documentation of CRM.COM, such as contact_information/show, and its parameters into their own fields',
		);
	}
	if (/(^|\/)authentication\//i.test(path)) {
		throw new InputError(
			`${path} is not called with the credential's own session`,
			'Use the operations Get Token and Release Token, whose tokens belong to the workflow',
		);
	}
	return path;
}
