import { expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { resolve, sep } from 'node:path';

const test = resolve(import.meta.dirname, '..');
const config = readFileSync(resolve(test, 'jest.config.js'), 'utf8');
const suites = [...config.matchAll(/suite\('(\w+)'/g)].map(([, name]) => name!);

it('assigns every test file to a suite and every suite to a script', () => {
	const folders = readdirSync(test, { recursive: true, encoding: 'utf8' })
		.filter((file) => file.endsWith('.test.mts'))
		.map((file) => file.split(sep)[0]!);
	expect(suites.length).toBeGreaterThan(0);
	expect([...new Set(folders)].sort()).toEqual([...suites].sort());
	const { scripts } = JSON.parse(readFileSync(resolve(test, '../package.json'), 'utf8')) as {
		scripts: Record<string, string>;
	};
	for (const suite of suites) {
		expect(scripts[`test:${suite}`]).toContain(`--selectProjects ${suite}`);
	}
});
