import { visible } from "../output.js";
import { type Format, readable } from "./format.js";

/** A line per value, and an empty line between rows: for rows too wide for a table. */
export const line: Format = function* (columns, rows) {
	const names = columns.map(visible);
	const width = Math.max(0, ...names.map((name) => name.length));
	let separator = "";
	for (const row of rows) {
		yield separator;
		for (const [i, value] of row.entries()) yield `${(names[i] ?? "").padStart(width)} = ${readable(value, visible)}\n`;
		separator = "\n";
	}
};
