/** What replaces a secret. */
const MASK = '***';

/** Maximum length of a vendor's text that is shown, in characters: an error is a sentence, not a page. */
const MAX_DISPLAY_LENGTH = 500;

/** Maximum number of characters read of a longer text. */
const MAX_READ_LENGTH = 100_000;

/** n8n itself cannot store data nested deeper than this. */
const MAX_DEPTH = 500;
const TOO_DEEP = `[more than ${MAX_DEPTH} levels deep: left out]`;

/**
 * Text that is usually no secret: a word, a number or a short code. A password that looks like that
 * is masked only if the text labels it as a secret.
 */
const ORDINARY = /^(\p{L}{1,15}|\d{1,7}|.{1,5})$/su;

/**
 * What precedes a value that a text labels as a secret, as in `password=` or `"token":"`, or in JSON within
 * JSON. Its repetitions are bounded: otherwise a long run of spaces would be tried from each one.
 */
const NAMED_SECRET = String.raw`(?<=(?:password|token|key)\\{0,3}["']?\s{0,9}[:=]\s{0,9}\\{0,3}["']?)`;

/**
 * A vendor's text as it may be shown: on one line, of bounded length, and without any of the secrets
 * that were sent with the request it answers.
 */
export function toDisplayText(text: string, secrets: readonly string[]): string {
	const forms = secrets.flatMap(sentForms).map(toOneLine);
	const masked = createMasker(forms)(toOneLine(text.slice(0, MAX_READ_LENGTH)));
	// The cut may have split a secret. If so, remove its first half, too.
	// (At least one character: a cut of `-0` would remove everything.)
	const longest = Math.max(1, ...forms.map((form) => form.length));
	const whole = text.length > MAX_READ_LENGTH ? masked.slice(0, -longest) : masked;
	return whole.length > MAX_DISPLAY_LENGTH ? `${whole.slice(0, MAX_DISPLAY_LENGTH - 1)}…` : whole;
}

/** A vendor's data with a mask in place of each secret, in values and in names. */
export function redact(data: unknown, secrets: readonly string[]): unknown {
	const mask = createMasker(secrets.flatMap(sentForms));
	const numbers = secrets
		.filter((secret) => /^[1-9]\d*$/.test(secret) && !isOrdinary(secret))
		.map(Number);
	const redactValue = (value: unknown, depth: number): unknown => {
		if (typeof value === 'string') return mask(value);
		if (typeof value === 'number') return numbers.includes(value) ? MASK : value;
		if (typeof value !== 'object' || value === null) return value;
		if (depth > MAX_DEPTH) return TOO_DEEP;
		if (Array.isArray(value)) return value.map((entry) => redactValue(entry, depth + 1));
		return Object.fromEntries(
			Object.entries(value).map(([name, entry]) => [mask(name), redactValue(entry, depth + 1)]),
		);
	};
	return redactValue(data, 0);
}

function isOrdinary(secret: string): boolean {
	return ORDINARY.test(secret.trim());
}

function toOneLine(text: string): string {
	// Characters that change the text direction could make a sentence read differently.
	return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\s]+/gu, ' ').trim();
}

function createMasker(forms: readonly string[]): (text: string) => string {
	const known = [...new Set(forms)].filter((form) => form !== '');
	// Longest first: otherwise masking a short secret leaves the rest of a longer one.
	known.sort((a, b) => b.length - a.length);
	const shortest = known.at(-1)?.length ?? Infinity;
	const patterns = known.map((form) => (isOrdinary(form) ? namedSecret(form) : form));
	// Most strings in a large response are too short to hold a secret.
	return (text) =>
		text.length < shortest
			? text
			: patterns.reduce<string>((rest, pattern) => rest.replaceAll(pattern, MASK), text);
}

function namedSecret(secret: string): RegExp {
	const literal = secret.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
	return new RegExp(`${NAMED_SECRET}${literal}(?![\\p{L}\\p{N}])`, 'giu');
}

/** The forms in which a secret is sent, and in which an echo of the request repeats it. */
function sentForms(secret: string): string[] {
	const trimmed = secret.trim();
	const typed = [...new Set([secret, trimmed])].filter((text) => text !== '');
	return typed.flatMap((text) => [
		text,
		JSON.stringify(text).slice(1, -1),
		// A URL cannot hold a lone surrogate.
		encodeURIComponent(text.replace(/\p{Cs}/gu, '\uFFFD')),
		// A Web API key is the user name of HTTP Basic.
		Buffer.from(`${text}:`, 'utf8').toString('base64'),
	]);
}
