import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const SCRIPT = resolve(import.meta.dirname, '../../deploy/entrypoint.sh');
const NAME = 'n8n-nodes-crmcom-aurea';

describe('the entrypoint script', () => {
	let folder: string;
	beforeEach(async () => {
		folder = await mkdtemp(join(tmpdir(), 'entrypoint-'));
	});
	afterEach(async () => {
		await rm(folder, { recursive: true, force: true });
	});

	const home = () => join(folder, 'home');
	const modules = () => join(home(), '.n8n/nodes/node_modules');
	const versionIn = async () =>
		(
			JSON.parse(await readFile(join(modules(), NAME, 'package.json'), 'utf8')) as {
				version: string;
			}
		).version;

	/** A small package. @returns its tarball */
	async function tarballOf(version: string): Promise<string> {
		const source = join(folder, version);
		await mkdir(join(source, 'package/dist'), { recursive: true });
		await writeFile(join(source, 'package/package.json'), JSON.stringify({ name: NAME, version }));
		await writeFile(join(source, 'package/dist/index.js'), 'x'.repeat(100_000));
		const tarball = join(folder, `${version}.tgz`);
		await run('tar', ['-czf', tarball, '-C', source, 'package']);
		return tarball;
	}

	const start = async (tarball: string, ...parameters: string[]) =>
		await startBy(process.env['PATH'], tarball, ...parameters);

	async function startBy(
		path: string | undefined,
		tarball: string,
		...parameters: string[]
	): Promise<string> {
		const { stdout } = await run(SCRIPT, parameters, {
			env: {
				PATH: path,
				HOME: home(),
				N8N_NODES_TARBALL: tarball,
				N8N_NODES_ENTRYPOINT: '/bin/echo',
			},
		});
		return stdout;
	}

	it('installs the package and starts the next program with all parameters', async () => {
		const output = await start(await tarballOf('1.0.0'), 'worker', '--concurrency=5', 'a b');
		expect(output).toBe(
			`${NAME}: installed from ${join(folder, '1.0.0.tgz')}\nworker --concurrency=5 a b\n`,
		);
		expect(await versionIn()).toBe('1.0.0');
	});

	it('changes nothing when the same package is there', async () => {
		const tarball = await tarballOf('1.0.0');
		await start(tarball);
		expect(await start(tarball, 'start')).toBe('start\n');
	});

	it('replaces another version, back and forth, and leaves nothing behind', async () => {
		const [old, next] = [await tarballOf('1.0.0'), await tarballOf('1.1.0')];
		for (const [tarball, version] of [
			[old, '1.0.0'],
			[next, '1.1.0'],
			[old, '1.0.0'],
		] as const) {
			await start(tarball);
			expect(await versionIn()).toBe(version);
		}
		expect(await readdir(modules())).toEqual([NAME]);
	});

	it('leaves everything else in the home as it is', async () => {
		await mkdir(join(modules(), 'n8n-nodes-other'), { recursive: true });
		await writeFile(join(modules(), 'n8n-nodes-other/package.json'), '{}');
		await writeFile(join(home(), '.n8n/config'), '{"encryptionKey":"k"}');
		await start(await tarballOf('1.0.0'));
		expect(await readFile(join(modules(), 'n8n-nodes-other/package.json'), 'utf8')).toBe('{}');
		expect(await readFile(join(home(), '.n8n/config'), 'utf8')).toBe('{"encryptionKey":"k"}');
	});

	it('installs a whole package when twenty processes start at once on one volume', async () => {
		const [old, next] = [await tarballOf('1.0.0'), await tarballOf('1.1.0')];
		await start(old);
		await Promise.all(Array.from({ length: 20 }, async () => await start(next)));
		expect(await versionIn()).toBe('1.1.0');
		expect((await readFile(join(modules(), NAME, 'dist/index.js'))).length).toBe(100_000);
		expect(await readdir(modules())).toEqual([NAME]);
	});

	it.each([
		['is missing', async () => join(folder, 'none.tgz'), 'there is no package at'],
		[
			'is no package',
			async () => {
				await writeFile(join(folder, 'bad.tgz'), 'no tar');
				return join(folder, 'bad.tgz');
			},
			'is not a packed package',
		],
	])('says so when the tarball %s, and starts nothing', async (_what, make, words) => {
		const failed = await start(await make(), 'start').catch((error: unknown) => error);
		expect(failed).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(words) });
	});

	it('gives up when the package that is there cannot be replaced', async () => {
		await start(await tarballOf('1.0.0'));
		// An `mv` that always fails simulates a mount, or another user's folder.
		await writeFile(join(folder, 'mv'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
		const failed = await startBy(`${folder}:/usr/bin:/bin`, await tarballOf('1.1.0')).catch(
			(error: unknown) => error,
		);
		expect(failed).toMatchObject({
			code: 1,
			stderr: expect.stringContaining('cannot be replaced'),
		});
		expect(await readdir(modules())).toEqual([NAME]);
	});

	it('says so when the home is not writable', async () => {
		// A file in place of the folder stops even root.
		await mkdir(home(), { recursive: true });
		await writeFile(join(home(), '.n8n'), '');
		await chmod(join(home(), '.n8n'), 0o400);
		const failed = await start(await tarballOf('1.0.0')).catch((error: unknown) => error);
		expect(failed).toMatchObject({
			code: 1,
			stderr: expect.stringContaining('is not writable for user'),
		});
	});
});
