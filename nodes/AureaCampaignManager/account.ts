import type { IExecuteFunctions } from 'n8n-workflow';

import type { Credentials } from '../shared/credentialInput';
import { aureaSessions, type AureaAccount } from './auth';

/** An item's account. @param changes what an operation asks for instead of the credential's own */
export async function readAccount(
	context: IExecuteFunctions,
	itemIndex: number,
	changes: Credentials = {},
): Promise<AureaAccount> {
	const { credentialType, read } = aureaSessions.strategy;
	const credentials = await context.getCredentials<Credentials>(credentialType, itemIndex);
	return read({ ...credentials, ...changes });
}
