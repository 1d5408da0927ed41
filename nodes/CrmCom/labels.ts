/** Words with a spelling of their own. */
const WORDS: Readonly<Record<string, string>> = {
	atlernative: 'Alternative',
	id: 'ID',
	per: 'per',
	udf: 'UDF',
	url: 'URL',
	vat: 'VAT',
};

/** Long words of the Web API, and what people say instead. The editor shows the first 21 characters of a label. */
const SHORTER: ReadonlyArray<readonly [RegExp, string]> = [
	[/_identifier(?=_|$)/, ''],
	[/accounts_receivable/, 'account'],
	[/contact_information/, 'contact'],
	[/additive_discount_definition/, 'discount_definition'],
	[/accumulated_maximum_(rated_)?/, 'max_'],
	[/_set$/, ''],
];

/** A parameter in people's words: `accounts_receivable_identifier` is an Account. */
export function parameterLabel(name: string): string {
	// An account's data, not a reference to an account.
	if (name === 'accounts_receivable') return 'Account Data';
	if (name === 'fields_set') return 'Fields to Return';
	const short = SHORTER.reduce((text, [long, word]) => text.replace(long, word), name);
	return titleCase(short);
}

/** A parameter as an error names it: by its label in the editor, and by its API name for models and the vendor. */
export function parameterInWords(name: string): string {
	return `'${parameterLabel(name)}' (${name})`;
}

/** `FACE_TO_FACE` as Face To Face. */
export function titleCase(name: string): string {
	return name
		.toLowerCase()
		.split('_')
		.map((word) => WORDS[word] ?? `${word.charAt(0).toUpperCase()}${word.slice(1)}`)
		.join(' ');
}
