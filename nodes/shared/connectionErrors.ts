import { ApiError, type FailureReason } from './errors';
import type { HttpRequest } from './http';
import { toDisplayText } from './redact';

/** Maximum number of nested causes to look at: they could be circular. */
const MAX_CAUSE_DEPTH = 10;

interface ConnectionFailure {
	readonly says: string;
	readonly advice: string;
	readonly reason?: FailureReason;
	readonly mayBeDone?: boolean;
}

const CLOSED: ConnectionFailure = {
	says: 'closed the connection before it answered',
	advice: 'Try again. If it keeps happening, ask whoever runs the server',
	reason: 'unavailable',
	mayBeDone: true,
};

const CUT_OFF: ConnectionFailure = {
	...CLOSED,
	says: 'broke off its response',
};

const UNREACHABLE: ConnectionFailure = {
	says: 'cannot be reached from here',
	advice: 'Check whether n8n may reach that network',
	reason: 'unavailable',
};

const TIMED_OUT: ConnectionFailure = {
	says: 'did not answer in time',
	advice:
		"If the request needs longer, raise 'Timeout' where the node has that option. Otherwise check 'Server URL', and whether a firewall is in the way",
	mayBeDone: true,
};

const UNTRUSTED: ConnectionFailure = {
	says: 'has a certificate that n8n does not trust',
	advice:
		"If its authority is your own, name that certificate in the environment variable NODE_EXTRA_CA_CERTS of n8n. If it is self-signed and you trust the network, turn on 'Ignore SSL Issues (Insecure)' in the credential, if it has that field",
};

/** What the usual network errors mean to the person who typed the address, by Node.js's code. */
const CONNECTION_FAILURES: Readonly<Record<string, ConnectionFailure>> = {
	ECONNREFUSED: {
		says: 'refuses connections',
		advice: "Check the port in 'Server URL', and whether the server is running",
		reason: 'unavailable',
	},
	ECONNRESET: CLOSED,
	EPIPE: CLOSED,
	// Set by n8n's HTTP client, axios, if the connection ends within the body.
	ERR_BAD_RESPONSE: CUT_OFF,
	ENOTFOUND: {
		says: 'is a host that does not exist',
		advice: "Check the spelling of 'Server URL'",
		reason: 'unavailable',
	},
	EAI_AGAIN: {
		says: 'could not be resolved to an address',
		advice: "Check the spelling of 'Server URL', and the network of n8n",
		reason: 'unavailable',
	},
	EHOSTUNREACH: UNREACHABLE,
	ENETUNREACH: UNREACHABLE,
	ETIMEDOUT: TIMED_OUT,
	ECONNABORTED: TIMED_OUT,
	ERR_CANCELED: TIMED_OUT,
	EPROTO: {
		says: 'does not speak TLS at this address',
		advice: "Check whether 'Server URL' should begin with http:// or have another port",
	},
	CERT_HAS_EXPIRED: {
		says: 'has a certificate that has expired',
		advice: 'Ask whoever runs the server to renew it',
	},
	ERR_TLS_CERT_ALTNAME_INVALID: {
		says: 'has a certificate for another name',
		advice: "Use the name in the certificate as 'Server URL'",
	},
};

/** The error of a request that got no response. */
export function connectionError(error: unknown, { url, secrets }: HttpRequest): ApiError {
	const { host } = new URL(url);
	const code = find(error, 'code');
	const known = Object.hasOwn(CONNECTION_FAILURES, code)
		? CONNECTION_FAILURES[code]
		: /CERT|SIGNED|ISSUER|SIGNATURE/.test(code)
			? UNTRUSTED
			: /^(Z|HPE)_/.test(code)
				? CUT_OFF
				: undefined;
	if (known) {
		const { says, advice, ...details } = known;
		// On an open connection, the request may have arrived.
		const isSent = find(error, 'syscall') === 'read';
		return new ApiError(`${host} ${says}`, {
			...details,
			...(isSent ? { mayBeDone: true } : {}),
			advice: `${advice} (${code})`,
		});
	}
	// An HTTP client's error holds the request, so only its message is used.
	const words = error instanceof Error ? toDisplayText(error.message, secrets) : '';
	if (code === '') {
		// n8n's own rejections (a forbidden address, a restriction to domains) have no code.
		return new ApiError(
			`n8n did not send the request to ${host}${words === '' ? '' : `: ${words}`}`,
			{
				advice:
					"Check 'Server URL' and 'Allowed HTTP Request Domains' in the credential, and what this n8n is allowed to reach",
			},
		);
	}
	return new ApiError(`${host} could not be reached${words === '' ? '' : `: ${words}`}`, {
		advice: "Check 'Server URL' in the credential, and the network that n8n runs in",
		reason: 'unavailable',
		mayBeDone: true,
	});
}

/** A member of an error or its causes, such as Node.js's code; empty if none has it. */
function find(error: unknown, name: 'code' | 'syscall'): string {
	let current = error as { code?: unknown; syscall?: unknown; cause?: unknown } | undefined;
	for (let depth = 0; current && depth < MAX_CAUSE_DEPTH; depth++) {
		const value = current[name];
		// This code stands for any failure: its cause says which.
		if (typeof value === 'string' && value !== 'ERR_NETWORK') return value;
		current = current.cause as typeof current;
	}
	return '';
}
