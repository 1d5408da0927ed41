import { expect, it } from '@jest/globals';

import { OperationLogins } from '../../nodes/shared/operationLogins.ts';

it('wants a login until the execution is stopped, and always if n8n cannot tell (P8)', async () => {
	const stop = new AbortController();
	const sessions = {
		logInSeparately: async (_account: unknown, context: object, logIn: (own: object) => unknown) =>
			await logIn(context),
	};
	const isWantedWith = async (signal?: AbortSignal) => {
		const logins = new OperationLogins({ getExecutionCancelSignal: () => signal } as never);
		return await logins.get('', sessions as never, {} as never, async (_http, { isWanted }) =>
			isWanted?.(),
		);
	};
	expect([await isWantedWith(), await isWantedWith(stop.signal)]).toEqual([true, true]);
	stop.abort();
	expect(await isWantedWith(stop.signal)).toBe(false);
});
