import type { ResourceMapperValue } from 'n8n-workflow';

/** The value of a resource locator, as a saved workflow has it. */
export function resourceLocator(mode: string, value: string) {
	return { __rl: true as const, mode, value };
}

/** A method of CRM.COM, entered by its name, such as `GET contact_information/show`. */
export function method(name: string) {
	return resourceLocator('name', name);
}

/** The value of a resource mapper. A workflow that was saved in the editor also has its schema. */
export function mapper(value: Record<string, unknown>): ResourceMapperValue {
	return {
		mappingMode: 'defineBelow',
		value: value as ResourceMapperValue['value'],
		matchingColumns: [],
		schema: [],
		attemptToConvertTypes: false,
		convertFieldsToString: false,
	};
}

/** The number of the contact that the fake server has. */
export const CONTACT_NUMBER = 'CI000111';

/** Call Method for the contact that the fake server has. */
export const showContact = {
	operation: 'callMethod',
	method: method('GET contact_information/show'),
	parameters: mapper({ contact_information_identifier: `number=${CONTACT_NUMBER}` }),
};
