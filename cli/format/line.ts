import { visible } from "../output.js";
import type { Look } from "../style.js";
import { type Format, readable } from "./format.js";

/** A line per value, and an empty line between rows: for rows too wide for a table. */
export function lineFor({ paint }: Look): Format {
	return function* (columns, rows) {
		const names = columns.map(visible);
		const width = Math.max(0, ...names.map((name) => name.length));
		let separator = "";
		for (const row of rows) {
			yield separator;
			for (const [i, value] of row.entries()) {
				const text = readable(value, visible);
				yield `${paint("heading", (names[i] ?? "").padStart(width))} = ${value === null ? paint("absent", text) : text}\n`;
			}
			separator = "\n";
		}
	};
}
