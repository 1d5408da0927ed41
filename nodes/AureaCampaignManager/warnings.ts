import type { IExecuteFunctions } from 'n8n-workflow';

import type { LoginResponse } from './responses';

/** What the vendor wants of users whom it lets in: they are told beside the output, each once. */
export class Warnings {
	private readonly shown = new Set<string>();

	constructor(private readonly context: IExecuteFunctions) {}

	/** Shows the warning of a login, if it has one. */
	show({ warning }: LoginResponse): void {
		if (warning === null || this.shown.has(warning)) return;
		this.shown.add(warning);
		this.context.addExecutionHints({
			message: `${warning}. Sign in to its website once and follow the instructions before this login stops working.`,
			type: 'warning',
			location: 'outputPane',
		});
	}
}
