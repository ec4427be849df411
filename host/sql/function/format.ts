/**
 * printf() and format() as SQLite has them. Widths and precisions count bytes of UTF-8 (characters under `!`), so text
 * that is not ASCII is worked on as a string of its bytes.
 */

import { Buffer } from "node:buffer";
import { sqlError } from "../parse/source.js";
import { toInteger, toNumeric, toText } from "../value/convert.js";
import { formatReal } from "../value/decimal.js";
import { beforeNul } from "../value/text.js";
import type { NumericValue, Value } from "../value/value.js";
import { toDouble } from "../value/value.js";
import { MAX_LENGTH_BYTES, toInt32 } from "./limits.js";

interface Flags {
	left: boolean;
	/** What stands before a number that is not negative. */
	prefix: "" | "+" | " ";
	alternate: boolean;
	long: boolean;
	zeros: boolean;
	thousands: boolean;
	width: number;
	/** -1 for none. */
	precision: number;
}

/** Text as one character per byte of its UTF-8. */
function bytesOf(text: string): string {
	return /[^\0-\x7f]/.test(text) ? Buffer.from(text, "utf8").toString("latin1") : text;
}

function textOf(bytes: string): string {
	return /[^\0-\x7f]/.test(bytes) ? Buffer.from(bytes, "latin1").toString("utf8") : bytes;
}

/** C text: up to the first NUL. */
function cText(value: Value): string | null {
	const text = toText(value);
	return text === null ? null : bytesOf(beforeNul(text));
}

class Arguments {
	readonly #values: readonly Value[];
	#next = 1;

	constructor(values: readonly Value[]) {
		this.#values = values;
	}

