/** Ends what has been started, whatever happens: in reverse order, each once. */
export class Cleanup {
	private readonly steps: (() => Promise<unknown>)[] = [];

	add(step: () => Promise<unknown>): void {
		this.steps.push(step);
	}

	/** Ends everything; a step that fails does not keep the others from running. */
	async run(): Promise<void> {
		for (let step = this.steps.pop(); step; step = this.steps.pop()) {
			await step().catch((error: unknown) => console.error(error));
		}
	}
}
