import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

import type { Locator, Page } from 'playwright-core';

import { OWNER } from '../harness/rest.mts';

/** The members used of a browser element, whose types these tests do not have. */
interface BrowserElement {
	readonly href: string;
	readonly scrollHeight: number;
	readonly clientHeight: number;
	querySelectorAll(selector: string): Iterable<BrowserElement>;
}

/** What a person does in n8n's editor, step by step. */
export class Editor {
	constructor(
		readonly page: Page,
		private readonly url: string,
	) {}

	async signIn(): Promise<void> {
		await this.page.goto(`${this.url}/signin`);
		await this.page.locator('input[type=email], input[name=emailOrLdapLoginId]').fill(OWNER.email);
		await this.page.locator('input[type=password]').fill(OWNER.password);
		await this.page.keyboard.press('Enter');
		await this.page.waitForURL((url) => !url.pathname.includes('signin'));
	}

	/** Opens the form of a new credential of a type. */
	async newCredential(displayName: string): Promise<void> {
		await this.page.goto(`${this.url}/home/credentials/create`);
		await this.page.getByPlaceholder('Search for app...').click();
		await this.page.keyboard.type(displayName);
		await this.page
			.getByTestId('new-credential-type-select-option')
			.filter({ hasText: displayName })
			.first()
			.click();
		await this.page.getByTestId('new-credential-type-button').click();
		await this.page.getByTestId('editCredential-modal').waitFor();
	}

	/** Types into the fields of the form. */
	async fillCredential(fields: Readonly<Record<string, string>>): Promise<void> {
		for (const [name, value] of Object.entries(fields)) await this.field(name).fill(value);
	}

	/** Saves the credential, which makes n8n test it. @returns what n8n then says of the connection */
	async saveCredential(): Promise<string> {
		return await this.testBy(this.page.getByTestId('credential-save-button'));
	}

	/** Presses the button that tests the saved credential again. @returns what n8n then says */
	async retryTest(): Promise<string> {
		return await this.testBy(this.dialog.getByRole('button', { name: 'Retry' }));
	}

	private async testBy(button: Locator): Promise<string> {
		const answer = this.page.waitForResponse((response) =>
			response.url().endsWith('/rest/credentials/test'),
		);
		await button.click();
		const { data } = (await (await answer).json()) as { data: { status: string } };
		const success = this.dialog.getByText('Connection tested successfully');
		const failure = this.dialog.getByText('Couldn’t connect with these settings');
		const [shown, gone] = data.status === 'OK' ? [success, failure] : [failure, success];
		await shown.waitFor();
		await gone.waitFor({ state: 'hidden' });
		// A failed test hides the reason behind a link.
		const details = this.dialog.getByText('More details');
		if (await details.isVisible()) await details.click();
		const [said = ''] = (
			await this.dialog.getByTestId('node-credentials-config-container').innerText()
		).split('Server URL');
		return said.trim();
	}

	private get dialog(): Locator {
		return this.page.getByTestId('editCredential-modal');
	}

	async closeCredential(): Promise<void> {
		await this.page.keyboard.press('Escape');
		await this.page.getByTestId('editCredential-modal').waitFor({ state: 'hidden' });
	}

	async newWorkflow(): Promise<void> {
		await this.page.goto(`${this.url}/workflow/new`);
		await this.page.getByTestId('canvas-plus-button').waitFor();
	}

	/** Opens a saved workflow and fits it into view. */
	async openWorkflow(id: string): Promise<void> {
		await this.page.goto(`${this.url}/workflow/${id}`);
		await this.page.getByTestId('canvas-node').first().waitFor();
		await this.page.getByTestId('zoom-to-fit').click();
	}

	async nodesOnCanvas(): Promise<number> {
		return await this.page
			.getByTestId('canvas-node')
			.filter({ hasNot: this.page.getByTestId('sticky') })
			.count();
	}

	/** How many nodes the canvas marks as having issues. */
	async complaintsOnCanvas(): Promise<number> {
		return await this.page.getByTestId('node-issues').count();
	}

	/** Opens the nodes panel and searches it. @returns the names that it finds */
	async searchNodes(words: string): Promise<string[]> {
		const isNew = await this.page.getByTestId('canvas-plus-button').isVisible();
		await this.page
			.getByTestId(isNew ? 'canvas-plus-button' : 'node-creator-plus-button')
			.first()
			.click();
		const search = this.page.getByTestId('node-creator-search-bar');
		await search.fill(words);
		const names = this.page.getByTestId('node-creator-item-name');
		await names.first().waitFor();
		// The panel filters a moment after the last key.
		await this.page.waitForTimeout(500);
		return (await names.allInnerTexts()).map((name) => name.trim());
	}

	/** Adds a node of the panel, and opens it. */
	async addNode(name: string, action?: string): Promise<void> {
		await this.searchNodes(name);
		await this.addFound(name, action);
	}

	/** Adds a node that the search has found, and opens it. */
	async addFound(name: string, action?: string): Promise<void> {
		await this.itemOf(name).click();
		if (action !== undefined) await this.itemOf(action).click();
		await this.page.getByTestId('ndv').waitFor();
	}

