/** What n8n-core needs before it is loaded: reflection, and a folder to write into. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll } from '@jest/globals';
import 'reflect-metadata';

const folder = mkdtempSync(join(tmpdir(), 'n8n-engine-'));
process.env['N8N_USER_FOLDER'] = folder;
process.env['N8N_ENCRYPTION_KEY'] = 'engine-tests';
// n8n logs every failing node; the tests read what it records instead.
process.env['N8N_LOG_LEVEL'] = 'silent';
afterAll(() => rmSync(folder, { recursive: true, force: true }));
