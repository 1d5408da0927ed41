import { describe, expect, it } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const inFolder = (folder: string) =>
	readdirSync(join(root, folder))
		.filter((name) => name.endsWith('.md'))
		.map((name) => join(folder, name));
const documents = ['.', 'docs', 'examples', '.github'].flatMap(inFolder);
const { scripts, homepage } = JSON.parse(read('package.json')) as {
	scripts: Record<string, string>;
	homepage: string;
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

it('links from nodes and credentials to existing README headings', () => {
	const sources = ['credentials', 'nodes/CrmCom', 'nodes/AureaCampaignManager']
		.flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(folder, name)))
		.filter((name) => /\.credentials\.ts$|\.node\.json$/.test(name));
	const links = sources
		.flatMap((name) => [...read(name).matchAll(/https:\/\/[^'"\s]+/g)].map(([link]) => link))
		.filter((link) => link.includes('#'));
	expect(links).toHaveLength(7);
	const base = homepage.replace('#readme', '#');
	expect(
		links.filter(
			(link) => !link.startsWith(base) || !anchorsOf('README.md').includes(link.slice(base.length)),
		),
	).toEqual([]);
});

it('mentions every public script of package.json in a document', () => {
	const all = documents.map(read).join('\n') + read('.github/workflows/release.yml');
	const own = [
		'build',
		'format:check',
		'lint',
		'lint:tests',
		'typecheck',
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
