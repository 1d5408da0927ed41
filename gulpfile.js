const { spawn } = require('node:child_process');
const { rm } = require('node:fs/promises');

const { dest, parallel, series, src } = require('gulp');

const out = 'dist';

function clean() {
	return rm(out, { recursive: true, force: true });
}

/** Compiles with the settings of tsconfig.json, which also brings the codex files along. */
function compile() {
	return spawn(process.execPath, [require.resolve('typescript/bin/tsc'), '--project', 'tsconfig.json'], {
		stdio: 'inherit',
	});
}

function icons() {
	return src('nodes/**/*.svg', { encoding: false }).pipe(dest(`${out}/nodes`));
}

exports.clean = clean;
exports.build = series(clean, parallel(compile, icons));
exports.default = exports.build;
