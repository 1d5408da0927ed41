/**
 * A URL, or undefined where a text is none.
 *
 * Not by `URL.canParse`: once it has been called some thousand times, that of Node.js 20 says no to
 * every address with a letter beyond ASCII (seen on 20.20.2).
 */
export function parseUrl(text: string, base?: string): URL | undefined {
	try {
		return new URL(text, base);
	} catch {
		return undefined;
	}
}
