import { describe, expect, it } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

import type { WorkflowFile } from '../harness/rest.mts';

const root = resolve(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const inFolder = (folder: string) =>
	readdirSync(join(root, folder))
		.filter((name) => name.endsWith('.md'))
		.map((name) => join(folder, name));
const documents = ['.', 'docs', 'examples', 'deploy', '.github'].flatMap(inFolder);
const { scripts, homepage, n8n } = JSON.parse(read('package.json')) as {
	scripts: Record<string, string>;
	homepage: string;
	n8n: Record<'nodes' | 'credentials', string[]>;
};

/** The anchors of a document's headings, as the site that shows them makes them. */
function anchorsOf(file: string): string[] {
	const text = read(file).replace(/^```[\s\S]*?^```/gm, '');
	const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading!);
	return headings.map((heading) =>
		heading
			.toLowerCase()
			.replace(/[^\p{L}\p{N} _-]/gu, '')
			.replaceAll(' ', '-'),
	);
}

describe.each(documents.map((file) => [file]))('%s', (file) => {
	const text = read(file);
	const prose = text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '');

	it('links only to targets that exist', () => {
		const links = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link!);
		const broken = links.filter((link) => {
			if (/^https?:/.test(link)) return false;
			const [path = '', anchor] = link.split('#');
			const target = path === '' ? file : relative(root, resolve(root, dirname(file), path));
			return (
				!existsSync(join(root, target)) ||
				(anchor !== undefined && !anchorsOf(target).includes(anchor))
			);
		});
		expect(broken).toEqual([]);
	});

	it('names only commands and files that exist', () => {
		const named = [...text.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name!);
		expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
		const files = [
			...text.matchAll(
				/`((?:nodes|credentials|test|docs|examples)\/[\w./-]+\.(?:ts|mts|js|json|md))`/g,
			),
		].map(([, path]) => path!);
		expect(files.filter((path) => !existsSync(join(root, path)))).toEqual([]);
	});
});

/** The repository's future address: before the first release, links to it cannot be followed. */
const repository = homepage.replace('#readme', '');

it('links from nodes and credentials to documents that exist', () => {
	const sources = ['credentials', 'nodes']
		.flatMap((folder) =>
			readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
				join(folder, name),
			),
		)
		.filter((name) => /\.credentials\.ts$|\.node\.json$/.test(name));
	const links = sources.flatMap((name) =>
		[...read(name).matchAll(/https:\/\/github[^'"\s]+/g)].map(([link]) => link),
	);
	expect(links.length).toBeGreaterThanOrEqual(sources.length);
	expect(sources).toHaveLength(n8n.credentials.length + n8n.nodes.length);
	const base = `${repository}/blob/main/`;
	const broken = links.filter((link) => {
		const [path = '', anchor] = link.slice(base.length).split('#');
		return (
			!link.startsWith(base) ||
			!existsSync(join(root, path)) ||
			(anchor !== undefined && !anchorsOf(path).includes(anchor))
		);
	});
	expect(broken).toEqual([]);
});

it('names each example by its number, and gives its file', () => {
	const overview = read('examples/README.md');
	const files = readdirSync(join(root, 'examples')).filter((name) => name.endsWith('.json'));
	expect(files).toHaveLength(18);
	for (const file of files) {
		const { name } = JSON.parse(read(join('examples', file))) as { name: string };
		expect(name).toMatch(new RegExp(`^${Number.parseInt(file, 10)}\\. `));
		expect(overview).toContain(`## ${name}\n`);
		expect(overview).toContain(`[File](${file})`);
	}
});

it('says in its title and its note whether an example writes', () => {
	const examples = readdirSync(join(root, 'examples'))
		.filter((name) => name.endsWith('.json'))
		.map((file) => JSON.parse(read(join('examples', file))) as WorkflowFile);
	const writing = examples.filter(({ nodes }) =>
		nodes.some(
			({ parameters }) =>
				/create|update|delete/.test(
					JSON.stringify([parameters['method'], parameters['operation']]),
				) ||
				(parameters['method'] === 'POST' && !String(parameters['url']).endsWith('/release')),
		),
	);
	expect(writing.map(({ name }) => Number.parseInt(name, 10))).toEqual([2, 8, 9, 10, 16, 17, 18]);
	for (const example of examples) {
		const note = String(example.nodes[0]!.parameters['content']);
		const writes = writing.includes(example);
		expect([example.name, example.name.endsWith('(writes)')]).toEqual([example.name, writes]);
		expect([example.name, note.includes('**This writes to your account:**')]).toEqual([
			example.name,
			writes,
		]);
		// The editor would turn it into a link.
		expect(note).not.toContain('CRM.COM');
	}
});

it('keeps the README short', () => {
	expect(read('README.md').split(/\s+/).length).toBeLessThanOrEqual(1_700);
});

it('mentions every public script of package.json in a document', () => {
	const all = documents.map(read).join('\n') + read('.github/workflows/release.yml');
	const own = [
		'build',
		'format:check',
		'lint',
		'lint:package',
		'lint:tests',
		'test:unit',
		'test:engine',
		'check:tarball',
	];
	expect(
		Object.keys(scripts).filter(
			(name) => name !== 'test' && !own.includes(name) && !all.includes(`npm run ${name}`),
		),
	).toEqual([]);
});
