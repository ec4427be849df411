import stringWidth from "string-width";
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
		yield* draw(columns, page);
		page = [];
		pages++;
	}
	if (page.length > 0 || pages === 0) yield* draw(columns, page);
};

/** Characters of a value. The width of a column is that of its widest value, for every line of a page. */
const longestCell = 10_000;

interface Column {
	readonly width: number;
	readonly align: "left" | "right";
}

/**
 * By hand: the packages that draw tables take a fifth of a millisecond for a row. Line by line, since one long value makes all
 * lines long.
 */
function* draw(names: readonly string[], rows: readonly (readonly Value[])[]): Generator<string> {
	const head = names.map((name) => linesOf(name));
	const cells = rows.map((row) => row.map(linesOf));
	const columns = head.map((lines, i): Column => {
		let width = widest(lines);
		for (const row of cells) width = Math.max(width, widest(row[i] ?? []));
		return { width, align: rows.length > 0 && rows.every((row) => isNumeric(row[i])) ? "right" : "left" };
	});
	const rules = columns.map(({ width }) => "─".repeat(width + 2));
	yield `┌${rules.join("┬")}┐\n`;
	yield* drawRow(
		columns.map(({ width }) => ({ width, align: "left" })),
		head,
	);
	if (rows.length > 0) yield `├${rules.join("┼")}┤\n`;
	for (const row of cells) yield* drawRow(columns, row);
	yield `└${rules.join("┴")}┘\n`;
}

/** As many lines as the tallest cell has. */
function* drawRow(columns: readonly Column[], cells: readonly (readonly string[])[]): Generator<string> {
	let height = 1;
	for (const lines of cells) height = Math.max(height, lines.length);
	for (let at = 0; at < height; at++) {
		const texts = columns.map(({ width, align }, i) => {
			const text = cells[i]?.[at] ?? "";
			const space = " ".repeat(width - widthOf(text));
			return align === "right" ? space + text : text + space;
		});
		yield `│ ${texts.join(" │ ")} │\n`;
	}
}

function isNumeric(value: Value | undefined): boolean {
	return value === null || typeof value === "number" || typeof value === "bigint";
}

function linesOf(value: Value): string[] {
	return readable(value, cellText, longestCell).split("\n");
}

/** A tab has no fixed width, which would break the lines of the table. */
function cellText(text: string): string {
	return visible(text).replaceAll("\t", "    ");
}

function widest(lines: readonly string[]): number {
	let width = 0;
	for (const line of lines) width = Math.max(width, widthOf(line));
	return width;
}

/** What most texts consist of: one column per character. */
const plain = /^[\x20-\x7e\xa1-\xac\xae-\u02ff]*$/;

function widthOf(text: string): number {
	return plain.test(text) ? text.length : stringWidth(text);
}
