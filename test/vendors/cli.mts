/**
 * `npm run vendors`: both vendors on this machine, for building workflows without an account.
 * `-- --release R12` plays another CRM.COM release; `-- --crmcom 4010 --aurea 4020` names the ports.
 */
import { parseArgs } from 'node:util';

import { startVendors, type Vendors } from './server.mts';

const { values } = parseArgs({
	options: {
		release: { type: 'string', default: 'R11' },
		crmcom: { type: 'string', default: '4010' },
		aurea: { type: 'string', default: '4020' },
	},
});

const vendors = await startVendors({ crmCom: Number(values.crmcom), aurea: Number(values.aurea) }).catch(
	(error: NodeJS.ErrnoException) => {
		const reason =
			error.code === 'EADDRINUSE'
				? 'A port is taken. Choose others, as in: npm run vendors -- --crmcom 4011 --aurea 4021'
				: `The vendors did not start: ${error.message}`;
		console.error(reason);
		process.exit(1);
	},
);

if (!isRelease(values.release)) {
	console.error('--release takes R10, R11 or R12');
	process.exit(1);
}
vendors.crmCom.release = values.release;
print(vendors);
logCalls(vendors);

process.once('SIGINT', () => void vendors.stop());
process.once('SIGTERM', () => void vendors.stop());

function isRelease(release: string): release is Vendors['crmCom']['release'] {
	return ['R10', 'R11', 'R12'].includes(release);
}

function print({ crmCom, crmComUrl, aurea, aureaUrl }: Vendors): void {
	const [user] = crmCom.users;
	const [key] = crmCom.keys;
	const [lhqUser] = aurea.users;
	console.log(`Both vendors play on this machine. Ctrl-C ends them.

CRM.COM ${crmCom.release} (credentials "CRM.COM User Login API" and "CRM.COM Web API Key API")
  Server URL     ${crmComUrl}
  User Name      ${user?.username}
  Password       ${user?.password}
  Organisation   ${user?.organisation}
  Unit ID        (leave it empty, or ${user?.units.join(' or ')})
  Web API Key    ${key?.key}
  Try            GET ${crmComUrl}/crmapi/rest/v2/contact_information/show?contact_information_identifier=number=CI000111

Aurea Campaign Manager (credential "Aurea Campaign Manager Login API")
  Server URL     ${aureaUrl}
  User Name      ${lhqUser?.username}
  Password       ${lhqUser?.password}
  Try            POST ${aureaUrl}/${lhqUser?.currentUid}/lists/ with {"mailingListName":"News"}

Calls:`);
}

/** Each call in a line, without its query: that may hold a token. */
function logCalls({ calls }: Vendors): void {
	const push = calls.all.push.bind(calls.all);
	calls.all.push = (...added) => {
		for (const { vendor, method, url } of added) console.log(`  ${vendor} ${method} ${url.split('?')[0]}`);
		return push(...added);
	};
}
