import { createHash } from 'node:crypto';

/**
 * One identity: everything that decides who logs in where, as one key. A hash, so that no map of
 * the process holds a password as its key; a list in JSON, so that no two lists run together.
 */
export function hashKey(...parts: readonly unknown[]): string {
	return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}
