// Texts that a column of a declared type takes, as they are (host/csv/form.ts).

import { CSV_BOOLEAN, CSV_DATE, CSV_NUMERIC } from "../shared/csv";

const ZERO: u32 = 48;
const MINUS: u32 = 45;
const PLUS: u32 = 43;
const DOT: u32 = 46;
const TAB: u32 = 9;
const COLON: u32 = 58;
const SPACE: u32 = 32;
const LETTER_T: u32 = 84;
const LETTER_Z: u32 = 90;
const LOWER_CASE: u32 = 0x20202020;
/** "true", "fals" */
const TRUE: u32 = 0x65757274;
const FALS: u32 = 0x736c6166;
const LETTER_E: u32 = 101;

const DATE_BYTES: u32 = 10;
const MINUTE_BYTES: u32 = 16;
/** More than any two digits. */
const NO_DIGITS: u32 = 100;

/** CSV_BOOLEAN, CSV_DATE, CSV_TIMESTAMP or CSV_NUMERIC; a word more may be read than there is. */
export function hasForm(text: u32, length: u32, type: u32): bool {
	if (type == CSV_NUMERIC) return !isNumber(text, text + length);
	if (type == CSV_BOOLEAN) return isBoolean(text, length);
	return type == CSV_DATE ? length == DATE_BYTES && isDay(text) : isTimestamp(text, length);
}

function isBoolean(text: u32, length: u32): bool {
	// Upper case differs by that bit alone.
	const word = load<u32>(text) | LOWER_CASE;
	if (length == 4) return word == TRUE;
	return length == 5 && word == FALS && (<u32>load<u8>(text, 4) | SPACE) == LETTER_E;
}

/** What a column of numbers takes for one (host/sql/value/convert.ts). */
function isNumber(text: u32, end: u32): bool {
	let at = behindSpaces(text, end);
	at = behindSign(at, end);
	const whole = at;
	at = behindDigits(at, end);
	let digits = at - whole;
	if (at < end && load<u8>(at) == DOT) {
		const fraction = ++at;
		at = behindDigits(at, end);
		digits += at - fraction;
	}
	if (digits == 0) return false;
	if (at < end && (<u32>load<u8>(at) | SPACE) == LETTER_E) {
		const exponent = behindSign(at + 1, end);
		at = behindDigits(exponent, end);
		if (at == exponent) return false;
	}
	return behindSpaces(at, end) == end;
}

function behindSpaces(at: u32, end: u32): u32 {
	// Tab, line feed, vertical tab, form feed and carriage return follow one another.
	while (at < end && (load<u8>(at) == SPACE || <u32>load<u8>(at) - TAB <= 4)) at++;
	return at;
}

function behindSign(at: u32, end: u32): u32 {
	return at < end && (load<u8>(at) == PLUS || load<u8>(at) == MINUS) ? at + 1 : at;
}

function behindDigits(at: u32, end: u32): u32 {
	while (at < end && <u32>load<u8>(at) - ZERO <= 9) at++;
	return at;
}

/** Of two digits; NO_DIGITS where they are none. */
function pair(at: u32): u32 {
	const tens = <u32>load<u8>(at) - ZERO;
	const units = <u32>load<u8>(at, 1) - ZERO;
	return tens > 9 || units > 9 ? NO_DIGITS : tens * 10 + units;
}

/** 2024-12-31 */
function isDay(at: u32): bool {
	const century = pair(at);
	const yearOfCentury = pair(at + 2);
	const month = pair(at + 5);
	const day = pair(at + 8);
	if (max(century, yearOfCentury) == NO_DIGITS || load<u8>(at, 4) != MINUS || load<u8>(at, 7) != MINUS) return false;
	if (month < 1 || month > 12 || day < 1) return false;
	if (month != 2) return day <= 30 + ((month ^ (month >> 3)) & 1);
	const isLeap = ((yearOfCentury == 0 ? century : yearOfCentury) & 3) == 0;
	return day <= (isLeap ? 29 : 28);
}

/** 2024-12-31T23:59, or with a space; then `:59`, `.25` behind that, and `Z`, `+01:00` or `+0100`, or none of these. */
function isTimestamp(text: u32, length: u32): bool {
	if (length < MINUTE_BYTES || !isDay(text)) return false;
	const between = <u32>load<u8>(text, 10);
	if ((between != LETTER_T && between != SPACE) || !isTime(text + 11) || load<u8>(text, 13) != COLON) return false;
	const end = text + length;
	let at = text + MINUTE_BYTES;
	if (end - at >= 3 && load<u8>(at) == COLON) {
		if (pair(at + 1) > 59) return false;
		at += 3;
		if (at < end && load<u8>(at) == DOT) {
			const fraction = ++at;
			at = behindDigits(at, end);
			if (at == fraction) return false;
		}
	}
	if (at == end) return true;
	const zone = <u32>load<u8>(at++);
	if (zone == LETTER_Z) return at == end;
	if (zone != PLUS && zone != MINUS) return false;
	const hasColon = end - at == 5 && load<u8>(at, 2) == COLON;
	return (end - at == 4 || hasColon) && pair(at) < 24 && pair(at + (hasColon ? 3 : 2)) < 60;
}

/** Hours, one byte, and minutes. */
function isTime(at: u32): bool {
	return pair(at) < 24 && pair(at + 3) < 60;
}
