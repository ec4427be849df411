// Entries that do not come in the order of their keys: gathered, sorted, and made a table of, as many at a time as there is room for.

import { CSV_KIND_ROW_IDS } from "../shared/csv";
import { KIND_PUT, OPERATION_HEADER_BYTES } from "../shared/format";
import { compareKeys, headOf, sharedPrefix } from "../key/compare";
import { orderAddress, orderAt, orderBytes, orderSet, orderSort } from "../log/order";
import { allocate, capacityOf, free } from "../memory/allocator";
import { copyBytes } from "../memory/copy";
import { TableBuilder, tableBuilderAdd } from "../table/builder";
import { KEY_BYTES, rowKey } from "./rows";
import { CsvLoad } from "./state";

const KEYSPACE_KEY_VALUE: u32 = 0x6b;
/** Loads of eight bytes may begin at the last one of a key. */
const SLACK_BYTES: u32 = 16;

/** Bytes that the record takes among those that are gathered. */
function entryBytes(csv: CsvLoad): u32 {
	const bytes: u32 = csv.kind == CSV_KIND_ROW_IDS ? KEY_BYTES + csv.rowLength : 1 + csv.keyLength + csv.valueLength;
	return OPERATION_HEADER_BYTES + bytes;
}

/** Whether the record finds no room beside those that are gathered, which are to be made a run then. */
// @ts-ignore: decorator
@inline
export function isRunFull(csv: CsvLoad): bool {
	return csv.runEntries != 0 && csv.runUsed + entryBytes(csv) > csv.runBytes;
}

/** Gathers the record; false where memory is used up. */
export function gather(csv: CsvLoad): bool {
	const size = entryBytes(csv);
	if (csv.run == 0 || (csv.runEntries == 0 && capacityOf(csv.run) < size + SLACK_BYTES)) {
		free(csv.run);
		csv.run = allocate(max<u32>(csv.runBytes, size) + SLACK_BYTES);
		if (csv.run == 0) return false;
	}
	const entry = csv.run + csv.runUsed;
	const key = entry + OPERATION_HEADER_BYTES;
	if (csv.kind == CSV_KIND_ROW_IDS) {
		store<u32>(entry, KEY_BYTES);
		store<u32>(entry, csv.rowLength, 4);
		copyBytes(key, rowKey(csv, csv.keyRowId), KEY_BYTES);
		copyBytes(key + KEY_BYTES, csv.row, csv.rowLength);
	} else {
		const keyLength = 1 + csv.keyLength;
		store<u32>(entry, keyLength);
		store<u32>(entry, csv.valueLength, 4);
		store<u8>(key, KEYSPACE_KEY_VALUE);
		copyBytes(key + 1, csv.keyAt, csv.keyLength);
		copyBytes(key + keyLength, csv.valueAt, csv.valueLength);
	}
	csv.runUsed += size;
	csv.runEntries += 1;
	return true;
}

// @ts-ignore: decorator
@inline
function keyLengthOf(entry: u32): u32 {
	return load<u32>(entry);
}

// @ts-ignore: decorator
@inline
function endOf(entry: u32): u32 {
	return entry + OPERATION_HEADER_BYTES + load<u32>(entry) + load<u32>(entry, 4);
}

/** Puts what is gathered in order; false where memory is used up. */
export function sortRun(csv: CsvLoad): bool {
	const count = csv.runEntries;
	free(csv.list);
	csv.list = allocate(orderBytes(count));
	if (csv.list == 0) return false;
	const first = csv.run + OPERATION_HEADER_BYTES;
	let shared = keyLengthOf(csv.run);
	let entry = csv.run;
	for (let number: u32 = 0; number < count && shared != 0; number++, entry = endOf(entry)) {
		shared = sharedPrefix(first, shared, entry + OPERATION_HEADER_BYTES, keyLengthOf(entry));
	}
	entry = csv.run;
	let ascending = true;
	let before: u64 = 0;
	for (let number: u32 = 0; number < count; number++, entry = endOf(entry)) {
		const head = headOf(entry + OPERATION_HEADER_BYTES + shared, keyLengthOf(entry) - shared);
		ascending = ascending && (number == 0 || head > before);
		before = head;
		orderSet(csv.list, number, head, entry);
	}
	csv.sorted = ascending ? csv.list : orderSort(csv.list, count, shared);
	csv.nextEntry = 0;
	return true;
}

/** Adds the next entry of the run, of those with one key a single one; false where memory is used up. */
export function addNextOfRun(csv: CsvLoad, builder: TableBuilder): bool {
	// Equal keys stand in the order of the file. The one that stays within a run is the one that stays among runs.
	const first = orderAddress(orderAt(csv.sorted, csv.nextEntry++));
	let last = first;
	const key = first + OPERATION_HEADER_BYTES;
	const keyLength = keyLengthOf(first);
	for (; csv.nextEntry < csv.runEntries; csv.nextEntry++, csv.replaced++) {
		const next = orderAddress(orderAt(csv.sorted, csv.nextEntry));
		if (compareKeys(key, keyLength, next + OPERATION_HEADER_BYTES, keyLengthOf(next)) != 0) break;
		last = next;
	}
	const entry = csv.sequenceStep < 0 ? first : last;
	const value = entry + OPERATION_HEADER_BYTES + keyLength;
	return tableBuilderAdd(builder, key, keyLength, csv.trailer, value, load<u32>(entry, 4), true);
}

/** The run is in tables: makes room for the next one, whose entries have another sequence number. */
export function endRun(csv: CsvLoad): void {
	csv.runUsed = 0;
	csv.runEntries = 0;
	csv.sorted = 0;
	csv.trailer = <u64>(<i64>(csv.trailer >> 8) + csv.sequenceStep) << 8 | KIND_PUT;
}
