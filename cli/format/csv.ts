import { type Format, hex, realText, type Value } from "./format.js";

/**
 * RFC 4180 with line feeds. NULL is an empty field, the empty text a quoted one. INTEGERs come as bigints, so that a REAL shows that
 * it is one: a load makes of the column what it was.
 */
export const csv: Format = function* (columns, rows) {
	yield `${columns.map(field).join(",")}\n`;
	for (const row of rows) yield `${row.map(field).join(",")}\n`;
};

function field(value: Value): string {
	if (value === null) return "";
	if (typeof value === "bigint") return String(value);
	if (typeof value === "number") return realText(value);
	const text = value instanceof Uint8Array ? hex(value) : value;
	return text === "" || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
