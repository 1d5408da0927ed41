import { NodeHelpers } from 'n8n-workflow';

/**
 * Whether n8n may be asked to send a failed request again.
 *
 * Asked for that, n8n writes the credential back. Before 2.34, which brought the function named
 * here, it replaces every expression and external secret with the value that it just had: there a
 * failed request is not sent again, and the next one logs in. A copy of n8n-workflow that was
 * installed beside this package says nothing about the n8n that runs it.
 */
export const canAskForResend =
	'resolveSupportedCredentialActivation' in NodeHelpers && !isInstalledBeside('n8n-workflow');

function isInstalledBeside(name: string): boolean {
	// The first place where Node.js would look is the folder of this very file.
	const [nearest = ''] = require.resolve.paths(name) ?? [];
	const own = installFolder(nearest.replace(/node_modules$/, ''));
	return own !== undefined && own === installFolder(require.resolve(name));
}

/** The folder whose `node_modules` holds a path; undefined where the path is of no package. */
function installFolder(path: string): string | undefined {
	const end = path.lastIndexOf('node_modules');
	return end < 0 ? undefined : path.slice(0, end);
}
