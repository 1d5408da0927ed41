import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { promisify } from 'node:util';

import { CommandError } from './commandError.mts';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');

export const PACKAGE = 'n8n-nodes-crmcom-aurea';

const { n8n } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
	n8n: { credentials: string[] };
};
/** The types of credentials that the package has, such as `aureaLoginApi`. */
export const CREDENTIAL_TYPES: readonly string[] = n8n.credentials.map((file) => {
	const [name = ''] = basename(file).split('.');
	return name.charAt(0).toLowerCase() + name.slice(1);
});

/** Builds the package and packs it as it would be published. @returns the tarball's path */
export async function pack(folder: string): Promise<string> {
	try {
		await run('npm', ['run', 'build'], { cwd: root });
		const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], {
			cwd: root,
		});
		const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
		return join(folder, filename);
	} catch (error) {
		const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
		throw new CommandError(`The package could not be built:\n${(stdout + stderr).trim()}`);
	}
}

/** Puts a packed package where n8n looks for community packages. */
export async function unpack(tarball: string, userFolder: string): Promise<void> {
	const target = join(userFolder, '.n8n/nodes/node_modules', PACKAGE);
	await mkdir(target, { recursive: true });
	await run('tar', ['-xzf', tarball, '--strip-components=1', '-C', target]);
}
