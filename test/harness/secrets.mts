import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Fakes } from '../fakes/server.mts';
import { VENDOR_NAMES, type VendorName } from '../fakes/vendors.mts';
import type { Harness } from './harness.mts';

type Vendors = Pick<Fakes, VendorName>;

/** Every password, key and token that the vendors know. */
export function secretsOf(vendors: Vendors): string[] {
	return [...loginSecretsOf(vendors), ...VENDOR_NAMES.flatMap((name) => vendors[name].tokens())];
}

/** Every password and key that the vendors know: what no workflow may ever show. */
export function loginSecretsOf(vendors: Vendors): string[] {
	return VENDOR_NAMES.flatMap((name) => vendors[name].loginSecrets());
}

/** Everything that n8n has written: its log, and its database with what is not yet merged into it. */
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

/** Every form in which a text could contain a secret. */
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
