/** One request that reached a vendor, as it came. */
export interface Call {
	readonly vendor: 'crmCom' | 'aurea';
	readonly method: string;
	/** The method's name: the path without the base, with `{orgUid}` for an organization's uid. */
	readonly name: string;
	/** The path with its query. */
	readonly url: string;
	readonly headers: Readonly<Record<string, string | string[] | undefined>>;
	readonly body: string;
	/** The HTTP status of the answer; 0 while there is none, or where the connection was cut. */
	status: number;
	/** What the vendor thought of it: `OK`, or its code; undefined for a fault. */
	outcome?: string;
}

/** Every call that was made, in the order of arrival. */
export class CallLog {
	readonly all: Call[] = [];

	/** The calls of one method, such as `authentication/token`. */
	of(name: string): Call[] {
		return this.all.filter((call) => call.name === name);
	}

	count(name: string): number {
		return this.of(name).length;
	}

	/** All calls as `{ name: count }`: what tests compare, so that an unexpected call shows too. */
	counts(): Record<string, number> {
		const counts: Record<string, number> = {};
		for (const { name } of this.all) counts[name] = (counts[name] ?? 0) + 1;
		return counts;
	}

	clear(): void {
		this.all.length = 0;
	}
}
