/** `npm run vendors`: the fake vendors on this machine, for building workflows without an account. */
import { once } from 'node:events';

import { countOption, runCommand } from '../harness/command.mts';
import { CommandError } from '../harness/commandError.mts';
import { startFakes, type Fakes } from './server.mts';
import { loginHelp, VENDOR_NAMES, type VendorName } from './vendors.mts';

const RELEASES = ['R10', 'R11', 'R12'] as const;

const optionOf = (vendor: VendorName) => vendor.toLowerCase();
const portOf = (vendor: VendorName) => 4010 + 10 * VENDOR_NAMES.indexOf(vendor);

const HELP = `npm run vendors [-- OPTIONS]
Runs fake vendors on this machine until Ctrl-C, and prints each call.

  --release R11    the CRM.COM release to imitate: ${RELEASES.join(', ')}
${VENDOR_NAMES.map((name) => `  --${optionOf(name)} ${portOf(name)}`.padEnd(19) + 'the port of this vendor').join('\n')}
  --host 0.0.0.0   the address to listen at, for an n8n in Docker (127.0.0.1)`;

const options = {
	release: { type: 'string', default: 'R11' },
	host: { type: 'string', default: '127.0.0.1' },
	...Object.fromEntries(
		VENDOR_NAMES.map((name) => [
			optionOf(name),
			{ type: 'string', default: String(portOf(name)) } as const,
		]),
	),
} as const;

await runCommand({ help: HELP, options }, async ({ values, cleanup }) => {
	const release = RELEASES.find((known) => known === values.release);
	if (!release)
		throw new CommandError(`--release takes ${RELEASES.join(', ')}, not '${values.release}'`);
	const ports = Object.fromEntries(
		VENDOR_NAMES.map((name) => {
			const option = optionOf(name);
			return [name, countOption(option, String((values as Record<string, unknown>)[option]))];
		}),
	);
	if (values.host !== '127.0.0.1')
		console.warn(
			`Whoever reaches ${values.host} on this network can use the fake vendors. In Docker, n8n finds them at http://host.docker.internal (on Linux with --add-host=host.docker.internal:host-gateway)\n`,
		);
	const fakes = await startFakes({ ports, host: values.host }).catch(
		(error: NodeJS.ErrnoException) => {
			if (error.code !== 'EADDRINUSE') throw error;
			throw new CommandError(
				'A port is taken. Choose others, as in: npm run vendors -- --crmcom 4011 --aurea 4021',
			);
		},
	);
	cleanup.add(async () => await fakes.stop());
	fakes.crmCom.release = release;
	console.log(
		`The fake vendors are running on this machine. Ctrl-C ends them.\n\n${loginHelp(fakes)}\n\nCalls:`,
	);
	logCalls(fakes);
	await once(process, 'exit');
});

/** Prints each call on a line, without its query, which may hold a token. */
function logCalls({ calls }: Fakes): void {
	calls.onCall(undefined, ({ vendor, method, url }) =>
		console.log(`  ${vendor} ${method} ${url.split('?')[0]}`),
	);
}
