/** The claims of a JWT as they were written: none of them is certain to be there or of its type. */
export type Claims = Readonly<Record<string, unknown>>;

/**
 * Reads a JWT's claims without checking its signature, which only the server can.
 *
 * @returns undefined for anything that is no JWT; it never throws, since a token that does not
 * decode is still a token.
 */
export function readClaims(token: string): Claims | undefined {
	const parts = token.split('.');
	if (parts.length !== 3 || parts[1] === undefined) return undefined;
	try {
		const claims: unknown = JSON.parse(Buffer.from(parts[1], 'base64url').toString('utf8'));
		const isObject = typeof claims === 'object' && claims !== null && !Array.isArray(claims);
		return isObject ? (claims as Claims) : undefined;
	} catch {
		return undefined;
	}
}

/** A claim's text, or null where it is missing, empty or something else. */
export function textClaim(claims: Claims | undefined, name: string): string | null {
	const value = claims && Object.hasOwn(claims, name) ? claims[name] : undefined;
	return typeof value === 'string' && value !== '' ? value : null;
}

/** A claim's number of seconds. CRM.COM writes its numbers as strings (vendors' samples: documented). */
export function secondsClaim(claims: Claims | undefined, name: string): number {
	const value = claims && Object.hasOwn(claims, name) ? claims[name] : undefined;
	if (typeof value === 'number') return value;
	return typeof value === 'string' && /^\d+(\.\d+)?$/.test(value.trim()) ? Number(value) : Number.NaN;
}
