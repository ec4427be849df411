/**
 * REALs in decimal, digit for digit as SQLite 3.40's printf gives them with 80-bit floats: that is not the nearest
 * decimal (round(1.005, 2) is 1.01), and behind 16 significant digits it goes on with zeros.
 */

import type { Extended } from "./extended.js";
import { add, divide, extended, isLess, multiply, split } from "./extended.js";

export interface RealFormat {
	readonly style: "fixed" | "exponent" | "general";
	readonly precision: number;
	/** What stands before a number that is not negative: "+", " " or nothing. */
	readonly prefix: string;
	/** `#`: the point and trailing zeros stay. */
	readonly alternate: boolean;
	/** `!`: 26 significant digits, and at least one behind the point. */
	readonly long: boolean;
	readonly exponentLetter: "e" | "E";
}

const E100 = extended(1e100);
const E10 = extended(1e10);
const E8 = extended(1e8);
const EM8 = extended(1e-8);
const EM10 = extended(1e-10);
const TEN = extended(10);
const TENTH = extended(0.1);
const ONE = extended(1);
const WIDENING = extended(3e-16);
const HALVES = [5e-1, 5e-2, 5e-3, 5e-4, 5e-5, 5e-6, 5e-7, 5e-8, 5e-9, 5e-10].map(extended);

function half(precision: number): Extended {
	let index = precision & 0xfff;
	let value = HALVES[index % 10] as Extended; // ten of them
	for (; index >= 10; index -= 10) value = multiply(value, EM10);
	return value;
}

/** Decimals that doubles divide by exactly. */
const MAX_EXACT_POWER = 22;
const POWERS = Array.from({ length: MAX_EXACT_POWER + 1 }, (_, exponent) => Number(`1e${exponent}`));

function binaryExponent(value: number): number {
	VIEW.setFloat64(0, value);
	return ((VIEW.getUint16(0) >> 4) & 0x7ff) - 1023;
}

const VIEW = new DataView(new ArrayBuffer(8));

function isWidened(value: number, precision: number): boolean {
	return precision + Math.trunc(binaryExponent(value) / 3) < 15;
}

/**
 * |value| times 10^precision as a whole number, rounded as SQLite rounds; undefined where doubles alone do not tell, or
 * where the number is too long.
 */
export function quickDigits(value: number, precision: number): number | undefined {
	const size = Math.abs(value);
	if (precision > 15) return undefined;
	const scaled = size * (POWERS[precision] as number); // precision is within
	if (!(scaled < 1e12)) return undefined;
	const moved = scaled + 0.5 + (isWidened(size, precision) ? scaled * 3e-16 : 0);
	const whole = Math.floor(moved);
	const doubt = moved * 1e-15;
	return moved - whole > doubt && whole + 1 - moved > doubt ? whole : undefined;
}

/** SQLite's round(); `digits` from 0 to 30. */
export function roundReal(value: number, digits: number): number {
	// From here on a double has no fraction.
	if (!(Math.abs(value) <= 4503599627370496)) return value;
	if (digits === 0) return value < 0 ? Math.trunc(value - 0.5) : Math.trunc(value + 0.5);
	const quick = quickDigits(value, digits);
	if (quick !== undefined) return (value < 0 ? -quick : quick) / (POWERS[digits] as number); // digits is within
	return Number(
		formatReal(value, {
			style: "fixed",
			precision: digits,
			prefix: "",
			alternate: false,
			long: false,
			exponentLetter: "e",
		}),
	);
}

const PRECISION_LIMIT = 100_000_000;

/** Between 1 and 10, and the power of ten that was taken out; an exponent above 350 stands for an infinite value. */
function normalized(value: Extended): { value: Extended; exponent: number } {
	let result = value;
	let exponent = 0;
	if (value.mantissa === 0n) return { value, exponent };
	let scale = ONE;
	for (const [power, factor] of [
		[100, E100],
		[10, E10],
		[1, TEN],
	] as const) {
		for (;;) {
			const next = multiply(factor, scale);
			if (isLess(result, next) || exponent > 350) break;
			scale = multiply(scale, factor);
			exponent += power;
		}
	}
	result = divide(result, scale);
	for (; isLess(result, EM8); exponent -= 8) result = multiply(result, E8);
	for (; isLess(result, ONE); exponent--) result = multiply(result, TEN);
	return { value: result, exponent };
}

/** Never NaN. Without padding. */
export function formatReal(value: number, format: RealFormat): string {
	const prefix = value < 0 ? "-" : format.prefix;
	const size = Math.abs(value);
	if (size === Infinity) return `${prefix}Inf`;
	let { style } = format;
	let precision = Math.min(format.precision, PRECISION_LIMIT);
	if (style === "fixed" && !format.alternate && !format.long) {
		const quick = quickDigits(size, precision);
		if (quick !== undefined) return prefix + pointed(quick, precision);
	}
	if (style === "general" && precision > 0) precision--;
	let real = extended(size);
	let rounder = half(precision);
	if (style === "fixed") {
		if (isWidened(size, precision)) rounder = add(rounder, multiply(real, WIDENING));
		real = add(real, rounder);
	}
	let { value: rest, exponent } = normalized(real);
	if (exponent > 350) return `${prefix}Inf`;
	if (style !== "fixed") {
		rest = add(rest, rounder);
		if (!isLess(rest, TEN)) {
			rest = multiply(rest, TENTH);
			exponent++;
		}
	}
	let dropsZeros = format.long;
	if (style === "general") {
		dropsZeros = !format.alternate;
		if (exponent < -4 || exponent > precision) {
			style = "exponent";
		} else {
			precision -= exponent;
			style = "fixed";
		}
	}
	return prefix + digitsOf(rest, exponent, style, precision, dropsZeros, format);
}

/** A whole number of units of the last decimal. */
function pointed(units: number, decimals: number): string {
	if (decimals === 0) return String(units);
	const digits = String(units).padStart(decimals + 1, "0");
	const whole = digits.length - decimals;
	return `${digits.slice(0, whole)}.${digits.slice(whole)}`;
}

function digitsOf(
	value: Extended,
	exponent: number,
	style: "fixed" | "exponent",
	precision: number,
	dropsZeros: boolean,
	format: RealFormat,
): string {
	let rest = value;
	let significant = format.long ? 26 : 16;
	const digit = (): string => {
		if (significant <= 0) return "0";
		significant--;
		const parts = split(rest);
		rest = multiply(parts.rest, TEN);
		return String(parts.whole);
	};
	let wholeDigits = style === "exponent" ? 0 : exponent;
	let text = "";
	if (wholeDigits < 0) text = "0";
	for (; wholeDigits >= 0; wholeDigits--) text += digit();
	const hasPoint = precision > 0 || format.alternate || format.long;
	if (hasPoint) text += ".";
	let left = precision;
	for (wholeDigits++; wholeDigits < 0 && left > 0; wholeDigits++, left--) text += "0";
	for (; left > 0 && significant > 0; left--) text += digit();
	if (left > 0) text += "0".repeat(left);
	if (dropsZeros && hasPoint) {
		text = text.replace(/0+$/, "");
		if (text.endsWith(".")) text = format.long ? `${text}0` : text.slice(0, -1);
	}
	if (style === "fixed") return text;
	const size = Math.abs(exponent);
	return `${text}${format.exponentLetter}${exponent < 0 ? "-" : "+"}${size < 10 ? "0" : ""}${size}`;
}
