import { visible } from "../output.js";
import { type Format, readable } from "./format.js";

export const markdown: Format = function* (columns, rows) {
	yield line(columns.map(cell));
	yield line(columns.map(() => "---"));
	for (const row of rows) yield line(row.map((value) => readable(value, cell)));
};

function line(cells: readonly string[]): string {
	return `| ${cells.join(" | ")} |\n`;
}

function cell(text: string): string {
	return visible(text).replaceAll("\\", "\\\\").replaceAll("|", "\\|").replace(/\r?\n/g, "<br>");
}
