/** `npm run catalogue`: brings the catalogue of CRM.COM's methods into its form, and checks it. */
import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';

import type { CatalogueMethod, MethodParameter } from '../../nodes/CrmCom/catalogue.ts';
import { CommandError } from '../harness/commandError.mts';
import { runCommand } from '../harness/command.mts';

const HELP = `npm run catalogue [-- FILE]
Sorts and checks nodes/CrmCom/methods.json after an edit. With FILE, it is made anew from that file: one
JSON object per line, with path, http, summary, since, deprecated, list, paged, params, source, path_seen
and http_seen.`;

const CATALOGUE = resolve(import.meta.dirname, '../../nodes/CrmCom/methods.json');

/** The vendor's pages, which the source may name without it. */
const WIKI = 'https://crmdevelopment.atlassian.net/wiki/';

/** A line of the source: a method as the vendor's public pages have it. */
interface SourceLine {
	readonly path: string;
	readonly http: 'GET' | 'POST';
	readonly summary: string;
	readonly since: string | null;
	readonly deprecated: string | null;
	readonly list: boolean;
	readonly paged: boolean | null;
	readonly params: readonly SourceParameter[];
	readonly source: string;
	readonly path_seen: boolean;
	readonly http_seen: boolean;
}

interface SourceParameter {
	readonly name: string;
	readonly type: string | null;
	readonly mandatory: boolean | null;
	readonly note: string | null;
}

/** Methods that Call Method cannot call, and those that give out or end tokens. */
const EXCLUDED: readonly RegExp[] = [
	/^authentication\//,
	// Drafts that were never implemented (documented).
	/^usage_authorisation\//,
	// These take files, so not JSON (documented).
	/^(attachments\/add|contact_information\/accept_consent)$/,
	// Its answer holds a token (documented).
	/^organisation\/set_session_settings$/,
];

await runCommand({ help: HELP, positionals: 1 }, async ({ positionals: [file] }) => {
	const methods = file === undefined ? await readCatalogue() : await importFrom(file);
	methods.sort((a, b) => compare(a.path, b.path) || compare(a.httpMethod, b.httpMethod));
	const twice = methods.find(
		({ path, httpMethod }, index) =>
			path === methods[index + 1]?.path && httpMethod === methods[index + 1]?.httpMethod,
	);
	if (twice) throw new CommandError(`${twice.httpMethod} ${twice.path} is there twice`);
	// One method a line: a change is one line of a diff.
	const lines = methods.map((method) => JSON.stringify(method)).join(',\n');
	await writeFile(CATALOGUE, `[\n${lines}\n]\n`);
	console.log(`${methods.length} methods`);
});

async function readCatalogue(): Promise<CatalogueMethod[]> {
	return JSON.parse(await readFile(CATALOGUE, 'utf8')) as CatalogueMethod[];
}

async function importFrom(file: string): Promise<CatalogueMethod[]> {
	const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line.trim() !== '');
	return lines
		.map((line) => JSON.parse(line) as SourceLine)
		.filter((line) => line.path_seen && line.http_seen)
		.filter(({ path }) => !EXCLUDED.some((pattern) => pattern.test(path)))
		.map(
			({
				http,
				path,
				summary,
				since,
				deprecated,
				list,
				paged,
				params,
				source,
			}): CatalogueMethod => ({
				httpMethod: http,
				path,
				summary,
				since,
				deprecated,
				isList: list,
				isPaged: paged,
				parameters: params.filter(({ name }) => name !== 'token').flatMap(expandRange),
				source: new URL(source, WIKI).href,
			}),
		);
}

/** The vendor writes `udf_string_1..8` for eight parameters. */
function expandRange({ name, type, mandatory, note }: SourceParameter): MethodParameter[] {
	const [, stem = '', first, last] = /^(.*?)(\d+)\.\.(\d+)$/.exec(name) ?? [];
	const names =
		first === undefined
			? [name]
			: Array.from(
					{ length: Number(last) - Number(first) + 1 },
					(_, index) => `${stem}${Number(first) + index}`,
				);
	return names.map((each) => ({
		name: each,
		type: typeOf(each, type ?? ''),
		mandatory,
		...(note ? { note } : {}),
	}));
}

/** The vendor names types in many ways; what counts is how a value is sent. */
function typeOf(name: string, type: string): MethodParameter['type'] {
	if (name.endsWith('_identifier') || /identifier$/i.test(type)) return 'identifier';
	if (/^list/i.test(type)) return 'list';
	if (/^(number|integer|float)$/i.test(type)) return 'number';
	if (/^boolean$/i.test(type)) return 'boolean';
	if (/^(set|object)/i.test(type)) return 'json';
	return 'string';
}

function compare(a: string, b: string): number {
	return a < b ? -1 : a > b ? 1 : 0;
}
