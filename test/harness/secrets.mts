import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Fakes } from '../fakes/server.mts';
import type { Harness } from './harness.mts';

/** Every password, key and token that the vendors know. */
export function secretsOf({ crmCom, aurea }: Fakes): string[] {
	return [
		...loginSecretsOf({ crmCom, aurea }),
		...crmCom.sessions.keys(),
		...aurea.sessions.keys(),
	];
}

/** Every password and key that the vendors know: what no workflow may ever show. */
export function loginSecretsOf({ crmCom, aurea }: Pick<Fakes, 'crmCom' | 'aurea'>): string[] {
	return [
		...[...crmCom.users, ...aurea.users].map(({ password }) => password),
		...crmCom.keys.map(({ key }) => key),
	];
}

/** Everything that n8n has written: its database, with what is not yet merged into it, and its log. */
export function writtenBy({ userFolder, n8n }: Harness): string {
	const database = ['database.sqlite', 'database.sqlite-wal'].map((name) => {
		try {
			return readFileSync(join(userFolder, '.n8n', name), 'utf8');
		} catch {
			return '';
		}
	});
	return [...database, readFileSync(n8n.logFile, 'utf8')].join('\n');
}

/** Every form in which a secret could stand in a text. */
export function formsOf(secret: string): string[] {
	const escaped = (text: string) => JSON.stringify(text).slice(1, -1);
	return [
		secret,
		encodeURIComponent(secret),
		new URLSearchParams([['', secret]]).toString().slice(1),
		// A body is JSON, a record that holds it is JSON around that, and so on.
		escaped(secret),
		escaped(escaped(secret)),
		escaped(escaped(escaped(secret))),
		Buffer.from(secret).toString('base64').replace(/=+$/, ''),
		Buffer.from(`${secret}:`).toString('base64').replace(/=+$/, ''),
	];
}

export function secretsFoundIn(text: string, secrets: Iterable<string>): string[] {
	return [...secrets].filter((secret) => formsOf(secret).some((form) => text.includes(form)));
}
