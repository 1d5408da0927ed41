/**
 * `npm run test:mutation`: breaks the code in every way that Stryker knows, and counts what the quick suites catch.
 * Left out are the documents and schemas, and what would take too long for each mutant: the histories and the table of
 * faults.
 */

/** What is evaluated once, at load, needs a new process for each mutant, so it is tried with quick unit tests only. */
const onlyStatic = process.env['STATIC_MUTANTS'] === 'yes';

export default {
	plugins: ['@stryker-mutator/mocha-runner'],
	testRunner: 'mocha',
	testRunnerNodeArgs: ['--import', 'tsx'],
	mochaOptions: {
		// The contract first: it catches most of what is evaluated at load.
		spec: [
			'test/unit/contract.test.mts',
			'test/unit/*.test.mts',
			...(onlyStatic ? [] : ['test/engine/*.test.mts']),
		],
		ignore: [
			...(onlyStatic ? ['test/unit/{concurrency,deploy,properties}.test.mts'] : []),
			'test/unit/documents.test.mts',
			'test/unit/histories.test.mts',
			'test/unit/suites.test.mts',
			'test/engine/faults.test.mts',
			'test/engine/schemas.test.mts',
		],
		'async-only': false,
	},
	mutate: ['nodes/**/*.ts', 'credentials/**/*.ts'],
	// The engine's tests load what n8n would: `dist`, made of the mutants once.
	buildCommand: 'npm run build',
	disableTypeChecks: '{nodes,credentials}/**/*.ts',
	coverageAnalysis: 'perTest',
	ignoreStatic: !onlyStatic,
	concurrency: 2,
	timeoutMS: 20_000,
	dryRunTimeoutMinutes: 20,
	// `mutation.mts` judges the report.
	thresholds: { high: 98, low: 95, break: null },
	reporters: ['progress-append-only', 'clear-text', 'html', 'json'],
	clearTextReporter: { allowColor: false, logTests: false, reportTests: false, skipFull: true },
	htmlReporter: { fileName: 'reports/mutation/report.html' },
	jsonReporter: { fileName: 'reports/mutation/report.json' },
	tempDirName: '.stryker-tmp',
	// The linter would read what an interrupted run leaves.
	cleanTempDir: 'always',
	ignorePatterns: [
		'docs',
		'examples',
		'reports',
		'test/harness/versions',
		'test/editor',
		'.stryker-tmp',
	],
	allowConsoleColors: false,
};
