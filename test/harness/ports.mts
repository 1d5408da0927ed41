import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

import { CommandError } from './commandError.mts';

/** @throws CommandError if something already listens on the port */
export async function requireFree(port: number): Promise<void> {
	const server = createServer().listen(port, '127.0.0.1');
	await once(server, 'listening').catch(() => {
		throw new CommandError(
			`Port ${port} is taken. End what uses it, or choose another with --port`,
		);
	});
	server.close();
}

export async function freePort(): Promise<number> {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	server.close();
	await once(server, 'close');
	return port;
}
