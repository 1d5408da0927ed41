import { describe, expect, it } from '@jest/globals';
import { NodeApiError, NodeOperationError, type INode } from 'n8n-workflow';

import { toNodeError } from '../../nodes/shared/errorOutput.ts';
import { InputError, ApiError } from '../../nodes/shared/errors.ts';

const node: INode = {
	id: '1',
	name: 'Subject',
	type: 'x',
	typeVersion: 1,
	position: [0, 0],
	parameters: {},
};

describe('the error of an item', () => {
	it("shows the vendor's words, the next step, the HTTP status and the item", () => {
		const shown = toNodeError(
			node,
			new ApiError('It says no', { advice: 'Do this', httpStatus: 403, reason: 'rejected' }),
			3,
		);
		expect(shown).toBeInstanceOf(NodeApiError);
		expect(shown).toMatchObject({
			message: 'It says no',
			description: 'Do this',
			httpCode: '403',
			context: { itemIndex: 3 },
		});
	});

	it.each([
		['<unit> & <a href="x">go</a>', '‹unit› & ‹a href="x"›go‹/a›'],
		['never closed: <img src=x', 'never closed: ‹img src=x'],
		['1 < 2, a <> b', '1 < 2, a ‹› b'],
	])('shows the message %j without tags (P12)', (said, shown) => {
		for (const error of [new ApiError(said, { advice: '' }), new InputError(said, '')])
			expect(error.message).toBe(shown);
	});

	it('escapes the advice, and breaks a long code at its dots (P12)', () => {
		const vendorCode = `${'PART.'.repeat(9)}${'X'.repeat(46)}.<b>`;
		expect(new ApiError('No', { advice: 'a <b> & c', vendorCode }).description).toBe(
			`a &lt;b> &amp; c<br>Code: ${'PART.'.repeat(9)}<br>${'X'.repeat(45)}<br>X.&lt;b>`,
		);
		expect(new ApiError('No', { advice: '', vendorCode: '' }).description).toBe('<br>Code: ');
	});

	it('points its stack to where the failure arose', () => {
		const arise = () => new ApiError('It says no', { advice: 'Do this' });
		const enter = () => new InputError('It is empty', 'Fill it in');
		for (const error of [arise(), enter()]) {
			const { stack = '' } = toNodeError(node, error, 0);
			const [head, first] = stack.split('\n');
			expect(head).toMatch(/^Node(Api|Operation)Error: It (says no|is empty)$/);
			expect(first).toMatch(/arise|enter/);
			expect(stack).not.toContain('toNodeError');
		}
	});

	it('has a stack even if the failure has none', () => {
		const error = new InputError('It is empty', '');
		delete error.stack;
		expect(toNodeError(node, error, 0).stack).toBe('NodeOperationError: It is empty');
	});

	it('has no HTTP status when the failure had none', () => {
		const shown = toNodeError(
			node,
			new ApiError('It says no', { advice: 'Do this' }),
			0,
		) as NodeApiError;
		expect(shown).toBeInstanceOf(NodeApiError);
		expect(shown.httpCode).toBeNull();
	});

	it("keeps a vendor's words that look like a Node.js error code", () => {
		const words = 'COM.CRM.EXCEPTION.SERVICEALREADYEEXISTENOENTEXCEPTION';
		expect(toNodeError(node, new ApiError(words, { advice: 'Do this' }), 0).message).toBe(words);
	});

	it('keeps no part of the request or response except the words', () => {
		const shown = toNodeError(
			node,
			new ApiError('It says no', { advice: 'Do this' }),
			0,
		) as NodeApiError;
		expect(shown.errorResponse).toEqual({ message: 'It says no', description: 'Do this' });
	});

	it('says what was entered wrongly and what to do next', () => {
		const shown = toNodeError(node, new InputError('It is empty', 'Fill it in'), 2);
		expect(shown).toBeInstanceOf(NodeOperationError);
		expect(shown).toMatchObject({
			message: 'It is empty',
			description: 'Fill it in',
			context: { itemIndex: 2 },
		});
	});

	it('wraps an unexpected error with its item', () => {
		const shown = toNodeError(node, new TypeError('A mistake of ours'), 4);
		expect(shown).toBeInstanceOf(NodeOperationError);
		expect(shown).toMatchObject({ message: 'A mistake of ours', context: { itemIndex: 4 } });
	});

	it.each([
		['words', 'words'],
		[undefined, 'undefined'],
		[7, '7'],
		[null, 'null'],
	])('wraps a thrown %j with its item', (thrown, message) => {
		const shown = toNodeError(node, thrown, 4);
		expect(shown).toBeInstanceOf(NodeOperationError);
		expect(shown).toMatchObject({ message, context: { itemIndex: 4 } });
	});

	it("returns n8n's own error and adds its item if that is missing", () => {
		const own = new NodeOperationError(node, 'n8n says no');
		expect(toNodeError(node, own, 5)).toBe(own);
		expect(own.context['itemIndex']).toBe(5);
		const ofAnother = new NodeOperationError(node, 'n8n says no', { itemIndex: 1 });
		toNodeError(node, ofAnother, 5);
		expect(ofAnother.context['itemIndex']).toBe(1);
	});
});

it('gives each error class a name of its own', () => {
	expect(new ApiError('', { advice: '' }).name).toBe('ApiError');
	expect(new InputError('', '').name).toBe('InputError');
});

it.each([
	[{}, 'no answer'],
	[{ httpStatus: 503 }, 'HTTP 503'],
	[{ httpStatus: 503, vendorCode: 'COM.CRM.NO_1' }, 'COM.CRM.NO_1'],
	[{ httpStatus: 503, vendorCode: 'what was sent' }, 'HTTP 503'],
	[{ vendorCode: 'what was sent' }, 'an unreadable code'],
])('tells a log of %j only: %s (P11)', (details, label) =>
	expect(new ApiError('what was sent', { advice: '', ...details }).label).toBe(label),
);

it('treats a failure as unclear unless a reason is given', () => {
	expect(new ApiError('', { advice: '' }).reason).toBe('unclear');
});
