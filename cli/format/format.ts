import { Buffer } from "node:buffer";
import type { FormatName } from "../choices.js";
import { type Look, plainLook } from "../style.js";

/** What a column of a row can hold. */
export type Value = null | number | bigint | string | Uint8Array;

/** The text of a result, piece by piece, so that results larger than memory can be printed. */
export type Format = (columns: readonly string[], rows: Iterable<readonly Value[]>) => Iterable<string>;

/** Loads just the one that is wanted. Of the formats for machines a terminal sees no control characters either. */
export async function formatOf(name: FormatName, look: Look = plainLook): Promise<Format> {
	switch (name) {
		case "table":
			return (await import("./table.js")).tableFor(look);
		case "json":
			return displayed((await import("./json.js")).json, look);
		case "jsonl":
			return displayed((await import("./json.js")).jsonLines, look);
		case "csv":
			return displayed((await import("./csv.js")).csv, look);
		case "markdown":
			return (await import("./markdown.js")).markdown;
		case "line":
			return (await import("./line.js")).lineFor(look);
	}
}

function displayed(format: Format, { display }: Look): Format {
	return function* (columns, rows) {
		for (const piece of format(columns, rows)) yield display(piece);
	};
}

/** A value as people read it: NULL is visible, bytes are in hexadecimal, control characters spelt out, long values cut. */
export function readable(value: Value, visible: (text: string) => string, longest = 1_000_000): string {
	if (value === null) return "NULL";
	if (typeof value === "number" || typeof value === "bigint") return numberText(value);
	const begin = value.slice(0, longest);
	const text = typeof begin === "string" ? visible(begin) : `x'${hex(begin)}'`;
	if (value.length <= longest) return text;
	return `${text}… (${value.length} ${typeof value === "string" ? "characters" : "bytes"})`;
}

/** Numbers beyond 2^53 are REALs, as INTEGERs come as bigints there; in all their digits they would pass for INTEGERs. */
export function numberText(value: number | bigint): string {
	if (typeof value === "bigint") return String(value);
	if (Object.is(value, -0)) return "-0.0";
	return Number.isInteger(value) && !Number.isSafeInteger(value) ? value.toExponential() : String(value);
}

/** A REAL as SQL, or a load, reads it back: with all its digits, and never as an INTEGER. */
export function realText(value: number): string {
	if (!Number.isInteger(value)) return String(value);
	const text = Number.isSafeInteger(value) ? `${value}.0` : value.toExponential();
	return Object.is(value, -0) ? `-${text}` : text;
}

export function hex(bytes: Uint8Array): string {
	return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}
