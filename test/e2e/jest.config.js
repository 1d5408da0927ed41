/** On a real n8n: one file after another, since each starts one of its own. */
module.exports = {
	rootDir: '../..',
	testEnvironment: 'node',
	transform: {
		'\\.[mc]?ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }],
	},
	moduleFileExtensions: ['js', 'mjs', 'cjs', 'json', 'ts', 'mts', 'node'],
	testMatch: ['<rootDir>/test/e2e/**/*.test.mts'],
	modulePathIgnorePatterns: ['<rootDir>/test/host/versions'],
	maxWorkers: 1,
	testTimeout: 180_000,
	reporters: [['default', { summaryThreshold: 100 }]],
	verbose: true,
};
