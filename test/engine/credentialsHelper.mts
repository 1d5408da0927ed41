import {
	getCredentialOwnRequestAllowedDomains,
	ICredentialsHelper,
	injectDomainRestrictionFields,
	NodeHelpers,
	type ICredentialDataDecryptedObject,
	type ICredentialsExpressionResolveValues,
	type ICredentialType,
	type IDataObject,
	type IExecuteData,
	type IHttpRequestHelper,
	type IHttpRequestOptions,
	type INode,
	type INodeCredentialsDetails,
	type INodeProperties,
	type IRequestOptionsSimplified,
	type IWorkflowExecuteAdditionalData,
	type WorkflowExecuteMode,
} from 'n8n-workflow';

/** How the engine tests find a credential type: by its name, as n8n's registry does. */
type CredentialTypeOf = (name: string) => ICredentialType;

/**
 * A credentials helper that does what n8n's own does with `preAuthentication` and `authenticate`, on
 * credentials that are kept in memory. Every write-back is counted.
 */
export class EngineCredentials extends ICredentialsHelper {
	/** Credentials by id, as they were saved: expressions are text here. */
	readonly saved = new Map<string, ICredentialDataDecryptedObject>();
	/** How often n8n would have written a credential back to its database. */
	writes = 0;

	constructor(private readonly typeOf: CredentialTypeOf) {
		super();
	}

	getParentTypes(): string[] {
		return [];
	}

	isCredentialUsableByNode(): boolean {
		return true;
	}

	async authenticate(
		credentials: ICredentialDataDecryptedObject,
		typeName: string,
		requestOptions: IHttpRequestOptions | IRequestOptionsSimplified,
	): Promise<IHttpRequestOptions> {
		const { authenticate } = this.typeOf(typeName);
		if (typeof authenticate !== 'function') return requestOptions as IHttpRequestOptions;
		return await authenticate(credentials, requestOptions as IHttpRequestOptions);
	}

	async preAuthentication(
		helpers: IHttpRequestHelper,
		credentials: ICredentialDataDecryptedObject,
		typeName: string,
		node: INode,
		credentialsExpired: boolean,
	): Promise<ICredentialDataDecryptedObject | undefined> {
		const type = this.typeOf(typeName);
		const expirable = type.properties.find(
			(property) => property.type === 'hidden' && property.typeOptions?.expirable === true,
		);
		if (!expirable || !type.preAuthentication) return undefined;
		if (credentials[expirable.name] !== '' && !credentialsExpired) return undefined;
		const output = await type.preAuthentication.call(restricted(helpers, credentials), credentials);
		if (output[expirable.name] === undefined) return undefined;
		const details = node.credentials?.[typeName];
		if (!details) return undefined;
		await this.updateCredentials(details, typeName, {
			...this.saved.get(details.id ?? ''),
			...(output as ICredentialDataDecryptedObject),
		});
		return Object.assign(credentials, output);
	}

	async runPreAuthentication(): Promise<undefined> {
		return undefined;
	}

	async getCredentials(): Promise<never> {
		throw new Error('not needed by the engine');
	}

	async getDecrypted(
		_additionalData: IWorkflowExecuteAdditionalData,
		{ id }: INodeCredentialsDetails,
		typeName: string,
		mode: WorkflowExecuteMode,
		executeData?: IExecuteData,
		raw?: boolean,
		values?: ICredentialsExpressionResolveValues,
	): Promise<ICredentialDataDecryptedObject> {
		const saved = this.saved.get(id ?? '');
		if (!saved)
			throw new Error(`Credential with ID "${id}" does not exist for type "${typeName}".`);
		if (raw) return saved;
		const data = this.withDefaults(typeName, saved);
		if (!values) return data;
		return values.workflow.expression.getParameterValue(
			data as never,
			values.runExecutionData,
			values.runIndex,
			values.itemIndex,
			values.node.name,
			values.connectionInputData,
			mode,
			{},
			executeData,
			false,
			data,
		) as ICredentialDataDecryptedObject;
	}

	/** A credential as it is used: saved fields, and the defaults of the others. */
	withDefaults(
		typeName: string,
		saved: ICredentialDataDecryptedObject,
	): ICredentialDataDecryptedObject {
		const properties = this.getCredentialsProperties(typeName);
		return NodeHelpers.getNodeParameters(
			properties,
			saved as IDataObject as never,
			true,
			false,
			null,
			null,
		) as unknown as ICredentialDataDecryptedObject;
	}

	async updateCredentials(
		{ id }: INodeCredentialsDetails,
		_typeName: string,
		data: ICredentialDataDecryptedObject,
	): Promise<void> {
		this.writes += 1;
		this.saved.set(id ?? '', data);
	}

	async updateCredentialsOauthTokenData(): Promise<void> {}

	/** With the fields that n8n adds to every type, by which users restrict where it may be used. */
	getCredentialsProperties(typeName: string): INodeProperties[] {
		return injectDomainRestrictionFields(this.typeOf(typeName));
	}
}

/** The helpers of a hook, whose own requests go to the credential's allowed domains only. */
function restricted(
	{ helpers }: IHttpRequestHelper,
	credentials: ICredentialDataDecryptedObject,
): IHttpRequestHelper {
	const httpRequest = async (options: IHttpRequestOptions): Promise<unknown> => {
		const allowedDomains = getCredentialOwnRequestAllowedDomains(credentials);
		return await helpers.httpRequest(
			allowedDomains === undefined ? options : { ...options, allowedDomains },
		);
	};
	return { helpers: { httpRequest } };
}
