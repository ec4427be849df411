import { type Format, hex, numberText, type Value } from "./format.js";

/** RFC 4180 with line feeds. NULL is an empty field, the empty text a quoted one. */
export const csv: Format = function* (columns, rows) {
	yield `${columns.map(field).join(",")}\n`;
	for (const row of rows) yield `${row.map(field).join(",")}\n`;
};

function field(value: Value): string {
	if (value === null) return "";
	if (typeof value === "number" || typeof value === "bigint") return numberText(value);
	const text = value instanceof Uint8Array ? hex(value) : value;
	return text === "" || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
