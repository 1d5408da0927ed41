import type { IExecuteFunctions } from 'n8n-workflow';

import { BoundedMap } from './boundedMap';
import type { HttpClient } from './http';
import type { Account, Login, LoginContext } from './session/strategy';
import type { Sessions } from './session/sessions';

/** The logins that an operation makes for its items, separate from the credentials' own sessions. */
export class OperationLogins<Result> {
	/** They live as long as the execution. */
	private readonly logins = new BoundedMap<Promise<Result>>(Infinity);

	constructor(private readonly context: IExecuteFunctions) {}

	/**
	 * The login of a key: items with the same key share it.
	 *
	 * @param account the one whose own session the login may end
	 */
	async get<L extends Login, A extends Account<L>>(
		key: string,
		sessions: Sessions<L, A>,
		account: A,
		logIn: (http: HttpClient, context: LoginContext) => Promise<Result>,
	): Promise<Result> {
		const { context } = this;
		const signal = context.getExecutionCancelSignal();
		// It is wanted until the user stops the execution.
		const loginContext = { isWanted: () => signal?.aborted !== true, why: 'for an operation' };
		const open = async (own: LoginContext) => await logIn(context.helpers, own);
		return await this.logins.getOrCreate(
			key,
			async () => await sessions.logInSeparately(account, loginContext, open),
		);
	}
}
