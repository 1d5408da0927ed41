/** What n8n-core needs before it is loaded: reflection, and a folder to write into. */
import { resolve } from 'node:path';

import 'reflect-metadata';

// Each process has a folder of its own. Workers of Jest share their number, so folders do not pile up.
process.env['N8N_USER_FOLDER'] = resolve(
	'node_modules/.cache/n8n-engine',
	process.env['JEST_WORKER_ID'] ?? String(process.pid),
);
process.env['N8N_ENCRYPTION_KEY'] = 'engine-tests';
// n8n logs every failing node; the tests read what it records instead.
process.env['N8N_LOG_LEVEL'] = 'silent';
