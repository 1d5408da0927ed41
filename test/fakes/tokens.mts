import { createHmac, randomBytes, randomUUID } from 'node:crypto';

const secret = randomBytes(32);

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A signed JWT (HS256), as CRM.COM gives them from R12 on (documented). */
export function signJwt(claims: Readonly<Record<string, unknown>>): string {
	const content = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`;
	return `${content}.${createHmac('sha256', secret).update(content).digest('base64url')}`;
}

/** 32 hex characters, as CRM.COM's ids and its tokens before R12 are (documented). */
export function hex32(): string {
	return randomBytes(16).toString('hex').toUpperCase();
}

export const uuid = randomUUID;
