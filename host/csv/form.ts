/**
 * Types that a column may be declared with besides integer, real and text. SQLite's affinity of all four is NUMERIC, which makes
 * numbers of texts that look like one ("2024" in a column DATE becomes 2024) and leaves every other text as it is. So they are
 * for columns all of whose values have the full form, which no number has; those stay the texts that they are.
 */
export type DeclaredType = "boolean" | "date" | "timestamp" | "json";

export const DECLARED_TYPES: readonly DeclaredType[] = ["boolean", "date", "timestamp", "json"];

/** What the values of each type look like, for messages. */
export const FORMS: Readonly<Record<DeclaredType, string>> = {
	boolean: "true or false",
	date: "a date of the form 2024-12-31",
	timestamp: "a time of the form 2024-12-31 23:59:59",
	json: "an object or an array of JSON",
};

const TIME =
	/^(\d{4}-\d\d-\d\d)[T ]([01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?(?:Z|[+-](?:[01]\d|2[0-3]):?[0-5]\d)?$/;
const DATE = /^\d{4}-\d\d-\d\d$/;

export function isDeclaredType(type: string): type is DeclaredType {
	return (DECLARED_TYPES as readonly string[]).includes(type);
}

/** The type whose form a value has. */
export function formOf(text: string): DeclaredType | undefined {
	return DECLARED_TYPES.find((type) => hasForm(text, type));
}

export function hasForm(text: string, type: DeclaredType): boolean {
	switch (type) {
		case "boolean":
			return /^(?:true|false)$/i.test(text);
		case "date":
			return DATE.test(text) && isDay(text);
		case "timestamp": {
			const day = TIME.exec(text)?.[1];
			return day !== undefined && isDay(day);
		}
		case "json":
			return /^\s*[{[]/.test(text) && isJson(text);
	}
}

function isDay(text: string): boolean {
	const [year = 0, month = 0, day = 0] = text.split("-").map(Number);
	if (month < 1 || month > 12 || day < 1) return false;
	const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
	return day <= ([31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] as number); // month is within
}

function isJson(text: string): boolean {
	try {
		JSON.parse(text);
		return true;
	} catch {
		return false;
	}
}
