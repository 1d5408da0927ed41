import type { Hints } from '../shared/hints';
import type { LoginResponse } from './responses';

/** Tells users what the vendor asks of them although it accepts their login. */
export function showWarning(hints: Hints, { warning }: LoginResponse): void {
	if (warning === null) return;
	hints.show(
		`${warning}. Sign in to its website once and follow the instructions before this login stops working.`,
		'warning',
	);
}
