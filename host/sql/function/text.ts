/** Core functions on text and blobs. SQLite's text is C text: where it says so below, a NUL character ends it. */

import { Buffer } from "node:buffer";
import { sqlError } from "../parse/source.js";
import { hexText, withoutEndSpaces } from "../value/compare.js";
import { toBlob, toInteger, toText } from "../value/convert.js";
import { formatReal } from "../value/decimal.js";
import type { LikeCase } from "../value/pattern.js";
import { globPattern, likePattern, matches } from "../value/pattern.js";
import { beforeNul, numberText, realText } from "../value/text.js";
import type { Value } from "../value/value.js";
import { isInteger, toDouble } from "../value/value.js";
import type { ScalarBody, ScalarFunction } from "./definition.js";
import { define, unary } from "./definition.js";
import { formatText } from "./format.js";
import { blobSize, toInt32 } from "./limits.js";

function length(value: Value): Value {
	if (value === null) return null;
	if (value instanceof Uint8Array) return value.length;
	const text = typeof value === "string" ? value : numberText(value);
	let count = 0;
	for (let i = 0; i < text.length; i++) {
		const unit = text.charCodeAt(i);
		if (unit === 0) break;
		if (unit < 0xdc00 || unit > 0xdfff) count++;
	}
	return count;
}

/** Something to slice by characters: the text itself where each is one UTF-16 unit. */
function characters(text: string): string | string[] {
	return /[\ud800-\udfff]/.test(text) ? [...text] : text;
}

/** How many characters or bytes substr() takes where it is not told. */
const MOST = 1_000_000_000;

/** `start` counts from 1, or from the end where negative; a negative `count` takes what stands before. */
function substring(value: Value, startValue: Value, countValue: Value | undefined): Value {
	const start0 = toInteger(startValue);
	if (value === null || start0 === null || countValue === null) return null;
	if (value instanceof Uint8Array && value.length === 0) return null; // as SQLite does
	const units = value instanceof Uint8Array ? value : characters(beforeNul(toText(value) as string)); // not NULL
	let start = toInt32(start0);
	let count = countValue === undefined ? MOST : toInt32(toInteger(countValue) ?? 0);
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

function trimmer(left: boolean, right: boolean): ScalarBody {
	return ([value = null, set]) => {
		if (value === null || set === null) return null;
		const original = toText(value) as string; // not NULL
		if (set === undefined) {
			const trimmed = right ? withoutEndSpaces(original) : original;
			return left ? trimmed.replace(/^ +/, "") : trimmed;
		}
		const text = [...original];
		const drop = new Set(beforeNul(toText(set) as string)); // not NULL
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
	return index === -1 ? 0 : characters(text.slice(0, index)).length + 1;
}

function quote(value: Value): Value {
	if (value === null) return "NULL";
	if (value instanceof Uint8Array) return `X'${hexText(value)}'`;
	if (typeof value === "string") return `'${beforeNul(value).replaceAll("'", "''")}'`;
	if (isInteger(value)) return String(value);
	const double = toDouble(value);
	const short = realText(double);
	if (!Number.isFinite(double) || Number(short) === double) return short;
	return formatReal(double, {
		style: "exponent",
		precision: 20,
		prefix: "",
		alternate: false,
		long: true,
		exponentLetter: "e",
	});
}

function replace(value: Value, pattern: Value, replacement: Value): Value {
	if (value === null || pattern === null) return null;
	const search = toText(pattern) as string; // not NULL
	// An empty pattern, or one that looks empty to C, gives numbers back as they were.
	if (search === "" || search.startsWith("\0")) return isBlob(value) ? toText(value) : value;
	if (replacement === null) return null;
	return (toText(value) as string).split(search).join(toText(replacement) as string); // neither is NULL
}

function lowerAscii(text: string): string {
	return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function upperAscii(text: string): string {
	return text.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
}

/** The one character of an ESCAPE clause. */
export function escapeCharacter(value: Value): string | null {
	const text = toText(value);
	if (text === null) return null;
	const character = beforeNul(text);
	if (characters(character).length !== 1) throw sqlError("ESCAPE expression must be a single character");
	return character;
}

function isBlob(value: Value): boolean {
	return value instanceof Uint8Array;
}

/** Blobs match nothing: SQLite as distributed, and in better-sqlite3, is built with LIKE_DOESNT_MATCH_BLOBS. */
function like(likeCase: LikeCase): ScalarFunction {
	return define("like", 2, 3, ([pattern = null, value = null, escaping]) => {
		if (isBlob(pattern) || isBlob(value)) return 0;
		const escapeText = escaping === undefined ? null : escapeCharacter(escaping);
		if (pattern === null || value === null || escaping === null) return null;
		return matches(likePattern(toText(pattern) as string, escapeText, likeCase), toText(value) as string) ? 1 : 0;
	});
}

function glob([pattern = null, value = null]: readonly Value[]): Value {
	if (isBlob(pattern) || isBlob(value)) return 0;
	if (pattern === null || value === null) return null;
	return matches(globPattern(toText(pattern) as string), toText(value) as string) ? 1 : 0;
}

function char(values: readonly Value[]): Value {
	let text = "";
	for (const value of values) {
		const point = toInteger(value) ?? 0;
		text += String.fromCodePoint(point >= 0 && point <= 0x10ffff ? Number(point) : 0xfffd);
	}
	return text;
}

function unicode(value: Value): Value {
	const text = toText(value);
	return text === null ? null : text.codePointAt(0) || null; // of NUL too
}

const mapText = (change: (text: string) => string) => (value: Value) =>
	value === null ? null : change(toText(value) as string); // not NULL

/** What the operators stand for, unless the user defines functions of these names: `x LIKE y` is like(y, x). */
export const LIKE = like("folded");
export const CASE_SENSITIVE_LIKE = like("exact");
export const GLOB = define("glob", 2, 2, glob);

export const TEXT_FUNCTIONS = [
	define("char", 0, Infinity, char),
	define("format", 0, Infinity, formatText),
	GLOB,
	unary("hex", (value) => (value === null ? "" : hexText(toBlob(value) as Uint8Array))),
	define("instr", 2, 2, ([value = null, part = null]) => instr(value, part)),
	unary("length", length),
	LIKE,
	unary("lower", mapText(lowerAscii)),
	define("ltrim", 1, 2, trimmer(true, false)),
	define("printf", 0, Infinity, formatText),
	unary("quote", quote),
	define("replace", 3, 3, ([value = null, pattern = null, by = null]) => replace(value, pattern, by)),
	define("rtrim", 1, 2, trimmer(false, true)),
	define("substr", 2, 3, ([value = null, start = null, count]) => substring(value, start, count)),
	define("substring", 2, 3, ([value = null, start = null, count]) => substring(value, start, count)),
	define("trim", 1, 2, trimmer(true, true)),
	unary("unicode", unicode),
	unary("upper", mapText(upperAscii)),
	unary("zeroblob", (size) => new Uint8Array(blobSize(Math.max(0, Number(toInteger(size) ?? 0))))),
];
