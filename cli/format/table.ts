import Table from "cli-table3";
import { visible } from "../output.js";
import { type Format, readable, type Value } from "./format.js";

/** Widths are those of a page of rows, so that memory stays bounded; the next page is a table of its own. */
const pageRows = 1000;

/** A drawn table; numbers stand to the right. Widths count terminal columns, not characters. */
export const table: Format = function* (columns, rows) {
	let page: (readonly Value[])[] = [];
	let pages = 0;
	for (const row of rows) {
		page.push(row);
		if (page.length < pageRows) continue;
		yield draw(columns, page);
		page = [];
		pages++;
	}
	if (page.length > 0 || pages === 0) yield draw(columns, page);
};

function draw(columns: readonly string[], rows: readonly (readonly Value[])[]): string {
	const drawn = new Table({
		head: columns.map(visible),
		colAligns: columns.map((_, i) => (rows.length > 0 && rows.every((row) => isNumeric(row[i])) ? "right" : "left")),
		style: { head: [], border: [], compact: true },
	});
	for (const row of rows) drawn.push(row.map((value) => readable(value, cellText)));
	return `${drawn.toString()}\n`;
}

function isNumeric(value: Value | undefined): boolean {
	return value === null || typeof value === "number" || typeof value === "bigint";
}

/** A tab has no fixed width, which would break the lines of the table. */
function cellText(text: string): string {
	return visible(text).replaceAll("\t", "    ");
}
