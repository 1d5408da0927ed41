const { availableParallelism } = require('node:os');
const { resolve } = require('node:path');

/** All suites. `npm test` runs those that need no installed n8n: `unit` and `engine`. */
const suite = (name, settings) => ({
	displayName: name,
	rootDir: resolve(__dirname, '..'),
	testEnvironment: 'node',
	transform: {
		'\\.[mc]?ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }],
	},
	moduleFileExtensions: ['js', 'mjs', 'cjs', 'json', 'ts', 'mts', 'node'],
	testMatch: [`<rootDir>/test/${name}/**/*.test.mts`],
	modulePathIgnorePatterns: [
		'<rootDir>/test/harness/versions',
		'<rootDir>/test/mutation',
		'<rootDir>/.stryker-tmp',
	],
	restoreMocks: true,
	...settings,
});

/** Unit tests import the sources; engine tests load `dist`, as n8n does. */
const quick = {
	setupFiles: ['<rootDir>/test/engine/setup.mts'],
};

/** Suites on a real n8n, to be run in one process: their tests share a machine and a clock. */
const real = {
	testEnvironment: '<rootDir>/test/harness/environment.js',
};

module.exports = {
	rootDir: resolve(__dirname, '..'),
	// Far above what any test needs: a slow machine is no failure.
	testTimeout: 180_000,
	// Tests that call servers mostly wait. Jest takes no share above 100 %: it reads that as a number.
	maxWorkers: availableParallelism() + 1,
	projects: [
		suite('unit', quick),
		suite('engine', quick),
		suite('e2e', real),
		suite('queue', real),
		suite('editor', real),
	],
};
