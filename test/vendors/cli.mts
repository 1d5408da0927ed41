/**
 * `npm run vendors`: both vendors on this machine, for building workflows without an account.
 * `-- --release R12` plays another CRM.COM release; `-- --crmcom 4010 --aurea 4020` names the ports.
 */
import { parseArgs } from 'node:util';

import { howToLogIn } from './howToLogIn.mts';
import { startVendors, type Vendors } from './server.mts';

const { values } = parseArgs({
	options: {
		release: { type: 'string', default: 'R11' },
		crmcom: { type: 'string', default: '4010' },
		aurea: { type: 'string', default: '4020' },
	},
});

const vendors = await startVendors({
	crmCom: Number(values.crmcom),
	aurea: Number(values.aurea),
}).catch((error: NodeJS.ErrnoException) => {
	const reason =
		error.code === 'EADDRINUSE'
			? 'A port is taken. Choose others, as in: npm run vendors -- --crmcom 4011 --aurea 4021'
			: `The vendors did not start: ${error.message}`;
	console.error(reason);
	process.exit(1);
});

if (!isRelease(values.release)) {
	console.error('--release takes R10, R11 or R12');
	process.exit(1);
}
vendors.crmCom.release = values.release;
console.log(
	`Both vendors play on this machine. Ctrl-C ends them.\n\n${howToLogIn(vendors)}\n\nCalls:`,
);
logCalls(vendors);

process.once('SIGINT', () => void vendors.stop());
process.once('SIGTERM', () => void vendors.stop());

function isRelease(release: string): release is Vendors['crmCom']['release'] {
	return ['R10', 'R11', 'R12'].includes(release);
}

/** Each call in a line, without its query: that may hold a token. */
function logCalls({ calls }: Vendors): void {
	const push = calls.all.push.bind(calls.all);
	calls.all.push = (...added) => {
		for (const { vendor, method, url } of added)
			console.log(`  ${vendor} ${method} ${url.split('?')[0]}`);
		return push(...added);
	};
}
