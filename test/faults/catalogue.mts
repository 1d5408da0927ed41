import { gzipSync } from 'node:zlib';

import type { Fault, TransformedBody } from '../fakes/faults.mts';

/** Where a fault can occur: in every call, or only in some kinds of answers. */
type Reach = 'every call' | 'tokens' | 'envelopes' | 'organizations';

/** A way in which a call can go wrong, and the expected result. */
export interface FaultCase {
	readonly name: string;
	readonly reach: Reach;
	/** What the vendor, or something in front of it, does; undefined if the server itself is replaced. */
	readonly fault?: Fault;
	/** A server in place of the fake vendor: none at all, an unknown host, or one with its own certificate. */
	readonly server?: 'closed' | 'unknown' | 'self-signed' | 'self-signed, SSL issues ignored';
	/** True for a hiccup: the next call is answered. Reads and logins survive it. */
	readonly isOnce?: true;
	/** Whether the call should succeed in spite of it. */
	readonly isHarmless?: true;
	/** The only operation that it harms, if it is one. */
	readonly harmsOnly?: string;
	/** The HTTP status that the error should name. */
	readonly status?: number;
	/** The words that the error should show. */
	readonly words?: string;
	/** True if the answer holds the token, which n8n's own node puts into its record (`SECURITY.md`). */
	readonly repeatsRequest?: true;
	/** True if nothing is answered until the deadline. */
	readonly isSlow?: true;
}

/** The vendors' words in a fault. */
export const WORDS = 'The vendor is on holiday';

const STATUSES = [400, 401, 403, 404, 409, 423, 429, 500, 502, 503, 504];
const REDIRECTS = [301, 302, 307, 308];
/** A body with words that both vendors' readers understand: an envelope of CRM.COM that is also Aurea's error. */
const SPOKEN = { status: { code: 'COM.CRM.EXCEPTION.FAULT', message: WORDS }, message: WORDS };

/** Words that would lead away from the editor, or lose a part there, if taken for HTML. */
const MARKUP =
	'Please <a href="https://evil.example" style="position:fixed">Log in</a> to <unit> & go';
/** Words prove nothing: only a code or HTTP 401 speaks of the session. */
const SESSION_WORDS = 'Your session token is invalid or has expired, please log in again';
const spoken = (words: string) => ({
	status: { code: words, message: words, description: `More: ${words}` },
	message: words,
});

const reshape = (change: (body: Record<string, unknown>) => TransformedBody): Fault => ({
	kind: 'reshape',
	change: (body) => change(structuredClone(body) as Record<string, unknown>),
});
const changed = (change: (body: Record<string, unknown>) => unknown): Fault =>
	reshape((body) => ({ bytes: JSON.stringify(change(body)) }));
/** The member `token` is in `data` at CRM.COM, and on top at Aurea. */
const token = (value: unknown): Fault =>
	changed((body) =>
		'data' in body ? { ...body, data: { token: value } } : { ...body, token: value },
	);
const status = (change: (code: string) => unknown): Fault =>
	changed((body) => ({ ...body, status: { ...(body['status'] as object), code: change('OK') } }));
const organizations = (value: unknown): Fault =>
	changed((body) => ({ ...body, lhqOrganizations: value }));

const TEN_THOUSAND = Array.from({ length: 10_000 }, (_, index) => ({
	uid: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
	name: `Branch ${index}`,
	isAdmin: false,
	workGroupId: index,
}));
const UNICODE = [
	{ uid: 'u-1', name: 'Ελλάδα 🏛 \u202eright to left\u202c', isAdmin: true, workGroupId: 1 },
	{
		uid: 'u-2',
		name: '<script>alert(1)</script> {{ $json }} ={{ 1 }}',
		isAdmin: true,
		workGroupId: 2,
	},
	{
		uid: 'u-3',
		name: 'half a character \ud83d, a null \u0000, a line\u2028break',
		isAdmin: true,
		workGroupId: 3,
	},
];

