/** `npm run check:release -- v1.2.3`: a tag, the version in package.json and the newest entry of the changelog agree. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const read = (name: string) => readFileSync(resolve(import.meta.dirname, '../..', name), 'utf8');
const [tag = ''] = process.argv.slice(2);
const { version } = JSON.parse(read('package.json')) as { version: string };
const [, newest = 'none', date = ''] =
	/^## (\d\S*)(?: \((\d{4}-\d\d-\d\d)\))?$/m.exec(read('CHANGELOG.md')) ?? [];

const faults = [
	...(tag === `v${version}`
		? []
		: [`the tag is ${tag || 'missing'}, and package.json says ${version}`]),
	...(newest === version
		? []
		: [`the newest entry of CHANGELOG.md is ${newest}, and package.json says ${version}`]),
	...(date === ''
		? [`the entry of ${newest} in CHANGELOG.md has no date, as in "## ${newest} (2026-12-31)"`]
		: []),
];
for (const fault of faults) console.error(`The release is not ready: ${fault}`);
if (faults.length > 0) process.exit(1);
console.log(`Version ${version} is ready to be published`);
