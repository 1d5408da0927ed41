import { ApiError } from '../shared/errors';
import { send, type HttpClient, type HttpRequest, type HttpResponse } from '../shared/http';
import { describeWait, readRetryAfter, responseError } from '../shared/httpErrors';
import { isJsonObject } from '../shared/jsonObject';
import { toDisplayText } from '../shared/redact';
import { parseServerUrl } from '../shared/serverUrl';

/**
 * The base URL of a CRM.COM server's Web API methods. A bare host stands for `/crmapi/rest/v2`
 * (documented). A few servers have another path (seen), which is kept.
 *
 * @throws InputError if it is not an http(s) URL
 */
export function readServerUrl(typed: unknown): string {
	return parseServerUrl(typed, {
		example: 'https://crm.example.com',
		defaultPath: '/crmapi/rest/v2',
		methodPath: /\/authentication\/(token|token\/release|web_api_key\/token)$/,
	});
}

/**
 * The wrapper of every response of CRM.COM, errors too (documented), which normally have HTTP status 200
 * (documented, inferred). Success is the code `OK`, in whatever case.
 */
interface Envelope {
	readonly status: {
		readonly code: string;
		readonly message?: unknown;
		readonly description?: unknown;
	};
	readonly data?: unknown;
}

/** A successful response of CRM.COM. */
export interface CrmComResponse {
	/** The `data` of the envelope: an object, or a list. */
	readonly data: unknown;
	/** What the vendor says although all went well; usually empty (assumed). */
	readonly message: string;
	readonly response: HttpResponse;
}

/** How an error describes a call. */
interface CallDescription {
	/** The method as the user knows it, as in "Get Token". */
	readonly method: string;
	/** What the user can check if the vendor says no. */
	readonly advice: string;
	/** What to check if the server has nothing at the address. Its URL, if left out. */
	readonly wrongAddress?: string;
	readonly isLogin?: boolean;
}

/**
 * Sends a request and unwraps its envelope.
 *
 * @throws ApiError with the vendor's own words for every code but `OK`, at any HTTP status, and with ours for
 * anything that is not a response of CRM.COM
 */
export async function callApi(
	http: HttpClient,
	request: HttpRequest,
	description: CallDescription,
): Promise<CrmComResponse> {
	const response = await send(http, request);
	const envelope = readEnvelope(response.body);
	const isOk = envelope?.status.code.trim().toUpperCase() === 'OK';
	if (envelope === undefined || (isOk && response.status >= 300)) {
		const error = responseError(response, request, { api: 'the CRM.COM Web API', ...description });
		throw isOk ? error.with({ mayBeDone: true }) : error;
	}
	if (!isOk) throw rejection(envelope, response, request, description);
	const { message } = envelope.status;
	const said = typeof message === 'string' ? toDisplayText(message, request.secrets) : '';
	return { data: envelope.data, message: said, response };
}

/** The envelope of a response, or undefined if something else answered. */
export function readEnvelope(body: unknown): Envelope | undefined {
	if (!isJsonObject(body) || !isJsonObject(body['status'])) return undefined;
	return typeof body['status']['code'] === 'string' ? (body as unknown as Envelope) : undefined;
}

/** The vendor's words, its code, and what the user can check. */
function rejection(
	{ status: { code, message, description } }: Envelope,
	response: HttpResponse,
	{ secrets }: HttpRequest,
	{ method, advice }: CallDescription,
): ApiError {
	// No list of codes exists, and a message may be empty or null: any of the three may be the only one.
	const read = (text: unknown) => (typeof text === 'string' ? toDisplayText(text, secrets) : '');
	const [said, explained] = [read(message), read(description)] as const;
	const words = said || explained || `CRM.COM rejected ${method} without saying why`;
	const vendorCode = toDisplayText(code, secrets);
	const sentences = [advice, explained === words ? '' : explained].filter((text) => text !== '');
	const retryAfterMs = readRetryAfter(response);
	return new ApiError(words, {
		advice: sentences.join('. ') + describeWait(retryAfterMs),
		...(response.status === 200 ? {} : { httpStatus: response.status }),
		retryAfterMs,
		vendorCode,
		reason: 'rejected',
		// A "no" with such a status may have come after the work was done.
		mayBeDone: response.status >= 500 || response.status === 408,
	});
}
