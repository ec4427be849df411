// What a scan is to read of rows, and the page of columns that it fills with it.

import { PAGE_CAPACITY, PAGE_DAMAGED, PAGE_GROUPS, PAGE_TAGS, PAGE_VALUES } from "../shared/abi";
import {
	OBJECT_ID_BYTES, PROGRAM_COLUMNS, PROGRAM_GROUP_BYTES, PROGRAM_GROUPED, PROGRAM_LIST, PROGRAM_TERMS,
	ROW_HEADER_BYTES, ROWID_BYTES, ROWID_COLUMN, TAG_INT32, TAG_INT64, TAG_MISSING, TAG_NULL, TAG_REAL, TAG_TEXT_ASCII, TAG_TEXT_UTF8,
	TERM_BYTES, TERM_COLUMN, TERM_EQUAL, TERM_GREATER, TERM_GREATER_EQUAL, TERM_IS_NULL, TERM_LENGTH, TERM_LESS,
	TERM_LESS_EQUAL, TERM_NOT_NULL, TERM_NULL_HOLDS, TERM_OFFSET, TERM_OPERATOR, TERM_TAG, TERM_VALUE,
} from "../shared/row";
import { allocate, allocateZeroed, capacityOf, free, reallocate } from "../memory/allocator";
import { copyBytes } from "../memory/copy";
import { scratch } from "../memory/scratch";
import { Cell, compareCells, readCell, ROW_DAMAGED, rowIdOf, rowShape, shapeCount, slotOf, TAG_DAMAGED } from "./cell";
import { groupKeyAdd, groupKeyBegin, groupOf, Groups, groupsCreate, groupsFree } from "./groups";
import { matchesLike } from "./like";

// What became of a row.
export const ROW_TAKEN: u32 = 0;
export const ROW_REFUSED: u32 = 1;
export const ROW_WITHOUT_MEMORY: u32 = 2;

@unmanaged
export class Rows {
	program: u32;
	columns: u32;
	terms: u32;
	grouped: u32;
	/** Groups, 0 before there are any. */
	groups: u32;
	/** The page's arrays in one allocation: values, then groups, then tags, each column's one behind the other. */
	arrays: u32;
	/** Rows that there is room for. */
	capacity: u32;
	values: u32;
	groupNumbers: u32;
	tags: u32;
	/** Whether a row did not fit its header. */
	damaged: u32;
	/** The constants of terms: a Cell each. */
	constants: u32;
}

/** Where the texts of a page go. */
@unmanaged
export class TextBytes {
	bytes: u32;
	used: u32;
}

const ROWS_BYTES: u32 = (<u32>offsetof<Rows>() + 7) & ~7;
const CELL_BYTES: u32 = (<u32>offsetof<Cell>() + 7) & ~7;

// @ts-ignore: decorator
@inline
function cellOf(rows: Rows): Cell {
	return changetype<Cell>(changetype<usize>(rows) + ROWS_BYTES);
}

/** 0 where memory is used up. */
export function rowsCreate(): u32 {
	return allocateZeroed(ROWS_BYTES + CELL_BYTES);
}

export function rowsFree(address: u32): void {
	if (address == 0) return;
	const rows = changetype<Rows>(address as usize);
	if (rows.groups != 0) groupsFree(rows.groups);
	free(rows.program);
	free(rows.constants);
	free(rows.arrays);
	free(address);
}

/**
 * What is read from now on; the program is the rows' own from here. Columns stay as many as they were, groups too. False where
 * memory is used up: then nothing is changed.
 */
export function rowsTake(rows: Rows, program: u32): bool {
	const terms = load<u32>(program, PROGRAM_TERMS);
	const constants = allocateZeroed(max<u32>(1, terms * CELL_BYTES));
	if (constants == 0) return false;
	let term = firstTerm(program);
	for (let index: u32 = 0; index < terms; index++) {
		const constant = changetype<Cell>((constants + index * CELL_BYTES) as usize);
		constant.tag = load<u32>(term, TERM_TAG);
		constant.integer = load<i64>(term, TERM_VALUE);
		constant.real = load<f64>(term, TERM_VALUE);
		constant.at = program + load<u32>(term, TERM_OFFSET);
		constant.length = load<u32>(term, TERM_LENGTH);
		term += TERM_BYTES;
	}
	free(rows.constants);
	rows.constants = constants;
	free(rows.program);
	rows.program = program;
	rows.columns = load<u32>(program, PROGRAM_COLUMNS);
	rows.terms = load<u32>(program, PROGRAM_TERMS);
	rows.grouped = load<u32>(program, PROGRAM_GROUPED);
	return true;
}

