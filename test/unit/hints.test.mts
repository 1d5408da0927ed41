import { expect, it, jest } from '@jest/globals';

import { showWarning } from '../../nodes/AureaCampaignManager/warnings.ts';
import { showDeprecation } from '../../nodes/CrmCom/call.ts';
import { Hints } from '../../nodes/shared/hints.ts';

it('shows each hint once, beside the output', () => {
	const shown: object[] = [];
	const hints = new Hints({ addExecutionHints: (hint: object) => shown.push(hint) } as never);
	for (const message of ['a < b', 'a < b', 'other']) hints.show(message, 'info');
	expect(shown).toEqual([
		{ message: 'a &lt; b', type: 'info', location: 'outputPane' },
		{ message: 'other', type: 'info', location: 'outputPane' },
	]);
});

it('warns of what the vendor asks of a user, and informs of a deprecated method', () => {
	const addExecutionHints = jest.fn();
	const hints = new Hints({ addExecutionHints } as never);
	showWarning(hints, { warning: 'It asks' } as never);
	showWarning(hints, { warning: null } as never);
	const documentation = { httpMethod: 'GET', path: 'a/b' };
	showDeprecation(hints, { documentation: { ...documentation, deprecated: 'R18' } } as never);
	showDeprecation(hints, { documentation } as never);
	expect(addExecutionHints.mock.calls).toEqual([
		[expect.objectContaining({ type: 'warning' })],
		[
			expect.objectContaining({
				type: 'info',
				message: 'GET a/b has been deprecated since CRM.COM R18',
			}),
		],
	]);
});
