import type { ICredentialDataDecryptedObject, IHttpRequestOptions } from 'n8n-workflow';

import type { ApiError } from '../errors';
import type { Http } from '../http';
import type { OutgoingRequest } from './attach';
import { lifeOfSession } from './expiry';
import { Memory } from './memory';
import { ageOf, now, type Moment } from './moment';
import { forSession, forTest, type BackoffPolicy } from './refusals';

/** A CRM.COM session this young, in milliseconds, is not thought dead because a request failed. */
const CERTAINLY_YOUNG = 60_000;

/** How long the answer about a session serves those whose requests follow it, in milliseconds. */
const ANSWER_SERVES = 500;

export type Credentials = ICredentialDataDecryptedObject;

/** What a login gives at least. */
export interface Login {
	readonly token: string;
	/** When the vendor's answer was here. */
	readonly receivedAt: Moment;
}

/** All that the life of a session has to know of one vendor's kind of login. */
export interface SessionStrategy<L extends Login> {
	/** How long a session lives by the vendor's documentation, in milliseconds. */
	readonly documentedLifetime: number;
	/** Everything that decides who logs in where, as one key. @throws InputError */
	identity(credentials: Credentials): string;
	/** The base of the server's methods. @throws InputError */
	server(credentials: Credentials): string;
	/**
	 * A login, unless the vendor has just refused the same one.
	 *
	 * @throws ApiError, InputError
	 */
	login(http: Http, credentials: Credentials, asking: BackoffPolicy): Promise<L>;
	/** What in a good login its user must hear about: shown by the credential's test. */
	warningOf?(login: L): ApiError | undefined;
	/** The path of the login below the server's base, which the credential's test names. */
	readonly loginPath: string;
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
	/** How long it lives for us from the receipt of its token, in milliseconds. */
	readonly life: number;
	/** Whether the vendor says that it is dead, and since when that is known: it serves for a moment. */
	asked?: { readonly dead: Promise<boolean>; answeredAt?: Moment };
}

/** How sure it is that a request failed because of its token. */
export type Verdict = 'alive' | 'suspect' | 'dead';

/** The sessions of one kind of login in this process: made when needed, renewed before they end. */
export class Sessions<L extends Login> {
	private readonly memory = new Memory<Session<L>>(
		({ login, life }) => ageOf(login.receivedAt) >= life,
	);

	constructor(readonly kind: SessionStrategy<L>) {}

	/** The live session, or a new one. @throws ApiError, InputError */
	async obtain(http: Http, credentials: Credentials): Promise<Session<L>> {
		return await this.memory.obtain(
			this.kind.identity(credentials),
			async () => await this.open(http, credentials, forSession),
		);
	}

	/** Whether `obtain` would answer from memory. */
	knows(credentials: Credentials): boolean {
		return this.memory.knows(this.kind.identity(credentials));
	}

	/** A new session, whatever is remembered. */
	async renew(http: Http, credentials: Credentials): Promise<Session<L>> {
		return await this.memory.renew(
			this.kind.identity(credentials),
			async () => await this.open(http, credentials, forTest),
		);
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
	 * Whether a request failed because its session is dead.
	 *
	 * @param unauthorized true where it is known that the answer was a 401
	 */
	async judge(
		http: Http,
		credentials: Credentials,
		session: Session<L>,
		unauthorized: boolean,
	): Promise<Verdict> {
		if (unauthorized) return 'dead';
		if (this.kind.isDead === undefined) {
			return ageOf(session.login.receivedAt) < CERTAINLY_YOUNG ? 'alive' : 'suspect';
		}
		return (await this.ask(this.kind.isDead, http, credentials, session)) ? 'dead' : 'alive';
	}

	/** One question serves a whole crowd: n8n sends the requests of many items one after another. */
	private async ask(
		isDead: NonNullable<SessionStrategy<L>['isDead']>,
		http: Http,
		credentials: Credentials,
		session: Session<L>,
	): Promise<boolean> {
		const { answeredAt } = session.asked ?? {};
		if (
			session.asked === undefined ||
			(answeredAt !== undefined && ageOf(answeredAt) >= ANSWER_SERVES)
		) {
			const asked: Session<L>['asked'] & {} = {
				dead: isDead(http, credentials, session.login).catch(() => false),
			};
			session.asked = asked;
			await asked.dead;
			asked.answeredAt = now();
		}
		return await session.asked.dead;
	}

	private async open(
		http: Http,
		credentials: Credentials,
		asking: BackoffPolicy,
	): Promise<Session<L>> {
		const login = await this.kind.login(http, credentials, asking);
		return { login, life: lifeOfSession(login.token, this.kind.documentedLifetime) };
	}
}
