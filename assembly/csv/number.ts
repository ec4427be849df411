// Numbers as texts of CSV have them: what is an integer or a real there, and what is neither (host/csv/column-type.ts).

/** Answers of parseReal and parseInteger. */
export const NUMBER_NONE: u32 = 0;
export const NUMBER_EXACT: u32 = 1;
/** It looks like a number, but takes more than a product of two doubles: the host says what it is. */
export const NUMBER_HARD: u32 = 2;

const MINUS: u32 = 45;
const PLUS: u32 = 43;
const DOT: u32 = 46;
const ZERO: u32 = 48;
const LETTER_E: u32 = 101;
const MAX_DIGITS: u32 = 19;
const MAX_SAFE: u64 = 9007199254740991;
/** Powers of ten up to this one are exact doubles. */
export const EXACT_POWERS: u32 = 23;
const MAX_EXPONENT: u32 = 9999;

/** Writes 1, 10, … 1e22 to `powers`. */
export function writePowers(powers: u32): void {
	let power: f64 = 1;
	for (let i: u32 = 0; i < EXACT_POWERS; i++) {
		store<f64>(powers + 8 * i, power);
		power *= 10;
	}
}

/** `0`, `-17`, up to 64 bits with a sign; the number goes to `result`. */
export function parseInteger(from: u32, end: u32, result: u32): bool {
	let at = from;
	const negative = at < end && load<u8>(at) == MINUS;
	if (negative) at += 1;
	const digits = end - at;
	if (digits == 0 || digits > MAX_DIGITS) return false;
	if (load<u8>(at) == ZERO && (digits > 1 || negative)) return false;
	let value: u64 = 0;
	for (; at < end; at++) {
		const digit = <u32>load<u8>(at) - ZERO;
		if (digit > 9) return false;
		value = value * 10 + digit;
	}
	if (value > <u64>i64.MAX_VALUE + (negative ? 1 : 0)) return false;
	store<i64>(result, negative ? -<i64>value : <i64>value);
	return true;
}

/** `1.50`, `.5`, `-2e5`, `7`; the number goes to `result`. */
export function parseReal(from: u32, end: u32, powers: u32, result: u32): u32 {
	let at = from;
	const negative = at < end && load<u8>(at) == MINUS;
	if (negative) at += 1;
	let mantissa: u64 = 0;
	let significant: u32 = 0;
	const whole = at;
	for (; at < end; at++) {
		const digit = <u32>load<u8>(at) - ZERO;
		if (digit > 9) break;
		mantissa = mantissa * 10 + digit;
		if ((significant | digit) != 0) significant += 1;
	}
	const wholeDigits = at - whole;
	if (wholeDigits > 1 && load<u8>(whole) == ZERO) return NUMBER_NONE;
	let exponent: i32 = 0;
	const isWhole = at == end;
	if (at < end && load<u8>(at) == DOT) {
		at += 1;
		const fraction = at;
		for (; at < end; at++) {
			const digit = <u32>load<u8>(at) - ZERO;
			if (digit > 9) break;
			mantissa = mantissa * 10 + digit;
			if ((significant | digit) != 0) significant += 1;
		}
		if (at == fraction && wholeDigits == 0) return NUMBER_NONE;
		exponent = -<i32>(at - fraction);
	} else if (wholeDigits == 0) {
		return NUMBER_NONE;
	}
	if (at < end) {
		if ((<u32>load<u8>(at) | 32) != LETTER_E) return NUMBER_NONE;
		at += 1;
		const sign: u32 = at < end ? load<u8>(at) : 0;
		if (sign == MINUS || sign == PLUS) at += 1;
		if (at == end) return NUMBER_NONE;
		let power: u32 = 0;
		for (; at < end; at++) {
			const digit = <u32>load<u8>(at) - ZERO;
			if (digit > 9) return NUMBER_NONE;
			power = min<u32>(power * 10 + digit, MAX_EXPONENT);
		}
		exponent += sign == MINUS ? -<i32>power : <i32>power;
	}
	if (significant > MAX_DIGITS || mantissa > MAX_SAFE) return NUMBER_HARD;
	if (mantissa == 0) {
		store<f64>(result, 0);
		return NUMBER_EXACT;
	}
	let value = <f64>mantissa;
	if (isWhole) {
		// As it is.
	} else if (exponent >= 0 && exponent < <i32>EXACT_POWERS) {
		value *= load<f64>(powers + 8 * exponent);
	} else if (exponent < 0 && -exponent < <i32>EXACT_POWERS) {
		value /= load<f64>(powers - 8 * exponent);
	} else {
		return NUMBER_HARD;
	}
	store<f64>(result, negative ? -value : value);
	return NUMBER_EXACT;
}
