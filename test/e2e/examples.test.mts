import { describe, expect, it } from '@jest/globals';

import { pointedAt, readExamples } from '../demo/examples.mts';
import { withCredentials } from '../host/rest.mts';
import { theatre } from './theatre.mts';

const stage = theatre();

async function run(file: string) {
	const example = (await readExamples()).find((candidate) => candidate.file.startsWith(file))!;
	const { rest, vendors, credentials } = stage;
	const id = await rest.createWorkflow(withCredentials(pointedAt(vendors, example.workflow), credentials));
	return { example, execution: await rest.run(id, example.trigger) };
}

describe('the examples, as they are shipped', () => {
	it.each([['1-'], ['2-'], ['3-'], ['4-'], ['5-']])('%s does what it says', async (file) => {
		const { example, execution } = await run(file);
		expect(example.faultsOf(execution, stage.vendors)).toEqual([]);
	});

	it.each([
		['a refused call', 'contact_information/show', { kind: 'status', status: 200, body: { status: { code: 'X.Y', message: 'The contact is gone' } } }, 'CRM.COM: The contact is gone'],
		['an HTTP error', 'contact_information/create', { kind: 'status', status: 500 }, /^CRM\.COM: (?!OK).+/],
		['a connection that breaks', 'contact_information/show', { kind: 'reset' }, /connection/],
		['an empty answer', 'contact_information/show', { kind: 'text', text: '', type: 'application/json' }, /^CRM\.COM: (?!OK).+/],
		['a web page', 'contact_information/show', { kind: 'html' }, /^CRM\.COM: (?!OK).+/],
		['an HTTP error with an envelope', 'contact_information/show', { kind: 'status', status: 401, body: { status: { code: 'X.Y', message: 'No such contact' } } }, /^CRM\.COM: .*No such contact/],
	] as const)('1 stops and releases its token after %s', async (_what, call, fault, message) => {
		stage.vendors.faults.plan(call, fault);
		const before = stage.vendors.crmCom.released.length;
		const { execution } = await run('1-');
		expect(execution.status).toBe('error');
		expect(execution.data.resultData.error!.message).toMatch(message);
		expect(stage.vendors.crmCom.released).toHaveLength(before + 1);
	});

	it.each([
		['a refused call', { kind: 'status', status: 200, body: { status: { code: 'NO', message: null, description: 'No such account' } } }, 'CRM.COM: No such account'],
		['an HTTP error', { kind: 'status', status: 500 }, /^CRM\.COM: (?!OK).+/],
	] as const)('2 stops and releases its token after %s', async (_what, fault, message) => {
		stage.vendors.faults.plan('payments/get_latest', fault);
		const { execution } = await run('2-');
		expect(execution.data.resultData.error!.message).toMatch(message);
		expect(stage.vendors.calls.count('authentication/token/release')).toBe(1);
	});

	it('4 stops after an HTTP error, too', async () => {
		stage.vendors.faults.plan('contact_information/show', { kind: 'status', status: 500 });
		const { execution } = await run('4-');
		expect(execution.data.resultData.error!.message).toMatch(/^CRM\.COM: .+/);
		expect(stage.vendors.calls.count('{orgUid}/lists')).toBe(0);
	});

	it('5 fails with the words of CRM.COM, without a check of its own', async () => {
		stage.vendors.faults.plan('contact_information/show', { kind: 'status', status: 200, body: { status: { code: 'NO', message: 'The contact is gone' } } });
		const { execution } = await run('5-');
		expect(execution.data.resultData.error!.message).toBe('The contact is gone');
		expect(stage.vendors.calls.count('contact_information/create')).toBe(0);
	});

	it('4 does not go on after an error of CRM.COM', async () => {
		stage.vendors.faults.plan('contact_information/show', { kind: 'status', status: 200, body: { status: { code: 'NO', message: 'Not you' } } });
		const { execution } = await run('4-');
		expect(execution.data.resultData.error!.message).toBe('CRM.COM: Not you');
		expect(stage.vendors.calls.count('{orgUid}/lists')).toBe(0);
	});
});
