import { visible } from "../output.js";
import { type Look, plainLook, type Role } from "../style.js";
import { cut, fitted, widthOf } from "./fit.js";
import { type Format, readable, type Value } from "./format.js";
import { lineFor } from "./line.js";

/** Widths are those of a page of rows, so that memory stays bounded; the next page is a table of its own. */
const pageRows = 1000;

/**
 * A drawn table; numbers stand to the right. Widths count terminal columns, not characters. Where it would be wider than the
 * terminal, its widest columns are cut; where that is not enough, each row is shown line by line.
 */
export function tableFor(look: Look): Format {
	return function* (columns, rows) {
		let page: (readonly Value[])[] = [];
		let pages = 0;
		for (const row of rows) {
			page.push(row);
			if (page.length < pageRows) continue;
			yield* draw(columns, page, look);
			page = [];
			pages++;
		}
		if (page.length > 0 || pages === 0) yield* draw(columns, page, look);
	};
}

export const table: Format = tableFor(plainLook);

/** Characters of a value. The width of a column is that of its widest value, for every line of a page. */
const longestCell = 10_000;

interface Column {
	readonly width: number;
	readonly align: "left" | "right";
}

/** What a line of a cell is painted as; undefined for plain text. */
type RoleOf = (column: number) => Role | undefined;

/**
 * By hand: the packages that draw tables take a fifth of a millisecond for a row. Line by line, since one long value makes all
 * lines long.
 */
function* draw(names: readonly string[], rows: readonly (readonly Value[])[], look: Look): Generator<string> {
	const head = names.map((name) => linesOf(name));
	const cells = rows.map((row) => row.map(linesOf));
	const widths = head.map((lines, i) => {
		let width = widest(lines);
		for (const row of cells) width = Math.max(width, widest(row[i] ?? []));
		return width;
	});
	const areNumbers = head.map((_, i) => rows.length > 0 && rows.every((row) => isNumeric(row[i])));
	const fit = fitted(widths, areNumbers, look.width);
	if (fit === undefined) {
		yield* lineFor(look)(names, rows);
		return;
	}
	const columns = fit.map((width, i): Column => ({ width, align: areNumbers[i] === true ? "right" : "left" }));
	const rules = columns.map(({ width }) => "─".repeat(width + 2));
	yield `┌${rules.join("┬")}┐\n`;
	const heads = columns.map(({ width }): Column => ({ width, align: "left" }));
	yield* drawRow(heads, head, look, () => "heading");
	if (rows.length > 0) yield `├${rules.join("┼")}┤\n`;
	for (const [at, row] of cells.entries()) {
		yield* drawRow(columns, row, look, (column) => {
			const value = rows[at]?.[column];
			if (value === null) return "absent";
			return typeof value === "number" || typeof value === "bigint" ? "number" : undefined;
		});
	}
	yield `└${rules.join("┴")}┘\n`;
}

/** As many lines as the tallest cell has. */
function* drawRow(
	columns: readonly Column[],
	cells: readonly (readonly string[])[],
	{ paint }: Look,
	roleOf: RoleOf,
): Generator<string> {
	let height = 1;
	for (const lines of cells) height = Math.max(height, lines.length);
	for (let at = 0; at < height; at++) {
		const texts = columns.map(({ width, align }, i) => {
			const text = cut(cells[i]?.[at] ?? "", width);
			const space = " ".repeat(width - widthOf(text));
			const role = roleOf(i);
			const painted = role === undefined ? text : paint(role, text);
			return align === "right" ? space + painted : painted + space;
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
