/** A request as a vendor sees it. */
export interface FakeRequest {
	readonly method: string;
	readonly path: string;
	readonly query: URLSearchParams;
	readonly headers: Readonly<Record<string, string | string[] | undefined>>;
	/** The members of a JSON body; any other has none. */
	readonly body: Readonly<Record<string, unknown>>;
}

export interface FakeResponse {
	readonly status: number;
	/** JSON, or the text of a page. */
	readonly body: unknown;
	/** `OK`, or the vendor's error code. */
	readonly outcome: string;
}

/** A credential of n8n: its name, and its fields. */
export interface FakeCredential {
	readonly name: string;
	readonly data: Readonly<Record<string, string>>;
}

/** A vendor's API with state, and what n8n and a person need to use it. */
export interface FakeVendor {
	/** Where it listens, as a user would type it into a credential. */
	url: string;
	/** The name that calls of a path are counted under. */
	nameOf(path: string): string;
	answer(request: FakeRequest): FakeResponse;
	/** A credential of each type, for the first user. */
	credentials(): Record<string, FakeCredential>;
	/** Adds a user or a key that nobody else has. @returns the fields of its credential that differ */
	addLogin(credentialType: string, number: number): Record<string, string>;
	/** Every password and key. */
	loginSecrets(): string[];
	/** Every token of a session. */
	tokens(): string[];
	/** What a person types to log in, and a call to try. */
	help(): string;
}
