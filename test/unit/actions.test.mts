import { describe, expect, it } from '@jest/globals';
import {
	NodeHelpers,
	type INodeParameters,
	type INodeProperties,
	type INodePropertyOptions,
} from 'n8n-workflow';

import { actionMethod, isListOperation, RESOURCES } from '../../nodes/CrmCom/actions.ts';
import { CATALOGUE, methodName } from '../../nodes/CrmCom/catalogue.ts';
import { CrmCom } from '../../nodes/CrmCom/CrmCom.node.ts';
import { parameterLabel } from '../../nodes/CrmCom/labels.ts';

const ACTIONS = RESOURCES.flatMap(({ value, actions }) =>
	actions.map((action) => ({ resource: value, ...action })),
);
const { properties } = new CrmCom().description;
const fieldsOf = (resource: string, operation: string) =>
	properties.filter(({ displayOptions }) => {
		const show = displayOptions?.show;
		return show?.['resource']?.includes(resource) && show['operation']?.includes(operation);
	});
const additionalOf = (fields: readonly INodeProperties[]) =>
	(fields.find(({ name }) => name === 'additionalFields')?.options ?? []) as INodeProperties[];

describe('everyday actions', () => {
	it('are six to eight resources with 15 to 25 actions, beside the Web API', () => {
		expect(RESOURCES.length).toBeGreaterThanOrEqual(6);
		expect(RESOURCES.length).toBeLessThanOrEqual(8);
		expect(ACTIONS.length).toBeGreaterThanOrEqual(15);
		expect(ACTIONS.length).toBeLessThanOrEqual(25);
	});

	it.each(ACTIONS)('$resource $value is a documented method ($method)', (action) => {
		const method = CATALOGUE.find((known) => methodName(known) === action.method);
		// Its verb and path were read, and it is not deprecated.
		expect(method).toBeDefined();
		expect([method?.deprecated, method?.unconfirmed]).toEqual([undefined, undefined]);
		expect(method?.isList).toBe(isListOperation(action.value));
		const names = method?.parameters.map(({ name }) => name);
		expect(names).toEqual(
			expect.arrayContaining([...(action.shown ?? []), ...(action.needed ?? [])]),
		);
	});

	it('are reads if they get something, and changes otherwise', () => {
		for (const action of ACTIONS) {
			expect([action.value, actionMethod(action).isRead]).toEqual([
				action.value,
				action.value.startsWith('get'),
			]);
		}
	});

	it.each(ACTIONS)('$resource $value shows each parameter once', ({ resource, value, method }) => {
		const fields = fieldsOf(resource, value);
		const shown = fields.filter(
			({ name }) => name !== 'additionalFields' && name !== 'additionalParameters',
		);
		const names = [...shown, ...additionalOf(fields)].map(({ name }) => name);
		const documented = CATALOGUE.find((known) => methodName(known) === method)!
			.parameters.map(({ name }) => name)
			.filter((name) => name !== 'offset' && name !== 'number_of_results');
		expect([...names].sort()).toEqual([...documented].sort());
		// A workflow holds a node's fields by name, whatever resource they belong to.
		const others = properties
			.filter(({ displayOptions }) => !displayOptions?.show?.['resource']?.includes(resource))
			.filter(
				({ displayOptions }) => displayOptions?.show?.['resource']?.includes('webApi') ?? true,
			);
		expect(others.map(({ name }) => name).filter((name) => names.includes(name))).toEqual([]);
	});

	it('have texts of their own, in the words of n8n', () => {
		const texts = ACTIONS.map(({ action }) => action);
		expect(new Set(texts).size).toBe(texts.length);
		for (const text of texts) expect(text).toMatch(/^(Get|Create|Update|Complete|Cancel|Start) /);
		const operations = properties.filter(({ name }) => name === 'operation');
		const offered = operations.flatMap(({ options }) => options as INodePropertyOptions[]);
		expect(offered.map(({ action }) => action)).toEqual(expect.arrayContaining(texts));
	});

	it('describe a record by its documented fields, an enumeration by its values', () => {
		const payment = fieldsOf('payment', 'create');
		const fieldNamed = (name: string) => payment.find((field) => field.name === name)!;
		expect(fieldNamed('accounts_receivable_identifier')).toMatchObject({
			displayName: 'Account',
			type: 'resourceLocator',
			default: { mode: 'number', value: '' },
			description: expect.stringMatching(
				/^One of these is needed: Account, Wallet\. .*Mandatory before R14/,
			),
		});
		expect(fieldNamed('accounts_receivable_identifier').required).toBeUndefined();
		expect(
			fieldNamed('accounts_receivable_identifier').modes!.map(({ displayName }) => displayName),
		).toEqual(['Number', 'ID', 'Name', 'Other']);
		expect(fieldNamed('life_cycle_state')).toMatchObject({
			type: 'options',
			required: true,
			default: '',
			options: [
				{ name: 'Draft', value: 'DRAFT' },
				{ name: 'Posted', value: 'POSTED' },
			],
		});
		expect(additionalOf(fieldsOf('job', 'cancel')).map(({ displayName }) => displayName)).toEqual([
			'Cancel Provided Items',
			'Cancellation Reason',
			'Fields to Return',
			'Status',
		]);
	});

	it("keep the node's description small", () => {
		expect(JSON.stringify(new CrmCom().description).length).toBeLessThan(70_000);
	});
});

