/**
 * What a column's values are. The rule is that nothing is lost but what a type is meant to lose:
 *
 * | text | is |
 * | --- | --- |
 * | `0`, `-17`, up to 64 bits signed | integer |
 * | `1.50`, `.5`, `1e5`, `-0`, whatever a double holds within its precision | real |
 * | `007`, `+49`, `1e400`, `1e-400`, integers beyond 64 bits, `NULL`, ` 5`, anything else | text |
 * | nothing at all | NULL in integer and real columns, the empty text in text columns; tells nothing of the type |
 *
 * A column is integer where all its values are, real where they are numbers, and text otherwise. Integers beyond 2^53
 * have no exact double, so beside a real they make their column text.
 */
export type ColumnType = "integer" | "real" | "text";

/** A value that SQL takes as a parameter. */
export type FieldValue = number | bigint | string | null;

/** The kinds of values seen in a column, as bits. */
export const Seen = { nothing: 0, integer: 1, wideInteger: 2, real: 4, text: 8 } as const;

const integerText = /^(?:0|-?[1-9][0-9]*)$/;
const realText = /^-?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;
const minus = 45;
const dot = 46;

/** The bit of one value. */
export function classify(text: string): number {
	if (text === "") return Seen.nothing;
	const first = text.charCodeAt(0);
	if (first > 57 || (first < 48 && first !== minus && first !== dot)) return Seen.text;
	if (integerText.test(text)) return classifyInteger(text);
	if (!realText.test(text)) return Seen.text;
	const value = Number(text);
	if (!Number.isFinite(value)) return Seen.text;
	// Zero by underflow: `1e-400` is not 0.
	return value === 0 && /[1-9]/.test(text.split(/e/i)[0] ?? "") ? Seen.text : Seen.real;
}

function classifyInteger(text: string): number {
	if (text.length < 16 || Number.isSafeInteger(Number(text))) return Seen.integer;
	if (text.length > 20) return Seen.text;
	const value = BigInt(text);
	return BigInt.asIntN(64, value) === value ? Seen.wideInteger : Seen.text;
}

export function typeOf(seen: number): ColumnType {
	if ((seen & Seen.text) !== 0 || seen === Seen.nothing) return "text";
	if ((seen & Seen.real) === 0) return "integer";
	return (seen & Seen.wideInteger) === 0 ? "real" : "text";
}

/** Whether a value of that kind can stand in a column whose type is fixed. */
export function fits(seen: number, type: ColumnType): boolean {
	if (type === "text") return true;
	return (seen & (type === "integer" ? Seen.real | Seen.text : Seen.text)) === 0;
}

/** The value to store; `text` fits the type. */
export function convert(text: string, type: ColumnType): FieldValue {
	if (type === "text") return text;
	if (text === "") return null;
	const value = Number(text);
	return type === "real" || Number.isSafeInteger(value) ? value : BigInt(text);
}
