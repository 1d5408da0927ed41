/** What a vendor sends is read member by member: nothing of it is certain to be there or of its type. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A member's text, or null where it is missing, empty or something else. */
export function getText(record: JsonObject, name: string): string | null {
	const value = Object.hasOwn(record, name) ? record[name] : undefined;
	return typeof value === 'string' && value !== '' ? value : null;
}
