import { type Format, hex, numberText, type Value } from "./format.js";

/** An array of objects. 64-bit integers are written with all their digits, bytes in hexadecimal. */
export const json: Format = function* (columns, rows) {
	let separator = "[\n";
	for (const row of rows) {
		yield `${separator}\t${objectOf(columns, row)}`;
		separator = ",\n";
	}
	yield separator === "[\n" ? "[]\n" : "\n]\n";
};

/** An object per line. */
export const jsonLines: Format = function* (columns, rows) {
	for (const row of rows) yield `${objectOf(columns, row)}\n`;
};

/** By hand, since JSON.stringify knows no 64-bit integers and would move columns named by numbers to the front. */
function objectOf(columns: readonly string[], row: readonly Value[]): string {
	return `{${columns.map((name, i) => `${JSON.stringify(name)}:${jsonOf(row[i] ?? null)}`).join(",")}}`;
}

function jsonOf(value: Value): string {
	// JSON has no infinity; a number beyond the largest double is read back as one.
	if (typeof value === "number" && !Number.isFinite(value)) return value > 0 ? "1e999" : "-1e999";
	if (typeof value === "number" || typeof value === "bigint") return numberText(value);
	return JSON.stringify(value instanceof Uint8Array ? hex(value) : value);
}
