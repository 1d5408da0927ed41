/** What stands in the place of a secret. */
const MASK = '***';

/** Longest text of a vendor's that is shown, in characters: an error is a sentence, not a page. */
const MAX_DISPLAY_LENGTH = 500;

/** Of a longer text only so many characters are read. */
const MAX_READ_LENGTH = 100_000;

/** Up to this many characters a secret is masked only as a whole word in what is shown: it may be a part of any. */
const SHORT_IN_WORDS = 3;

/** The same in data, where the parts of numbers and codes must stay what they are. */
const SHORT_IN_DATA = 7;

/** Deeper than so many levels n8n itself cannot keep data. */
const MAX_DEPTH = 500;
const TOO_DEEP = `[more than ${MAX_DEPTH} levels deep: left out]`;

/**
 * A vendor's text as it may be shown: in one line, of bounded length, and without any of the
 * secrets that were sent with the request it answers.
 */
export function toDisplayText(text: string, secrets: readonly string[]): string {
	const forms = formsOfAll(secrets).map(inOneLine);
	const masked = maskerOf(forms, SHORT_IN_WORDS)(inOneLine(text.slice(0, MAX_READ_LENGTH)));
	// What was cut off may be the second half of a secret: then the first is cut off, too.
	const longest = Math.max(0, ...forms.map((form) => form.length));
	const whole = text.length > MAX_READ_LENGTH ? masked.slice(0, -longest - 1) : masked;
	return whole.length > MAX_DISPLAY_LENGTH ? `${whole.slice(0, MAX_DISPLAY_LENGTH - 1)}…` : whole;
}

/**
 * A vendor's data as it may be put out: the same, with a mask in the place of each secret, in values and in names. What
 * is nested too deeply for n8n is left out, with a word that says so.
 */
export function redact(data: unknown, secrets: readonly string[]): unknown {
	const mask = maskerOf(formsOfAll(secrets), SHORT_IN_DATA);
	const numbers = secrets
		.filter((secret) => secret.length > SHORT_IN_WORDS && /^[1-9]\d*$/.test(secret))
		.map(Number);
	const masked = (value: unknown, depth: number): unknown => {
		if (typeof value === 'string') return mask(value);
		if (typeof value === 'number') return numbers.includes(value) ? MASK : value;
		if (typeof value !== 'object' || value === null) return value;
		if (depth > MAX_DEPTH) return TOO_DEEP;
		if (Array.isArray(value)) return value.map((entry) => masked(entry, depth + 1));
		return Object.fromEntries(
			Object.entries(value).map(([name, entry]) => [mask(name), masked(entry, depth + 1)]),
		);
	};
	return masked(data, 0);
}

function inOneLine(text: string): string {
	// Signs that turn the direction of writing could make a sentence read as another.
	return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\s]+/gu, ' ').trim();
}

/** Puts the mask in the place of each form; a form of up to `short` characters only where it is a whole word. */
function maskerOf(forms: readonly string[], short: number): (text: string) => string {
	const known = [...new Set(forms)].filter((form) => form !== '');
	// Longest first: otherwise a short secret tears a longer one apart and leaves its rest.
	known.sort((a, b) => b.length - a.length);
	const shortest = known.at(-1)?.length ?? Infinity;
	const patterns = known.map((form) => (form.length > short ? form : wholeWord(form)));
	// Most texts of a large answer are too short to hold any.
	return (text) =>
		text.length < shortest
			? text
			: patterns.reduce<string>((rest, pattern) => rest.replaceAll(pattern, MASK), text);
}

function wholeWord(word: string): RegExp {
	const literal = word.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
	return new RegExp(`(?<![\\p{L}\\p{N}])${literal}(?![\\p{L}\\p{N}])`, 'gu');
}

function formsOfAll(secrets: readonly string[]): string[] {
	return [...new Set(secrets.flatMap((secret) => [secret, secret.trim()]))].flatMap(formsOf);
}

/** Every form in which a secret may come back in an answer: plain, in JSON, in a URL, in HTML, in base64. */
function formsOf(secret: string): string[] {
	if (secret === '') return [];
	const base64 = [secret, `${secret}:`].flatMap((text) => {
		const encoded = Buffer.from(text, 'utf8').toString('base64');
		return [encoded, encoded.replace(/=+$/, ''), Buffer.from(text, 'utf8').toString('base64url')];
	});
	// Most tokens are of signs that nobody escapes.
	if (/^[\w.-]+$/.test(secret)) return [secret, ...base64];
	return [secret, ...jsonForms(secret), ...urlForms(secret), ...htmlForms(secret), ...base64];
}

/** A text as it stands in JSON, also where more is escaped than must be. */
function jsonForms(text: string): string[] {
	const json = JSON.stringify(text).slice(1, -1);
	const ascii = escaped(json, /[^\x20-\x7e]/g);
	const forms = [json, ascii, escaped(ascii, /[<>&='+/]/g)];
	return forms.flatMap((form) => [
		form,
		form.replaceAll('/', '\\/'),
		form.replace(/\\u[\da-f]{4}/g, (code) => `\\u${code.slice(2).toUpperCase()}`),
	]);
}

function escaped(text: string, signs: RegExp): string {
	return text.replace(signs, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** A text as it stands in a URL or in a form; half a character, which cannot stand there, is left out. */
function urlForms(text: string): string[] {
	const whole = text.replace(/\p{Cs}/gu, '');
	const inForm = new URLSearchParams({ '': whole }).toString().slice(1);
	// Some encode five signs that JavaScript leaves as they are.
	const strict = encodeURIComponent(whole).replace(
		/[!'()*]/g,
		(sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
	);
	const encoded = [encodeURIComponent(whole), strict, inForm];
	return [
		...encoded,
		...encoded.map((form) => form.replace(/%[\dA-F]{2}/g, (code) => code.toLowerCase())),
	];
}

/** A text as it stands in HTML; there is more than one way to write an apostrophe. */
function htmlForms(text: string): string[] {
	const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
	return [
		escaped,
		...['&#39;', '&#039;', '&#x27;', '&apos;'].map((apostrophe) =>
			escaped.replaceAll("'", apostrophe),
		),
	].flatMap((form) => [form, form.replaceAll('"', '&quot;'), form.replaceAll('"', '&#34;')]);
}
