// The page of a scan: entries one behind the other, with an array of bounds.

import { SCAN_KEYS, SCAN_VALUES } from "../shared/abi";
import { EXPIRY_BYTES, KIND_PUT_EXPIRING } from "../shared/format";
import { Cursor } from "../cursor/cursor";
import { allocate, capacityOf, free, reallocate } from "../memory/allocator";
import { copyBytesFolded } from "../memory/copy";
import { Scan } from "./scan";

export function pageReset(scan: Scan, maxEntries: u32, maxBytes: u32): bool {
	scan.count = 0;
	scan.bytesUsed = 0;
	scan.visited = 0;
	scan.folded = 0;
	scan.maxEntries = maxEntries;
	scan.maxBytes = maxBytes;
	const boundsBytes: u32 = 8 * maxEntries + 12;
	if (scan.bounds == 0 || capacityOf(scan.bounds) < boundsBytes) {
		free(scan.bounds);
		scan.bounds = allocate(boundsBytes);
		if (scan.bounds == 0) return false;
	}
	// What one huge entry made grow is given back.
	if (scan.bytes == 0 || capacityOf(scan.bytes) < maxBytes || capacityOf(scan.bytes) > 4 * maxBytes) {
		free(scan.bytes);
		scan.bytes = allocate(maxBytes);
		if (scan.bytes == 0) return false;
	}
	return true;
}

// @ts-ignore: decorator
@inline
export function pageHasRoom(scan: Scan, cursor: Cursor): bool {
	return <u64>scan.bytesUsed + cursor.keyLength + cursor.valueLength <= scan.maxBytes;
}

/** Writes an entry behind the page's last one, without counting it. */
export function pageAppend(scan: Scan, cursor: Cursor): bool {
	const keyLength = scan.parts & SCAN_KEYS ? cursor.keyLength - scan.skipKeyBytes : 0;
	const skipped: u32 = (<u32>cursor.trailer & 255) == KIND_PUT_EXPIRING ? EXPIRY_BYTES : 0;
	const valueLength = scan.parts & SCAN_VALUES ? cursor.valueLength - skipped : 0;
	const used = scan.bytesUsed;
	const size = keyLength + valueLength;
	if (capacityOf(scan.bytes) < used + size) {
		const wider = reallocate(scan.bytes, used, used + size);
		if (wider == 0) return false;
		scan.bytes = wider;
	}
	const bounds = scan.bounds + 8 * scan.count;
	store<u32>(bounds, used);
	store<u32>(bounds, used + keyLength, 4);
	const target = scan.bytes + used;
	// A value lies right behind its key, or behind its expiry.
	if (keyLength != 0 && skipped == 0) {
		scan.folded |= copyBytesFolded(target, cursor.key + scan.skipKeyBytes, size);
	} else {
		if (keyLength != 0) scan.folded |= copyBytesFolded(target, cursor.key + scan.skipKeyBytes, keyLength);
		scan.folded |= copyBytesFolded(target + keyLength, cursor.value + skipped, valueLength);
	}
	scan.bytesUsed = used + size;
	return true;
}
