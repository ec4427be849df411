// A record of CSV as a row of SQL (host/sql/ROW_FORMAT.md), field by field.

import {
	CSV_FIELD, CSV_FILLED, CSV_FIXED, CSV_FLAW_KEY, CSV_FLAW_RECORD, CSV_FLAW_TYPE, CSV_INTEGER, CSV_JSON, CSV_KIND_LINES, CSV_KIND_ROW_IDS, CSV_NUMERIC, CSV_REAL, CSV_TEXT,
} from "../shared/csv";
import { KEY_MAX_BYTES } from "../shared/format";
import {
	NARROW_SLOT_BYTES, ROW_COUNT, ROW_HEADER_BYTES, ROW_NARROW, ROW_WIDE, TAG_INT32, TAG_INT64, TAG_NULL, TAG_REAL, TAG_REAL_INT32,
	TAG_TEXT_ASCII, TAG_TEXT_UTF8, WIDE_SLOT_BYTES,
} from "../shared/row";
import { allocate, capacityOf, free } from "../memory/allocator";
import { answerResult, scratch } from "../memory/scratch";
import { TableBuilder, tableBuilderAdd } from "../table/builder";
import { hasForm } from "./forms";
import { isNullText } from "./nulls";
import { NUMBER_EXACT, NUMBER_HARD, NUMBER_NONE, parseInteger, parseReal } from "./number";
import { CsvLoad, NULLABLE, typeOf } from "./state";
import { copyText, isUtf8, TEXT_HAS_QUOTE, TEXT_WIDE, unescape } from "./text";

/** Keyspace, object id and rowid. */
export const KEY_BYTES: u32 = 13;
const KEY_ROW_ID: usize = 5;
export const NUMBER_BYTES: u32 = 8;
/** Copying a text may write so far behind it. */
const SLACK_BYTES: u32 = 16;
const NARROW_MAX_BYTES: u32 = 0xffff;
const NO_QUOTE: u32 = 256;

// What the host has said of a field of the record.
const GIVEN_NOTHING: u32 = 0;
export const GIVEN: u32 = 1;
export const GIVEN_UNFIT: u32 = 2;

// What takeRecord answers.
export const TAKEN: u32 = 0;
/** It is no row: `field` and `reason` say why. */
export const FLAWED: u32 = 1;
/** The host is to say what number stands in a field, or whether it is JSON. */
export const ASKED: u32 = 2;
/** Memory is used up. */
export const FULL: u32 = 3;

/** Puts the row together. */
export function takeRecord(csv: CsvLoad, record: u32, length: u32): u32 {
	const columns = csv.columns;
	const most: u32 = ROW_HEADER_BYTES + columns * (1 + WIDE_SLOT_BYTES + NUMBER_BYTES) + length;
	if (csv.row == 0 || capacityOf(csv.row) < most + SLACK_BYTES) {
		free(csv.row);
		csv.row = allocate(2 * most + SLACK_BYTES);
		if (csv.row == 0) return FULL;
	}
	const row = csv.row;
	const isWide = most > NARROW_MAX_BYTES;
	const slotBytes: u32 = isWide ? WIDE_SLOT_BYTES : NARROW_SLOT_BYTES;
	store<u16>(row, isWide ? ROW_WIDE : ROW_NARROW);
	store<u16>(row, columns, ROW_COUNT);
	const tags = row + ROW_HEADER_BYTES;
	let slot = tags + columns;
	let heap = slot + columns * slotBytes;
	const ends = csv.ends + 4 * csv.nextEnd;
	let start = record;
	for (let column: u32 = 0; column < columns; column++, slot += slotBytes) {
		const next = load<u32>(ends + 4 * column);
		const stop = column + 1 == columns ? record + length : next;
		const outcome = takeField(csv, column, start, stop, heap);
		if (outcome != TAKEN) {
			csv.field = column;
			return outcome;
		}
		start = next + 1;
		if (csv.kind != CSV_KIND_LINES && !takeKey(csv, column, heap)) return keyFlaw(csv, column);
		store<u8>(tags + column, csv.tag);
		const bytes = csv.bytes;
		if (isWide) {
			store<u32>(slot, bytes < 0 ? csv.slot : heap - row);
			store<u32>(slot, max<i32>(bytes, 0), 4);
		} else {
			store<u32>(slot, bytes < 0 ? csv.slot : (heap - row) | (bytes << 16));
		}
		if (bytes > 0) heap += bytes;
	}
	csv.rowLength = heap - row;
	return TAKEN;
}

