/** The quick suites, the quickest first: the first test that fails is the end of a mutant. */
module.exports = {
	...require('../jest.config.js'),
	rootDir: '../..',
	testSequencer: '<rootDir>/test/mutation/quickestFirst.js',
};
