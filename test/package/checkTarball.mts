/** `npm run check:tarball`: checks what would be published, file by file. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { runCommand } from '../harness/command.mts';
import { CommandError } from '../harness/commandError.mts';

const root = resolve(import.meta.dirname, '../..');
const MAX_PACKED_BYTES = 90_000;
/** Modules that the code may load: those that n8n has loaded, and Node.js's own. */
const LOADABLE = ['n8n-workflow', 'node:crypto'];
const PUBLISHED =
	/^(LICENSE|README\.md|CHANGELOG\.md|package\.json|dist\/(nodes|credentials)\/.+\.(js|json|svg))$/;

interface Packed {
	readonly size: number;
	readonly files: readonly { readonly path: string }[];
}

interface Manifest {
	readonly dependencies?: object;
	readonly n8n: { readonly nodes: readonly string[]; readonly credentials: readonly string[] };
}

const HELP = `npm run check:tarball
Checks that the package, once built, holds what n8n needs and nothing else.`;

await runCommand({ help: HELP }, async () => {
	if (!existsSync(resolve(root, 'dist'))) {
		throw new CommandError('The package has no code: there is no dist. Run "npm run build" first');
	}
	const manifest = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8')) as Manifest;
	const [{ files, size }] = JSON.parse(
		execFileSync('npm', ['pack', '--dry-run', '--json'], {
			cwd: root,
			encoding: 'utf8',
			stdio: ['ignore', 'pipe', 'ignore'],
		}),
	) as [Packed];
	const paths = files.map(({ path }) => path);
	const faults = [
		...paths
			.filter((path) => !PUBLISHED.test(path))
			.map((path) => `${path} does not belong in the package`),
		...[
			'LICENSE',
			'README.md',
			'package.json',
			...manifest.n8n.nodes,
			...manifest.n8n.credentials,
			...manifest.n8n.nodes.flatMap(assetsOf),
		]
			.filter((path) => !paths.includes(path))
			.map((path) => `${path} is missing`),
		...paths.filter((path) => path.endsWith('.js')).flatMap(loadFaults),
		...(manifest.dependencies ? ['there are run-time dependencies'] : []),
		...(size > MAX_PACKED_BYTES ? [`${size} bytes are more than ${MAX_PACKED_BYTES}`] : []),
	];
	for (const fault of faults) console.error(`The tarball is wrong: ${fault}`);
	if (faults.length === 0) {
		console.log(`The tarball is right: ${paths.length} files, ${size} bytes packed`);
	}
	return faults.length === 0;
});

/** What a node needs beside its code: its codex file and its icons. */
function assetsOf(path: string): string[] {
	const icons = [...readFileSync(resolve(root, path), 'utf8').matchAll(/'file:(.+?\.svg)'/g)];
	const folder = path.slice(0, path.lastIndexOf('/'));
	return [`${path}on`, ...icons.map(([, icon]) => `${folder}/${icon}`)];
}

/** What a published file loads from outside the package, and should not. */
function loadFaults(path: string): string[] {
	const code = readFileSync(resolve(root, path), 'utf8');
	return [...code.matchAll(/\b(?:require|import)\(["'`]([^"'`]+)/g)]
		.map(([, name]) => name!)
		.filter((name) => !name.startsWith('.') && !LOADABLE.includes(name))
		.map((name) => `${path} loads ${name}`);
}
