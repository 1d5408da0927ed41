import type { IExecuteFunctions, NodeExecutionHint } from 'n8n-workflow';

import { toHtml } from './errors';

/** Hints that n8n shows beside the output of one execution, each once. */
export class Hints {
	private readonly shown = new Set<string>();

	constructor(private readonly context: IExecuteFunctions) {}

	/** @param message plain text: n8n shows it as HTML */
	show(message: string, type: NonNullable<NodeExecutionHint['type']>): void {
		if (this.shown.has(message)) return;
		this.shown.add(message);
		this.context.addExecutionHints({ message: toHtml(message), type, location: 'outputPane' });
	}
}
