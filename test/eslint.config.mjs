/** Lints what n8n's own configuration does not read: the tests, their tools and the scripts of the root. */
import tseslint from 'typescript-eslint';

export default tseslint.config(
	{ ignores: ['**/node_modules/', 'dist/', 'reports/', '.stryker-tmp/'] },
	{
		files: ['test/**/*.mts'],
		extends: [tseslint.configs.recommendedTypeChecked],
		languageOptions: {
			parserOptions: {
				project: 'test/tsconfig.json',
				tsconfigRootDir: `${import.meta.dirname}/..`,
			},
		},
		rules: {
			// JSON of a vendor or of n8n: where it is no text after all, the assertion shows it.
			'@typescript-eslint/no-base-to-string': 'off',
			'@typescript-eslint/restrict-template-expressions': 'off',
			// Interfaces are written in method syntax, and implemented by closures, which have no `this`.
			'@typescript-eslint/unbound-method': 'off',
			// A test double implements an asynchronous interface, and often has nothing to wait for.
			'@typescript-eslint/require-await': 'off',
			'@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
		},
	},
	{
		files: ['**/*.js', '**/*.mjs'],
		extends: [tseslint.configs.recommended],
		rules: { '@typescript-eslint/no-require-imports': 'off' },
	},
);
