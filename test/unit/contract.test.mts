import { describe, expect, it } from '@jest/globals';

import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

import type { INodeProperties } from 'n8n-workflow';

import { AureaLoginApi } from '../../credentials/AureaLoginApi.credentials.ts';
import { CrmComUserLoginApi } from '../../credentials/CrmComUserLoginApi.credentials.ts';
import { CrmComWebApiKeyApi } from '../../credentials/CrmComWebApiKeyApi.credentials.ts';
import { AureaCampaignManager } from '../../nodes/AureaCampaignManager/AureaCampaignManager.node.ts';
import { CATALOGUE } from '../../nodes/CrmCom/catalogue.ts';
import { CrmCom } from '../../nodes/CrmCom/CrmCom.node.ts';
import { recordFields } from '../../nodes/CrmCom/identifierFields.ts';
import { parameterLabel } from '../../nodes/CrmCom/labels.ts';

/** Whether a property is one of an everyday action's, which are made from the catalogue. */
const isOfAction = ({ displayOptions }: INodeProperties) =>
	displayOptions?.show?.['resource']?.every((resource) => resource !== 'webApi') ?? false;

const NODES = [
	['CrmCom', CrmCom],
	['AureaCampaignManager', AureaCampaignManager],
] as const;
const CREDENTIALS = [
	['CrmComUserLoginApi', CrmComUserLoginApi],
	['CrmComWebApiKeyApi', CrmComWebApiKeyApi],
	['AureaLoginApi', AureaLoginApi],
] as const;

/**
 * What n8n reads of each type. Saved workflows depend on names and defaults, and users on the words, so this
 * snapshot shows every change. Accept an intended one with
 * `npx jest --config test/jest.config.js contract -u`.
 */
describe('the public contract', () => {
	it('is kept of each type that the package publishes', () => {
		const { n8n } = JSON.parse(readFileSync('package.json', 'utf8')) as {
			n8n: Record<'nodes' | 'credentials', string[]>;
		};
		const published = [...n8n.nodes, ...n8n.credentials].map(
			(file) => basename(file).split('.')[0]!,
		);
		expect([...NODES, ...CREDENTIALS].map(([name]) => name).sort()).toEqual(published.sort());
	});

	it.each(NODES)('keeps the public contract of the node %s', (_name, Node) => {
		const node = new Node();
		const { properties } = node.description;
		const ofActions = properties.filter(isOfAction);
		expect({
			...node.description,
			properties: properties.filter((property) => !isOfAction(property)),
		}).toMatchSnapshot();
		// One line each, so that a change shows where it is.
		expect(ofActions.map((property) => JSON.stringify(property))).toMatchSnapshot();
		expect(Object.keys(node.methods.listSearch)).toMatchSnapshot();
		expect(
			Object.keys('loadOptions' in node.methods ? node.methods.loadOptions : {}),
		).toMatchSnapshot();
		const mapping = 'resourceMapping' in node.methods ? node.methods.resourceMapping : {};
		expect(Object.keys(mapping)).toMatchSnapshot();
	});

	it('keeps the label of each parameter, and the fields that name a record', () => {
		const lines = CATALOGUE.flatMap(({ parameters }) => parameters).map((parameter) => {
			const fields = parameter.type === 'identifier' ? recordFields(parameter) : [];
			return [parameter.name, parameterLabel(parameter.name), ...fields].join(', ');
		});
		expect([...new Set(lines)].sort()).toMatchSnapshot();
	});

	it.each(CREDENTIALS)('keeps the public contract of the credential %s', (_name, Credential) => {
		const { authenticate, preAuthentication, ...read } = new Credential();
		expect(read).toMatchSnapshot();
		expect([typeof authenticate, typeof preAuthentication]).toEqual(['function', 'function']);
	});
});