function firstTerm(program: u32): u32 {
	return (program + <u32>PROGRAM_LIST + 4 * load<u32>(program, PROGRAM_COLUMNS) + 7) & ~7;
}

/** Makes room for a page; false where memory is used up. */
export function rowsReset(rows: Rows, maxEntries: u32): bool {
	rows.damaged = 0;
	if (rows.grouped != 0 && rows.groups == 0) {
		rows.groups = groupsCreate(load<u32>(rows.program, PROGRAM_GROUP_BYTES));
		if (rows.groups == 0) return false;
	}
	const capacity = (maxEntries + 7) & ~7;
	if (rows.arrays != 0 && rows.capacity >= capacity) return true;
	const bytes = <u64>capacity * (9 * rows.columns + 4);
	if (bytes > 1 << 30) return false;
	free(rows.arrays);
	rows.arrays = allocate(<u32>bytes);
	rows.capacity = rows.arrays == 0 ? 0 : capacity;
	rows.values = rows.arrays;
	rows.groupNumbers = rows.values + 8 * capacity * rows.columns;
	rows.tags = rows.groupNumbers + 4 * capacity;
	return rows.arrays != 0;
}

/** Says where the page's arrays lie; false where a row was damaged. */
export function rowsShow(rows: Rows): bool {
	const words = scratch();
	store<u32>(words, rows.values, PAGE_VALUES);
	store<u32>(words, rows.groupNumbers, PAGE_GROUPS);
	store<u32>(words, rows.tags, PAGE_TAGS);
	store<u32>(words, rows.capacity, PAGE_CAPACITY);
	store<u32>(words, rows.damaged, PAGE_DAMAGED);
	return rows.damaged == 0;
}

/**
 * Puts the columns of a row to place `index` of the page, and its texts to `page`, where the row is one to be taken. Its key lies
 * at `key` behind the keyspace.
 */
