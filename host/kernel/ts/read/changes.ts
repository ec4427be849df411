import { STATUS_ABSENT, STATUS_DONE } from "../../../../assembly/shared/status.js";
import type { Status } from "../../contract.js";
import { MemtableCursor } from "../cursor/memtable-cursor.js";
import type { Merge } from "../cursor/merge.js";
import { RunCursor } from "../cursor/run-cursor.js";
import type { KeyView } from "../key/key-view.js";
import type { Memtable } from "../memtable/memtable.js";
import { coverAt } from "../memtable/ranges.js";
import { fragmentEnd, fragmentStart } from "../table/fragments.js";
import type { Table } from "../table/table.js";

/**
 * DONE: the range of a forward merge that has been started holds an entry or a range deletion later than `sequence`. ABSENT: it
 * does not. What a transaction that deletes the range has to know. Goes on likewise after NEED.
 */
export function changedSince(merge: Merge, lower: KeyView, upper: KeyView, sequence: number): Status {
	if (merge.moving) {
		const status = merge.advance();
		if (status !== STATUS_DONE) return status;
	}
	while (merge.size !== 0 && merge.top.compareKey(upper) < 0) {
		if (merge.top.sequence > sequence) return STATUS_DONE;
		const status = merge.advance();
		if (status !== STATUS_DONE) return status;
	}
	for (const cursor of merge.cursors) {
		if (cursor instanceof MemtableCursor && memtableChanged(cursor.memtable, lower, upper, sequence))
			return STATUS_DONE;
		if (!(cursor instanceof RunCursor)) continue;
		if (cursor.run.tables.some((table) => tableChanged(table, lower, upper, sequence))) return STATUS_DONE;
	}
	return STATUS_ABSENT;
}

function memtableChanged({ ranges }: Memtable, lower: KeyView, upper: KeyView, sequence: number): boolean {
	if (ranges === undefined) return false;
	let boundary = ranges.at(lower);
	do {
		if (coverAt(boundary, Number.POSITIVE_INFINITY) > sequence) return true;
		boundary = ranges.after(boundary);
	} while (boundary !== undefined && boundary.key.compareTo(upper) < 0);
	return false;
}

function tableChanged(table: Table, lower: KeyView, upper: KeyView, sequence: number): boolean {
	if (!table.ranged || table.largest.compareTo(lower) < 0 || table.smallest.compareTo(upper) >= 0) return false;
	const { ranges } = table;
	// The merge has opened every table within its range, unless one holds keys beyond those it is said to.
	if (ranges === undefined) return true;
	for (let slot = 0; slot < ranges.count; slot++) {
		if (
			ranges.sequence(ranges.entry(slot)) > sequence &&
			fragmentStart(ranges, slot).compareTo(upper) < 0 &&
			fragmentEnd(ranges, slot).compareTo(lower) > 0
		) {
			return true;
		}
	}
	return false;
}
