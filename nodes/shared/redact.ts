/** What replaces a secret. */
const MASK = '***';

/** Maximum length of a vendor's text that is shown, in characters: an error is a sentence, not a page. */
const MAX_DISPLAY_LENGTH = 500;

/** Only so many characters of a longer text are read. */
const MAX_READ_LENGTH = 100_000;

/** A secret of up to this length is masked only as a whole word in a text: it may be part of any. */
const MAX_WORD_LENGTH_IN_TEXT = 3;

/** The same in data, where the parts of numbers and codes must stay what they are. */
const MAX_WORD_LENGTH_IN_DATA = 7;

/** Beyond this depth n8n itself cannot keep data. */
const MAX_DEPTH = 500;
const TOO_DEEP = `[more than ${MAX_DEPTH} levels deep: left out]`;

/**
 * A vendor's text as it may be shown: on one line, of bounded length, and without any of the secrets
 * that were sent with the request it answers.
 */
export function toDisplayText(text: string, secrets: readonly string[]): string {
	const forms = encodeAll(secrets).map(toOneLine);
	const masked = createMasker(
		forms,
		MAX_WORD_LENGTH_IN_TEXT,
	)(toOneLine(text.slice(0, MAX_READ_LENGTH)));
	// What was cut off may be the second half of a secret: then the first half goes, too.
	const longest = Math.max(0, ...forms.map((form) => form.length));
	const whole = text.length > MAX_READ_LENGTH ? masked.slice(0, -longest - 1) : masked;
	return whole.length > MAX_DISPLAY_LENGTH ? `${whole.slice(0, MAX_DISPLAY_LENGTH - 1)}…` : whole;
}

/** A vendor's data with a mask in place of each secret, in values and in names. */
export function redact(data: unknown, secrets: readonly string[]): unknown {
	const mask = createMasker(encodeAll(secrets), MAX_WORD_LENGTH_IN_DATA);
	const numbers = secrets
		.filter((secret) => secret.length > MAX_WORD_LENGTH_IN_TEXT && /^[1-9]\d*$/.test(secret))
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

function toOneLine(text: string): string {
	// Characters that turn the direction of writing could make a sentence read as another.
	return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\s]+/gu, ' ').trim();
}

/** Masks each form, one of up to `maxWordLength` characters only where it is a whole word. */
function createMasker(forms: readonly string[], maxWordLength: number): (text: string) => string {
	const known = [...new Set(forms)].filter((form) => form !== '');
	// Longest first: otherwise a short secret tears a longer one apart and leaves its rest.
	known.sort((a, b) => b.length - a.length);
	const shortest = known.at(-1)?.length ?? Infinity;
	const patterns = known.map((form) => (form.length > maxWordLength ? form : wholeWord(form)));
	// Most texts of a large response are too short to hold any.
	return (text) =>
		text.length < shortest
			? text
			: patterns.reduce<string>((rest, pattern) => rest.replaceAll(pattern, MASK), text);
}

function wholeWord(word: string): RegExp {
	const literal = word.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
	return new RegExp(`(?<![\\p{L}\\p{N}])${literal}(?![\\p{L}\\p{N}])`, 'gu');
}

function encodeAll(secrets: readonly string[]): string[] {
	const trimmed = secrets.flatMap((secret) => [secret, secret.trim()]);
	return [...new Set(trimmed)].flatMap(encodings);
}

/** Every form in which a secret may come back: as it is, in JSON, in a URL, in base64. */
function encodings(secret: string): string[] {
	if (secret === '') return [];
	const base64 = [secret, `${secret}:`].flatMap((text) => {
		const encoded = Buffer.from(text, 'utf8').toString('base64');
		return [encoded, encoded.replace(/=+$/, ''), Buffer.from(text, 'utf8').toString('base64url')];
	});
	// Most tokens consist of characters that nobody escapes.
	if (/^[\w.-]+$/.test(secret)) return [secret, ...base64];
	return [secret, ...jsonEncodings(secret), ...urlEncodings(secret), ...base64];
}

/** A text as it stands in JSON, also where more is escaped than must be. */
function jsonEncodings(text: string): string[] {
	const json = JSON.stringify(text).slice(1, -1);
	const ascii = escapeUnicode(json, /[^\x20-\x7e]/g);
	const forms = [json, ascii, escapeUnicode(ascii, /[<>&='+/]/g)];
	return forms.flatMap((form) => [
		form,
		form.replaceAll('/', '\\/'),
		form.replace(/\\u[\da-f]{4}/g, (code) => `\\u${code.slice(2).toUpperCase()}`),
	]);
}

function escapeUnicode(text: string, characters: RegExp): string {
	return text.replace(
		characters,
		(character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
	);
}

/** A text as it stands in a URL or in a form. Half a character, which cannot stand there, is left out. */
function urlEncodings(text: string): string[] {
	const whole = text.replace(/\p{Cs}/gu, '');
	const inForm = new URLSearchParams({ '': whole }).toString().slice(1);
	// Some encode five characters that JavaScript leaves as they are.
	const strict = encodeURIComponent(whole).replace(
		/[!'()*]/g,
		(character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
	);
	const encoded = [encodeURIComponent(whole), strict, inForm];
	return [
		...encoded,
		...encoded.map((form) => form.replace(/%[\dA-F]{2}/g, (code) => code.toLowerCase())),
	];
}
