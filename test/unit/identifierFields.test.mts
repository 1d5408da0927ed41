import { describe, expect, it } from '@jest/globals';

import { identifierFields, recordFields } from '../../nodes/CrmCom/identifierFields.ts';

describe('the fields that name a record', () => {
	it.each([
		['what its own page says', 'job_identifier', 'by code or id; optional', ['code', 'id']],
		['what is documented of its entity', 'job_identifier', undefined, ['number', 'id']],
		['its entity, if its page says nothing of it', 'job_identifier', 'mandatory', ['number', 'id']],
		['the entity at the end of its name', 'parent_job_identifier', undefined, ['number', 'id']],
		['the longer of two entities', 'user_wallet_identifier', undefined, ['number', 'id']],
		['nothing, if its entity is unknown', 'type_identifier', undefined, []],
		['nothing of a word that only ends so', 'myjob_identifier', undefined, []],
	])('are %s', (_what, name, note, fields) => {
		expect(identifierFields({ name, ...(note === undefined ? {} : { note }) })).toEqual(fields);
	});

	it.each([
		['invoice_identifier', ['number', 'id', 'reference_number', 'back_office_code']],
		['user_identifier', ['username', 'id']],
		['installed_item_identifier', ['serial_number', 'id', 'alternative_code']],
		['warehouse_identifier', ['name', 'id', 'alternative_code']],
		['type_identifier', ['id']],
	])('begin for %s with the one that people know', (name, fields) => {
		expect(recordFields({ name })).toEqual(fields);
	});

	it('begin with the one that people know, wherever it stands', () => {
		expect(recordFields({ name: 'x_identifier', note: 'by id, serial_number or name' })).toEqual([
			'name',
			'id',
			'serial_number',
		]);
	});
});
