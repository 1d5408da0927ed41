import type { IExecuteFunctions } from 'n8n-workflow';

import { readAhead } from '../../shared/items';
import type { Credentials } from '../../shared/session/session';
import type { LoginResponse } from '../responses';

/** The credential of one item: its fields may be expressions. */
export async function credentialsOf(
	context: IExecuteFunctions,
	itemIndex: number,
): Promise<Credentials> {
	return await context.getCredentials('aureaLoginApi', itemIndex);
}

/** The credentials of all items, each to be asked for once, in the items' order. */
export function credentialsAhead(
	context: IExecuteFunctions,
): (itemIndex: number) => Promise<Credentials> {
	return readAhead(
		context.getInputData().length,
		async (itemIndex) => await credentialsOf(context, itemIndex),
	);
}

/** What the vendor wants of users whom it lets in: they hear it beside the output, each once. */
export class Warnings {
	private readonly told = new Set<string>();

	constructor(private readonly context: IExecuteFunctions) {}

	/** Passes on the warning of a login, if it has one. */
	heed({ warning }: LoginResponse): void {
		if (warning === null || this.told.has(warning)) return;
		this.told.add(warning);
		this.context.addExecutionHints({
			message: `${warning}. Sign in once on its website and do what it asks, before this login stops working.`,
			type: 'warning',
			location: 'outputPane',
		});
	}
}
