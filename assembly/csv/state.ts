// What a load of CSV has in memory.

import { CSV_TYPES } from "../shared/csv";

@unmanaged
export class CsvLoad {
	// As class Split.
	ends: u32;
	endCount: u32;
	inside: u64;
	quotes: u64;
	builder: u32;
	/** The settings, columns' types and texts for NULL behind them. */
	words: u32;
	/** Where those texts are, and a bit for each of their lengths, the last one for all that are longer. */
	nulls: u32;
	nullLengths: u64;
	delimiter: u32;
	quote: u32;
	newline: u32;
	columns: u32;
	tableBytes: u32;
	maxRecordBytes: u32;
	/** The text: `textLength` bytes, of which records up to `record` have been taken. */
	text: u32;
	textLength: u32;
	record: u32;
	/** Up to where the ends of fields are known. */
	splitLength: u32;
	/** The first end that belongs to that record. */
	nextEnd: u32;
	/** No more text will come. */
	isLast: u32;
	/** Bytes of the line end that was put behind a last line without one. */
	added: u32;
	/** The table's key, of which the rowid changes, and the row. */
	key: u32;
	row: u32;
	powers: u32;
	/** A number as it was parsed. */
	number: u32;
	/** What the host has said of fields of the record: a number for each column, and GIVEN_… bytes. */
	given: u32;
	isGiven: u32;
	hasGiven: u32;
	building: u32;
	emitted: u32;
	/** Of the line; of the row where it is a column. */
	rowId: u64;
	keyRowId: u64;
	kind: u32;
	keyColumn: u32;
	valueColumn: u32;
	/** Where the texts of a pair's key and value are, in the room of the row. */
	keyAt: u32;
	keyLength: u32;
	valueAt: u32;
	valueLength: u32;
	/** Entries that wait to be sorted, one behind the other as in a batch (log/record.ts), and how many. */
	run: u32;
	runUsed: u32;
	runEntries: u32;
	runBytes: u32;
	/** Their order, once all are there (log/order.ts), and the entry that comes next; 0 while they are gathered. */
	list: u32;
	sorted: u32;
	nextEntry: u32;
	/** What is added to the sequence number for each run; entries that others with the same key replace within a run. */
	sequenceStep: i64;
	replaced: u64;
	/** Where in the file the text begins, and from where on records are another part's. */
	offset: u64;
	stop: u64;
	/** The text begins within a record that is another part's; whether within quotes. */
	skipping: u32;
	skipInside: u64;
	trailer: u64;
	/** Records that became rows. */
	rows: u64;
	/** The field at fault or asked for, and why. */
	field: u32;
	reason: u32;
	/** Of the row that has been put together. */
	rowLength: u32;
	/** What the field that was read last becomes: its tag, what its slot holds, and its bytes in the heap, which are -1 without any. */
	tag: u32;
	slot: u32;
	bytes: i32;
}

/** Beside the type of each column where there are texts that stand for NULL, so that others need not be asked. */
export const NULLABLE: u32 = 512;

/** The type of a column, with CSV_FIXED, CSV_FILLED and NULLABLE. */
// @ts-ignore: decorator
@inline
export function typeOf(csv: CsvLoad, column: u32): u32 {
	return load<u32>(csv.words + CSV_TYPES + 4 * column);
}