/** Adds the row, under the rowid of its line. */
export function addRow(csv: CsvLoad, builder: TableBuilder): bool {
	return tableBuilderAdd(builder, rowKey(csv, csv.rowId), KEY_BYTES, csv.trailer, csv.row, csv.rowLength, true);
}

/** Address of the key of the row with this rowid. */
// @ts-ignore: decorator
@inline
export function rowKey(csv: CsvLoad, rowId: u64): u32 {
	store<u64>(csv.key, bswap<u64>(rowId ^ 0x8000000000000000), KEY_ROW_ID);
	return csv.key;
}

/** Notes a field that is more than a column's value; false where it cannot be that. */
function takeKey(csv: CsvLoad, column: u32, heap: u32): bool {
	if (csv.kind == CSV_KIND_ROW_IDS) {
		if (column != csv.keyColumn) return true;
		if (csv.tag == TAG_NULL) return false;
		// The row has NULL in its place.
		csv.keyRowId = load<u64>(csv.number);
		csv.tag = TAG_NULL;
		csv.slot = 0;
		csv.bytes = -1;
		return true;
	}
	if (csv.tag == TAG_NULL) return column != csv.keyColumn && column != csv.valueColumn;
	if (column == csv.valueColumn) {
		csv.valueAt = heap;
		csv.valueLength = csv.bytes;
	}
	if (column != csv.keyColumn) return true;
	csv.keyAt = heap;
	csv.keyLength = csv.bytes;
	return csv.bytes != 0 && csv.bytes < KEY_MAX_BYTES;
}

function keyFlaw(csv: CsvLoad, column: u32): u32 {
	csv.field = column;
	return flawed(csv, CSV_FLAW_KEY);
}

// @ts-ignore: decorator
@inline
function flawed(csv: CsvLoad, reason: u32): u32 {
	csv.reason = reason;
	return FLAWED;
}

// @ts-ignore: decorator
@inline
function takeField(csv: CsvLoad, column: u32, start: u32, stop: u32, heap: u32): u32 {
	// Where the text has no quote at all, its fields need not be looked at for one.
	const quote = csv.quotes == 0 ? NO_QUOTE : csv.quote;
	const isQuoted = quote < NO_QUOTE && start < stop && load<u8>(start) == quote;
	let from = start;
	let to = stop;
	if (isQuoted) {
		from += 1;
		to -= 1;
		if (to < from || load<u8>(to) != quote) return flawed(csv, CSV_FLAW_RECORD);
	}
	const type = typeOf(csv, column) & ~CSV_FIXED;
	if (type == CSV_TEXT) return takeText(csv, from, to, quote, isQuoted, heap);
	if (type > <u32>CSV_REAL) return takeOther(csv, column, type, from, to, quote, isQuoted, heap);
	return takeNumber(csv, column, type, from, to, heap);
}

/** Of a type that few loads have, or that must not be empty, or that NULL may stand for a text of. */
function takeOther(csv: CsvLoad, column: u32, type: u32, from: u32, to: u32, quote: u32, isQuoted: bool, heap: u32): u32 {
	if ((type & CSV_FILLED) != 0) {
		const outcome = takeOther(csv, column, type & ~CSV_FILLED, from, to, quote, isQuoted, heap);
		return outcome == TAKEN && (csv.tag == TAG_NULL || csv.bytes == 0) ? flawed(csv, CSV_FLAW_KEY) : outcome;
	}
	if ((type & NULLABLE) != 0) {
		if (!isQuoted && isNullText(csv, from, to - from)) return takeNull(csv);
		type &= ~NULLABLE;
	}
	if (type == CSV_INTEGER || type == CSV_REAL) return takeNumber(csv, column, type, from, to, heap);
	if (from == to && type != CSV_TEXT && type != CSV_NUMERIC) return takeNull(csv);
	const outcome = takeText(csv, from, to, quote, isQuoted, heap);
	if (outcome != TAKEN || type == CSV_TEXT) return outcome;
	if (type == CSV_JSON) return takeJson(csv, column, heap);
	return hasForm(heap, csv.bytes, type) ? TAKEN : flawed(csv, CSV_FLAW_TYPE);
}

