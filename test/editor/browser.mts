import { existsSync } from 'node:fs';

import { chromium, selectors, type Page } from 'playwright-core';

import type { Cleanup } from '../harness/cleanup.mts';
import { CommandError } from '../harness/commandError.mts';

const PROGRAMS = [
	process.env['CHROMIUM'] ?? '',
	'/usr/bin/chromium',
	'/usr/bin/chromium-browser',
	'/usr/bin/google-chrome',
];

/** As large as a laptop's window, so that screenshots show what users see. */
const WINDOW = { width: 1360, height: 850 };

/** How long one step in the editor may take, in milliseconds. */
const STEP_WITHIN = 30_000;

/** A page in the machine's own Chromium. @throws CommandError if it has none */
export async function openPage(cleanup: Cleanup): Promise<Page> {
	const executablePath = PROGRAMS.find((path) => existsSync(path));
	if (executablePath === undefined) {
		throw new CommandError(
			'There is no Chromium. Install it, on Debian with\n  apt-get install -y chromium\nor name its program in CHROMIUM',
		);
	}
	// The attribute by which n8n's own tests find elements.
	selectors.setTestIdAttribute('data-test-id');
	const browser = await chromium.launch({
		executablePath,
		// The first lets it run as root in containers; the others keep it from calling its vendor.
		args: [
			'--no-sandbox',
			'--disable-gpu',
			'--disable-background-networking',
			'--disable-component-update',
			'--disable-sync',
		],
	});
	cleanup.add(async () => await browser.close());
	const page = await browser.newPage({ viewport: WINDOW });
	page.setDefaultTimeout(STEP_WITHIN);
	return page;
}
