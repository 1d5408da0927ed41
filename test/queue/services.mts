import { randomBytes } from 'node:crypto';

import { Redis } from 'ioredis';
import pg from 'pg';

import type { Cleanup } from '../harness/cleanup.mts';
import { CommandError } from '../harness/commandError.mts';

const POSTGRES_URL =
	process.env['TEST_POSTGRES_URL'] ?? 'postgres://postgres@127.0.0.1:5432/postgres';
const REDIS_URL = process.env['TEST_REDIS_URL'] ?? 'redis://127.0.0.1:6379';

/** Prefix of every database and every key of such a run. */
const PREFIX = 'n8n_crmcom_aurea_';

/** A unique name for a run's database and keys. */
export function newName(): string {
	return PREFIX + randomBytes(4).toString('hex');
}

/** A database of PostgreSQL that nothing else uses. */
export interface OwnDatabase {
	/** What n8n needs to know of it. */
	readonly environment: Readonly<Record<string, string>>;
	query<Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]>;
	/** Every row of every table, as text. */
	everything(): Promise<string>;
}

/** Creates a database, and registers its removal in `cleanup`. @throws CommandError if there is no PostgreSQL */
export async function ownDatabase(name: string, cleanup: Cleanup): Promise<OwnDatabase> {
	const url = new URL(POSTGRES_URL);
	const server = new pg.Client(POSTGRES_URL);
	await server.connect().catch((error: Error) => {
		throw new CommandError(
			`PostgreSQL does not answer at ${url.host}: ${reasonOf(error)}. Install and start it, on Debian with\n  apt-get install -y postgresql && pg_ctlcluster $(pg_lsclusters -h | cut -c1-2) main start\nor name a server of yours, with user and password, in TEST_POSTGRES_URL (as in postgres://user:password@host:5432/postgres)`,
		);
	});
	cleanup.add(async () => await server.end());
	await removeLitter(server);
	await server.query(`CREATE DATABASE ${name}`);
	cleanup.add(async () => await server.query(`DROP DATABASE ${name} WITH (FORCE)`));
	const own = new URL(POSTGRES_URL);
	own.pathname = `/${name}`;
	const client = new pg.Client(own.href);
	await client.connect();
	cleanup.add(async () => await client.end());
	const query = async <Row extends object>(text: string, values: readonly unknown[] = []) =>
		(await client.query<Row>(text, [...values])).rows;
	return {
		environment: {
			DB_TYPE: 'postgresdb',
			DB_POSTGRESDB_HOST: url.hostname,
			DB_POSTGRESDB_PORT: url.port || '5432',
			DB_POSTGRESDB_DATABASE: name,
			DB_POSTGRESDB_USER: decodeURIComponent(url.username),
			DB_POSTGRESDB_PASSWORD: decodeURIComponent(url.password),
		},
		query,
		async everything() {
			const tables = await query<{ name: string }>(
				"SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'",
			);
			const texts: string[] = [];
			for (const { name: table } of tables) {
				const rows = await query<{ row: string }>(`SELECT t::text AS row FROM "${table}" t`);
				texts.push(...rows.map(({ row }) => row));
			}
			return texts.join('\n');
		},
	};
}

/** Removes the databases of killed runs, to which nobody is connected. */
async function removeLitter(server: pg.Client): Promise<void> {
	const { rows } = await server.query<{ name: string }>(
		`SELECT datname AS name FROM pg_database WHERE datname LIKE '${PREFIX}%' AND datname NOT IN (SELECT datname FROM pg_stat_activity WHERE datname IS NOT NULL)`,
	);
	for (const { name } of rows) await server.query(`DROP DATABASE ${name}`);
}

/** A part of Redis that nothing else uses. */
export interface OwnQueue {
	/** What n8n needs to know of it. */
	readonly environment: Readonly<Record<string, string>>;
	/** Every command that Redis has received since, as text. */
	written(): string;
}

/** Reserves a prefix of keys, and registers their removal in `cleanup`. @throws CommandError if there is no Redis */
export async function ownQueue(prefix: string, cleanup: Cleanup): Promise<OwnQueue> {
	const url = new URL(REDIS_URL);
	if (url.protocol !== 'redis:')
		throw new CommandError('TEST_REDIS_URL begins with redis://: these tests use no TLS');
	const redis = new Redis(REDIS_URL, { lazyConnect: true, retryStrategy: () => null });
	// Without a listener, ioredis prints what `connect` throws anyway.
	redis.on('error', () => undefined);
	await redis.connect().catch((error: Error) => {
		throw new CommandError(
			`Redis does not answer at ${url.host}: ${reasonOf(error)}. Install and start it, on Debian with\n  apt-get install -y redis-server && redis-server --daemonize yes --bind 127.0.0.1\nor name a server of yours in TEST_REDIS_URL`,
		);
	});
	cleanup.add(async () => await redis.quit());
	cleanup.add(async () => {
		for await (const keys of redis.scanStream({
			match: `*${prefix}*`,
			count: 1_000,
		}) as AsyncIterable<string[]>) {
			if (keys.length > 0) await redis.unlink(keys);
		}
	});
	const commands: string[] = [];
	const monitor = await redis.monitor();
	cleanup.add(async () => monitor.disconnect());
	monitor.on('monitor', (_time: string, words: string[]) => commands.push(words.join(' ')));
	return {
		environment: {
			QUEUE_BULL_REDIS_HOST: url.hostname,
			QUEUE_BULL_REDIS_PORT: url.port || '6379',
			QUEUE_BULL_REDIS_DB: url.pathname.slice(1) || '0',
			QUEUE_BULL_REDIS_USERNAME: decodeURIComponent(url.username),
			QUEUE_BULL_REDIS_PASSWORD: decodeURIComponent(url.password),
			QUEUE_BULL_PREFIX: prefix,
			N8N_REDIS_KEY_PREFIX: prefix,
		},
		written: () => commands.join('\n'),
	};
}

/** An error with several addresses has no message of its own in Node.js. */
function reasonOf(error: Error & { code?: string }): string {
	return error.message || (error.code ?? 'no reason given');
}
