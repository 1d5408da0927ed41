/** What stands in the place of a secret. */
const MASK = '***';

/** Longest text of a vendor's that is shown, in characters: an error is a sentence, not a page. */
const LONGEST_SHOWN = 500;

/** Up to this many characters a secret is masked only as a whole word: it may be a part of any. */
const SHORT = 3;

function mask(text: string, form: string): string {
	if (form.length > SHORT) return text.split(form).join(MASK);
	const literal = form.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
	return text.replace(new RegExp(`(?<![\\p{L}\\p{N}])${literal}(?![\\p{L}\\p{N}])`, 'gu'), MASK);
}

/** Every form in which a secret may come back in an answer. */
function formsOf(secret: string): string[] {
	const base64 = [secret, `${secret}:`].flatMap((text) => {
		const encoded = Buffer.from(text, 'utf8').toString('base64');
		return [encoded, encoded.replace(/=+$/, '')];
	});
	return [secret, JSON.stringify(secret).slice(1, -1), urlEncoded(secret), ...base64];
}

/** A text as it stands in a URL; half a character, which cannot stand there, is left out. */
function urlEncoded(text: string): string {
	return encodeURIComponent(text.replace(/\p{Cs}/gu, ''));
}

/**
 * A vendor's text as it may be shown: in one line, of bounded length, and without any of the
 * secrets that were sent with the request it answers.
 */
export function presentable(text: string, secrets: readonly string[]): string {
	// Longest first: otherwise a short secret tears a longer one apart and leaves its rest.
	const forms = secrets
		.filter((secret) => secret !== '')
		.flatMap(formsOf)
		.sort((a, b) => b.length - a.length);
	const masked = forms.reduce(mask, text);
	const line = masked.replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
	return line.length > LONGEST_SHOWN ? `${line.slice(0, LONGEST_SHOWN - 1)}…` : line;
}
