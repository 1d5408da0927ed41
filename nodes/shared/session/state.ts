import { ageOf } from './clock';
import type { OutgoingRequest } from './request';
import type { Login } from './strategy';

/**
 * What is known of a session after a request with it has failed:
 *
 * - `valid`: the failure is about the request
 * - `unknown`: it may have ended. It is replaced, and stays in use until its successor is there
 * - `expired`: it has ended. Nothing more is sent under it
 */
export type SessionState = 'valid' | 'unknown' | 'expired';

/** A younger session is not doubted without proof: it has just been made. */
const MIN_DOUBTED_AGE_MS = 60_000;

/** The state of a session after a failure that may be about it but proves nothing. */
export function stateWithoutProof({ receivedAt }: Pick<Login, 'receivedAt'>): SessionState {
	return ageOf(receivedAt) < MIN_DOUBTED_AGE_MS ? 'valid' : 'unknown';
}

/** A request of another node, as it is sent: what is looked at if it fails. */
export interface SentRequest {
	/** As it was sent, token included. */
	readonly request: OutgoingRequest;
	readonly target: URL;
	/** Whether it changes nothing, so that it may be sent again. */
	readonly isRead: boolean;
	/** Whether its body can be read only once, so that it cannot be sent again. */
	readonly isSingleUse: boolean;
	/** How long a request that finds out why it failed may take. */
	readonly timeoutMs: number;
}

/**
 * What a check after a failed request found: a state, or `denied` if only another session can tell: the vendor
 * refused this session something that it may refuse every session of this user.
 */
export type CheckResult = SessionState | 'denied';