describe('labels', () => {
	it.each([
		['accounts_receivable_identifier', 'Account'],
		['transfer_to_accounts_receivable_identifier', 'Transfer To Account'],
		['contact_information_identifier', 'Contact'],
		['accounts_receivable', 'Account Data'],
		['address_set', 'Address'],
		['udf_string_1', 'UDF String 1'],
		['vat_number', 'VAT Number'],
		['fields_set', 'Fields to Return'],
	])('of %s: %s', (name, label) => expect(parameterLabel(name)).toBe(label));

	it('differ within a method in what the editor shows of them', () => {
		for (const method of CATALOGUE) {
			const shown = method.parameters.map(({ name }) => parameterLabel(name).slice(0, 21));
			expect([methodName(method), new Set(shown).size]).toEqual([methodName(method), shown.length]);
		}
	});
});

it('depends only on fields that every version of n8n can resolve', () => {
	const names = new Set(properties.map(({ name }) => name));
	const dependencies = properties.flatMap(({ displayOptions }) =>
		Object.values(displayOptions ?? {}).flatMap((rules: object) => Object.keys(rules)),
	);
	// n8n 1 gives up on a path, unless it begins at the root.
	expect(
		[...new Set(dependencies)].filter((name) => !names.has(name) && !/^[@/]/.test(name)),
	).toEqual([]);
});

describe('what the panel shows', () => {
	const { description } = new CrmCom();
	const shownBy = (values: INodeParameters, type = description) =>
		Object.keys(
			NodeHelpers.getNodeParameters(properties, values, true, false, { typeVersion: 1 }, type)!,
		);

	it.each([
		['fields', 'parameters'],
		['input', 'inputFields'],
		['json', 'jsonParameters'],
	])('is one way to specify parameters, also if the method is an expression: %s', (way, field) => {
		const ways = ['parameters', 'inputFields', 'jsonParameters'];
		for (const value of ['GET a/b', '={{ $json.method }}']) {
			const method = { __rl: true, mode: 'name', value };
			const shown = shownBy({ method, specifyParameters: way });
			expect(shown.filter((name) => ways.includes(name))).toEqual([field]);
		}
	});

	it('is nothing about parameters without a method', () => {
		expect(shownBy({})).toEqual(['authentication', 'resource', 'operation', 'method', 'options']);
	});

	it('has a limit unless all is returned, in a tool too', () => {
		const list = { resource: 'payment', operation: 'getMany' };
		expect(shownBy(list)).toEqual(expect.arrayContaining(['returnAll', 'limit']));
		expect(shownBy({ ...list, returnAll: true })).not.toContain('limit');
		// The editor uses what a tool shows, so there is no value of Return All.
		const tool = { ...description, name: 'crmComTool' };
		const isShownInTool = (name: string) => {
			const property = properties.find((candidate) => candidate.name === name)!;
			return NodeHelpers.displayParameter(list, property, { typeVersion: 1 }, tool);
		};
		expect([isShownInTool('limit'), isShownInTool('returnAll')]).toEqual([true, false]);
	});
});
