import type {
	ILoadOptionsFunctions,
	ResourceMapperField,
	ResourceMapperFields,
} from 'n8n-workflow';

import { isTool } from '../shared/tool';
import type { MethodParameter } from './catalogue';
import { parseMethod } from './method';
import { isPageParameter } from './pagination';

const NO_FIELDS =
	"The documented parameters of the method appear here. Others go under 'Additional Parameters'.";

/**
 * The documented parameters of the method that is chosen. n8n asks at every key in *By Path*, and for
 * expressions without data: it never throws.
 */
export async function getParameters(this: ILoadOptionsFunctions): Promise<ResourceMapperFields> {
	const operation: unknown = this.getCurrentNodeParameter('operation');
	const fields = documentedParameters(this)
		.filter(({ name }) => operation !== 'getMany' || !isPageParameter(name))
		.map((parameter) => toField(parameter, isTool(this)));
	return { fields, emptyFieldsNotice: NO_FIELDS };
}

function documentedParameters(context: ILoadOptionsFunctions): readonly MethodParameter[] {
	try {
		const typed: unknown = context.getCurrentNodeParameter('method', { extractValue: true });
		return parseMethod(typed, 'http://any.invalid').documentation?.parameters ?? [];
	} catch {
		return [];
	}
}

/** The values of a type that has no others. */
const BOOLEANS: Readonly<Record<string, readonly string[]>> = { boolean: ['true', 'false'] };

/** Every field is text: n8n sends typed ones as `0` and `false` where nobody has filled them in. */
function toField(
	{ name, type, mandatory, values = BOOLEANS[type] }: MethodParameter,
	isForModel: boolean,
): ResourceMapperField {
	const field = {
		id: name,
		displayName: name,
		required: mandatory === true,
		display: true,
		defaultMatch: false,
		canBeUsedToMatch: false,
	};
	// The model fills in text only.
	if (values === undefined || isForModel) return { ...field, type: 'string' };
	return { ...field, type: 'options', options: values.map((value) => ({ name: value, value })) };
}
