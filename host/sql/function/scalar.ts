/** SQLite's core scalar functions. */

import { Buffer } from "node:buffer";
import { sqlError } from "../parse/source.js";
import type { Collation } from "../value/compare.js";
import { compareValues, hexText } from "../value/compare.js";
import { numericIfWhole, toBlob, toInteger, toNumeric, toText } from "../value/convert.js";
import { globPattern, likePattern, matches } from "../value/pattern.js";
import { numberText, realText } from "../value/text.js";
import type { NumericValue, Value } from "../value/value.js";
import { isInteger, isNumeric, MIN_INTEGER, real, storageClass, toDouble } from "../value/value.js";
import { formatText } from "./format.js";
import { roundTo } from "./round.js";

/** What a function may know of the connection it runs on. */
export interface FunctionContext {
	readonly changes: number;
	readonly totalChanges: number;
	readonly lastInsertRowId: number | bigint;
}

export interface ScalarFunction {
	readonly name: string;
	readonly minimum: number;
	/** Infinity where any number of arguments will do. */
	readonly maximum: number;
	/** Same arguments, same result. */
	readonly deterministic: boolean;
	readonly call: (values: readonly Value[], context: FunctionContext, collation: Collation) => Value;
}

type Body = ScalarFunction["call"];

function length(value: Value): Value {
	if (value === null) return null;
	if (value instanceof Uint8Array) return value.length;
	const text = typeof value === "string" ? value : numberText(value);
	let count = 0;
	for (let i = 0; i < text.length; i++) {
		const unit = text.charCodeAt(i);
		if (unit === 0) break; // SQLite counts the characters before the first NUL
		if (unit < 0xdc00 || unit > 0xdfff) count++;
	}
	return count;
}

function abs(value: Value): Value {
	const number =
		typeof value === "string" || value instanceof Uint8Array ? real(toDouble(toNumeric(value) ?? 0)) : value;
	if (number === null) return null;
	if (typeof number === "bigint") {
		if (number === MIN_INTEGER) throw sqlError("integer overflow");
		return number < 0n ? -number : number;
	}
	if (typeof number === "number" && Number.isSafeInteger(number)) return Math.abs(number);
	return real(Math.abs(toDouble(number as NumericValue))); // text was made a number above
}

/** `start` counts from 1, or from the end where negative; a negative `count` takes what stands before. */
function substring(value: Value, startValue: Value, countValue: Value | undefined): Value {
	const start0 = toInteger(startValue);
	if (value === null || start0 === null || countValue === null) return null;
	if (value instanceof Uint8Array && value.length === 0) return null; // as SQLite does
	const units = value instanceof Uint8Array ? value : characters(toText(value) as string); // value is not NULL
	let start = toInt32(start0);
	let count = countValue === undefined ? Number.MAX_SAFE_INTEGER : toInt32(toInteger(countValue) ?? 0);
	const negative = count < 0;
	if (negative) count = -count;
	if (start < 0) {
		start += units.length;
		if (start < 0) {
			count = Math.max(0, count + start);
			start = 0;
		}
	} else if (start > 0) {
		start--;
	} else if (count > 0) {
		count--;
	}
	if (negative) {
		start -= count;
		if (start < 0) {
			count += start;
			start = 0;
		}
	}
	const part = units.slice(start, Math.max(start, start + count));
	return typeof part === "string" || part instanceof Uint8Array ? part : part.join("");
}

/** The low 32 bits, which is all that SQLite's substr() and round() take of an argument. */
function toInt32(value: number | bigint): number {
	return typeof value === "number" ? value | 0 : Number(BigInt.asIntN(32, value));
}

/** Something to slice by characters: the text itself where each is one UTF-16 unit. */
function characters(text: string): string | string[] {
	return /[\ud800-\udfff]/.test(text) ? [...text] : text;
}

