import type { ICredentialDataDecryptedObject, IHttpRequestOptions } from 'n8n-workflow';

import { VendorFailure } from '../errors';
import type { Http } from '../http';
import type { OutgoingRequest } from './attach';
import { endOfSession } from './expiry';
import { Memory } from './memory';

/** A CRM.COM session this young, in milliseconds, is not thought dead because a request failed. */
const CERTAINLY_YOUNG = 60_000;

/** How long the answer about a session serves those whose requests follow it, in milliseconds. */
const ANSWER_SERVES = 500;

export type Credentials = ICredentialDataDecryptedObject;

/** What a login gives at least. */
export interface Login {
	readonly token: string;
	/** When the vendor's answer was here, in milliseconds since 1970. */
	readonly receivedAt: number;
}

/** All that the life of a session has to know of one vendor's kind of login. */
export interface LoginKind<L extends Login> {
	/** How long a session lives by the vendor's documentation, in milliseconds. */
	readonly documentedLifetime: number;
	/** Everything that decides who logs in where, as one key. @throws InputFailure */
	identity(credentials: Credentials): string;
	/** The base of the server's methods. @throws InputFailure */
	server(credentials: Credentials): string;
	/** A real login. @throws VendorFailure, InputFailure */
	login(http: Http, credentials: Credentials): Promise<L>;
	/** What in a good login its user must hear about: shown by the credential's test. */
	warningOf?(login: L): VendorFailure | undefined;
	/** The login's own request, which the credential's test sends at its end. */
	loginRequest(credentials: Credentials): IHttpRequestOptions;
	/** A copy of a request with the token in it. */
	attach(request: OutgoingRequest, target: URL, login: L): OutgoingRequest;
	/**
	 * Asks the vendor whether a session is dead, after a request with it has failed. Left out where
	 * the vendor cannot be asked without guessing.
	 */
	isDead?(http: Http, credentials: Credentials, login: L): Promise<boolean>;
}

/** A login that is kept, until it ends for us. */
export interface Session<L extends Login> {
	readonly login: L;
	/** Milliseconds since 1970. */
	readonly endsAt: number;
	/** The last time that the vendor was asked whether it is dead, and the answer. */
	asked?: { readonly at: number; readonly dead: Promise<boolean> };
}

export function isRefusal(error: unknown): error is VendorFailure {
	return error instanceof VendorFailure && error.refused;
}

/** How sure it is that a request failed because of its token. */
export type Verdict = 'alive' | 'suspect' | 'dead';

/** The sessions of one kind of login in this process: made when needed, renewed before they end. */
export class Sessions<L extends Login> {
	private readonly memory = new Memory<Session<L>>({
		endsAt: (session) => session.endsAt,
		isRefusal,
	});

	constructor(readonly kind: LoginKind<L>) {}

	/** The live session, or a new one. @throws the vendor's refusal, without asking while it is fresh */
	async obtain(http: Http, credentials: Credentials): Promise<Session<L>> {
		return await this.memory.obtain(
			this.kind.identity(credentials),
			async () => await this.open(http, credentials),
		);
	}

	/** Whether `obtain` would answer without asking the vendor. */
	knows(credentials: Credentials): boolean {
		return this.memory.knows(this.kind.identity(credentials));
	}

	/** A new session, whatever is remembered. */
	async renew(http: Http, credentials: Credentials): Promise<Session<L>> {
		return await this.memory.renew(
			this.kind.identity(credentials),
			async () => await this.open(http, credentials),
		);
	}

	/**
	 * A login of its own, for a token that is given out: it neither uses nor ends the session. Only a
	 * refusal is shared, so that no way of using a credential locks its account for the other.
	 */
	async apart<Result>(credentials: Credentials, login: () => Promise<Result>): Promise<Result> {
		const identity = this.kind.identity(credentials);
		this.memory.throwIfFailed(identity);
		return await login().catch((error: unknown) => {
			if (isRefusal(error)) this.memory.noteFailure(identity, error);
			throw error;
		});
	}

	/**
	 * Ends a session that seems dead, so that the next to ask logs in first.
	 *
	 * @returns false where it has to stay: one more login would be more than the two a minute that a
	 * vendor who rejects every token may cost. True also where another had ended it before.
	 */
	retire(credentials: Credentials, session: Session<L>): boolean {
		return this.memory.retire(this.kind.identity(credentials), session);
	}

	/**
	 * Whether a request that was sent at `sentAt` failed because its session is dead.
	 *
	 * @param unauthorized true where it is known that the answer was a 401
	 */
	async judge(
		http: Http,
		credentials: Credentials,
		session: Session<L>,
		sentAt: number,
		unauthorized: boolean,
	): Promise<Verdict> {
		if (unauthorized) return 'dead';
		if (this.kind.isDead === undefined) {
			return Date.now() - session.login.receivedAt < CERTAINLY_YOUNG ? 'alive' : 'suspect';
		}
		// One question serves a whole crowd: n8n sends the requests of many items one after another.
		if (session.asked === undefined || session.asked.at + ANSWER_SERVES < sentAt) {
			const dead = this.kind.isDead(http, credentials, session.login).catch(() => false);
			session.asked = { at: Date.now(), dead };
		}
		return (await session.asked.dead) ? 'dead' : 'alive';
	}

	private async open(http: Http, credentials: Credentials): Promise<Session<L>> {
		const login = await this.kind.login(http, credentials);
		const { token, receivedAt } = login;
		return { login, endsAt: endOfSession(token, receivedAt, this.kind.documentedLifetime) };
	}
}
