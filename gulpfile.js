const { exec, execFile, spawn } = require('node:child_process');
const { rm } = require('node:fs/promises');
const { promisify } = require('node:util');

const { dest, parallel, series, src, watch } = require('gulp');

const OUT = 'dist';
const ASSETS = ['nodes/**/*.svg', 'nodes/**/*.json'];
/** Plain output, one file for each source: whoever installs the package can read what runs. */
const TSC = [require.resolve('typescript/bin/tsc'), '--noEmit', 'false', '--outDir', OUT];

function clean() {
	return rm(OUT, { recursive: true, force: true });
}

async function compile() {
	try {
		await promisify(execFile)(process.execPath, TSC);
	} catch ({ stdout, message }) {
		throw Object.assign(new Error(stdout || message), { showStack: false });
	}
}

/** Icons, codex files, output schemas and the catalogue, which the compiler writes in a larger form of its own. */
function copyAssets() {
	return src(ASSETS, { encoding: false }).pipe(dest(`${OUT}/nodes`));
}

/** Compiles as one types. n8n reads a package once, at its start: restart it to see a change. */
function watchSources() {
	watch(ASSETS, copyAssets);
	return spawn(process.execPath, [...TSC, '--watch', '--preserveWatchOutput'], {
		stdio: 'inherit',
	});
}

/** A script of package.json, which prints only if it fails. */
function script(name) {
	const task = async () => {
		try {
			await promisify(exec)(`npm run --silent ${name}`, { maxBuffer: 10_000_000 });
		} catch ({ stdout, stderr }) {
			throw Object.assign(new Error(`npm run ${name}:\n${stdout}${stderr}`), { showStack: false });
		}
	};
	return Object.assign(task, { displayName: name });
}

/** Unit and engine tests. The latter load what was built. */
function jest() {
	const args = ['--config', 'test/jest.config.js', '--selectProjects', 'unit', 'engine'];
	return spawn(process.execPath, [require.resolve('jest/bin/jest'), ...args], { stdio: 'inherit' });
}

const build = series(clean, compile, copyAssets);
const looks = ['format:check', 'lint:package', 'lint:tests'].map(script);

exports.build = build;
/** All at the same time: tests mostly wait, and nothing else does. */
exports.test = parallel(...looks, series(build, parallel(script('check:tarball'), jest)));
exports.default = build;
exports.dev = series(clean, copyAssets, watchSources);
