import type { MethodParameter } from './catalogue';

/** Fields that name a record, by entity (documented, each on its pages). Others are unknown. */
const FIELDS_BY_ENTITY: Readonly<Record<string, readonly string[]>> = {
	accounts_receivable: ['number', 'id', 'name'],
	ad_hoc_discount: ['number', 'id'],
	contact_information: [
		'id',
		'id_number',
		'passport_number',
		'social_security_number',
		'vat_registration_number',
		'registration_number',
	],
	currency: ['code', 'id'],
	installed_item: ['serial_number', 'id', 'alternative_code'],
	invoice: ['number', 'id', 'reference_number', 'back_office_code'],
	job: ['number', 'id'],
	payment: ['number', 'id', 'reference_number', 'back_office_code'],
	product: ['code', 'id', 'alternative_code'],
	rewards_participant: ['number', 'id'],
	segmentation: ['number', 'id'],
	service_request: ['number', 'id'],
	subscription: ['number', 'id'],
	unit: ['name', 'id', 'alternative_code'],
	user: ['username', 'id'],
	wallet: ['number', 'id'],
	warehouse: ['name', 'id', 'alternative_code'],
	webhook_request: ['number', 'id'],
};

/** A field's name in a note, as opposed to a word of its sentence. */
const FIELD = /\b(?:id|name|code|number|username|[a-z]+(?:_[a-z]+)*_(?:id|name|code|number))\b/g;

/**
 * The fields by which an identifier names its record: what its own page says, else what is documented of
 * its entity. A name such as `type_identifier` means another entity in each method, so it says nothing.
 */
export function identifierFields({
	name,
	note,
}: Pick<MethodParameter, 'name' | 'note'>): readonly string[] {
	const [, said = ''] = /\bby ([^;.]+)/.exec(note ?? '') ?? [];
	const named = said.match(FIELD) ?? [];
	if (named.length > 0) return named;
	const entity = Object.keys(FIELDS_BY_ENTITY).find((known) =>
		`_${name}`.endsWith(`_${known}_identifier`),
	);
	return entity === undefined ? [] : (FIELDS_BY_ENTITY[entity] ?? []);
}

const KNOWN_TO_PEOPLE = ['number', 'code', 'username', 'name'];

/** The fields that name a record, best-known first. Every record has an ID (documented). */
export function recordFields(parameter: Pick<MethodParameter, 'name' | 'note'>): readonly string[] {
	const fields = [...identifierFields(parameter), 'id'];
	const known = KNOWN_TO_PEOPLE.find((field) => fields.includes(field));
	return [...new Set(known === undefined ? fields : [known, ...fields])];
}
