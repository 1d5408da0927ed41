/** Reads what vendors send and expressions return: any of it may be anything. */

/** A JSON object, read member by member: any member may be missing or of another type. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A member's text, or null if it is missing, empty or of another type. */
export function getText(object: JsonObject, name: string): string | null {
	const value = Object.hasOwn(object, name) ? object[name] : undefined;
	return typeof value === 'string' && value !== '' ? value : null;
}

/** A member's finite number, or null if it is missing or of another type. */
export function getNumber(object: JsonObject, name: string): number | null {
	const value = Object.hasOwn(object, name) ? object[name] : undefined;
	return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
