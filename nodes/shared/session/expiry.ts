import { readClaims, secondsClaim } from './jwt';

/** A JWT that claims a shorter life than this, in milliseconds, is not believed. */
const SHORTEST_BELIEVED = 10_000;
/** Nor one that claims a longer life than this: a month, in milliseconds. */
const LONGEST_BELIEVED = 31 * 24 * 3_600_000;
/** A session ends for us this long before it ends for the vendor, in milliseconds, or sooner. */
const LARGEST_MARGIN = 60_000;

/**
 * How long a JWT says that it lives, in milliseconds: `exp - iat`, so that the vendor's clock may
 * differ from ours by any amount.
 *
 * @returns undefined for an opaque token, and for claims that are missing or absurd.
 */
export function claimedLifetime(token: string): number | undefined {
	const claims = readClaims(token);
	const lifetime = (secondsClaim(claims, 'exp') - secondsClaim(claims, 'iat')) * 1000;
	return lifetime >= SHORTEST_BELIEVED && lifetime <= LONGEST_BELIEVED ? lifetime : undefined;
}

/**
 * How long a session lives for us, in milliseconds from the receipt of its token.
 *
 * @param documentedLifetime what the vendor documents for this kind of login, in milliseconds
 */
export function lifeOfSession(token: string, documentedLifetime: number): number {
	const lifetime = Math.min(claimedLifetime(token) ?? Infinity, documentedLifetime);
	return lifetime - Math.min(LARGEST_MARGIN, lifetime / 10);
}
