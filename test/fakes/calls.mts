/** One request that reached a vendor, as it came. */
export interface Call {
	readonly vendor: string;
	readonly method: string;
	/** The method's name: the path without the base, with `{orgUid}` for an organization's uid. */
	readonly name: string;
	/** The path with its query. */
	readonly url: string;
	readonly headers: Readonly<Record<string, string | string[] | undefined>>;
	readonly body: string;
	/** The HTTP status of the answer; 0 while there is none, or if the connection was cut. */
	status: number;
	/** The vendor's result: `OK`, or its code; undefined for a fault. */
	outcome?: string;
}

/** Every call that was made, in the order of arrival. */
export class CallLog {
	readonly all: Call[] = [];
	private readonly listeners: Array<(call: Call) => void> = [];
	/** Unanswered calls now, and at most, by name. */
	private readonly open = new Map<string, { now: number; most: number }>();

	/** Notes a call as it arrives. */
	begin(call: Call): void {
		this.all.push(call);
		const open = this.open.get(call.name) ?? { now: 0, most: 0 };
		open.now += 1;
		this.open.set(call.name, { now: open.now, most: Math.max(open.most, open.now) });
		for (const listener of this.listeners) listener(call);
	}

	/** Notes that a call is about to be answered. */
	end({ name }: Call): void {
		const open = this.open.get(name);
		if (open) open.now -= 1;
	}

	/** Reports each call of a method, or each call of any method, as it arrives. */
	onCall(name: string | undefined, tell: (call: Call) => void): void {
		this.listeners.push((call) => {
			if (name === undefined || call.name === name) tell(call);
		});
	}

	/** The maximum number of concurrent calls of a method. */
	mostAtOnce(name: string): number {
		return this.open.get(name)?.most ?? 0;
	}

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
