/** The sqllogictest format: records, and values as it prints them. */

/** A value as both engines hand it over: every INTEGER a bigint, every REAL a number. */
export type SltValue = null | bigint | number | string | Uint8Array;

export type SltRecord = { readonly line: number } & (
	| { readonly kind: "statement"; readonly expects: "ok" | "error"; readonly sql: string }
	| {
			readonly kind: "query";
			readonly types: string;
			readonly sort: "nosort" | "rowsort" | "valuesort";
			readonly label: string;
			readonly sql: string;
			readonly expected: readonly string[];
	  }
	| { readonly kind: "reset" | "halt" }
);

/** Lines of text up to the next blank one. */
export interface Paragraph {
	/** Of the first line, from 1. */
	readonly line: number;
	readonly lines: readonly string[];
}

const ENGINE = "sqlite";

export function paragraphs(text: string): Paragraph[] {
	const found: Paragraph[] = [];
	let lines: string[] = [];
	let start = 0;
	for (const [i, line] of `${text}\n`.split(/\r?\n/).entries()) {
		if (line.trim() !== "") {
			if (lines.length === 0) start = i + 1;
			lines.push(line);
		} else {
			if (lines.length > 0) found.push({ line: start, lines });
			lines = [];
		}
	}
	return found;
}

/** The records for SQLite, in order. */
export function records(text: string): SltRecord[] {
	return paragraphs(text).flatMap((paragraph) => record(paragraph) ?? []);
}

function record(paragraph: Paragraph): SltRecord | undefined {
	const { line } = paragraph;
	const lines = paragraph.lines.filter((text) => !text.startsWith("#"));
	for (let first = lines[0]; first !== undefined && /^(skipif|onlyif)\b/.test(first); first = lines[0]) {
		const [word, engine] = first.split(/\s+/);
		if ((word === "skipif") === (engine === ENGINE)) return undefined;
		lines.shift();
	}
	const [command, ...words] = (lines.shift() ?? "").trim().split(/\s+/);
	switch (command) {
		case "halt":
		case "reset":
			return { line, kind: command };
		case "statement":
			return { line, kind: "statement", expects: words[0] === "error" ? "error" : "ok", sql: lines.join("\n") };
		case "query": {
			const [types = "", ...rest] = words;
			const sorted = rest[0] === "nosort" || rest[0] === "rowsort" || rest[0] === "valuesort" ? rest[0] : undefined;
			const label = (sorted === undefined ? rest[0] : rest[1]) ?? "";
			const divider = lines.indexOf("----");
			const sql = (divider === -1 ? lines : lines.slice(0, divider)).join("\n");
			const expected = divider === -1 ? [] : lines.slice(divider + 1);
			return { line, kind: "query", types, sort: sorted ?? "nosort", label, sql, expected };
		}
		default:
			return undefined;
	}
}

/** The values of all rows, sorted as asked for, as the format prints them. */
export function shownRows(rows: readonly (readonly SltValue[])[], types: string, sort: string): string[] {
	const texts = rows.map((row) => row.map((value, i) => shown(value, types[i] ?? "T")));
	if (sort === "rowsort") texts.sort(compareRows);
	const values = texts.flat();
	if (sort === "valuesort") values.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
	return values;
}

function shown(value: SltValue, type: string): string {
	if (value === null) return "NULL";
	if (type === "I") {
		if (typeof value === "bigint") return value.toString();
		if (typeof value === "number") return Number.isFinite(value) ? BigInt(Math.trunc(value)).toString() : "0";
		return String(Number.parseInt(textOf(value), 10) || 0);
	}
	if (type === "R") return threeDecimals(typeof value === "string" ? Number.parseFloat(value) || 0 : Number(value));
	const text = textOf(value);
	return text === "" ? "(empty)" : [...Buffer.from(text, "utf8")].map(printable).join("");
}

function printable(byte: number): string {
	return byte < 32 || byte > 126 ? "@" : String.fromCharCode(byte);
}

function textOf(value: Exclude<SltValue, null>): string {
	if (typeof value === "number") return realText(value);
	return value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : value.toString();
}

/** `%.3f` of at most 16 significant digits. */
function threeDecimals(number: number): string {
	if (!Number.isFinite(number)) return number > 0 ? "Inf" : "-Inf";
	if (Math.abs(number) < 1e13) return number.toFixed(3);
	const [digits = "", exponent] = number.toExponential(15).split("e");
	const [sign = "", whole = ""] = /^(-?)(.*)$/.exec(digits.replace(".", ""))?.slice(1) ?? [];
	const length = Number(exponent) + 1;
	return `${sign}${whole.slice(0, length).padEnd(length, "0")}.${whole.slice(length).padEnd(3, "0")}`;
}

/** SQLite's text of a real: 15 digits, and always a point. */
export function realText(number: number): string {
	if (!Number.isFinite(number)) return number > 0 ? "Inf" : "-Inf";
	const [digits = "", exponent] = number.toExponential(14).split("e");
	const power = Number(exponent);
	const point = (text: string) => (text.includes(".") ? text : `${text}.0`);
	if (power >= -5 && power < 15)
		return point(
			Number(number.toPrecision(15))
				.toFixed(Math.max(0, 14 - power))
				.replace(/\.?0+$/, ""),
		);
	const size = String(Math.abs(power)).padStart(2, "0");
	return `${point(digits.replace(/\.?0+$/, ""))}e${power < 0 ? "-" : "+"}${size}`;
}

function compareRows(a: readonly string[], b: readonly string[]): number {
	for (const [i, value] of a.entries()) {
		const other = b[i] ?? "";
		if (value !== other) return value < other ? -1 : 1;
	}
	return 0;
}
