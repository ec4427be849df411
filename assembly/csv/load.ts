// Records of CSV become rows of SQL, and these tables: each line of the file is a row with the next rowid, so that they come in
// the order of their keys. Runs in steps: each answers with bytes to write out, the wish for more text, a record that is no row,
// or the end.

import { EMIT_PART, EMIT_TABLE_END } from "../shared/abi";
import {
	CSV_ASKED, CSV_BITS_PER_KEY, CSV_BLOCK_BYTES, CSV_COLUMN_COUNT, CSV_COMPRESSION, CSV_DATABASE_ID, CSV_DELIMITER, CSV_FIELD, CSV_FIELDS,
	CSV_FIRST_OFFSET, CSV_FIXED, CSV_FLAW_LENGTH, CSV_FLAW_RECORD, CSV_FLAW_TYPE, CSV_FLAW_UNCLOSED, CSV_INTEGER, CSV_MAX_RECORD_BYTES, CSV_MORE, CSV_NEWLINE, CSV_NULL_BYTES,
	CSV_OBJECT_ID, CSV_QUOTE, CSV_REAL, CSV_REASON, CSV_RECORD_ADDRESS, CSV_RECORD_LENGTH, CSV_RECORD_OFFSET, CSV_REFUSED,
	CSV_KEY_COLUMN, CSV_KIND, CSV_KIND_LINES, CSV_RUN_BYTES, CSV_SEQUENCE_STEP, CSV_STOP_OFFSET, CSV_VALUE_COLUMN, CSV_TABLE_BYTES, CSV_TEXT, CSV_TYPES, CSV_WIDEN, NO_FIELD,
} from "../shared/csv";
import { KIND_PUT } from "../shared/format";
import { STATUS_DONE, STATUS_OUT_OF_MEMORY } from "../shared/status";
import { allocateZeroed, capacityOf, free, reallocate } from "../memory/allocator";
import { scratch } from "../memory/scratch";
import {
	TableBuilder, tableBuilderCreate, tableBuilderEmitted, tableBuilderFinish, tableBuilderFree, tableBuilderSize,
	tableBuilderStart,
} from "../table/builder";
import { emit, EMIT_BYTES, EMITTED_NOTHING, EMITTED_PART, EMITTED_TABLE } from "../table/emit";
import { findNulls } from "./nulls";
import { EXACT_POWERS, writePowers } from "./number";
import { addRow, ASKED, FLAWED, FULL, GIVEN, GIVEN_UNFIT, KEY_BYTES, NUMBER_BYTES, takeRecord } from "./rows";
import { addNextOfRun, endRun, gather, isRunFull, sortRun } from "./runs";
import { Split, SPLIT_PADDING, splitText } from "./split";
import { CsvLoad, typeOf } from "./state";

const LOAD_BYTES: u32 = (<u32>offsetof<CsvLoad>() + 15) & ~15;
const KEYSPACE_SQL: u32 = 0x73;
const CARRIAGE_RETURN: u32 = 13;
const LINE_FEED: u32 = 10;
const WINDOW_BYTES: u32 = 256 << 10;

/** `words`: settings (shared/csv.ts), which are copied. 0 where memory is used up. */
export function csvLoadCreate(words: u32): u32 {
	const columns = load<u32>(words, CSV_COLUMN_COUNT);
	const settingsLength = CSV_TYPES + 4 * columns + load<u32>(words, CSV_NULL_BYTES);
	const wordsLength = (settingsLength + 15) & ~15;
	const size = LOAD_BYTES + 16 + NUMBER_BYTES + 8 * EXACT_POWERS + wordsLength + 9 * columns;
	const address = allocateZeroed(size);
	if (address == 0) return 0;
	const csv = changetype<CsvLoad>(address as usize);
	csv.key = address + LOAD_BYTES;
	csv.number = csv.key + 16;
	csv.powers = csv.number + NUMBER_BYTES;
	csv.words = csv.powers + 8 * EXACT_POWERS;
	csv.given = csv.words + wordsLength;
	csv.isGiven = csv.given + 8 * columns;
	memory.copy(csv.words, words, settingsLength);
	writePowers(csv.powers);
	csv.delimiter = load<u32>(words, CSV_DELIMITER);
	csv.quote = load<u32>(words, CSV_QUOTE);
	csv.newline = load<u32>(words, CSV_NEWLINE);
	csv.columns = columns;
	findNulls(csv);
	csv.tableBytes = load<u32>(words, CSV_TABLE_BYTES);
	csv.maxRecordBytes = load<u32>(words, CSV_MAX_RECORD_BYTES);
	csv.kind = load<u32>(words, CSV_KIND);
	csv.keyColumn = load<u32>(words, CSV_KEY_COLUMN);
	csv.valueColumn = load<u32>(words, CSV_VALUE_COLUMN);
	csv.runBytes = load<u32>(words, CSV_RUN_BYTES);
	csv.sequenceStep = <i64>load<f64>(words, CSV_SEQUENCE_STEP);
	csv.offset = <u64>load<f64>(words, CSV_FIRST_OFFSET);
	csv.stop = <u64>load<f64>(words, CSV_STOP_OFFSET);
	store<u8>(csv.key, KEYSPACE_SQL);
	store<u32>(csv.key, bswap<u32>(load<u32>(words, CSV_OBJECT_ID)), 1);
	csv.builder = tableBuilderCreate(
		load<u32>(words, CSV_BLOCK_BYTES), load<u32>(words, CSV_BITS_PER_KEY), load<u32>(words, CSV_COMPRESSION),
		load<u64>(words, CSV_DATABASE_ID),
	);
	if (csv.builder == 0) {
		csvLoadFree(address);
		return 0;
	}
	return address;
}

