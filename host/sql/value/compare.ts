/** The order of SQL values: NULL < numbers < text < blobs, text by a collation. */

import type { NumericValue, Value } from "./value.js";
import { Real } from "./value.js";

export type Collation = "binary" | "nocase" | "rtrim";

export function compareNumbers(a: NumericValue, b: NumericValue): number {
	const left = a instanceof Real ? a.value : a;
	const right = b instanceof Real ? b.value : b;
	// JavaScript compares a bigint with a number by their exact values.
	return left < right ? -1 : left > right ? 1 : 0;
}

/**
 * By the bytes of UTF-8, as SQLite does. UTF-16 units are in the same order, but for surrogates: these stand for code
 * points above U+FFFF, and yet are less than U+E000 to U+FFFF.
 */
export function compareText(a: string, b: string): number {
	if (a === b) return 0;
	const length = Math.min(a.length, b.length);
	for (let i = 0; i < length; i++) {
		const left = a.charCodeAt(i);
		const right = b.charCodeAt(i);
		if (left === right) continue;
		// A surrogate against another unit: the greater one, whatever its number.
		const leftIsSurrogate = left >= 0xd800 && left < 0xe000;
		const rightIsSurrogate = right >= 0xd800 && right < 0xe000;
		if (leftIsSurrogate === rightIsSurrogate) return left < right ? -1 : 1;
		return leftIsSurrogate ? 1 : -1;
	}
	return a.length < b.length ? -1 : 1;
}

export function compareBytes(a: Uint8Array, b: Uint8Array): number {
	const length = Math.min(a.length, b.length);
	for (let i = 0; i < length; i++) {
		const difference = (a[i] as number) - (b[i] as number); // i is within both
		if (difference !== 0) return difference < 0 ? -1 : 1;
	}
	return a.length - b.length;
}

/** The form of a text in which texts that are equal under the collation are the same. Only ASCII letters fold. */
export function collationKey(text: string, collation: Collation): string {
	switch (collation) {
		case "binary":
			return text;
		case "nocase":
			return foldCase(text);
		case "rtrim":
			return withoutEndSpaces(text);
	}
}

/** By hand, as / +$/ would begin anew in each run of spaces. */
export function withoutEndSpaces(text: string): string {
	let end = text.length;
	while (end > 0 && text.charCodeAt(end - 1) === 0x20) end--;
	return end === text.length ? text : text.slice(0, end);
}

/** ASCII letters in lower case, all else as it is: SQLite's notion of case for names and NOCASE. */
export function foldCase(text: string): string {
	return /[^\0-\x7f]/.test(text) ? text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) : text.toLowerCase();
}

function rank(value: Value): number {
	switch (typeof value) {
		case "number":
		case "bigint":
			return 1;
		case "string":
			return 2;
		default:
			return value === null ? 0 : value instanceof Real ? 1 : 3;
	}
}

export function compareValues(a: Value, b: Value, collation: Collation): number {
	if (typeof a === "number" && typeof b === "number") return a < b ? -1 : a > b ? 1 : 0;
	if (typeof a === "string" && typeof b === "string") {
		if (collation === "binary") return compareText(a, b);
		return compareText(collationKey(a, collation), collationKey(b, collation));
	}
	const rankA = rank(a);
	const rankB = rank(b);
	if (rankA !== rankB) return rankA < rankB ? -1 : 1;
	if (rankA === 0) return 0;
	if (rankA === 1) return compareNumbers(a as NumericValue, b as NumericValue);
	return compareBytes(a as Uint8Array, b as Uint8Array);
}

/** Something to use as a Map key: equal for values that compare equal, different for all others. */
export function groupingKey(value: Value, collation: Collation): string | number | bigint | null {
	switch (typeof value) {
		case "number":
			// A REAL beyond the safe range may equal a bigint INTEGER.
			return Number.isInteger(value) && !Number.isSafeInteger(value) ? BigInt(value) : value;
		case "bigint":
			return value;
		case "string":
			return `t${collation === "binary" ? value : collationKey(value, collation)}`;
		default:
			if (value === null) return null;
			if (value instanceof Real) return value.value;
			return `b${hexText(value)}`;
	}
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0").toUpperCase());

export function hexText(bytes: Uint8Array): string {
	let text = "";
	for (const byte of bytes) text += HEX[byte];
	return text;
}
