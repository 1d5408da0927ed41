/** `npm run package`: builds the package and packs it, as it would be published. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { relative, resolve } from 'node:path';

import { runCommand } from '../harness/command.mts';
import { pack } from '../harness/package.mts';

const HELP = `npm run package
Builds the package, packs it into this folder, and prints the tarball's name, size and checksum.`;

await runCommand({ help: HELP }, async () => {
	const root = resolve(import.meta.dirname, '../..');
	const tarball = await pack(root);
	const content = await readFile(tarball);
	console.log(`file    ${relative(process.cwd(), tarball)}
size    ${content.length} bytes
sha512  sha512-${createHash('sha512').update(content).digest('base64')}

To install it in an n8n that npm installed: npm install ${tarball}
in the folder ~/.n8n/nodes, then restart n8n. In Docker: see deploy/README.md. All ways: docs/install.md`);
});
