import { expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

import ts from 'typescript';

/**
 * Identifiers, file names and test titles use standard terms. The first column has the project's former words;
 * the second says what to use instead.
 */
const REPLACED: readonly (readonly [word: RegExp, instead: string])[] = [
	[/^(obtain|retire)/i, 'SessionCache: get, refresh, invalidate'],
	[/flight|^fly$|crowd/i, 'pending, single flight, coalesce, concurrent'],
	[/refusal|^asking$/i, 'LoginBackoff, rejected, rejection'],
	[/login(kind|way)$/i, 'AuthStrategy'],
	[/^identityof$/i, 'cacheKey'],
	[/verdict|suspect/i, 'valid, unknown, expired'],
	[/(vendor|input)failure/i, 'ApiError, InputError'],
	[/mapbounded|presentable/i, 'mapWithConcurrency, toDisplayText'],
	[/^(longest|most|deepest)_/i, 'MAX_…, with the unit at the end'],
	[/theatre|^stage|^hall$|furnish|^heed|makings|^play/i, 'harness, seed, assert'],
];

const root = resolve(import.meta.dirname, '../..');
const files = execFileSync('git', ['ls-files', 'nodes', 'credentials', 'test'], {
	cwd: root,
	encoding: 'utf8',
})
	.split('\n')
	.filter((file) => /\.m?ts$/.test(file) && !file.endsWith('vocabulary.test.mts'));

/** The identifiers of a file, and the titles of its tests. */
function namesIn(file: string): string[] {
	const text = readFileSync(join(root, file), 'utf8');
	const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
	const names: string[] = [];
	const visit = (node: ts.Node): void => {
		if (ts.isIdentifier(node)) names.push(node.text);
		if (ts.isCallExpression(node) && /^(it|describe)\b/.test(node.expression.getText())) {
			const [title] = node.arguments;
			if (title && ts.isStringLiteralLike(title)) names.push(...title.text.split(/[^\w-]+/));
		}
		ts.forEachChild(node, visit);
	};
	visit(source);
	return names;
}

it('names things by standard terms', () => {
	const found = files.flatMap((file) =>
		[basename(file).split('.')[0]!, ...namesIn(file)].flatMap((name) =>
			REPLACED.filter(([word]) => word.test(name)).map(
				([, instead]) => `${file}: ${name}; say ${instead}`,
			),
		),
	);
	expect(files.length).toBeGreaterThan(50);
	expect([...new Set(found)]).toEqual([]);
});
