import { NodeHelpers } from 'n8n-workflow';

/**
 * Whether n8n may be asked to send a failed request again.
 *
 * To send again, n8n saves the credential. Before 2.34 it saves expressions and external secrets as their
 * current values, so a failed request is not sent again there; the next one logs in.
 * `resolveSupportedCredentialActivation` came with 2.34.
 */
export const canAskForResend =
	'resolveSupportedCredentialActivation' in NodeHelpers && !isInstalledBeside('n8n-workflow');

/** A copy of n8n-workflow installed next to this package is not the one that n8n uses. */
function isInstalledBeside(name: string): boolean {
	// The first place where Node.js would look is the folder of this very file.
	const [nearest = ''] = require.resolve.paths(name) ?? [];
	const own = installFolder(nearest.replace(/node_modules$/, ''));
	return own !== undefined && own === installFolder(require.resolve(name));
}

/** The folder whose `node_modules` holds a path; undefined if the path is in no package. */
function installFolder(path: string): string | undefined {
	const end = path.lastIndexOf('node_modules');
	return end < 0 ? undefined : path.slice(0, end);
}