	/** NULL behind the last one. */
	#take(): Value {
		return this.#values[this.#next++] ?? null;
	}

	integer(): number | bigint {
		return toInteger(this.#take()) ?? 0;
	}

	/** What a C int keeps of an INTEGER. */
	int(): number {
		return toInt32(this.integer());
	}

	real(): number {
		return toDouble(toNumeric(this.#take()) ?? (0 as NumericValue));
	}

	text(): string | null {
		return cText(this.#take());
	}
}

const DIGIT = /[0-9]/;

function isDigit(character: string | undefined): boolean {
	return character !== undefined && DIGIT.test(character);
}

/** A conversion's text and the flags in force at its end, or null where it ends the whole format. */
type Conversion = { readonly body: string; readonly width: number } | null;

/** Reads flags, width and precision from `start` on; answers with the index of the conversion's letter. */
function readFlags(format: string, start: number, values: Arguments): { readonly flags: Flags; readonly at: number } {
	const flags: Flags = {
		left: false,
		prefix: "",
		alternate: false,
		long: false,
		zeros: false,
		thousands: false,
		width: 0,
		precision: -1,
	};
	let at = start;
	const number = (): number => {
		let value = 0;
		for (; isDigit(format[at]); at++) value = (Math.imul(value, 10) + Number(format[at])) >>> 0;
		return value & 0x7fffffff;
	};
	for (;;) {
		const character = format[at];
		if (character === "-") flags.left = true;
		else if (character === "+" || character === " ") flags.prefix = character;
		else if (character === "#") flags.alternate = true;
		else if (character === "!") flags.long = true;
		else if (character === "0") flags.zeros = true;
		else if (character === ",") flags.thousands = true;
		else if (isDigit(character)) {
			flags.width = number();
			if (format[at] !== "." && format[at] !== "l") return { flags, at };
			continue;
		} else if (character === "*") {
			const width = values.int();
			if (width < 0) flags.left = true;
			flags.width = width < -2147483647 ? 0 : Math.abs(width);
			if (format[at + 1] !== "." && format[at + 1] !== "l") return { flags, at: at + 1 };
		} else if (character === ".") {
			at++;
			if (format[at] === "*") {
				const precision = values.int();
				flags.precision = precision < -2147483647 ? -1 : Math.abs(precision);
				at++;
			} else {
				flags.precision = number();
			}
			if (format[at] !== "l") return { flags, at };
			continue;
		} else if (character === "l") {
			at++;
			if (format[at] === "l") at++;
			return { flags, at };
		} else {
			return { flags, at };
		}
		at++;
	}
}

function limited(size: number): void {
	if (size > MAX_LENGTH_BYTES) throw sqlError("string or blob too big");
}

/** With commas between groups of three. */
function grouped(digits: string): string {
	const first = digits.length % 3;
	const groups = first === 0 ? [] : [digits.slice(0, first)];
	for (let at = first; at < digits.length; at += 3) groups.push(digits.slice(at, at + 3));
	return groups.join(",");
}

const SUFFIXES = ["th", "st", "nd", "rd"];

function integerText(type: string, flags: Flags, values: Arguments): string {
	const given = BigInt(values.integer());
	const signed = type === "d" || type === "i" || type === "r";
	const negative = signed && given < 0n;
	const value = signed ? (negative ? -given : given) : BigInt.asUintN(64, given);
	const prefix = !signed ? "" : negative ? "-" : flags.prefix;
	let { precision } = flags;
	if (flags.zeros && precision < flags.width - prefix.length) precision = flags.width - prefix.length;
	limited(precision);
	const base = type === "o" ? 8 : type === "x" || type === "X" || type === "p" ? 16 : 10;
	let digits = value.toString(base);
	if (type === "X") digits = digits.toUpperCase();
	else if (type === "p") digits = digits.toUpperCase();
	if (type === "r") {
		const last = Number(value % 10n);
		digits += SUFFIXES[last >= 4 || (value / 10n) % 10n === 1n ? 0 : last];
	}
	digits = digits.padStart(precision, "0");
	const decimal = type === "d" || type === "i" || type === "u";
	if (flags.thousands && decimal) digits = grouped(digits);
	if (flags.alternate && value !== 0n) {
		const mark = { o: "0", x: "0x", X: "0X", p: "0x" }[type];
		if (mark !== undefined) return prefix + mark + digits;
	}
	return prefix + digits;
}

function realText(type: string, flags: Flags, values: Arguments): string {
	const value = values.real();
	const letter = type.toLowerCase();
	const precision = flags.precision < 0 ? 6 : flags.precision;
	limited(precision);
	const text = formatReal(value, {
		style: letter === "f" ? "fixed" : letter === "e" ? "exponent" : "general",
		precision,
		prefix: flags.prefix,
		alternate: flags.alternate,
		long: flags.long,
		exponentLetter: type === "E" || type === "G" ? "E" : "e",
	});
	const missing = flags.width - text.length;
	if (!flags.zeros || flags.left || missing <= 0 || text.endsWith("f")) return text;
	limited(flags.width);
	const sign = /^[-+ ]/.test(text) ? 1 : 0;
	return text.slice(0, sign) + "0".repeat(missing) + text.slice(sign);
}

function isContinuation(byte: number): boolean {
	return (byte & 0xc0) === 0x80;
}

/** How many bytes the first `count` of them have, which are characters under `!`. */
function prefixLength(bytes: string, count: number, long: boolean): number {
	if (!long) return Math.min(count, bytes.length);
	let at = 0;
	for (let left = count; left > 0 && at < bytes.length; left--) {
		const lead = bytes.charCodeAt(at++);
		if (lead >= 0xc0) while (isContinuation(bytes.charCodeAt(at))) at++;
	}
	return at;
}

function continuations(bytes: string): number {
	let count = 0;
	for (let i = 0; i < bytes.length; i++) if (isContinuation(bytes.charCodeAt(i))) count++;
	return count;
}

function characterText(flags: Flags, values: Arguments): string {
	const text = values.text();
	const first = text === null || text === "" ? "\0" : text.slice(0, prefixLength(text, 1, true));
	limited(first.length * flags.precision);
	return flags.precision > 1 ? first.repeat(flags.precision) : first;
}

function escapedText(type: string, flags: Flags, values: Arguments): string {
	const quote = type === "w" ? '"' : "'";
	const given = values.text();
	const text = given ?? (type === "Q" ? "NULL" : "(NULL)");
	const part = flags.precision < 0 ? text : text.slice(0, prefixLength(text, flags.precision, flags.long));
	const escaped = part.replaceAll(quote, quote + quote);
	return type === "Q" && given !== null ? `'${escaped}'` : escaped;
}

function convert(type: string, flags: Flags, values: Arguments): Conversion {
	const { width } = flags;
	/** Under `!` the width counts characters. */
	const text = (body: string, byCharacter: boolean): Conversion => ({
		body,
		width: byCharacter && width > 0 ? width + continuations(body) : width,
	});
	switch (type) {
		case "d":
		case "i":
		case "u":
		case "x":
		case "X":
		case "o":
		case "p":
		case "r":
			return { body: integerText(type, flags, values), width };
		case "f":
		case "e":
		case "E":
		case "g":
		case "G":
			return { body: realText(type, flags, values), width };
		case "%":
			return { body: "%", width };
		case "n":
			return { body: "", width: 0 };
		case "c":
			return text(characterText(flags, values), true);
		case "s":
		case "z": {
			const given = values.text() ?? "";
			const end = flags.precision < 0 ? given.length : prefixLength(given, flags.precision, flags.long);
			return text(given.slice(0, end), flags.long);
		}
		case "q":
		case "Q":
		case "w":
			return text(escapedText(type, flags, values), flags.long);
		default:
			return null;
	}
}

export function formatText(given: readonly Value[]): Value {
	const format = cText(given[0] ?? null);
	if (format === null) return null;
	const values = new Arguments(given);
	// NULL while nothing was written, be it of no length.
	let output: string | null = null;
	let at = 0;
	for (;;) {
		const next = format.indexOf("%", at);
		const plain = next === -1 ? format.slice(at) : format.slice(at, next);
		if (plain !== "") output = (output ?? "") + plain;
		if (next === -1) break;
		if (next + 1 === format.length) {
			output = `${output ?? ""}%`;
			break;
		}
		const read = readFlags(format, next + 1, values);
		const type = format[read.at];
		// An unknown conversion ends the text.
		const converted = type === undefined ? null : convert(type, read.flags, values);
		if (converted === null) break;
		const { body, width } = converted;
		limited((output?.length ?? 0) + Math.max(width, body.length));
		output = (output ?? "") + (read.flags.left ? body.padEnd(width) : body.padStart(width));
		at = read.at + 1;
	}
	return output === null ? null : textOf(output);
}
