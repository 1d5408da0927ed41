import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { resourceLocator } from '../harness/parameters.mts';
import { Ajv } from 'ajv';
import type { IDataObject } from 'n8n-workflow';

import {
	aureaCredential,
	outputOf,
	keyCredential,
	useEngine,
	userCredential,
} from './useEngine.mts';

const harness = useEngine();
const root = resolve(import.meta.dirname, '../..');

interface Schema {
	readonly properties: Readonly<Record<string, object>>;
}

/** The schema of an operation's output, which the editor shows before a run. */
function schemaOf(folder: string, operation: string): Schema {
	const path = folder === 'CrmCom' ? `webApi/${operation}` : operation;
	return JSON.parse(
		readFileSync(join(root, 'nodes', folder, '__schema__/v1.0.0', `${path}.json`), 'utf8'),
	) as Schema;
}

/** What is wrong with an item: it must have every field of the schema and no other. */
function faultsOf(schema: Schema, item: IDataObject | undefined): unknown {
	const strict = {
		...schema,
		required: Object.keys(schema.properties),
		additionalProperties: false,
	};
	const validate = new Ajv({ allowUnionTypes: true, strict: false }).compile(strict);
	return validate(item) ? null : validate.errors;
}

const operations = [
	[
		'CrmCom',
		'getToken',
		() => ({ node: 'crmCom' as const, credential: userCredential(harness.fakes) }),
	],
	[
		'CrmCom',
		'releaseToken',
		() => ({ node: 'crmCom' as const, credential: userCredential(harness.fakes) }),
	],
	[
		'AureaCampaignManager',
		'getToken',
		() => ({ node: 'aureaCampaignManager' as const, credential: aureaCredential(harness.fakes) }),
	],
	[
		'AureaCampaignManager',
		'listOrganizations',
		() => ({ node: 'aureaCampaignManager' as const, credential: aureaCredential(harness.fakes) }),
	],
	[
		'AureaCampaignManager',
		'switchOrganization',
		() => ({ node: 'aureaCampaignManager' as const, credential: aureaCredential(harness.fakes) }),
	],
] as const;

describe.each(operations)('the schema of %s, %s', (folder, operation, setup) => {
	const schema = schemaOf(folder, operation);

	it('matches the output of the operation', async () => {
		const token = 'T'.repeat(32);
		harness.fakes.crmCom.sessions.set(token, {
			user: harness.fakes.crmCom.users[0]!,
			unit: '1',
			kind: 'userLogin',
			idle: true,
			endsAt: Date.now() + 3_600_000,
		});
		const organization =
			operation === 'switchOrganization'
				? {
						organization: resourceLocator(
							'uid',
							harness.fakes.aurea.users[0]!.organizations[0]!.uid,
						),
					}
				: {};
		const given = operation === 'releaseToken' ? { token } : {};
		const outcome = await harness.engine.run({
			...setup(),
			parameters: { operation, ...organization },
			items: [given],
		});
		expect(outcome.error).toBeUndefined();
		expect(faultsOf(schema, outputOf(outcome)[0])).toBeNull();
	});

	it('matches the sample in the documents', () => {
		const blocks = [
			...['docs/crmcom.md', 'docs/aurea.md']
				.map((file) => readFileSync(join(root, file), 'utf8'))
				.join('\n')
				.matchAll(/```json\n([\s\S]*?)```/g),
		].map(([, text]) => JSON.parse(text!) as IDataObject);
		const samples = blocks.filter(
			(block) => Object.keys(block).sort().join() === Object.keys(schema.properties).sort().join(),
		);
		expect(samples).toHaveLength(1);
		expect(faultsOf(schema, samples[0])).toBeNull();
	});
});

it('matches Get Token by Web API key with a JWT', async () => {
	const schema = schemaOf('CrmCom', 'getToken');
	harness.fakes.crmCom.release = 'R12';
	const parameters = { operation: 'getToken', authentication: 'webApiKey' };
	const outcome = await harness.runCrmCom(parameters, { credential: keyCredential(harness.fakes) });
	expect(faultsOf(schema, outputOf(outcome)[0])).toBeNull();
	expect(faultsOf(schema, { ...outputOf(outcome)[0], more: 1 })).not.toBeNull();
});

it('publishes the schemas beside their nodes', () => {
	const published = (folder: string, resource = '') =>
		readdirSync(join(root, 'dist/nodes', folder, '__schema__/v1.0.0', resource)).sort();
	expect([published('CrmCom', 'webApi'), published('AureaCampaignManager')]).toEqual([
		['getToken.json', 'releaseToken.json'],
		['getToken.json', 'listOrganizations.json', 'switchOrganization.json'],
	]);
});