	/** The name of the open node. */
	async nameOfNode(): Promise<string> {
		return (await this.page.getByTestId('node-title-container').innerText()).trim();
	}

	/** What a node can do, as the panel shows it. */
	async actionsOf(name: string): Promise<string[]> {
		await this.itemOf(name).click();
		await this.page.getByText('Node details').waitFor();
		const actions = this.page.getByTestId('node-creator-item-name');
		await actions.first().waitFor();
		// A long list appears in parts.
		await this.page.waitForTimeout(500);
		return (await actions.allInnerTexts()).map((action) => action.trim());
	}

	private itemOf(name: string): Locator {
		return this.page.getByTestId('node-creator-item-name').getByText(name, { exact: true }).first();
	}

	/** The part of the open node, or of the open credential, where a parameter is typed. */
	field(name: string): Locator {
		return this.page.getByTestId(`parameter-input-${name}`).locator('input, textarea').first();
	}

	/** The part of the open node where the value of a record is typed, beside the field that names it. */
	record(name: string): Locator {
		return this.page.getByTestId(`parameter-input-${name}`).getByTestId('rlc-input');
	}

	/** Chooses an option of a drop-down list of the open node. */
	async choose(parameter: string, option: string): Promise<void> {
		await this.page.getByTestId(`parameter-input-${parameter}`).click();
		await this.page
			.getByRole('option', { name: option, exact: true })
			.or(this.page.getByTestId('parameter-input-item').filter({ hasText: option }))
			.first()
			.click();
		await this.page.locator('[role=option]:visible').first().waitFor({ state: 'hidden' });
	}

	/** The options of a drop-down list of the open node. */
	async optionsOf(parameter: string): Promise<string[]> {
		await this.page.getByTestId(`parameter-input-${parameter}`).click();
		const options = this.page.locator(
			'[data-test-id=parameter-input-item]:visible, [role=option]:visible',
		);
		await options.first().waitFor();
		const names = (await options.allInnerTexts()).map((text) => text.split('\n')[0]!.trim());
		await this.page.keyboard.press('Escape');
		return names;
	}

	/** Chooses one of the saved credentials in the open node. */
	async chooseCredential(name: string): Promise<void> {
		await this.page.getByTestId('node-credentials-select').click();
		await this.page
			.locator('[data-test-id^=node-credentials-select-item]:visible')
			.filter({ hasText: name })
			.first()
			.click();
	}

	/** Turns a parameter of the open node from an expression into a fixed value. */
	async fixed(parameter: string): Promise<void> {
		await this.page
			.getByTestId(`${parameter}-parameter-input-options-container`)
			.getByTestId('radio-button-fixed')
			.click();
	}

	/** Chooses an entry of a resource locator's searched list. @returns the names that the search finds */
	async chooseFromList(parameter: string, words: string, name: string): Promise<string[]> {
		const locator = this.page.getByTestId(`parameter-input-${parameter}`);
		await locator.getByTestId('rlc-mode-selector').click();
		await this.page.getByTestId('mode-list').click();
		await locator.getByTestId('rlc-input').click();
		const items = this.page.locator('[data-test-id=rlc-item]:visible');
		await items.first().waitFor();
		await this.page.locator('[data-test-id=rlc-search]:visible').fill(words);
		// The search is done once the list has only matches, and the wanted entry is among them.
		await items
			.filter({ hasNotText: new RegExp(words, 'i') })
			.first()
			.waitFor({ state: 'hidden' });
		await items.filter({ hasText: name }).first().waitFor();
		const names = await items.allInnerTexts();
		await items.filter({ hasText: name }).first().click();
		return names.map((text) => text.trim());
	}

	/** Opens a list whose search covers more than names. @returns an entry that it finds */
	async findByWords(parameter: string, words: string, name: string): Promise<Locator> {
		await this.page.getByTestId(`parameter-input-${parameter}`).getByTestId('rlc-input').click();
		await this.page.locator('[data-test-id=rlc-search]:visible').fill(words);
		const items = this.page.locator('[data-test-id=rlc-item]:visible').filter({ hasText: name });
		await items.first().waitFor();
		return items.first();
	}

	async chooseByWords(parameter: string, words: string, name: string): Promise<void> {
		await (await this.findByWords(parameter, words, name)).click();
	}

	/** Waits until the resource mapper of the open node has just these fields. */
	async mapperHas(names: readonly string[]): Promise<void> {
		const fields = this.page.locator("[data-test-id^='value[\"']");
		const wanted = names.map((name) => `value["${name}"]-parameter-input-options-container`);
		const read = async () =>
			await Promise.all(
				(await fields.all()).map(async (field) => await field.getAttribute('data-test-id')),
			);
		for (const until = Date.now() + 10_000; Date.now() < until; ) {
			if (String(await read()) === String(wanted)) return;
			await this.page.waitForTimeout(100);
		}
		throw new Error(`The parameters are ${String(await read())}`);
	}

