// How many lines a part of a file has, without knowing whether it begins within quotes: where it does, the line ends that were
// counted as inside are those outside.

import { allocateZeroed } from "../memory/allocator";
import { COUNT_LINES, COUNT_OUTSIDE, COUNT_QUOTES } from "../shared/csv";
import { bytesEqual, prefixXor, within } from "./split";

const COUNT_INSIDE: usize = 24;
const COUNT_BYTES: u32 = 32;

/** 0 where memory is used up. */
export function csvCountCreate(): u32 {
	return allocateZeroed(COUNT_BYTES);
}

/** Goes on with the next bytes of the file. 64 bytes behind them can be read. */
export function csvCount(count: u32, from: u32, length: u32, quote: u32, newline: u32): void {
	const newlines = i8x16.splat(<i8>newline);
	const quoting = i8x16.splat(<i8>quote);
	const end = from + length;
	let inside = load<u64>(count, COUNT_INSIDE);
	let lines: u64 = 0;
	let outside: u64 = 0;
	let quotes: u64 = 0;
	for (let at = from; at < end; at += 64) {
		const valid = within(at, end);
		const found = bytesEqual(at, newlines) & valid;
		lines += popcnt(found);
		if (quote < 256) {
			const marks = bytesEqual(at, quoting) & valid;
			const quoted = prefixXor(marks) ^ inside;
			quotes += popcnt(marks);
			outside += popcnt(found & ~quoted);
			// Of a block that is not full, the last bit is that of the last byte, as nothing behind it toggles.
			inside = <u64>(<i64>quoted >> 63);
		}
	}
	store<u64>(count, inside, COUNT_INSIDE);
	store<f64>(count, load<f64>(count, COUNT_LINES) + <f64>lines, COUNT_LINES);
	store<f64>(count, load<f64>(count, COUNT_OUTSIDE) + <f64>(quote < 256 ? outside : lines), COUNT_OUTSIDE);
	store<f64>(count, load<f64>(count, COUNT_QUOTES) + <f64>quotes, COUNT_QUOTES);
}
