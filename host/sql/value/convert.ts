/** Conversions between storage classes: text to numbers, CAST, column affinities. */

import { numberText, utf8, utf8Text } from "./text.js";
import type { NumericValue, Value } from "./value.js";
import { fitsInteger, integer, isNumeric, MAX_INTEGER, MIN_INTEGER, Real, real } from "./value.js";

export type Affinity = "integer" | "real" | "numeric" | "text" | "blob";

/** The affinity that a declared type stands for: https://www.sqlite.org/datatype3.html section 3.1. */
export function affinityOfType(typeName: string): Affinity {
	const name = typeName.toUpperCase();
	if (name.includes("INT")) return "integer";
	if (name.includes("CHAR") || name.includes("CLOB") || name.includes("TEXT")) return "text";
	if (name === "" || name.includes("BLOB")) return "blob";
	if (name.includes("REAL") || name.includes("FLOA") || name.includes("DOUB")) return "real";
	return "numeric";
}

const NUMBER_PREFIX = /^[ \t\n\v\f\r]*([+-]?(?:[0-9]+(\.[0-9]*)?|(\.[0-9]+))([eE][+-]?[0-9]+)?)/;
const SPACES = /^[ \t\n\v\f\r]*$/;

interface NumberPrefix {
	readonly value: NumericValue;
	/** The whole text is the number. */
	readonly whole: boolean;
}

/** The number that a text begins with; without one it is 0. */
export function numberPrefix(text: string): NumberPrefix {
	const match = NUMBER_PREFIX.exec(text);
	if (match === null) return { value: 0, whole: false };
	const digits = match[1] as string; // group 1 is not optional
	const whole = match[0].length === text.length || SPACES.test(text.slice(match[0].length));
	if (match[2] === undefined && match[3] === undefined && match[4] === undefined) {
		if (digits.length <= 15) return { value: Number(digits) + 0, whole };
		const exact = BigInt(digits.startsWith("+") ? digits.slice(1) : digits);
		if (fitsInteger(exact)) return { value: integer(exact), whole };
	}
	return { value: real(Number(digits)) as number | Real, whole }; // digits never make a NaN
}

/** What arithmetic sees: text and blobs become the number they begin with. */
export function toNumeric(value: Value): NumericValue | null {
	if (value === null || isNumeric(value)) return value;
	return numberPrefix(typeof value === "string" ? value : utf8Text(value)).value;
}

/** A double as a 64-bit integer: truncated, and clamped at the ends. */
export function doubleToInteger(value: number): number | bigint {
	if (Number.isSafeInteger(value)) return value + 0;
	if (value >= 2 ** 63) return MAX_INTEGER;
	if (value <= -(2 ** 63)) return MIN_INTEGER;
	if (Number.isNaN(value)) return 0;
	return integer(BigInt(Math.trunc(value)));
}

const INTEGER_PREFIX = /^[ \t\n\v\f\r]*([+-]?[0-9]+)/;

function textToInteger(text: string): number | bigint {
	const match = INTEGER_PREFIX.exec(text);
	if (match === null) return 0;
	const digits = match[1] as string; // group 1 is not optional
	if (digits.length <= 15) return Number(digits) + 0;
	const exact = BigInt(digits.startsWith("+") ? digits.slice(1) : digits);
	return exact > MAX_INTEGER ? MAX_INTEGER : exact < MIN_INTEGER ? MIN_INTEGER : integer(exact);
}

/** CAST(value AS INTEGER), and what the bit operators, % and integer arguments of functions see. */
export function toInteger(value: Value): number | bigint | null {
	if (typeof value === "number") return Number.isSafeInteger(value) ? value : doubleToInteger(value);
	if (value === null || typeof value === "bigint") return value;
	if (value instanceof Real) return value.value;
	return textToInteger(typeof value === "string" ? value : utf8Text(value));
}

export function toText(value: Value): string | null {
	if (value === null || typeof value === "string") return value;
	return value instanceof Uint8Array ? utf8Text(value) : numberText(value);
}

export function toBlob(value: Value): Uint8Array | null {
	if (value === null || value instanceof Uint8Array) return value;
	return utf8(typeof value === "string" ? value : numberText(value));
}

/** INTEGER where a REAL loses nothing by it. */
function integerIfLossless(value: number | Real): NumericValue {
	if (value instanceof Real) return value.value;
	if (!Number.isInteger(value) || value <= -(2 ** 63) || value >= 2 ** 63) return value;
	return integer(BigInt(value));
}

/** CAST as NUMERIC makes INTEGERs of whole REALs only up to here, where columns do so throughout. */
const CAST_LIMIT = 2 ** 51;

export function castValue(value: Value, affinity: Affinity): Value {
	if (value === null) return null;
	switch (affinity) {
		case "integer":
			return toInteger(value);
		case "real": {
			const number = toNumeric(value) as NumericValue; // value is not NULL
			if (typeof number === "bigint") return real(Number(number));
			return typeof number === "number" ? real(number) : number;
		}
		case "numeric": {
			if (isNumeric(value)) return value;
			const { value: number } = numberPrefix(typeof value === "string" ? value : utf8Text(value));
			return number instanceof Real && number.value >= -CAST_LIMIT && number.value < CAST_LIMIT ? number.value : number;
		}
		case "text":
			return toText(value);
		case "blob":
			return toBlob(value);
	}
}

/** Text that is wholly a number becomes that number, as a comparison with a numeric column wants it. */
export function numericIfWhole(value: Value): Value {
	if (typeof value !== "string") return value;
	const prefix = numberPrefix(value);
	return prefix.whole ? prefix.value : value;
}

/** What a column of this affinity stores for a value. */
export function applyAffinity(value: Value, affinity: Affinity): Value {
	switch (affinity) {
		case "blob":
			return value;
		case "text":
			if (typeof value === "string") return value;
			return isNumeric(value) ? numberText(value) : value;
		case "real": {
			const number = numericIfWhole(value);
			if (typeof number === "bigint") return real(Number(number));
			return typeof number === "number" ? real(number) : number;
		}
		case "integer":
		case "numeric": {
			if (typeof value === "number" && Number.isSafeInteger(value)) return value;
			if (value instanceof Real) return value.value;
			const number = numericIfWhole(value);
			return number instanceof Real || typeof number === "number" ? integerIfLosslessNumber(number) : number;
		}
	}
}

function integerIfLosslessNumber(value: number | Real): NumericValue {
	return typeof value === "number" && Number.isSafeInteger(value) ? value : integerIfLossless(value);
}
