import { ApiError } from '../errors';
import type { HttpRequest } from '../http';
import { getText, isJsonObject, type JsonObject } from '../jsonObject';

/** Maximum token length, in characters: a longer one fits no URL or header. */
const MAX_TOKEN_LENGTH = 8_192;

/** A JWT that claims a lifetime outside these bounds is not believed. The upper one is a month. */
const MIN_CLAIMED_LIFETIME_MS = 10_000;
const MAX_CLAIMED_LIFETIME_MS = 31 * 24 * 3_600_000;

/** Maximum time by which we end a session before the vendor does. */
const MAX_REFRESH_MARGIN_MS = 60_000;

/** Whether a value could travel as a token in a URL or a header. */
export function isToken(value: unknown): value is string {
	return (
		typeof value === 'string' && value.length <= MAX_TOKEN_LENGTH && /^[\x21-\x7e]+$/.test(value)
	);
}

/** The token of a response to a login. @throws ApiError if there is none that could be sent */
export function parseToken(value: unknown, { url }: HttpRequest): string {
	if (isToken(value)) return value;
	const { host } = new URL(url);
	const isMissing = value === undefined || value === null || value === '';
	const what = isMissing ? 'returned no token' : 'returned a token that cannot be used';
	throw new ApiError(`${host} accepted the login but ${what}`, {
		advice:
			'The login was accepted, so its fields are right. Ask whoever runs the server why it returns no usable token',
		// Treated as a rejection, so that it is not repeated: each login would open one more session.
		reason: 'rejected',
	});
}

/**
 * The claims of a JWT, its signature unchecked: only the server can do that.
 *
 * @returns undefined for any other token. It never throws: a token that does not decode is still one
 */
export function decodeClaims(token: string): JsonObject | undefined {
	const [, payload = '', signature, more] = token.split('.');
	if (signature === undefined || more !== undefined) return undefined;
	try {
		const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
		return isJsonObject(claims) ? claims : undefined;
	} catch {
		return undefined;
	}
}

/** A claim's text, or null if it is missing, empty or of another type. */
export function textClaim(claims: JsonObject | undefined, name: string): string | null {
	return claims === undefined ? null : getText(claims, name);
}

/** A claim in seconds. CRM.COM writes its numbers as strings (vendor's samples: documented). */
function secondsClaim(claims: JsonObject, name: string): number {
	const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
	if (typeof value === 'number') return value;
	return typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
}

/**
 * The lifetime that a JWT claims: `exp - iat`, so that the vendor's clock may differ from ours.
 *
 * @returns undefined for an opaque token, and for claims that are missing or absurd
 */
export function claimedLifetimeMs(token: string): number | undefined {
	const claims = decodeClaims(token);
	if (claims === undefined) return undefined;
	const lifetimeMs = (secondsClaim(claims, 'exp') - secondsClaim(claims, 'iat')) * 1000;
	const isBelievable =
		lifetimeMs >= MIN_CLAIMED_LIFETIME_MS && lifetimeMs <= MAX_CLAIMED_LIFETIME_MS;
	return isBelievable ? lifetimeMs : undefined;
}

/**
 * How long we use a session, from the receipt of its token: the shorter of what its JWT claims and
 * what is documented, less a margin.
 */
export function sessionLifetimeMs(token: string, maxLifetimeMs: number): number {
	const lifetimeMs = Math.min(claimedLifetimeMs(token) ?? Infinity, maxLifetimeMs);
	return lifetimeMs - Math.min(MAX_REFRESH_MARGIN_MS, lifetimeMs / 10);
}
