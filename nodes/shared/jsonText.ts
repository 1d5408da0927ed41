/** The position of one top-level member in an object's JSON text. */
interface MemberSpan {
	readonly name: string;
	readonly valueStart: number;
	readonly valueEnd: number;
}

/**
 * Sets one top-level member of an object given as JSON text, and leaves every other character as it is.
 *
 * @returns undefined if the text is not the JSON of an object.
 */
export function putMember(text: string, name: string, value: string | number): string | undefined {
	if (!isObjectText(text)) return undefined;
	const quoted = JSON.stringify(value);
	const members = topLevelMembers(text);
	const same = members.filter((member) => member.name === name);
	if (same.length === 0) {
		const inside = text.indexOf('{') + 1;
		const separator = members.length === 0 ? '' : ',';
		return `${text.slice(0, inside)}${JSON.stringify(name)}:${quoted}${separator}${text.slice(inside)}`;
	}
	// A name may be there more than once: each gets the value.
	const kept = same.map(({ valueStart }, index) =>
		text.slice(same[index - 1]?.valueEnd ?? 0, valueStart),
	);
	return [...kept, text.slice(same.at(-1)?.valueEnd)].join(quoted);
}

/** The members of an object given as JSON text: each value's JSON by name, in order. */
export function readMembers(text: string): ReadonlyMap<string, string> {
	return new Map(
		topLevelMembers(text).map(({ name, valueStart, valueEnd }) => [
			name,
			text.slice(valueStart, valueEnd).trim(),
		]),
	);
}

/** The JSON text of an object of such members. */
export function writeMembers(members: ReadonlyMap<string, string>): string {
	return `{${[...members].map(([name, json]) => `${JSON.stringify(name)}:${json}`).join(',')}}`;
}

/**
 * The value of a JSON text. A number that would lose digits becomes text.
 *
 * @returns undefined if the text is not JSON
 */
export function parseJson(text: string): unknown {
	try {
		return JSON.parse(quoteLongNumbers(text));
	} catch {
		return undefined;
	}
}

/** A number of 16 digits or more, between the punctuation that surrounds a JSON value. */
const LONG_NUMBER =
	/(?=[-\d])(?<=(?:^|[[:,])\s*)-?(?:\d\.?){16,}(?:e[+-]?\d+)?(?=\s*(?:$|[,}\]]))/gi;

/** A quick check first: most texts hold no such number. */
const SIXTEEN_DIGITS = /(?:\d\.?){16}/;

/** Puts the numbers that JSON.parse would round into quotes. */
function quoteLongNumbers(text: string): string {
	if (!SIXTEEN_DIGITS.test(text)) return text;
	const isInString = createStringFinder(text);
	return text.replace(LONG_NUMBER, (literal, index: number) =>
		!isInString(index) && losesDigits(literal) ? `"${literal}"` : literal,
	);
}

function losesDigits(literal: string): boolean {
	return significantDigits(literal) !== significantDigits(String(Number(literal)));
}

/** The look-behind keeps it from counting the zeros within a number again and again. */
function significantDigits(literal: string): string {
	return literal.replace(/e.*|[-.]/gi, '').replace(/^0+|(?<!0)0+$/g, '');
}

/** Tells whether an index of a JSON text is within a string. Indexes must be ascending. */
function createStringFinder(text: string): (index: number) => boolean {
	let isInString = false;
	let quote = text.indexOf('"');
	return (index) => {
		for (; quote >= 0 && quote < index; quote = text.indexOf('"', quote + 1)) {
			if (!isInString || !isEscaped(text, quote)) isInString = !isInString;
		}
		return isInString;
	};
}

function isEscaped(text: string, index: number): boolean {
	let first = index;
	while (text[first - 1] === '\\') first -= 1;
	return (index - first) % 2 === 1;
}

/** A string's text, and the JSON of every other value. */
export function textOfJson(json: string): string {
	return json.startsWith('"') ? (JSON.parse(json) as string) : json;
}

/** Whether a text is the JSON of an object. */
export function isObjectText(text: string): boolean {
	return text.trimStart().startsWith('{') && isStructuredText(text);
}

/** Whether a text is the JSON of an object or an array. */
export function isStructuredText(text: string): boolean {
	if (!/^\s*[[{]/.test(text)) return false;
	try {
		JSON.parse(text);
		return true;
	} catch {
		return false;
	}
}

/**
 * The members of an object, given as text. The text is known to be valid JSON, so looking at
 * strings and brackets is enough.
 */
function topLevelMembers(text: string): MemberSpan[] {
	const members: MemberSpan[] = [];
	let depth = 0;
	let name: string | undefined;
	let valueStart = -1;
	for (const { token, index } of tokensOf(text)) {
		const ends = depth === 1 && (token === ',' || token === '}');
		if (ends && name !== undefined) {
			const valueEnd = valueStart + text.slice(valueStart, index).trimEnd().length;
			members.push({ name, valueStart, valueEnd });
			name = undefined;
			valueStart = -1;
		}
		if (token === '{' || token === '[') depth += 1;
		else if (token === '}' || token === ']') depth -= 1;
		else if (depth === 1 && token === ':') valueStart = index + 1;
		else if (token.startsWith('"') && valueStart < 0) name = JSON.parse(token) as string;
	}
	return members;
}

/**
 * The strings and the punctuation of a JSON text. Scanned one character at a time, since a pattern
 * for a whole string fails on millions of escapes.
 */
function* tokensOf(text: string): Generator<{ readonly token: string; readonly index: number }> {
	const signs = /["\\{}[\],:]/g;
	let stringStart = -1;
	for (let sign = signs.exec(text); sign !== null; sign = signs.exec(text)) {
		const { 0: token, index } = sign;
		const isInString = stringStart >= 0;
		if (token === '\\') signs.lastIndex = index + 2;
		else if (token === '"' && isInString) {
			yield { token: text.slice(stringStart, index + 1), index: stringStart };
			stringStart = -1;
		} else if (token === '"') stringStart = index;
		else if (!isInString) yield { token, index };
	}
}
