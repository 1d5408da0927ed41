import type { ICredentialTestRequest, INodeProperties } from 'n8n-workflow';

import { SESSION_FIELD } from './hooks';

/**
 * The hidden field that makes n8n call the hook before each request. It stays empty always: the
 * session lives in the memory of the process, and nothing is stored.
 */
export const sessionField: INodeProperties = {
	displayName: 'Session Token',
	name: SESSION_FIELD,
	type: 'hidden',
	typeOptions: { expirable: true, password: true },
	default: '',
};

/**
 * The credential's test: the login itself. `authenticate` knows it by its address in two parts, logs
 * in afresh, and puts the true login in its place.
 */
export function loginTest(path: string, tokenKey: string): ICredentialTestRequest {
	return {
		request: { baseURL: '={{ $credentials.serverUrl }}', url: path, method: 'POST' },
		rules: [
			{
				type: 'responseSuccessBody',
				properties: {
					key: tokenKey,
					value: undefined,
					message: 'The login was answered without a token. Check Server URL',
				},
			},
		],
	};
}