export function rowsAppend(rows: Rows, index: u32, key: u32, keyLength: u32, row: u32, end: u32, page: TextBytes): u32 {
	const cell = cellOf(rows);
	if (keyLength < <u32>(OBJECT_ID_BYTES + ROWID_BYTES)) key = 0;
	const shape = rowShape(row, end);
	if (shape == ROW_DAMAGED) return damaged(rows);
	const count = shapeCount(shape);
	const list = rows.program + <u32>PROGRAM_LIST;
	const columns = rows.columns;
	let term = (list + 4 * columns + 7) & ~7;
	let constant = rows.constants;
	for (let left = rows.terms; left != 0; left--) {
		const column = load<u32>(term, TERM_COLUMN);
		const value = changetype<Cell>(constant as usize);
		if (column < count && load<u8>(row + <u32>ROW_HEADER_BYTES + column) == TAG_INT32 && value.tag == TAG_INT64) {
			// By far the most frequent case.
			const integer: i64 = load<i32>(slotOf(row, shape, column));
			const order = integer < value.integer ? -1 : integer > value.integer ? 1 : 0;
			if (!fits(order, load<u32>(term, TERM_OPERATOR))) return ROW_REFUSED;
		} else {
			readCell(cell, key, row, end, shape, column);
			if (cell.tag == TAG_DAMAGED) return damaged(rows);
			if (!holds(cell, value, term)) return ROW_REFUSED;
		}
		term += TERM_BYTES;
		constant += CELL_BYTES;
	}
	const grouped = rows.grouped;
	const groups = changetype<Groups>(rows.groups as usize);
	if (grouped != 0) groupKeyBegin(groups);
	let used = page.used;
	const capacity = rows.capacity;
	let value = rows.values + 8 * index;
	let tagAt = rows.tags + index;
	for (let column: u32 = 0; column < columns; column++) {
		const number = load<u32>(list + 4 * column);
		if (column >= grouped && number < count && load<u8>(row + <u32>ROW_HEADER_BYTES + number) == TAG_INT32) {
			store<u8>(tagAt, TAG_INT32);
			store<i64>(value, load<i32>(slotOf(row, shape, number)));
			value += 8 * capacity;
			tagAt += capacity;
			continue;
		}
		if (column >= grouped && number == ROWID_COLUMN && key != 0) {
			const rowId = rowIdOf(key);
			store<u8>(tagAt, <i64><i32>rowId == rowId ? <u8>TAG_INT32 : <u8>TAG_INT64);
			store<i64>(value, rowId);
			value += 8 * capacity;
			tagAt += capacity;
			continue;
		}
		readCell(cell, key, row, end, shape, number);
		let tag = cell.tag;
		if (column < grouped) {
			if (tag == TAG_MISSING) cell.tag = TAG_NULL;
			if (tag != TAG_DAMAGED && !groupKeyAdd(groups, cell)) return ROW_WITHOUT_MEMORY;
		}
		if (tag == TAG_INT64) {
			const integer = cell.integer;
			if (<i64><i32>integer == integer) tag = TAG_INT32;
			store<i64>(value, integer);
		} else if (tag == TAG_REAL) {
			store<f64>(value, cell.real);
		} else if (tag == TAG_DAMAGED) {
			return damaged(rows);
		} else if (tag != TAG_NULL && tag != TAG_MISSING) {
			const length = cell.length;
			if (capacityOf(page.bytes) < used + length) {
				const wider = reallocate(page.bytes, used, 2 * used + length);
				if (wider == 0) return ROW_WITHOUT_MEMORY;
				page.bytes = wider;
			}
			copyBytes(page.bytes + used, cell.at, length);
			store<u32>(value, used);
			store<u32>(value, length, 4);
			used += length;
		}
		store<u8>(tagAt, <u8>tag);
		value += 8 * capacity;
		tagAt += capacity;
	}
	if (grouped != 0) store<u32>(rows.groupNumbers + 4 * index, groupOf(groups));
	page.used = used;
	return ROW_TAKEN;
}

/** Gives the row at place `index` a number in place of its group. */
// @ts-ignore: decorator
@inline
export function rowsNumber(rows: Rows, index: u32, number: u32): void {
	store<u32>(rows.groupNumbers + 4 * index, number);
}

function damaged(rows: Rows): u32 {
	rows.damaged = 1;
	return ROW_REFUSED;
}

function holds(cell: Cell, constant: Cell, term: u32): bool {
	const operator = load<u32>(term, TERM_OPERATOR);
	if (operator >= <u32>TERM_IS_NULL || cell.tag == TAG_NULL || cell.tag == TAG_MISSING) return holdsOtherwise(cell, constant, term);
	return fits(compareCells(cell, constant), operator);
}

/** Whether the order of a value and a constant is one that the comparison holds for. */
// @ts-ignore: decorator
@inline
function fits(order: i32, operator: u32): bool {
	if (operator == TERM_GREATER) return order > 0;
	if (operator == TERM_GREATER_EQUAL) return order >= 0;
	if (operator == TERM_LESS) return order < 0;
	if (operator == TERM_LESS_EQUAL) return order <= 0;
	return (order == 0) == (operator == TERM_EQUAL);
}

/** Of NULLs, and of operators that are no comparisons. */
function holdsOtherwise(cell: Cell, constant: Cell, term: u32): bool {
	const operator = load<u32>(term, TERM_OPERATOR);
	const isNull = cell.tag == TAG_NULL || cell.tag == TAG_MISSING;
	if (operator == TERM_IS_NULL) return isNull;
	if (operator == TERM_NOT_NULL) return !isNull;
	if (isNull) return load<u32>(term, TERM_NULL_HOLDS) != 0;
	if (cell.tag != TAG_TEXT_ASCII && cell.tag != TAG_TEXT_UTF8) return true;
	return matchesLike(cell.at, cell.at + cell.length, constant.at, constant.at + constant.length);
}
