// How a scan reads rows of SQL: each into the columns of a page where the scan's program takes it. Where nothing has to be merged,
// since no other source has an entry before those of a block, these are gone through at once.

import { BLOCK_HEADS, ENTRY_KEY, EXPIRY_BYTES, KIND_PUT, KIND_PUT_EXPIRING } from "../shared/format";
import { STATUS_DONE, STATUS_OUT_OF_MEMORY } from "../shared/status";
import { blockSeek, entryKeyLength, entryTrailer } from "../block/reader";
import { Cursor } from "../cursor/cursor";
import { setSlot } from "../cursor/run";
import { compareKeys } from "../key/compare";
import { ROW_TAKEN, ROW_WITHOUT_MEMORY, Rows, rowsAppend, rowsCreate, rowsTake, TextBytes } from "../row/rows";
import { pageAppend } from "./page";
import { isLast, remember, Scan } from "./scan";

/** From the next page on the scan reads rows by the program, which is its own from here; false where memory is used up. */
export function scanRows(address: u32, program: u32): bool {
	const scan = changetype<Scan>(address as usize);
	if (scan.rows == 0) scan.rows = rowsCreate();
	return scan.rows != 0 && rowsTake(changetype<Rows>(scan.rows as usize), program);
}

/** Puts the entry behind the page's last one, without counting it, where it is one to be taken. */
export function take(scan: Scan, cursor: Cursor): u32 {
	if (scan.rows == 0) return pageAppend(scan, cursor) ? ROW_TAKEN : ROW_WITHOUT_MEMORY;
	const skipped: u32 = (<u32>cursor.trailer & 255) == KIND_PUT_EXPIRING ? EXPIRY_BYTES : 0;
	return rowsAppend(
		changetype<Rows>(scan.rows as usize), scan.count, cursor.key + scan.skipKeyBytes, cursor.keyLength - scan.skipKeyBytes,
		cursor.value + skipped, cursor.value + cursor.valueLength, textsOf(scan),
	);
}

// @ts-ignore: decorator
@inline
function textsOf(scan: Scan): TextBytes {
	return changetype<TextBytes>(changetype<usize>(scan) + offsetof<Scan>("bytes"));
}

/**
 * Takes rows of the cursor's block from the current entry on until the page is full or the entry of `next` (a cursor, or 0) comes
 * first, then `full` or `overtaken` is set and the cursor stands on the next entry to deal with, or until the block is at its end
 * and the next move leads on. The current entry lies before that of `next`.
 */
export function fillFromBlock(scan: Scan, cursor: Cursor, next: u32): u32 {
	const rows = changetype<Rows>(scan.rows as usize);
	const texts = textsOf(scan);
	const bytes = cursor.bytes;
	const slots = cursor.slots;
	const offsets = cursor.offsets;
	const heads = bytes + <u32>BLOCK_HEADS;
	const skip = scan.skipKeyBytes;
	let limit = scan.upper;
	let limitLength = scan.upperLength;
	let overtaken: u32 = 0;
	if (next != 0) {
		const other = changetype<Cursor>(next as usize);
		if (limit == 0 || compareKeys(other.key, other.keyLength, limit, limitLength) < 0) {
			limit = other.key;
			limitLength = other.keyLength;
			overtaken = 1;
		}
	}
	let end = slots;
	if (limit != 0 && !endsBefore(bytes + load<u32>(offsets + 4 * (slots - 1)), limit, limitLength)) {
		end = blockSeek(bytes, limit, limitLength, u64.MAX_VALUE);
		// The current entry is known to lie before the other's: where entries are out of order the scan goes on nevertheless.
		if (overtaken) end = max<u32>(end, cursor.slot + 1);
	}
	let slot = cursor.slot;
	// The entry of this block that was taken last, and its slot.
	let last: u32 = 0;
	let lastSlot: u32 = 0;
	let count = scan.count;
	const maxEntries = scan.maxEntries;
	let status: u32 = STATUS_DONE;
	scan.full = 0;
	scan.overtaken = 0;
	if (scan.hasLast != 0 && isLast(scan, cursor)) {
		last = bytes + load<u32>(offsets + 4 * slot);
		lastSlot = slot;
		slot += 1;
	}
	for (; slot < end; slot++) {
		const entry = bytes + load<u32>(offsets + 4 * slot);
		const trailer = entryTrailer(entry);
		if (trailer > scan.trailer) continue;
		const key = entry + <u32>ENTRY_KEY;
		const keyLength = entryKeyLength(entry);
		if (last != 0 && load<u64>(heads + 8 * slot) == load<u64>(heads + 8 * lastSlot) &&
			compareKeys(key, keyLength, last + <u32>ENTRY_KEY, entryKeyLength(last)) == 0) continue;
		const kind = <u32>trailer & 255;
		let value = key + keyLength;
		if (kind == KIND_PUT || (kind == KIND_PUT_EXPIRING && load<u64>(value) > scan.now)) {
			if (kind == KIND_PUT_EXPIRING) value += EXPIRY_BYTES;
			const valueEnd = bytes + load<u32>(offsets + 4 * slot, 4);
			if (count == maxEntries || (count != 0 && <u64>texts.used + (valueEnd - value) > scan.maxBytes)) {
				scan.full = 1;
				break;
			}
			const taken = rowsAppend(rows, count, key + skip, keyLength - skip, value, valueEnd, texts);
			if (taken == ROW_TAKEN) count += 1;
			else if (taken == ROW_WITHOUT_MEMORY) {
				status = STATUS_OUT_OF_MEMORY;
				break;
			}
		}
		last = entry;
		lastSlot = slot;
	}
	if (slot == end && end < slots) {
		if (overtaken) scan.overtaken = 1;
		else scan.ended = 1;
	}
	scan.visited += slot - cursor.slot;
	scan.count = count;
	if (last != 0) {
		setSlot(cursor, lastSlot);
		if (!remember(scan, cursor)) status = STATUS_OUT_OF_MEMORY;
	}
	setSlot(cursor, min<u32>(slot, slots - 1));
	return status;
}

function endsBefore(entry: u32, limit: u32, limitLength: u32): bool {
	return compareKeys(entry + <u32>ENTRY_KEY, entryKeyLength(entry), limit, limitLength) < 0;
}
