import { LoggerProxy } from 'n8n-workflow';

/**
 * Writes a line to n8n's log.
 *
 * @param line never with a user name, a secret or data: hosts, credential types, codes and numbers only
 */
export function log(level: 'debug' | 'warn', line: string): void {
	// Not destructured: n8n replaces these functions with its own logger when it starts.
	if (level === 'debug') LoggerProxy.debug(line);
	else LoggerProxy.warn(line);
}
