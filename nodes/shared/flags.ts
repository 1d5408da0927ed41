/** Whether a switch is on. An expression or an external secret may give it as text, of which only "true" means that. */
export function isTrue(value: unknown): boolean {
	return value === true || (typeof value === 'string' && value.trim().toLowerCase() === 'true');
}
