/**
 * Entries that a bulk call has refused although its code is OK. It answers with sets named
 * `processed_…` and `unprocessed_…`; the rows of the latter have `error_code` and `error_description`
 * (documented).
 */
import { ApiError } from '../shared/errors';
import { getText, isJsonObject, type JsonObject } from '../shared/jsonObject';
import { toDisplayText } from '../shared/redact';

/** How many entries are described. */
const MAX_TOLD = 3;

interface PartialErrors {
	readonly count: number;
	/** How many entries the call has carried out. */
	readonly processed: number;
	/** The code of the first refusal. */
	readonly code: string | undefined;
	/** Whether the vendor has said which ones it has carried out. */
	readonly isToldWhole: boolean;
	/** A sentence with the first refusals, in the vendor's words. */
	readonly text: string;
	/** What the refused entries are called, if the text does not name them all. */
	readonly names: readonly string[];
}

/**
 * The refused entries in a response's data, or undefined if there are none.
 *
 * @param secrets to mask, since the vendor's words may repeat what was sent
 */
export function findPartialErrors(
	data: unknown,
	secrets: readonly string[],
): PartialErrors | undefined {
	if (!isJsonObject(data)) return undefined;
	const refused = entriesOf(data, 'unprocessed_');
	const [first] = refused;
	if (first === undefined) return undefined;
	const told = refused.slice(0, MAX_TOLD).map((entry) => describe(entry, secrets));
	const more = refused.length - told.length;
	const processed = entriesOf(data, 'processed_').length;
	return {
		count: refused.length,
		processed,
		isToldWhole: setsOf(data, 'processed_').length > 0,
		code: codeOf(first, secrets),
		text: `CRM.COM has refused ${refused.length} of ${refused.length + processed} entries: ${told.join('; ')}${more > 0 ? `; and ${more} more` : ''}`,
		names: more > 0 ? refused.flatMap((entry) => nameOf(entry, secrets) ?? []) : [],
	};
}

/** The refused entries as an error, which says what may be repeated. */
export function partialError(errors: PartialErrors): ApiError {
	return new ApiError(errors.text, {
		advice: adviseOn(errors),
		vendorCode: errors.code,
		reason: 'rejected',
		mayBeDone: errors.processed > 0 || !errors.isToldWhole,
	});
}

function adviseOn({ processed, isToldWhole, names }: PartialErrors): string {
	// The call cannot be repeated to find them out.
	const refused = names.length === 0 ? '' : `. Refused: ${names.join(', ')}`;
	if (!isToldWhole)
		return `CRM.COM does not say which entries it has carried out: check that before you send any again${refused}`;
	return processed === 0
		? 'None of the entries was carried out: correct them and send them again'
		: `Send only the refused entries again: ${processed} ${processed === 1 ? 'was' : 'were'} carried out${refused}`;
}

/** The sets whose names begin with a prefix. */
function setsOf(data: JsonObject, prefix: string): unknown[][] {
	return Object.entries(data)
		.filter(([name]) => name.startsWith(prefix))
		.flatMap(([, set]) => {
			if (Array.isArray(set)) return [set];
			if (!isJsonObject(set)) return [];
			// A set of one entry may be the entry itself.
			return [Object.keys(set).length === 0 ? [] : [set]];
		});
}

function entriesOf(data: JsonObject, prefix: string): unknown[] {
	return setsOf(data, prefix).flat();
}

function codeOf(entry: unknown, secrets: readonly string[]): string | undefined {
	const code = isJsonObject(entry) ? getText(entry, 'error_code') : null;
	return code === null ? undefined : toDisplayText(code, secrets);
}

function describe(entry: unknown, secrets: readonly string[]): string {
	if (!isJsonObject(entry)) return 'an entry';
	const name = nameOf(entry, secrets);
	const given =
		getText(entry, 'error_description') ?? getText(entry, 'error_code') ?? 'without a reason';
	const why = toDisplayText(given, secrets);
	return name === undefined ? why : `${name}: ${why}`;
}

/** What the caller has called an entry. */
function nameOf(entry: unknown, secrets: readonly string[]): string | undefined {
	const name = isJsonObject(entry) ? getText(entry, 'request_unique_identifier') : null;
	return name === null ? undefined : toDisplayText(name, secrets);
}
