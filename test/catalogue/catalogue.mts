/** `npm run catalogue`: formats the catalogue of CRM.COM's methods, and checks it. */
import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';

import { methodName, type CatalogueMethod } from '../../nodes/CrmCom/catalogue.ts';
import { CommandError } from '../harness/commandError.mts';
import { runCommand } from '../harness/command.mts';

const HELP = `npm run catalogue
Sorts and checks nodes/CrmCom/methods.json after an edit.`;

const CATALOGUE = resolve(import.meta.dirname, '../../nodes/CrmCom/methods.json');

/** Methods that Call Method cannot call, and those that give out or end tokens. */
const EXCLUDED: readonly RegExp[] = [
	/^authentication\//,
	// Drafts that were never implemented (documented).
	/^usage_authorisation\//,
	// These take files, not JSON (documented).
	/^(attachments\/add|contact_information\/accept_consent)$/,
	// Its answer holds a token (documented).
	/^organisation\/set_session_settings$/,
];

await runCommand({ help: HELP }, async () => {
	const methods = JSON.parse(await readFile(CATALOGUE, 'utf8')) as CatalogueMethod[];
	methods.sort((a, b) => compare(a.path, b.path) || compare(a.httpMethod, b.httpMethod));
	methods.forEach((method, index) => {
		const name = methodName(method);
		const next = methods[index + 1];
		if (next !== undefined && methodName(next) === name)
			throw new CommandError(`${name} is there twice`);
		if (EXCLUDED.some((pattern) => pattern.test(method.path)))
			throw new CommandError(`${name} cannot be called with Call Method`);
		if (method.parameters.some((parameter) => parameter.name === 'token'))
			throw new CommandError(`${name} has the token among its parameters`);
	});
	// One method per line: a change is one line of a diff.
	const lines = methods.map((method) => JSON.stringify(method)).join(',\n');
	await writeFile(CATALOGUE, `[\n${lines}\n]\n`);
	console.log(`${methods.length} methods`);
});

function compare(a: string, b: string): number {
	return a < b ? -1 : a > b ? 1 : 0;
}
