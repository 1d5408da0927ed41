/** `npm run check:tarball`: what would be published, looked at file by file. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
/** What a small package may have at most. */
const MOST_FILES = 40;
const MOST_BYTES = 30_000;
/** What the code may load: what n8n has loaded already, and what comes with Node.js. */
const LOADABLE = ['n8n-workflow', 'node:crypto'];

interface Packed {
	readonly size: number;
	readonly files: readonly { readonly path: string }[];
}

if (!existsSync(resolve(root, 'dist'))) {
	console.error('There is no dist: run "npm run build" first');
	process.exit(1);
}
const manifest = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8')) as {
	dependencies?: object;
	n8n: { nodes: string[]; credentials: string[] };
};
const [packed] = JSON.parse(
	execFileSync('npm', ['pack', '--dry-run', '--json'], {
		cwd: root,
		encoding: 'utf8',
		stdio: ['ignore', 'pipe', 'ignore'],
	}),
) as [Packed];
const paths = packed.files.map(({ path }) => path);

const faults = [
	...paths
		.filter(
			(path) =>
				!/^(LICENSE|README\.md|CHANGELOG\.md|package\.json|dist\/index\.js|dist\/(nodes|credentials)\/.+\.(js|json|svg))$/.test(
					path,
				),
		)
		.map((path) => `${path} does not belong into the package`),
	...[
		'LICENSE',
		'README.md',
		'package.json',
		...manifest.n8n.nodes,
		...manifest.n8n.credentials,
		...iconsAndCodex(),
	]
		.filter((path) => !paths.includes(path))
		.map((path) => `${path} is missing`),
	...loaded()
		.filter((name) => !LOADABLE.includes(name))
		.map((name) => `${name} would be loaded with n8n's start`),
	...(manifest.dependencies ? ['there are run-time dependencies'] : []),
	...(packed.size > MOST_BYTES
		? [`it has ${packed.size} bytes, and ${MOST_BYTES} are allowed`]
		: []),
	...(paths.length > MOST_FILES
		? [`it has ${paths.length} files, and ${MOST_FILES} are allowed`]
		: []),
];

/** What each node needs beside its code. */
function iconsAndCodex(): string[] {
	return manifest.n8n.nodes.flatMap((path) => {
		const source = path.replace(/^dist\//, '').replace(/\.js$/, '.ts');
		const icons = [...readFileSync(resolve(root, source), 'utf8').matchAll(/'file:(.+?\.svg)'/g)];
		const folder = path.slice(0, path.lastIndexOf('/'));
		return [`${path}on`, ...icons.map(([, icon]) => `${folder}/${icon}`)];
	});
}

/** The modules that the published code loads, those within it left out. */
function loaded(): string[] {
	const code = readFileSync(resolve(root, 'dist/index.js'), 'utf8');
	return [...code.matchAll(/\b(?:require|import)\(["'`]([^"'`]+)/g)].map(([, name]) => name!);
}

for (const fault of faults) console.error(`The tarball is wrong: ${fault}`);
if (faults.length > 0) process.exit(1);
console.log(`The tarball is right: ${paths.length} files, ${packed.size} bytes`);
