import { describe, expect, it } from '@jest/globals';

import { AureaLoginApi } from '../../credentials/AureaLoginApi.credentials.ts';
import { CrmComUserLoginApi } from '../../credentials/CrmComUserLoginApi.credentials.ts';
import { CrmComWebApiKeyApi } from '../../credentials/CrmComWebApiKeyApi.credentials.ts';
import { AureaCampaignManager } from '../../nodes/AureaCampaignManager/AureaCampaignManager.node.ts';
import { CrmCom } from '../../nodes/CrmCom/CrmCom.node.ts';

/**
 * What n8n reads of each type. Saved workflows depend on the names and the defaults, and users on the words, so a
 * change shows here. A change that is meant is accepted with `npx jest --config test/jest.config.js contract -u`.
 */
describe('the public contract', () => {
	it.each([
		['CrmCom', CrmCom],
		['AureaCampaignManager', AureaCampaignManager],
	] as const)('keeps the public contract of the node %s', (_name, Node) => {
		const node = new Node();
		expect(node.description).toMatchSnapshot();
		expect(Object.keys(node.methods.listSearch)).toMatchSnapshot();
		const mapping = 'resourceMapping' in node.methods ? node.methods.resourceMapping : {};
		expect(Object.keys(mapping)).toMatchSnapshot();
	});

	it.each([
		['CrmComUserLoginApi', CrmComUserLoginApi],
		['CrmComWebApiKeyApi', CrmComWebApiKeyApi],
		['AureaLoginApi', AureaLoginApi],
	] as const)('keeps the public contract of the credential %s', (_name, Credential) => {
		const { authenticate, preAuthentication, ...read } = new Credential();
		expect(read).toMatchSnapshot();
		expect([typeof authenticate, typeof preAuthentication]).toEqual(['function', 'function']);
	});
});
