import type { ICredentialTestRequest, INodeProperties } from 'n8n-workflow';

import { SESSION_FIELD } from './hooks';

/**
 * The hidden field that makes n8n call the hook before each request. It is always empty: sessions
 * live in the memory of the process, and nothing is stored.
 */
export const sessionField: INodeProperties = {
	displayName: 'Session Token',
	name: SESSION_FIELD,
	type: 'hidden',
	typeOptions: { expirable: true, password: true },
	default: '',
};

/** The credential's test. `authenticate` knows it by its address in two parts, and logs in itself. */
export function loginTest(loginPath: string): ICredentialTestRequest {
	return {
		request: { baseURL: '={{ $credentials.serverUrl }}', url: loginPath, method: 'POST' },
	};
}