export function csvLoadFree(address: u32): void {
	const csv = changetype<CsvLoad>(address as usize);
	if (csv.builder != 0) tableBuilderFree(csv.builder);
	free(csv.ends);
	free(csv.text);
	free(csv.row);
	free(csv.run);
	free(csv.list);
	free(address);
}

/**
 * Said before the first step: whether the text begins within quotes, and within a record, which is another part's; the rowid of the
 * line that it begins in, of which each line, whether it becomes a row or not, has the next one; and the sequence number of the entries.
 */
export function csvBegin(address: u32, inside: bool, skip: bool, rowId: f64, sequence: f64): void {
	const csv = changetype<CsvLoad>(address as usize);
	csv.skipInside = inside ? u64.MAX_VALUE : 0;
	csv.skipping = skip ? 1 : 0;
	csv.rowId = <u64>rowId;
	csv.trailer = (<u64>sequence << 8) | KIND_PUT;
}

/** Address where `bytes` more bytes of text go, behind what is left of the record that is not whole; 0 where memory is used up. */
export function csvRoom(address: u32, bytes: u32): u32 {
	const csv = changetype<CsvLoad>(address as usize);
	const left = csv.textLength - csv.record;
	if (csv.record != 0) {
		memory.copy(csv.text, csv.text + csv.record, left);
		csv.offset += csv.record;
		csv.record = 0;
		csv.textLength = left;
	}
	csv.splitLength = 0;
	csv.nextEnd = csv.endCount = 0;
	const wanted = <u64>left + bytes + 1 + SPLIT_PADDING;
	if (wanted > 0xe0000000) return 0;
	if (csv.text == 0 || capacityOf(csv.text) < <u32>wanted) {
		const wider = reallocate(csv.text, left, <u32>wanted);
		if (wider == 0) return 0;
		csv.text = wider;
	}
	return csv.text + left;
}

/** The bytes have been put where csvRoom said; `isLast`: the file ends behind them. */
export function csvFeed(address: u32, bytes: u32, isLast: bool): void {
	const csv = changetype<CsvLoad>(address as usize);
	csv.textLength += bytes;
	csv.isLast = isLast ? 1 : 0;
	// A last line may do without its end.
	const end = csv.text + csv.textLength;
	if (isLast && csv.textLength != 0 && load<u8>(end - 1) != csv.newline) {
		store<u8>(end, csv.newline);
		csv.added = 1;
		csv.textLength += 1;
	}
}

/** The next part of the text in which a record may end: small enough to stay in the processor's cache. False where memory is used up. */
function splitNext(csv: CsvLoad): bool {
	const from = csv.record;
	const most = max<u64>(WINDOW_BYTES, 2 * <u64>(csv.splitLength > from ? csv.splitLength - from : 0));
	csv.splitLength = <u32>min<u64>(csv.textLength, <u64>from + most);
	csv.nextEnd = 0;
	const inside = csv.skipping ? csv.skipInside : 0;
	return splitText(
		changetype<Split>(changetype<usize>(csv)), csv.text + from, csv.text + csv.splitLength, inside, csv.delimiter, csv.quote, csv.newline,
	);
}

/** Entries that are in no table, as others of the same key and the same run are in their place. */
export function csvReplaced(address: u32): f64 {
	return <f64>changetype<CsvLoad>(address as usize).replaced;
}