	/** Drags a field of the open node's input into a locator. */
	async dragFromInput(name: string, parameter: string): Promise<void> {
		const input = this.page.getByTestId('ndv-input-panel').getByText(name, { exact: true });
		await input.first().waitFor();
		const from = await input.first().boundingBox();
		const to = await this.page
			.getByTestId(`parameter-input-${parameter}`)
			.getByTestId('rlc-input')
			.boundingBox();
		if (from === null || to === null) throw new Error(`${name} cannot be dragged`);
		const { mouse } = this.page;
		await mouse.move(from.x + from.width / 2, from.y + from.height / 2);
		await mouse.down();
		// n8n begins a drag once the mouse has moved a little.
		await mouse.move(from.x + 60, from.y + 30, { steps: 5 });
		await mouse.move(to.x + to.width / 2, to.y + to.height / 2, { steps: 10 });
		await this.page.waitForTimeout(300);
		await mouse.up();
		// A click before n8n has applied the value is lost.
		await this.page.waitForTimeout(500);
	}

	/** Runs the open tool with what a model would fill in. @returns what its output shows */
	async executeTool(filledIn: Readonly<Record<string, string>>): Promise<string> {
		await this.page.getByTestId('node-execute-button').click();
		const form = this.page.getByRole('dialog').last();
		for (const [name, value] of Object.entries(filledIn))
			await form
				.locator(`[data-test-id="query.${name}"] input, input[name="query.${name}"]`)
				.first()
				.fill(value);
		await form.getByRole('button', { name: 'Execute step' }).click();
		const output = this.page.getByTestId('output-panel');
		await output.locator('td').first().waitFor();
		return await output.innerText();
	}

	/** Adds a field to a collection of the open node. */
	async addTo(placeholder: string, field: string): Promise<void> {
		await this.page.getByPlaceholder(placeholder).first().click();
		await this.page.getByText(field, { exact: true }).last().click();
	}

	/** Turns a switch of the open node on. */
	async turnOn(parameter: string): Promise<void> {
		await this.page
			.getByTestId(`parameter-input-${parameter}`)
			.locator('.el-switch, button')
			.first()
			.click();
	}

	/** Opens a node on the canvas. */
	async openNode(name: string): Promise<void> {
		await this.page.getByTestId('canvas-node').filter({ hasText: name }).first().dblclick();
		await this.page.getByTestId('ndv').waitFor();
	}

	/** How many links to an address are on the page. */
	async linksTo(address: string): Promise<number> {
		return await this.page.locator(`a[href*="${address}"]`).count();
	}

	/** Opens a resource locator's empty list. @returns what it shows instead */
	async openList(parameter: string): Promise<string> {
		const locator = this.page.getByTestId(`parameter-input-${parameter}`);
		await locator.getByTestId('rlc-mode-selector').click();
		await this.page.getByTestId('mode-list').click();
		await locator.getByTestId('rlc-input').click();
		const nothing = this.page.locator('[data-test-id=rlc-error-container]:visible');
		await nothing.waitFor();
		return await nothing.innerText();
	}

	/**
	 * Runs the open node.
	 *
	 * @param words what the output should show, if it showed another before
	 * @returns what its output shows, or the text of its error
	 */
	async executeStep(words?: string): Promise<string> {
		await this.page.getByTestId('node-execute-button').click();
		const output = this.page.getByTestId('output-panel');
		const found = output.locator('td, [data-test-id=node-error-message]');
		await (words === undefined ? found : found.filter({ hasText: words })).first().waitFor();
		return await output.innerText();
	}

	async closeNode(): Promise<void> {
		await this.page.getByTestId('ndv-close-button').click();
		await this.page.getByTestId('ndv').waitFor({ state: 'hidden' });
	}

	/** Runs the open workflow from its only trigger, to its end. */
	async executeWorkflow(): Promise<void> {
		await this.page.getByTestId('execute-workflow-button').first().click();
		await this.page.getByText('Workflow executed successfully').first().waitFor();
	}

	/** What the output of the open node shows. */
	async outputOf(): Promise<string> {
		const output = this.page.getByTestId('output-panel');
		await output.locator('td').first().waitFor();
		return await output.innerText();
	}

	/** The notes on the canvas: the addresses of their links, and whether their text is cut off. */
	async notes(): Promise<Array<{ links: string[]; isCut: boolean }>> {
		return await this.page.locator('.n8n-sticky').evaluateAll((notes: unknown) =>
			(notes as BrowserElement[]).map((note) => ({
				links: [...note.querySelectorAll('a')].map(({ href }) => href),
				isCut: [note, ...note.querySelectorAll('*')].some(
					({ scrollHeight, clientHeight }) => clientHeight > 0 && scrollHeight > clientHeight + 2,
				),
			})),
		);
	}

	/** Saves a screenshot. */
	async shoot(file: string): Promise<void> {
		// Transitions take a moment; take the screenshot afterwards.
		await this.page.waitForTimeout(400);
		await mkdir(dirname(file), { recursive: true });
		await writeFile(file, await this.page.screenshot());
	}
}