function trimmer(left: boolean, right: boolean): Body {
	return ([value = null, set]) => {
		if (value === null || set === null) return null;
		const text = [...(toText(value) as string)]; // neither is NULL
		const drop = new Set(set === undefined ? [" "] : [...(toText(set) as string)]);
		let start = 0;
		let end = text.length;
		while (left && start < end && drop.has(text[start] as string)) start++;
		while (right && end > start && drop.has(text[end - 1] as string)) end--;
		return text.slice(start, end).join("");
	};
}

function instr(value: Value, part: Value): Value {
	if (value === null || part === null) return null;
	if (value instanceof Uint8Array && part instanceof Uint8Array) {
		return Buffer.from(value.buffer, value.byteOffset, value.length).indexOf(part) + 1;
	}
	const text = toText(value) as string; // not NULL
	const index = text.indexOf(toText(part) as string);
	return index === -1 ? 0 : [...text.slice(0, index)].length + 1;
}

function quote(value: Value): Value {
	if (value === null) return "NULL";
	if (value instanceof Uint8Array) return `X'${hexText(value)}'`;
	if (typeof value === "string") return `'${value.replaceAll("'", "''")}'`;
	if (isInteger(value)) return String(value);
	const double = toDouble(value);
	const short = realText(double);
	return Number.isFinite(double) && Number(short) !== double ? double.toExponential(19).replace("e", "e") : short;
}

function extreme(sign: 1 | -1): Body {
	return (values, _context, collation) => {
		let best = values[0] ?? null;
		for (const value of values) {
			if (value === null || best === null) return null;
			// Of equal values (1 and 1.0) max() takes the first and min() the last, as SQLite does.
			const order = compareValues(value, best, collation) * sign;
			if (order > 0 || (order === 0 && sign < 0)) best = value;
		}
		return best;
	};
}

function randomInteger(): Value {
	const bits = crypto.getRandomValues(new BigInt64Array(1))[0] ?? 0n;
	return toInteger(bits >= -9007199254740991n && bits <= 9007199254740991n ? Number(bits) : bits);
}

function replace(value: Value, pattern: Value, replacement: Value): Value {
	if (value === null || pattern === null || replacement === null) return null;
	const text = toText(value) as string; // none of the three is NULL
	const search = toText(pattern) as string;
	// An empty pattern, or one that looks empty to C, gives the value back as it was.
	if (search === "" || search.startsWith("\0")) return value;
	return text.split(search).join(toText(replacement) as string);
}

function sign(value: Value): Value {
	const number = numericIfWhole(value);
	if (!isNumeric(number)) return null;
	const double = toDouble(number);
	return double > 0 ? 1 : double < 0 ? -1 : 0;
}