/** Every fault, in the order of the printed table. */
export const FAULTS: readonly FaultCase[] = [
	{ name: 'connection refused', reach: 'every call', server: 'closed' },
	{ name: 'host does not exist', reach: 'every call', server: 'unknown' },
	{ name: 'self-signed certificate', reach: 'every call', server: 'self-signed' },
	{
		name: 'self-signed, SSL issues ignored',
		reach: 'every call',
		server: 'self-signed, SSL issues ignored',
		isHarmless: true,
	},
	{ name: 'reset before the answer', reach: 'every call', fault: { kind: 'reset' } },
	{ name: 'reset during the answer', reach: 'every call', fault: { kind: 'cut' } },
	{ name: 'no answer', reach: 'every call', fault: { kind: 'hang' }, isSlow: true },
	{ name: 'half an answer', reach: 'every call', fault: { kind: 'stall' }, isSlow: true },
	{
		name: 'cut JSON',
		reach: 'every call',
		fault: { kind: 'text', text: '{"status":{"code":"O', type: 'application/json' },
	},
	{
		name: 'empty body',
		reach: 'every call',
		fault: { kind: 'text', text: '', type: 'application/json' },
	},
	{ name: 'a web page with 200', reach: 'every call', fault: { kind: 'html' } },
	{
		name: '1 MB of something else',
		reach: 'every call',
		fault: { kind: 'huge', bytes: 1_000_000 },
	},
	{
		name: 'JSON null',
		reach: 'every call',
		fault: { kind: 'text', text: 'null', type: 'application/json' },
	},
	{
		name: 'JSON array',
		reach: 'every call',
		fault: { kind: 'text', text: '[1,2]', type: 'application/json' },
	},
	{ name: '204', reach: 'every call', fault: { kind: 'status', status: 204 } },
	{
		name: 'JSON as text/plain',
		reach: 'every call',
		isHarmless: true,
		fault: reshape((body) => ({
			bytes: JSON.stringify(body),
			headers: { 'Content-Type': 'text/plain' },
		})),
	},
	{
		name: 'JSON with BOM',
		reach: 'every call',
		isHarmless: true,
		fault: reshape((body) => ({ bytes: `\ufeff${JSON.stringify(body)}` })),
	},
	{
		name: 'gzip',
		reach: 'every call',
		isHarmless: true,
		fault: reshape((body) => ({
			bytes: gzipSync(JSON.stringify(body)),
			headers: { 'Content-Encoding': 'gzip' },
		})),
	},
	{
		name: 'broken gzip',
		reach: 'every call',
		fault: reshape(() => ({ bytes: 'no gzip', headers: { 'Content-Encoding': 'gzip' } })),
	},
	{
		name: '__proto__ in the answer',
		reach: 'every call',
		isHarmless: true,
		fault: reshape((body) => ({
			bytes: JSON.stringify(body).replace(
				'{',
				'{"__proto__":{"polluted":"yes"},"constructor":{"prototype":{"polluted":"yes"}},',
			),
		})),
	},
	{ name: 'token a number', reach: 'tokens', fault: token(12345) },
	{ name: 'token null', reach: 'tokens', fault: token(null) },
	{ name: 'token an object', reach: 'tokens', fault: token({ a: 1 }) },
	{ name: 'token of 1 MB', reach: 'tokens', fault: token('x'.repeat(1_000_000)) },
	{ name: 'token with control characters', reach: 'tokens', fault: token('abc\u0000\u0007def') },
	{ name: 'token with line breaks', reach: 'tokens', fault: token('abc\r\nX-Injected: yes') },
	{ name: 'token missing', reach: 'tokens', fault: token(undefined) },
	{
		name: 'status missing',
		reach: 'envelopes',
		fault: changed(({ status: _status, ...body }) => body),
	},
	{
		name: 'status a text',
		reach: 'envelopes',
		fault: changed((body) => ({ ...body, status: 'OK' })),
	},
	{
		name: 'status.code in lower case',
		reach: 'envelopes',
		isHarmless: true,
		fault: status((code) => code.toLowerCase()),
	},
	{ name: 'status.code a number', reach: 'envelopes', fault: status(() => 0) },
	{
		name: 'a rejection without words',
		reach: 'envelopes',
		fault: changed((body) => ({
			...body,
			status: { code: 'NO', message: null, description: null },
		})),
	},
	{
		name: 'a message beside OK',
		reach: 'envelopes',
		isHarmless: true,
		fault: changed((body) => ({ ...body, status: { code: 'OK', message: 'Ἀποθηκεύτηκε' } })),
	},
	{
		name: 'entries refused in bulk',
		reach: 'envelopes',
		isHarmless: true,
		fault: changed(({ data, ...body }) => ({
			...body,
			data: Array.isArray(data)
				? (data as unknown)
				: { ...(data as object), unprocessed_set: [{ error_code: 'NO' }] },
		})),
	},
	{
		name: 'organizations missing',
		reach: 'organizations',
		harmsOnly: 'List Organizations',
		fault: organizations(undefined),
	},
	{
		name: 'organizations null',
		reach: 'organizations',
		harmsOnly: 'List Organizations',
		fault: organizations(null),
	},
	{
		name: 'organizations a text',
		reach: 'organizations',
		harmsOnly: 'List Organizations',
		fault: organizations('none'),
	},
	{
		name: '10,000 organizations',
		reach: 'organizations',
		isHarmless: true,
		fault: organizations(TEN_THOUSAND),
	},
	{
		name: 'names with any Unicode',
		reach: 'organizations',
		isHarmless: true,
		fault: organizations(UNICODE),
	},
	...REDIRECTS.flatMap((code): FaultCase[] => [
		{
			name: `${code} to the same host`,
			reach: 'every call',
			fault: { kind: 'redirect', status: code, location: '/elsewhere' },
		},
		{
			name: `${code} to another host`,
			reach: 'every call',
			fault: { kind: 'redirect', status: code, location: 'http://stolen.example.invalid/x' },
		},
	]),
	{
		name: 'words with markup',
		reach: 'every call',
		status: 403,
		// The notification of the editor shows a message as HTML, too.
		words: MARKUP.replace(/<([^>]*)>/g, '‹$1›'),
		fault: { kind: 'status', status: 403, body: spoken(MARKUP) },
	},
	{
		name: 'words with markup and 200',
		reach: 'envelopes',
		// The notification of the editor shows a message as HTML, too.
		words: MARKUP.replace(/<([^>]*)>/g, '‹$1›'),
		fault: { kind: 'status', status: 200, body: spoken(MARKUP) },
	},
	{
		name: 'words that speak of a session',
		reach: 'every call',
		status: 403,
		words: SESSION_WORDS,
		fault: { kind: 'status', status: 403, body: spoken(SESSION_WORDS) },
	},
	{
		name: 'words that speak of a session and 200',
		reach: 'envelopes',
		words: SESSION_WORDS,
		fault: { kind: 'status', status: 200, body: spoken(SESSION_WORDS) },
	},
	...[200, 400, 403, 500].map(
		(code): FaultCase => ({
			name: `${code} that repeats the request`,
			reach: code === 200 ? 'envelopes' : 'every call',
			...(code === 200 ? {} : { status: code }),
			words: 'Rejected: {',
			repeatsRequest: true,
			fault: { kind: 'echo', status: code },
		}),
	),
	...[429, 502, 503, 504].map(
		(code): FaultCase => ({
			name: `${code} once`,
			reach: 'every call',
			isOnce: true,
			fault: { kind: 'status', status: code, headers: { 'Retry-After': '0' } },
		}),
	),
	{ name: 'a reset once', reach: 'every call', isOnce: true, fault: { kind: 'reset' } },
	...STATUSES.flatMap((code): FaultCase[] => [
		{
			name: `${code} without a body`,
			reach: 'every call',
			status: code,
			fault: { kind: 'status', status: code },
		},
		{
			name: `${code} with words`,
			reach: 'every call',
			status: code,
			words: WORDS,
			fault: { kind: 'status', status: code, body: SPOKEN },
		},
	]),
];
