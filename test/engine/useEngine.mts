import { afterAll, afterEach, beforeAll, expect, jest } from '@jest/globals';
import type { ICredentialDataDecryptedObject } from 'n8n-workflow';

import { secretsFoundIn } from '../harness/secrets.mts';
import { startFakes, type Fakes } from '../fakes/server.mts';
import { startEngine, type Engine, type Outcome, type RunOptions } from './n8n.mts';

interface EngineHarness {
	fakes: Fakes;
	engine: Engine;
	/** Runs the node CRM.COM, with the credential of the fake's first user unless told otherwise. */
	runCrmCom(parameters: object, more?: Partial<RunOptions>): Promise<Outcome>;
	/** Runs the node Aurea Campaign Manager, with the credential of the fake's user unless told otherwise. */
	runAurea(parameters: object, more?: Partial<RunOptions>): Promise<Outcome>;
}

let userNumber = 0;

/** The engine and fresh vendors for the tests of one file. */
export function useEngine(options: Parameters<typeof startFakes>[0] = {}): EngineHarness {
	const run = async (
		node: RunOptions['node'],
		credential: RunOptions['credential'] & {},
		parameters: object,
		more: Partial<RunOptions> = {},
	) => {
		const options = { node, parameters: parameters as never, credential, ...more };
		return await harness.engine.run(options);
	};
	const harness = {
		runCrmCom: async (parameters, more) =>
			await run('crmCom', userCredential(harness.fakes), parameters, more),
		runAurea: async (parameters, more) =>
			await run('aureaCampaignManager', aureaCredential(harness.fakes), parameters, more),
	} as EngineHarness;
	beforeAll(async () => {
		harness.engine = await startEngine();
		harness.fakes = await startFakes(options);
	});
	afterEach(async () => {
		// New vendors on new ports: every test has its own identities.
		await harness.fakes.stop();
		harness.fakes = await startFakes(options);
	});
	afterAll(async () => await harness.fakes.stop());
	return harness;
}

export function userCredential({ crmCom }: Fakes, changes: ICredentialDataDecryptedObject = {}) {
	const { username, password, organisation } = crmCom.users[0]!;
	return {
		type: 'crmComUserLoginApi',
		data: { serverUrl: crmCom.url, username, password, organisation, ...changes },
	};
}

export function keyCredential({ crmCom }: Fakes, changes: ICredentialDataDecryptedObject = {}) {
	return {
		type: 'crmComWebApiKeyApi',
		data: { serverUrl: crmCom.url, webApiKey: crmCom.keys[0]!.key, ...changes },
	};
}

export function aureaCredential({ aurea }: Fakes, changes: ICredentialDataDecryptedObject = {}) {
	const { username, password } = aurea.users[0]!;
	return { type: 'aureaLoginApi', data: { serverUrl: aurea.url, username, password, ...changes } };
}

/** Another user of CRM.COM, with a password of its own. */
export function addUser({ crmCom }: Fakes) {
	userNumber += 1;
	const user = {
		username: `user${userNumber}`,
		password: `own-Pa55word-${userNumber}`,
		organisation: 'CRMDEMO',
		units: ['1'],
	};
	crmCom.users.push(user);
	return user;
}

/** Many organizations for Aurea's user. */
export function addOrganizations({ aurea }: Fakes, count: number): void {
	for (let number = 1; number <= count; number++) {
		aurea.users[0]!.organizations.push({
			uid: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
			name: `Branch ${number}`,
			isAdmin: number % 2 === 0,
			workGroupId: number,
		});
	}
}

/** Moves the clock that the package reads. The fake vendors have a clock of their own. */
export function advanceClock(ms: number): void {
	const [then, since] = [Date.now() + ms, performance.now()];
	jest.spyOn(Date, 'now').mockImplementation(() => then + performance.now() - since);
}

export const MINUTE = 60_000;

export const items = (
	count: number,
	make: (index: number) => Record<string, unknown> = () => ({}),
) => Array.from({ length: count }, (_, index) => make(index) as never);

export const outputOf = ({ items: found }: Outcome) => found.map(({ json }) => json);
export const pairsOf = ({ items: found }: Outcome) => found.map(({ pairedItem }) => pairedItem);

/** An item that failed with this message. */
export const failedWith = (message: string) => ({
	error: expect.objectContaining({ message }) as unknown,
});

/** Asserts that a text contains none of the secrets, in any form. */
export function expectAbsent(text: string, ...secrets: string[]): void {
	expect(secretsFoundIn(text, secrets)).toEqual([]);
}
