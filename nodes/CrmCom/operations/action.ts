import type { Operation } from '../../shared/operations';
import { assertAlternative, assertContent, readActionFields } from '../actionParameters';
import { isListOperation, type Action } from '../actions';
import type { CallSource } from '../call';
import { VERBS, type Method } from '../method';
import { readAdditional } from '../methodParameters';
import { toParameters } from '../parameters';
import { callEach } from './callMethod';
import { readEach } from './getMany';

/** An action as an operation: Call Method or Get Many, with the method that it stands for. */
export function actionOperation(action: Action, method: Method): Operation {
	const { value, name, action: text } = action;
	const { summary, since } = method.documentation ?? {};
	const source: CallSource = {
		isCertainlyRead: () => VERBS[method.httpMethod].isRead,
		readMethod: () => method,
		readParameters(context, itemIndex) {
			const given = [
				...readActionFields(context, itemIndex, action, method),
				...readAdditional(context, itemIndex),
			];
			const parameters = toParameters(given, method);
			assertAlternative(action, method, parameters);
			assertContent(method, parameters);
			return parameters;
		},
	};
	return {
		option: {
			name,
			value,
			action: text,
			description: [summary, since && `since CRM.COM ${since}`].filter(Boolean).join(', '),
		},
		async execute() {
			return await (isListOperation(value) ? readEach : callEach)(this, source);
		},
	};
}
