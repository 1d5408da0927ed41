/** The value of a resource locator, as a saved workflow has it. */
export function resourceLocator(mode: string, value: string) {
	return { __rl: true as const, mode, value };
}
