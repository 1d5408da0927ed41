/** Unit tests import the sources; engine tests load `dist`, as n8n does. */
module.exports = {
	rootDir: '..',
	testEnvironment: 'node',
	transform: {
		'\\.[mc]?ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }],
	},
	moduleFileExtensions: ['js', 'mjs', 'cjs', 'json', 'ts', 'mts', 'node'],
	testMatch: ['<rootDir>/test/{unit,engine}/**/*.test.mts'],
	setupFiles: ['<rootDir>/test/engine/setup.mts'],
	modulePathIgnorePatterns: ['<rootDir>/test/host/versions', '<rootDir>/.stryker-tmp'],
	// Far above what any needs: a slow machine is no failure.
	testTimeout: 60_000,
	restoreMocks: true,
};