/** Records that became rows. */
export function csvRows(address: u32): f64 {
	return <f64>changetype<CsvLoad>(address as usize).rows;
}

/** What CSV_ASKED was about fits its column or does not; its value where that is a number. */
export function csvAnswer(address: u32, fits: bool, value: f64): void {
	const csv = changetype<CsvLoad>(address as usize);
	store<u8>(csv.isGiven + csv.field, fits ? GIVEN : GIVEN_UNFIT);
	store<f64>(csv.given + 8 * csv.field, value);
	csv.hasGiven = 1;
}

/** Of a whole table that was emitted last (shared/abi.ts). */
export function csvDescription(address: u32): u32 {
	return changetype<TableBuilder>(changetype<CsvLoad>(address as usize).builder as usize).description;
}

/** Goes on until there is something to tell. `file` and `seed` are those of the next table to start. */
export function csvStep(address: u32, file: u32, seed: u64): u32 {
	const csv = changetype<CsvLoad>(address as usize);
	const builder = changetype<TableBuilder>(csv.builder as usize);
	if (csv.emitted != EMITTED_NOTHING) {
		tableBuilderEmitted(builder);
		if (csv.emitted == EMITTED_TABLE) csv.building = 0;
		csv.emitted = EMITTED_NOTHING;
	}
	while (true) {
		if (csv.sorted != 0) {
			const status = writeRun(csv, builder, file, seed);
			if (status != STATUS_DONE) return status;
		}
		if (!csv.skipping && csv.offset + csv.record >= csv.stop) {
			if (csv.runEntries == 0) return finish(csv, builder);
			if (!sortRun(csv)) return STATUS_OUT_OF_MEMORY;
			continue;
		}
		const record = csv.text + csv.record;
		const fields = fieldsOf(csv);
		if (fields == 0) {
			if (csv.splitLength == csv.textLength) {
				// At the file's end, nothing comes any more that would have to be sorted with the others.
				if (csv.isLast && csv.record == csv.textLength && csv.runEntries != 0) {
					if (!sortRun(csv)) return STATUS_OUT_OF_MEMORY;
					continue;
				}
				return atEndOfText(csv, builder);
			}
			if (!splitNext(csv)) return STATUS_OUT_OF_MEMORY;
			continue;
		}
		const end = load<u32>(csv.ends + 4 * (csv.nextEnd + fields - 1));
		const length = withoutReturn(csv, record, end) - record;
		if (csv.skipping) {
			csv.skipping = 0;
			passRecord(csv, end, fields);
			continue;
		}
		if (length != 0 || fields != 1) {
			if (length > csv.maxRecordBytes) return refuse(csv, record, length, fields, NO_FIELD, CSV_FLAW_LENGTH);
			if (fields != csv.columns) return refuse(csv, record, length, fields, NO_FIELD, CSV_FLAW_RECORD);
			const outcome = takeRecord(csv, record, length);
			if (outcome == FULL) return STATUS_OUT_OF_MEMORY;
			if (outcome == ASKED) return CSV_ASKED;
			if (outcome == FLAWED) return refuse(csv, record, length, fields, csv.field, csv.reason);
			if (csv.kind == CSV_KIND_LINES) {
				startTable(csv, builder, file, seed);
				if (!addRow(csv, builder)) return STATUS_OUT_OF_MEMORY;
			} else {
				if (isRunFull(csv)) {
					// The record is looked at again then.
					if (!sortRun(csv)) return STATUS_OUT_OF_MEMORY;
					continue;
				}
				if (!gather(csv)) return STATUS_OUT_OF_MEMORY;
			}
			csv.rows += 1;
		}
		passRecord(csv, end, fields);
		if (isTableFull(csv, builder)) return endTable(csv, builder);
		if (builder.outputUsed >= EMIT_BYTES) return emitPart(csv, builder);
	}
}

/** Makes tables of the run; STATUS_DONE once all of it is in them. */
function writeRun(csv: CsvLoad, builder: TableBuilder, file: u32, seed: u64): u32 {
	while (csv.nextEntry < csv.runEntries) {
		startTable(csv, builder, file, seed);
		if (!addNextOfRun(csv, builder)) return STATUS_OUT_OF_MEMORY;
		if (isTableFull(csv, builder)) return endTable(csv, builder);
		if (builder.outputUsed >= EMIT_BYTES) return emitPart(csv, builder);
	}
	endRun(csv);
	return finish(csv, builder);
}

