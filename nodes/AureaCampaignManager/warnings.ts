import type { Hints } from '../shared/hints';
import type { LoginResponse } from './responses';

/** Tells users what the vendor wants of them although it lets them in. */
export function showWarning(hints: Hints, { warning }: LoginResponse): void {
	if (warning === null) return;
	hints.show(
		`${warning}. Sign in to its website once and follow the instructions before this login stops working.`,
		'warning',
	);
}