function lowerAscii(text: string): string {
	return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function upperAscii(text: string): string {
	return text.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
}

const mapText =
	(change: (text: string) => string): Body =>
	([value = null]) =>
		value === null ? null : change(toText(value) as string); // not NULL

const one =
	(body: (value: Value) => Value): Body =>
	([value = null]) =>
		body(value);

function define(name: string, minimum: number, maximum: number, call: Body, deterministic = true): ScalarFunction {
	return { name, minimum, maximum, deterministic, call };
}

function roundValue(value: Value, digits: Value): Value {
	if (value === null || digits === null) return null;
	const places = Math.max(0, Math.min(30, toInt32(toInteger(digits) ?? 0)));
	return real(roundTo(toDouble(toNumeric(value) as NumericValue), places)); // not NULL
}

const DEFINITIONS: readonly ScalarFunction[] = [
	define("abs", 1, 1, one(abs)),
	define("changes", 0, 0, (_, context) => context.changes, false),
	define("char", 0, Infinity, (values) => {
		const points = values.map((value) => Number(toInteger(value) ?? 0));
		return String.fromCodePoint(...points.map((point) => (point >= 0 && point <= 0x10ffff ? point : 0xfffd)));
	}),
	define("format", 1, Infinity, (values) => formatText(values)),
	define("glob", 2, 2, ([pattern = null, value = null]) => {
		if (pattern === null || value === null) return null;
		if (pattern instanceof Uint8Array || value instanceof Uint8Array) return 0;
		return matches(globPattern(toText(pattern) as string), toText(value) as string) ? 1 : 0;
	}),
	define(
		"hex",
		1,
		1,
		one((value) => (value === null ? "" : hexText(toBlob(value) as Uint8Array))),
	),
	define("instr", 2, 2, ([value = null, part = null]) => instr(value, part)),
	define("last_insert_rowid", 0, 0, (_, context) => context.lastInsertRowId, false),
	define("length", 1, 1, one(length)),
	define("like", 2, 3, ([pattern = null, value = null, escaping]) => {
		if (pattern === null || value === null || escaping === null) return null;
		if (pattern instanceof Uint8Array || value instanceof Uint8Array) return 0;
		const escapeText = escaping === undefined ? null : escapeCharacter(escaping);
		return matches(likePattern(toText(pattern) as string, escapeText), toText(value) as string) ? 1 : 0;
	}),
	define("likelihood", 2, 2, ([value = null]) => value),
	define(
		"likely",
		1,
		1,
		one((value) => value),
	),
	define("lower", 1, 1, mapText(lowerAscii)),
	define("ltrim", 1, 2, trimmer(true, false)),
	define("max", 2, Infinity, extreme(1)),
	define("min", 2, Infinity, extreme(-1)),
	define("nullif", 2, 2, ([a = null, b = null], _, collation) =>
		a !== null && b !== null && compareValues(a, b, collation) === 0 ? null : a,
	),
	define("printf", 1, Infinity, (values) => formatText(values)),
	define("quote", 1, 1, one(quote)),
	define("random", 0, 0, randomInteger, false),
	define(
		"randomblob",
		1,
		1,
		one((size) => randomBlob(Number(toInteger(size) ?? 0))),
		false,
	),
	define("replace", 3, 3, ([value = null, pattern = null, by = null]) => replace(value, pattern, by)),
	define("round", 1, 2, ([value = null, digits = 0]) => roundValue(value, digits)),
	define("rtrim", 1, 2, trimmer(false, true)),
	define("sign", 1, 1, one(sign)),
	define("sqlite_version", 0, 0, () => "3.40.1"),
	define("substr", 2, 3, ([value = null, start = null, count]) => substring(value, start, count)),
	define("substring", 2, 3, ([value = null, start = null, count]) => substring(value, start, count)),
	define("total_changes", 0, 0, (_, context) => context.totalChanges, false),
	define("trim", 1, 2, trimmer(true, true)),
	define("typeof", 1, 1, one(storageClass)),
	define(
		"unicode",
		1,
		1,
		one((value) => (value === null ? null : (toText(value) as string).codePointAt(0) || null)) /* of NUL too */,
	),
	define(
		"unlikely",
		1,
		1,
		one((value) => value),
	),
	define("upper", 1, 1, mapText(upperAscii)),
	define(
		"zeroblob",
		1,
		1,
		one((size) => new Uint8Array(blobSize(Math.max(0, Number(toInteger(size) ?? 0))))),
	),
];

const MAX_BLOB_BYTES = 256 * 1024 * 1024;

function blobSize(size: number): number {
	if (size > MAX_BLOB_BYTES) throw sqlError("string or blob too big");
	return size;
}

function randomBlob(size: number): Uint8Array {
	const bytes = new Uint8Array(blobSize(Math.max(1, size)));
	for (let at = 0; at < bytes.length; at += 65536) crypto.getRandomValues(bytes.subarray(at, at + 65536));
	return bytes;
}

/** The one character of an ESCAPE clause. */
export function escapeCharacter(value: Value): string | null {
	const text = toText(value);
	if (text === null) return null;
	if ([...text].length !== 1) throw sqlError("ESCAPE expression must be a single character");
	return text;
}

export const SCALAR_FUNCTIONS: ReadonlyMap<string, ScalarFunction> = new Map(
	DEFINITIONS.map((definition) => [definition.name, definition]),
);