// @ts-ignore: decorator
@inline
function startTable(csv: CsvLoad, builder: TableBuilder, file: u32, seed: u64): void {
	if (csv.building) return;
	tableBuilderStart(builder, file, seed);
	csv.building = 1;
}

// @ts-ignore: decorator
@inline
function isTableFull(csv: CsvLoad, builder: TableBuilder): bool {
	return csv.building != 0 && tableBuilderSize(builder) >= csv.tableBytes;
}

function emitPart(csv: CsvLoad, builder: TableBuilder): u32 {
	csv.emitted = EMITTED_PART;
	return emit(builder, EMIT_PART);
}

/** How many fields the next record has; 0 where it is not whole. */
// @ts-ignore: decorator
@inline
function fieldsOf(csv: CsvLoad): u32 {
	const newline = csv.newline;
	let at = csv.ends + 4 * csv.nextEnd;
	const stop = csv.ends + 4 * csv.endCount;
	let fields: u32 = 1;
	for (; at < stop; at += 4, fields++) if (load<u8>(load<u32>(at)) == newline) return fields;
	return 0;
}

function atEndOfText(csv: CsvLoad, builder: TableBuilder): u32 {
	const left = csv.textLength - csv.record;
	// What is skipped takes all there is of this part.
	if (csv.skipping && (csv.isLast || csv.offset + csv.textLength >= csv.stop)) return finish(csv, builder);
	if (!csv.isLast) {
		// A carriage return may be that of its line end.
		if (left <= <u64>csv.maxRecordBytes + 1) return CSV_MORE;
		return answerFlaw(csv, csv.text + csv.record, left, 0, NO_FIELD, CSV_FLAW_LENGTH);
	}
	if (left != 0) {
		const record = csv.text + csv.record;
		const length = left - csv.added;
		csv.record = csv.textLength;
		csv.rowId += 1;
		return answerFlaw(csv, record, length, 0, NO_FIELD, length > csv.maxRecordBytes ? CSV_FLAW_LENGTH : CSV_FLAW_UNCLOSED);
	}
	return finish(csv, builder);
}

function finish(csv: CsvLoad, builder: TableBuilder): u32 {
	return csv.building ? endTable(csv, builder) : STATUS_DONE;
}

// @ts-ignore: decorator
@inline
function passRecord(csv: CsvLoad, end: u32, fields: u32): void {
	csv.record = end + 1 - csv.text;
	csv.nextEnd += fields;
	csv.rowId += 1;
	if (csv.hasGiven != 0) {
		memory.fill(csv.isGiven, 0, csv.columns);
		csv.hasGiven = 0;
	}
}

/** Where the last field ends, with the carriage return of CRLF left out. */
// @ts-ignore: decorator
@inline
function withoutReturn(csv: CsvLoad, start: u32, end: u32): u32 {
	return csv.newline == LINE_FEED && end > start && load<u8>(end - 1) == CARRIAGE_RETURN ? end - 1 : end;
}

function refuse(csv: CsvLoad, record: u32, length: u32, fields: u32, field: u32, reason: u32): u32 {
	const isType = reason == CSV_FLAW_TYPE && (typeOf(csv, field) & CSV_FIXED) == 0;
	const status = answerFlaw(csv, record, length, fields, field, reason);
	if (isType) return CSV_WIDEN;
	passRecord(csv, load<u32>(csv.ends + 4 * (csv.nextEnd + fields - 1)), fields);
	return status;
}

/** Goes on behind a record for which CSV_WIDEN was answered. */
export function csvPass(address: u32): void {
	const csv = changetype<CsvLoad>(address as usize);
	passRecord(csv, load<u32>(csv.ends + 4 * (csv.nextEnd + csv.columns - 1)), csv.columns);
}

function answerFlaw(csv: CsvLoad, record: u32, length: u32, fields: u32, field: u32, reason: u32): u32 {
	const words = scratch();
	store<f64>(words, <f64>(csv.offset + (record - csv.text)), CSV_RECORD_OFFSET);
	store<u32>(words, record, CSV_RECORD_ADDRESS);
	store<u32>(words, length, CSV_RECORD_LENGTH);
	store<u32>(words, field, CSV_FIELD);
	store<u32>(words, fields, CSV_FIELDS);
	store<u32>(words, reason, CSV_REASON);
	return CSV_REFUSED;
}

function endTable(csv: CsvLoad, builder: TableBuilder): u32 {
	if (!tableBuilderFinish(builder)) return STATUS_OUT_OF_MEMORY;
	csv.emitted = EMITTED_TABLE;
	return emit(builder, EMIT_TABLE_END);
}
