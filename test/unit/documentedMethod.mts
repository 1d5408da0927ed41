import type { MethodParameter } from '../../nodes/CrmCom/catalogue.ts';
import { createMethod, type Method } from '../../nodes/CrmCom/method.ts';
import type { HttpMethod } from '../../nodes/shared/http.ts';

/** A method that the catalogue lacks, with the documentation of some parameters. */
export function documentedMethod(
	httpMethod: HttpMethod,
	parameters: readonly MethodParameter[],
): Method {
	return {
		...createMethod(httpMethod, 'a/b'),
		documentation: {
			httpMethod,
			path: 'a/b',
			summary: 'Does something',
			isList: false,
			isPaged: false,
			parameters,
			source: 'https://crm.example.com',
		},
	};
}
