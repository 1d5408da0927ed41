import type {
	ILoadOptionsFunctions,
	INodePropertyOptions,
	ResourceMapperField,
	ResourceMapperFields,
} from 'n8n-workflow';

import { isTool } from '../shared/tool';
import type { MethodParameter } from './catalogue';
import { parameterLabel, titleCase } from './labels';
import { parseMethod } from './methodInput';
import { isPageParameter } from './pagination';

const NO_FIELDS =
	"The documented parameters of the method appear here. Others go under 'Undocumented Parameters'.";

/**
 * The documented parameters of the method that is chosen. n8n asks at every keystroke in *By Path*, and for
 * expressions without data, so it never throws.
 */
export async function getParameters(this: ILoadOptionsFunctions): Promise<ResourceMapperFields> {
	const fields = documentedParameters(this).map((parameter) => toField(parameter, isTool(this)));
	return { fields, emptyFieldsNotice: NO_FIELDS };
}

/** The names of the same parameters, with what the documentation says of them. */
export async function getParameterNames(
	this: ILoadOptionsFunctions,
): Promise<INodePropertyOptions[]> {
	return documentedParameters(this).map(({ name, note }) => ({
		name,
		value: name,
		...(note === undefined ? {} : { description: note }),
	}));
}

function documentedParameters(context: ILoadOptionsFunctions): readonly MethodParameter[] {
	try {
		const typed: unknown = context.getCurrentNodeParameter('method', { extractValue: true });
		const { documentation } = parseMethod(typed, 'http://any.invalid');
		const operation: unknown = context.getCurrentNodeParameter('operation');
		return (documentation?.parameters ?? []).filter(
			({ name }) => operation !== 'getMany' || !isPageParameter(name),
		);
	} catch {
		return [];
	}
}

/** All values of a type. */
const BOOLEANS: Readonly<Record<string, readonly string[]>> = { boolean: ['true', 'false'] };

/** Every field is text: n8n sends unfilled ones of other types as `0` and `false`. */
function toField(
	{ name, type, mandatory, note, values = BOOLEANS[type] }: MethodParameter,
	isForModel: boolean,
): ResourceMapperField {
	const field = {
		id: name,
		// The editor names the model's keys after it.
		displayName: isForModel ? name : parameterLabel(name),
		required: mandatory === true,
		display: true,
		defaultMatch: false,
		canBeUsedToMatch: false,
	};
	// The model fills in text only.
	if (values === undefined || isForModel) return { ...field, type: 'string' };
	const options = values.map((value) => ({
		name: titleCase(value),
		value,
		...(note === undefined ? {} : { description: note }),
	}));
	return { ...field, type: 'options', options };
}
