import { isRejection, unexpectedResponseError } from '../shared/answers';
import { ApiError } from '../shared/errors';
import { send, type Answer, type Http, type HttpRequest } from '../shared/http';
import { isJsonObject } from '../shared/records';
import { toDisplayText } from '../shared/redact';
import { readServerUrl } from '../shared/serverUrl';

/**
 * The base of a CRM.COM server's Web API methods. A bare host stands for `/crmapi/rest/v2`
 * (documented); a few servers sit behind another path (seen), which is taken as it is.
 *
 * @throws InputError where it is no http(s) URL.
 */
export function readCrmComServer(typed: unknown): string {
	return readServerUrl(typed, {
		example: 'https://crm.example.com',
		defaultPath: '/crmapi/rest/v2',
		methodPath: /\/authentication\/(token|token\/release|web_api_key\/token)$/,
	});
}

/**
 * What every answer of CRM.COM is wrapped in, its errors too (documented), and those normally with
 * HTTP status 200 (documented, inferred). Success is the code `OK`, in whatever case.
 */
interface Envelope {
	readonly status: {
		readonly code: string;
		readonly message?: unknown;
		readonly description?: unknown;
	};
	readonly data?: unknown;
}

interface Sentences {
	/** The method as the user knows it, as in "Get Token". */
	readonly method: string;
	/** What the user can check where the vendor says no. */
	readonly advice: string;
}

/** A good answer of CRM.COM. */
export interface CrmComResponse {
	/** The `data` of the envelope: an object nearly always. */
	readonly data: unknown;
	/** The answer as it came. */
	readonly answer: Answer;
}

/**
 * Sends a request and gives back its `data`, and the whole answer as it came.
 *
 * @throws ApiError with the vendor's own words for every code but `OK`, and with ours for
 * whatever is no answer of CRM.COM.
 */
export async function call(
	http: Http,
	request: HttpRequest,
	sentences: Sentences,
): Promise<CrmComResponse> {
	const answer = await send(http, request);
	const envelope = readEnvelope(answer.body);
	const isOk = envelope?.status.code.toUpperCase() === 'OK';
	if (envelope === undefined || (isOk && answer.status >= 400)) {
		throw unexpectedResponseError(answer, request, {
			api: 'the CRM.COM Web API',
			advice: sentences.advice,
		});
	}
	if (!isOk) throw refusal(envelope, answer.status, request, sentences);
	return { data: envelope.data, answer };
}

function readEnvelope(body: unknown): Envelope | undefined {
	if (!isJsonObject(body) || !isJsonObject(body['status'])) return undefined;
	return typeof body['status']['code'] === 'string' ? (body as unknown as Envelope) : undefined;
}

/**
 * By what one tells that a refusal came for its session, before anything was done. No list of codes and words exists
 * (assumed); a name or a text of the user's that the vendor repeats is not likely to read like this.
 */
const ABOUT_SESSION =
	/(session|token)[\s_]*(has |is |was )*(expired|ended|invalid|not valid|unknown)|(expired|invalid|unknown)[\s_]*(session|token)|not (authenticated|logged in)|unauthori[sz]ed/i;

/** What a refusal of the vendor's becomes: its words, its code, and what the user can check. */
function refusal(
	{ status: { code, message, description } }: Envelope,
	httpStatus: number,
	{ secrets }: HttpRequest,
	{ method, advice }: Sentences,
): ApiError {
	// No list of codes exists, and a message may be empty or null, so any of the three may have to speak.
	const words = [message, description].map((text) =>
		typeof text === 'string' ? toDisplayText(text, secrets) : '',
	);
	const [said = '', explained = ''] = words;
	const vendorCode = toDisplayText(code, secrets);
	const shown = said || explained || `CRM.COM refused ${method} without saying why`;
	const details = [explained === shown ? '' : explained, `CRM.COM's code: ${vendorCode}`];
	return new ApiError(shown, {
		description: [advice, ...details.filter((text) => text !== '')].join('. '),
		...(httpStatus === 200 ? {} : { httpStatus }),
		refused: isRejection(httpStatus),
		aboutSession: [code, message, description].some(
			(text) => typeof text === 'string' && ABOUT_SESSION.test(text),
		),
	});
}
