import { createHash } from 'node:crypto';

import type { ApiError } from '../errors';
import type { HttpClient } from '../http';
import type { Credentials } from '../credentialInput';
import type { Moment } from './clock';
import type { OutgoingRequest } from './request';
import type { CheckResult, SentRequest } from './state';

/** What every login gives. */
export interface Login {
	readonly token: string;
	/** When the vendor's response arrived. */
	readonly receivedAt: Moment;
	/** How long the session is used from then on: see `sessionLifetimeMs`. */
	readonly lifetimeMs: number;
}

/** What surrounds a login. */
export interface LoginContext {
	/** True for a credential's test: the vendor is asked even if it has just rejected the same. */
	readonly isTest?: boolean;
	/** Whether anybody still waits for it: nobody does after Stop. Always true if left out. */
	readonly isWanted?: () => boolean;
	/** What a log adds to "logged in", as in "for a test". */
	readonly why?: string;
	/** Told when a login is about to be sent. */
	readonly onSend?: () => void;
}

/** Who logs in where: a credential, read once. Code with an account needs no credential. */
export interface Account<L extends Login = Login> {
	/** Everything that decides who logs in where, hashed: accounts with the same key share a session. */
	readonly key: string;
	/** The login request alone, hashed: what a rejection of it is remembered by. */
	readonly loginKey: string;
	/** How a log names it: without its user. */
	readonly name: string;
	/** The base URL of the server's methods. */
	readonly serverUrl: string;
	readonly ignoreSslIssues: boolean;
	/** Secrets to mask in errors and output. */
	readonly secrets: readonly string[];
	/** Logs in, unless the vendor has just rejected the same. @throws ApiError, InputError */
	logIn(http: HttpClient, context: LoginContext): Promise<L>;
	/**
	 * Finds out whether the session is to blame for a failed request of the HTTP Request node.
	 *
	 * @returns undefined if no question could tell, and none was sent
	 */
	checkSession(http: HttpClient, login: L, failed: SentRequest): Promise<CheckResult> | undefined;
	/**
	 * After `denied`: asks under the new session what the vendor refused under the previous one. Only
	 * that proves that the previous session had ended.
	 */
	confirmRenewal?(http: HttpClient, renewed: L, previous: L, timeoutMs: number): Promise<boolean>;
}

/** One of a vendor's ways to log in. */
export interface AuthStrategy<L extends Login = Login, A extends Account<L> = Account<L>> {
	readonly credentialType: string;
	/** The path of the login request below the server's base URL. */
	readonly loginPath: string;
	/** Reads a credential. @throws InputError if its fields cannot be read */
	read(credentials: Credentials): A;
	/** What a user must hear about although the login succeeded. */
	warning?(login: L): ApiError | undefined;
	/**
	 * A copy of a request with the token in it, and its placeholders filled in.
	 *
	 * @throws InputError if it must not get a token, or has a placeholder that cannot be filled in
	 */
	attach(request: OutgoingRequest, target: URL, login: L): OutgoingRequest;
}

/** How a log names an account. */
export function accountName(credentialType: string, serverUrl: string): string {
	return `${credentialType} at ${new URL(serverUrl).host}`;
}

/** Hashes parts into one key, so that no map of the process has a password in its keys. */
export function hashKey(...parts: readonly unknown[]): string {
	// JSON keeps the parts apart.
	return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}