// @ts-ignore: decorator
@inline
function takeNull(csv: CsvLoad): u32 {
	csv.bytes = -1;
	csv.slot = 0;
	csv.tag = TAG_NULL;
	return TAKEN;
}

// @ts-ignore: decorator
@inline
function takeNumber(csv: CsvLoad, column: u32, type: u32, from: u32, to: u32, heap: u32): u32 {
	takeNull(csv);
	if (from == to) return TAKEN;
	return type == CSV_INTEGER ? takeInteger(csv, from, to, heap) : takeReal(csv, column, from, to, heap);
}

// @ts-ignore: decorator
@inline
function takeText(csv: CsvLoad, from: u32, to: u32, quote: u32, isQuoted: bool, heap: u32): u32 {
	const found = copyText(heap, from, to - from, quote);
	csv.bytes = to - from;
	csv.tag = TAG_TEXT_ASCII;
	if (found == 0) return TAKEN;
	if (found & TEXT_HAS_QUOTE) {
		csv.bytes = isQuoted ? unescape(heap, to - from, quote) : -1;
		if (csv.bytes < 0) return flawed(csv, CSV_FLAW_RECORD);
	}
	if (found & TEXT_WIDE) {
		if (!isUtf8(heap, csv.bytes)) return flawed(csv, CSV_FLAW_RECORD);
		csv.tag = TAG_TEXT_UTF8;
	}
	return TAKEN;
}

// @ts-ignore: decorator
@inline
function takeInteger(csv: CsvLoad, from: u32, to: u32, heap: u32): u32 {
	if (!parseInteger(from, to, csv.number)) return flawed(csv, CSV_FLAW_TYPE);
	const value = load<i64>(csv.number);
	if (<i64><i32>value == value) {
		csv.tag = TAG_INT32;
		csv.slot = <u32>value;
	} else {
		csv.tag = TAG_INT64;
		csv.bytes = NUMBER_BYTES;
		store<i64>(heap, value);
	}
	return TAKEN;
}

// @ts-ignore: decorator
@inline
function takeReal(csv: CsvLoad, column: u32, from: u32, to: u32, heap: u32): u32 {
	const outcome = realOf(csv, column, from, to);
	if (outcome == NUMBER_HARD) return ask(column, from, to - from);
	if (outcome != NUMBER_EXACT) return flawed(csv, CSV_FLAW_TYPE);
	const value = load<f64>(csv.number);
	const whole = abs(value) < 2147483648 ? <i32>value : 0;
	if (<f64>whole == value) {
		csv.tag = TAG_REAL_INT32;
		csv.slot = <u32>whole;
	} else {
		csv.tag = TAG_REAL;
		csv.bytes = NUMBER_BYTES;
		store<f64>(heap, value);
	}
	return TAKEN;
}

/** The text is in the heap. */
function takeJson(csv: CsvLoad, column: u32, heap: u32): u32 {
	const given = givenOf(csv, column);
	if (given == GIVEN_NOTHING) return ask(column, heap, csv.bytes);
	return given == GIVEN ? TAKEN : flawed(csv, CSV_FLAW_TYPE);
}

function ask(column: u32, text: u32, length: u32): u32 {
	store<u32>(scratch(), column, CSV_FIELD);
	answerResult(text, length);
	return ASKED;
}

// @ts-ignore: decorator
@inline
function givenOf(csv: CsvLoad, column: u32): u32 {
	return csv.hasGiven == 0 ? GIVEN_NOTHING : load<u8>(csv.isGiven + column);
}

function realOf(csv: CsvLoad, column: u32, from: u32, to: u32): u32 {
	const given = givenOf(csv, column);
	if (given == GIVEN_NOTHING) return parseReal(from, to, csv.powers, csv.number);
	store<f64>(csv.number, load<f64>(csv.given + 8 * column));
	return given == GIVEN ? NUMBER_EXACT : NUMBER_NONE;
}
