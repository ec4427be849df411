/** Core functions on values of any class, on numbers, and on the connection. */

import { sqlError } from "../parse/source.js";
import { compareValues } from "../value/compare.js";
import { numericIfWhole, toInteger, toNumeric, toText } from "../value/convert.js";
import { roundReal } from "../value/decimal.js";
import type { NumericValue, Value } from "../value/value.js";
import { integer, isNumeric, MIN_INTEGER, real, storageClass, toDouble } from "../value/value.js";
import type { ScalarBody, ScalarFunction } from "./definition.js";
import { define, unary } from "./definition.js";
import type { JsonValue } from "./json/subtype.js";
import { blobSize, toInt32 } from "./limits.js";

function abs(value: Value): Value {
	if (value === null) return null;
	if (typeof value === "bigint") {
		if (value === MIN_INTEGER) throw sqlError("integer overflow");
		return value < 0n ? -value : value;
	}
	if (typeof value === "number") return Math.abs(value);
	// Text and blobs count as REALs, whatever number they begin with.
	return real(Math.abs(toDouble(toNumeric(value) as NumericValue))); // value is not NULL
}

function sign(value: Value): Value {
	const number = numericIfWhole(value);
	if (!isNumeric(number)) return null;
	const double = toDouble(number);
	return double > 0 ? 1 : double < 0 ? -1 : 0;
}

function round([value = null, digits = 0]: readonly Value[]): Value {
	if (value === null || digits === null) return null;
	const places = Math.max(0, Math.min(30, toInt32(toInteger(digits) as number | bigint))); // not NULL
	return real(roundReal(toDouble(toNumeric(value) as NumericValue), places)); // not NULL
}

function extreme(sign: 1 | -1): ScalarBody {
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

const firstKnown: ScalarBody = (values) => values.find((value) => value !== null) ?? null;

function isTrue(value: Value): boolean {
	const number = toNumeric(value);
	return number !== null && toDouble(number) !== 0;
}

function random(): Value {
	return integer(crypto.getRandomValues(new BigInt64Array(1))[0] as bigint); // there is one
}

function randomBlob(size: number): Uint8Array {
	const bytes = new Uint8Array(blobSize(Math.max(1, size)));
	for (let at = 0; at < bytes.length; at += 65536) crypto.getRandomValues(bytes.subarray(at, at + 65536));
	return bytes;
}

/** What of SQLite's build options would be true of this implementation. */
const COMPILE_OPTIONS = [
	"ENABLE_MATH_FUNCTIONS",
	"LIKE_DOESNT_MATCH_BLOBS",
	"MAX_FUNCTION_ARG=127",
	"MAX_LENGTH=268435456",
	"MAX_LIKE_PATTERN_LENGTH=50000",
	"OMIT_LOAD_EXTENSION",
	"THREADSAFE=0",
];

function isCompiledIn(value: Value): Value {
	const name = toText(value);
	if (name === null) return null;
	const wanted = name.replace(/^sqlite_/i, "").toLowerCase();
	return COMPILE_OPTIONS.some((option) => {
		const known = option.toLowerCase();
		return known === wanted || known.startsWith(`${wanted}=`);
	})
		? 1
		: 0;
}

/** Hints for SQLite's planner: their first argument as it is, JSON too. */
function hint(name: string, count: number): ScalarFunction {
	const body = ([value = null]: readonly Value[]) => value;
	const callWithJson = ([value = null]: readonly JsonValue[]) => value;
	return { ...define(name, count, count, body), callWithJson, returnsJson: "containers" };
}

const VOLATILE = { deterministic: false };

export const CORE_FUNCTIONS = [
	unary("abs", abs),
	define("changes", 0, 0, (_, context) => context.changes, VOLATILE),
	define("coalesce", 2, Infinity, firstKnown),
	define("ifnull", 2, 2, firstKnown),
	define("iif", 3, 3, ([when = null, then = null, otherwise = null]) => (isTrue(when) ? then : otherwise)),
	define("last_insert_rowid", 0, 0, (_, context) => context.lastInsertRowId, VOLATILE),
	hint("likelihood", 2),
	hint("likely", 1),
	define("load_extension", 1, 2, () => {
		throw sqlError("not authorized");
	}),
	define("max", 2, Infinity, extreme(1)),
	define("min", 2, Infinity, extreme(-1)),
	define("nullif", 2, 2, ([a = null, b = null], _, collation) =>
		a !== null && b !== null && compareValues(a, b, collation) === 0 ? null : a,
	),
	define("random", 0, 0, random, VOLATILE),
	define("randomblob", 1, 1, ([size = null]) => randomBlob(Number(toInteger(size) ?? 0)), VOLATILE),
	define("round", 1, 2, round),
	unary("sign", sign),
	unary("sqlite_compileoption_get", (index) => COMPILE_OPTIONS[toInt32(toInteger(index) ?? 0)] ?? null),
	unary("sqlite_compileoption_used", isCompiledIn),
	define("sqlite_source_id", 0, 0, () => "wlsm: SQL as of SQLite 3.40.1"),
	define("sqlite_version", 0, 0, () => "3.40.1"),
	define("total_changes", 0, 0, (_, context) => context.totalChanges, VOLATILE),
	unary("typeof", storageClass),
	hint("unlikely", 1),
];
