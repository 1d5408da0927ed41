import type { IExecuteFunctions } from 'n8n-workflow';

import type { Credentials } from '../../shared/session/session';
import { open, sessions } from '../logins';
import type { OpenedSession } from '../protocol';

/** The credential of one item: its fields may be expressions. */
export async function credentialsOf(
	context: IExecuteFunctions,
	itemIndex: number,
): Promise<Credentials> {
	return await context.getCredentials('aureaLoginApi', itemIndex);
}

/** A login of the workflow's own, apart from the credential's session. */
export async function openApart(
	context: IExecuteFunctions,
	credentials: Credentials,
): Promise<OpenedSession> {
	const opened = await sessions.apart(
		credentials,
		async () => await open(context.helpers, credentials),
	);
	passOnWarning(context, opened);
	return opened;
}

/** The vendor let the user in, but wants something of them: they hear it beside the output. */
export function passOnWarning(context: IExecuteFunctions, { warning }: OpenedSession): void {
	if (warning === null) return;
	context.addExecutionHints({
		message: `${warning}. Sign in once on its website and do what it asks, before this login stops working.`,
		type: 'warning',
		location: 'outputPane',
	});
}
