/** What went wrong in a sentence for the person at the terminal: shown without a stack. */
export class CommandError extends Error {
	override readonly name = 'CommandError';
}
