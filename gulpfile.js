const { mkdir, rm, writeFile } = require('node:fs/promises');
const { basename, dirname, join, posix } = require('node:path');

const swc = require('@swc/core');
const { build } = require('esbuild');
const { dest, parallel, series, src } = require('gulp');

const { n8n } = require('./package.json');

const out = 'dist';
const bundle = join(out, 'index.js');
/** The files by which n8n finds each type; their sources stand at the same places of the checkout. */
const entries = [...n8n.nodes, ...n8n.credentials];

function clean() {
	return rm(out, { recursive: true, force: true });
}

/**
 * All code in one small file, which loads in a fraction of the time that one for each source takes. It is one file and
 * not one for each type, since they share the memory of their sessions. esbuild puts it together; SWC makes it
 * small, by a few hundred bytes more than esbuild could.
 */
async function code() {
	const sources = entries.map((path) => `./${posix.relative(out, path).replace(/\.js$/, '')}`);
	const { outputFiles } = await build({
		stdin: {
			contents: sources.map((path) => `export * from '${path}';`).join('\n'),
			resolveDir: __dirname,
		},
		outfile: bundle,
		write: false,
		bundle: true,
		format: 'cjs',
		platform: 'node',
		target: 'es2022',
		external: ['n8n-workflow'],
		logLevel: 'warning',
	});
	const { code } = await swc.minify(outputFiles[0].text, {
		compress: { passes: 3, toplevel: true },
		mangle: { toplevel: true },
		module: false,
	});
	await mkdir(out, { recursive: true });
	await writeFile(bundle, code);
}

/** What n8n loads by a type's own path hands on the type out of the bundle. */
async function types() {
	for (const path of entries) {
		const name = basename(path).split('.')[0];
		await mkdir(dirname(path), { recursive: true });
		await writeFile(
			path,
			`exports.${name} = require('${posix.relative(dirname(path), bundle)}').${name};\n`,
		);
	}
}

/** Icons, and what n8n's panel knows of each node. */
function assets() {
	return src(['nodes/**/*.svg', 'nodes/**/*.json'], { encoding: false }).pipe(dest(`${out}/nodes`));
}

exports.clean = clean;
exports.build = series(clean, parallel(code, types, assets));
exports.default = exports.build;
