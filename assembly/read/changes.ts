// Whether anything in a range has been written or deleted since a moment: what a transaction that deletes the range has to know.

import { KIND_SEEK } from "../shared/format";
import { STATUS_ABSENT, STATUS_DONE } from "../shared/status";
import { blockCount, blockEntry, entryKeyLength, entryTrailer } from "../block/reader";
import { CURSOR_MEMTABLE } from "../cursor/cursor";
import { Merge, mergeAdvance, mergeCursor, mergeTop } from "../cursor/merge";
import { compareKeys } from "../key/compare";
import { Memtable } from "../memtable/memtable";
import { boundaryAfter, boundaryAt, boundaryCover } from "../memtable/ranges";
import { nodeKey, nodeKeyLength } from "../memtable/node";
import { fragmentEnd, fragmentEndLength, fragmentStart } from "../table/ranges";
import { Table, tableIsOpen } from "../table/table";
import { tableAt } from "../version/superversion";
import { Scan, scanStart } from "./scan";

/**
 * STATUS_DONE: the range of a forward scan with both bounds, used for nothing else, holds an entry or a range deletion later
 * than `sequence`. STATUS_ABSENT: it does not.
 */
export function scanChanged(address: u32, sequence: f64): u32 {
	const scan = changetype<Scan>(address as usize);
	const merge = changetype<Merge>(scan.merge as usize);
	const since = (<u64>sequence << 8) | KIND_SEEK;
	if (!scan.started) {
		const status = scanStart(scan, merge);
		if (status != STATUS_DONE) return status;
	}
	if (merge.moving) {
		const status = mergeAdvance(merge);
		if (status != STATUS_DONE) return status;
	}
	while (merge.size != 0) {
		const cursor = mergeTop(merge);
		if (compareKeys(cursor.key, cursor.keyLength, scan.upper, scan.upperLength) >= 0) break;
		if (cursor.trailer > since) return STATUS_DONE;
		const status = mergeAdvance(merge);
		if (status != STATUS_DONE) return status;
	}
	for (let position: u32 = 0; position < merge.count; position++) {
		const cursor = mergeCursor(merge, position);
		if (cursor.kind == CURSOR_MEMTABLE) {
			if (memtableChanged(scan, changetype<Memtable>(cursor.memtable as usize).ranges, since)) return STATUS_DONE;
			continue;
		}
		for (let index: u32 = 0; index < cursor.tableCount; index++) {
			const table = tableAt(cursor.tables, index);
			if (table.ranged && tableChanged(scan, table, since)) return STATUS_DONE;
		}
	}
	return STATUS_ABSENT;
}

function memtableChanged(scan: Scan, ranges: u32, since: u64): bool {
	if (ranges == 0) return false;
	let boundary = boundaryAt(ranges, scan.lower, scan.lowerLength);
	do {
		if (boundaryCover(boundary, u64.MAX_VALUE) > since) return true;
		boundary = boundaryAfter(ranges, boundary);
	} while (boundary != 0 && compareKeys(nodeKey(boundary), nodeKeyLength(boundary), scan.upper, scan.upperLength) < 0);
	return false;
}

function tableChanged(scan: Scan, table: Table, since: u64): bool {
	if (compareKeys(table.largest, table.largestLength, scan.lower, scan.lowerLength) < 0) return false;
	if (compareKeys(table.smallest, table.smallestLength, scan.upper, scan.upperLength) >= 0) return false;
	// The scan has opened every table within its range, unless one holds keys beyond those it is said to.
	if (!tableIsOpen(table)) return true;
	const ranges = table.ranges;
	for (let slot: u32 = 0; slot < blockCount(ranges); slot++) {
		const entry = blockEntry(ranges, slot);
		if (
			entryTrailer(entry) > since &&
			compareKeys(fragmentStart(entry), entryKeyLength(entry), scan.upper, scan.upperLength) < 0 &&
			compareKeys(fragmentEnd(entry), fragmentEndLength(ranges, slot), scan.lower, scan.lowerLength) > 0
		) return true;
	}
	return false;
}
