import { describe, expect, it } from '@jest/globals';

import { findPartialErrors, partialError } from '../../nodes/CrmCom/partialErrors.ts';

describe('entries that a bulk call has refused (P17)', () => {
	const row = (number: number) => ({
		request_unique_identifier: `E${number}`,
		error_code: `CODE${number}`,
		error_description: `No ${number}`,
	});

	it.each([
		[undefined],
		[null],
		['text'],
		[[{ unprocessed_events_set: [row(1)] }]],
		[{}],
		[{ unprocessed_events_set: [] }],
		[{ unprocessed_events_set: null, processed_events_set: [{}] }],
		[{ unprocessed: [row(1)] }],
		[{ unprocessed_set: {}, processed_set: [{}] }],
		[{ unprocessed_count: 2 }],
	])('finds none in %j', (data) => expect(findPartialErrors(data, [])).toBeUndefined());

	it('describes the first three and counts the others', () => {
		const data = {
			processed_events_set: [{}, {}],
			unprocessed_events_set: [row(1), row(2)],
			unprocessed_other_set: [row(3), row(4), row(5)],
		};
		expect(findPartialErrors(data, [])).toEqual({
			count: 5,
			processed: 2,
			isToldWhole: true,
			code: 'CODE1',
			text: 'CRM.COM has refused 5 of 7 entries: E1: No 1; E2: No 2; E3: No 3; and 2 more',
			names: ['E1', 'E2', 'E3', 'E4', 'E5'],
		});
	});

	it('counts a single entry that is in no list', () => {
		const data = { processed_set: { number: 1 }, unprocessed_set: row(2) };
		expect(findPartialErrors(data, [])).toMatchObject({ count: 1, processed: 1, code: 'CODE2' });
	});

	it.each([
		[{ error_code: 'X' }, 'X', 'X'],
		[{ error_description: 'No' }, 'No', undefined],
		[{}, 'without a reason', undefined],
		['text', 'an entry', undefined],
		[{ error_code: 7, error_description: 'a <b>\n' }, 'a <b>', undefined],
	])('describes %j', (entry, words, code) => {
		expect(findPartialErrors({ unprocessed_set: [entry] }, [])).toMatchObject({
			text: `CRM.COM has refused 1 of 1 entries: ${words}`,
			code,
		});
	});

	it('does not mistake a count for a set, or nothing for an entry', () => {
		const refused = { unprocessed_set: [row(1)] };
		expect(findPartialErrors({ ...refused, processed_count: 2 }, [])).toMatchObject({
			isToldWhole: false,
			processed: 0,
		});
		expect(findPartialErrors({ ...refused, processed_set: {} }, [])).toMatchObject({
			isToldWhole: true,
			processed: 0,
		});
	});

	it('masks a secret that the vendor repeats', () => {
		const entry = { error_code: 'my-Pa55word', error_description: 'Not my-Pa55word' };
		const named = { ...entry, request_unique_identifier: 'my-Pa55word' };
		const set = [entry, named, named, named];
		const found = findPartialErrors({ unprocessed_set: set }, ['my-Pa55word'])!;
		expect(found.names).toHaveLength(3);
		expect(`${JSON.stringify(found)} ${partialError(found).advice}`).not.toContain('my-Pa55word');
	});

	it('says as an error what was carried out', () => {
		const refused = (processed: unknown[]) =>
			partialError(findPartialErrors({ unprocessed_set: [row(1)], processed_set: processed }, [])!);
		expect(refused([])).toMatchObject({
			reason: 'rejected',
			vendorCode: 'CODE1',
			mayBeDone: false,
			advice: 'None of the entries was carried out: correct them and send them again',
		});
		expect(partialError(findPartialErrors({ unprocessed_set: [row(1)] }, [])!)).toMatchObject({
			mayBeDone: true,
			advice:
				'CRM.COM does not say which entries it has carried out: check that before you send any again',
		});
		expect(refused([{}, {}])).toMatchObject({
			mayBeDone: true,
			advice: 'Send only the refused entries again: 2 were carried out',
		});
	});

	it('names all refused ones in the error: the call cannot be repeated to find them out', () => {
		const refused = [row(1), row(2), row(3), {}, row(5)];
		const set = { unprocessed_set: refused };
		const { advice } = partialError(findPartialErrors({ ...set, processed_set: [{}] }, [])!);
		expect(advice).toMatch(/was carried out\. Refused: E1, E2, E3, E5$/);
		expect(partialError(findPartialErrors(set, [])!).advice).toMatch(/Refused: E1, E2, E3, E5$/);
	});
});
