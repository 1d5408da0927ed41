/** The settings of a suite on a real n8n: one test after the other, since they share a machine and a clock. */
module.exports = (suite) => ({
	rootDir: '../..',
	testEnvironment: '<rootDir>/test/host/environment.js',
	transform: {
		'\\.[mc]?ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }],
	},
	moduleFileExtensions: ['js', 'mjs', 'cjs', 'json', 'ts', 'mts', 'node'],
	testMatch: [`<rootDir>/test/${suite}/**/*.test.mts`],
	maxWorkers: 1,
	testTimeout: 180_000,
	reporters: [['default', { summaryThreshold: 100 }]],
	verbose: true,
});
