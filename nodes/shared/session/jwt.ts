import { isJsonObject, getText, type JsonObject } from '../records';

/**
 * Reads a JWT's claims without checking its signature, which only the server can.
 *
 * @returns undefined for anything that is no JWT; it never throws, since a token that does not
 * decode is still a token.
 */
export function readClaims(token: string): JsonObject | undefined {
	const [, payload = '', signature, more] = token.split('.');
	if (signature === undefined || more !== undefined) return undefined;
	try {
		const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
		return isJsonObject(claims) ? claims : undefined;
	} catch {
		return undefined;
	}
}

/** A claim's text, or null where it is missing, empty or something else. */
export function textClaim(claims: JsonObject | undefined, name: string): string | null {
	return claims === undefined ? null : getText(claims, name);
}

/** A claim's number of seconds. CRM.COM writes its numbers as strings (vendors' samples: documented). */
export function secondsClaim(claims: JsonObject | undefined, name: string): number {
	const value = claims && Object.hasOwn(claims, name) ? claims[name] : undefined;
	if (typeof value === 'number') return value;
	return Number(textClaim(claims, name)?.trim() || Number.NaN);
}
