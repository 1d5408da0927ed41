import type { ICredentialTestRequest, IHttpRequestOptions } from 'n8n-workflow';

import type { Account } from './strategy';

/** How long n8n may wait for the last answer of a test, whose server has just answered. */
const TEST_TIMEOUT_MS = 10_000;

/** A credential's test as n8n gets it: the hook logs in itself instead of sending this. */
export function loginTest(loginPath: string): ICredentialTestRequest {
	return {
		request: { baseURL: '={{ $credentials.serverUrl }}', url: loginPath, method: 'POST' },
	};
}

/** Whether a request is such a test: only a test gives its address in two parts. */
export function isLoginTest(
	{ baseURL, method, url }: IHttpRequestOptions,
	loginPath: string,
	serverUrl: unknown,
): boolean {
	const isOwn = baseURL !== undefined && baseURL === serverUrl;
	return isOwn && method === 'POST' && url === loginPath;
}

/**
 * What n8n sends after a passed test, since it always sends something: a GET without login or token, to the
 * server that has just answered, so that it passes n8n's restrictions of hosts and addresses. Any answer is
 * good.
 */
export function harmlessRequest(
	request: IHttpRequestOptions,
	{ serverUrl, ignoreSslIssues }: Account,
): IHttpRequestOptions {
	const harmless: IHttpRequestOptions = {
		...request,
		method: 'GET',
		url: serverUrl,
		ignoreHttpStatusErrors: true,
		disableFollowRedirect: true,
		skipSslCertificateValidation: ignoreSslIssues,
		timeout: TEST_TIMEOUT_MS,
	};
	delete harmless.baseURL;
	delete harmless.body;
	return harmless;
}
