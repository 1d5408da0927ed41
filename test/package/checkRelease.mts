/** `npm run check:release`: a tag, package.json, the newest entry of the changelog and the repository agree. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { runCommand } from '../harness/command.mts';

const HELP = `npm run check:release -- TAG [OWNER/REPOSITORY]
Checks that the tag, package.json and CHANGELOG.md name the same version, as in v1.2.3, and that
package.json names the repository that publishes.`;

await runCommand({ help: HELP, positionals: 2 }, async ({ positionals: [tag, publisher] }) => {
	const { version, repository } = JSON.parse(read('package.json')) as {
		version: string;
		repository: { url: string };
	};
	const [, newest = 'none', date = ''] =
		/^## (\d\S*)(?: \((\d{4}-\d\d-\d\d)\))?$/m.exec(read('CHANGELOG.md')) ?? [];
	const faults = [
		// npm refuses a provenance statement that names another repository.
		...(publisher === undefined || repository.url.endsWith(`/${publisher}.git`)
			? []
			: [`package.json names the repository ${repository.url}, and not ${publisher}`]),
		...(tag === `v${version}`
			? []
			: [`the tag is ${tag ?? 'missing'}, and package.json says ${version}`]),
		...(newest === version
			? []
			: [`the newest entry of CHANGELOG.md is ${newest}, and package.json says ${version}`]),
		...(date === ''
			? [`the entry of ${newest} in CHANGELOG.md has no date, as in "## ${newest} (2026-12-31)"`]
			: []),
	];
	for (const fault of faults) console.error(`The release is not ready: ${fault}`);
	if (faults.length === 0) console.log(`Version ${version} is ready to be published`);
	return faults.length === 0;
});

function read(name: string): string {
	return readFileSync(resolve(import.meta.dirname, '../..', name), 'utf8');
}
