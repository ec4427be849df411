import type { Cell } from "./cell.js";

const PERCENT = 0x25;
const UNDERSCORE = 0x5f;

/** LIKE over the bytes of UTF-8: % stands for any text, _ for one character, letters of ASCII match regardless of case. */
export function matchesLike({ view, at: start, length }: Cell, pattern: DataView): boolean {
	const end = start + length;
	let at = start;
	let next = 0;
	// Behind the last %, and where in the text what follows it is tried next.
	let afterAny = -1;
	let retry = 0;
	while (at < end) {
		const wanted = next < pattern.byteLength ? pattern.getUint8(next) : -1;
		if (wanted === PERCENT) {
			next += 1;
			afterAny = next;
			retry = at;
		} else if (wanted === UNDERSCORE) {
			next += 1;
			at = characterEnd(view, at, end);
		} else if (wanted >= 0 && lower(wanted) === lower(view.getUint8(at))) {
			next += 1;
			at += 1;
		} else if (afterAny < 0) {
			return false;
		} else {
			retry = characterEnd(view, retry, end);
			at = retry;
			next = afterAny;
		}
	}
	while (next < pattern.byteLength && pattern.getUint8(next) === PERCENT) next += 1;
	return next === pattern.byteLength;
}

function lower(byte: number): number {
	return byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
}

function characterEnd(view: DataView, at: number, end: number): number {
	let after = at + 1;
	while (after < end && (view.getUint8(after) & 0xc0) === 0x80) after += 1;
	return after;
}
