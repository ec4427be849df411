/** Scans over ranges of a table's rows, by pages of columns: which rows are taken is decided where they lie, as far as may be. */

import {
	TAG_BLOB,
	TAG_INT64,
	TAG_NULL,
	TAG_REAL,
	TAG_TEXT_UTF8,
	TERM_EQUAL,
	TERM_IS_NULL,
	TERM_LIKE,
	TERM_NOT_EQUAL,
	TERM_NOT_NULL,
} from "../../../assembly/shared/row.js";
import type { ByteRange, Keyspace, RowCursor, RowPage, RowProgram, RowTerm, RowValue } from "../../engine/store.js";
import type { Coercion } from "../bind/bound.js";
import type { Table } from "../catalog/table.js";
import { toText } from "../value/convert.js";
import { utf8 } from "../value/text.js";
import type { Value } from "../value/value.js";
import { isInteger, Real } from "../value/value.js";
import type { Evaluate } from "./compile.js";
import { coerce, isTrue } from "./compile.js";
import { missingRow } from "./index-scan.js";
import type { Execution, Run, Tuple } from "./operator.js";
import { FULL_BATCH } from "./operator.js";
import { nextAmong, readColumn, readIntegers, valueAt } from "./row-page.js";
import type { ScanFilter } from "./scan.js";
import type { TopBound } from "./top-bound.js";

/** A condition as it is planned: its constant is known where the scan is opened. */
export interface RowTermOptions {
	readonly column: number;
	/** TERM_… of assembly/shared/row.ts. */
	readonly operator: number;
	/** Null where the operator has no constant. */
	readonly value: Evaluate | null;
	readonly coercion: Coercion;
	/** NULL is a value like others: IS and IS NOT. */
	readonly withNull: boolean;
	/** The constant is one of the row that the scan is joined to. */
	readonly isJoined: boolean;
}

export interface RowScanOptions {
	/** The numbers of the columns that its rows hold, as in a scan's program, and what older rows hold in their place. */
	readonly columns: readonly number[];
	readonly missing: readonly Value[];
	/** How long its rows are: columns that only the terms test are at the end, and are not there. */
	readonly width: number;
	readonly terms: readonly RowTermOptions[];
	/** What the terms do not decide. */
	readonly filter: ScanFilter | null;
	/** Places in rows that only accepted ones need. */
	readonly lateSlots: readonly number[];
	/** What a sort above has found out. */
	readonly bound: TopBound | null;
}

const NULL: RowValue = { tag: TAG_NULL };

/** The term, or undefined where it holds for no row. */
function termOf(options: RowTermOptions, run: Execution, outer: Tuple): RowTerm | undefined {
	const { column, operator, value, coercion, withNull } = options;
	if (value === null) return { column, operator, value: NULL, nullHolds: false };
	const constant = coerce(value(outer, run), coercion);
	if (operator === TERM_LIKE) {
		const pattern = constant instanceof Uint8Array ? null : toText(constant);
		if (pattern === null) return undefined;
		return { column, operator, value: { tag: TAG_TEXT_UTF8, bytes: utf8(pattern) }, nullHolds: false };
	}
	if (constant !== null) {
		return { column, operator, value: rowValue(constant), nullHolds: withNull && operator === TERM_NOT_EQUAL };
	}
	if (!withNull) return undefined;
	const test = operator === TERM_EQUAL ? TERM_IS_NULL : TERM_NOT_NULL;
	return { column, operator: test, value: NULL, nullHolds: false };
}

/** A value that is not NULL as the kernel takes it. */
export function rowValue(value: Exclude<Value, null>): RowValue {
	if (typeof value === "string") return { tag: TAG_TEXT_UTF8, bytes: utf8(value) };
	if (value instanceof Uint8Array) return { tag: TAG_BLOB, bytes: value };
	if (isInteger(value)) return { tag: TAG_INT64, integer: BigInt(value) };
	return { tag: TAG_REAL, real: value instanceof Real ? value.value : (value as number) };
}

/** The terms of a scan, or undefined where no row can fulfil them. */
export function rowTermsOf(options: RowScanOptions, run: Execution, outer: Tuple): RowTerm[] | undefined {
	const terms: RowTerm[] = [];
	for (const option of options.terms) {
		const term = termOf(option, run, outer);
		if (term === undefined) return undefined;
		terms.push(term);
	}
	return terms;
}

export interface RowRange {
	readonly table: Table;
	readonly space: Keyspace;
	readonly range: ByteRange;
	/** The range is one of an index: what stands before each entry's value in the key of its row. */
	readonly through: Uint8Array | undefined;
}

/** Rows as they are, in no groups. */
export function plainRows(columns: readonly number[], terms: readonly RowTerm[]): RowProgram {
	return { columns, terms, grouped: 0, groupBytes: 0 };
}

export function openRowRange({ space, range, through }: RowRange, { view }: Execution, program: RowProgram): RowCursor {
	return view.scanRows(space, range, program, through);
}

/** The next page of a range. */
export function nextPage(cursor: RowCursor, { table }: RowRange, wanted = FULL_BATCH): RowPage | undefined {
	const page = cursor.nextRows(wanted);
	if (page?.missing === true) throw missingRow(table);
	return page;
}

/** For a row whose first `read` places are to be filled. */
export function emptyTuple(width: number, read: number): Tuple {
	const tuple = new Array<Value>(width);
	for (let slot = read; slot < width; slot++) tuple[slot] = null;
	return tuple;
}

/**
 * The row, or undefined where the filter refuses it; columns that only accepted rows need are read last. `room`: a tuple that
 * it may become.
 */
export function readRow(
	page: RowPage,
	at: number,
	{ filter, missing, width, columns, lateSlots }: RowScanOptions,
	run: Execution,
	room = emptyTuple(width, columns.length),
): Tuple | undefined {
	if (filter !== null) {
		for (const slot of filter.slots) room[slot] = valueAt(page, at, slot, missing[slot] as Value); // one a column
		if (!isTrue(filter.test(room, run))) return undefined;
	}
	for (const slot of lateSlots) room[slot] = valueAt(page, at, slot, missing[slot] as Value); // here too
	return room;
}

interface Wanted {
	readonly slot: number;
	readonly keys: ReadonlyMap<unknown, unknown>;
}

export class RowScanRun implements Run {
	/** Rows that the terms let through. */
	loaded = 0;
	readonly #options: RowScanOptions;
	readonly #run: Execution;
	readonly #terms: readonly RowTerm[];
	readonly #range: RowRange;
	readonly #cursor: RowCursor;
	#bound: RowTerm | undefined;
	#page: RowPage | undefined;
	#row = 0;
	#done = false;
	/** A row's array that the filter refused, to be used again. */
	#spare: Tuple | undefined;
	/** Of the page: the column that is sought in, -1 for none yet, and its values. */
	#keySlot = -1;
	readonly #keys: (number | bigint)[] = [];
	#wanted: Wanted | undefined;

	constructor(options: RowScanOptions, run: Execution, terms: readonly RowTerm[], range: RowRange) {
		this.#options = options;
		this.#range = range;
		this.#run = run;
		this.#terms = terms;
		const { columns } = options;
		this.#cursor = openRowRange(range, run, plainRows(columns, terms));
	}

	next(limit: number): Tuple[] | undefined {
		const rows: Tuple[] = [];
		while (rows.length < limit && this.#load(limit)) {
			const page = this.#page as RowPage; // just loaded
			if (this.#options.filter === null && this.#wanted === undefined) {
				this.#readAll(page, limit, rows);
				continue;
			}
			if (this.#wanted !== undefined) this.#row = nextAmong(page, this.#row, this.#wanted.slot, this.#wanted.keys);
			if (this.#row < page.count) {
				const { width, columns } = this.#options;
				const room = this.#spare ?? emptyTuple(width, columns.length);
				const row = readRow(page, this.#row++, this.#options, this.#run, room);
				this.#spare = row === undefined ? room : undefined;
				if (row !== undefined) rows.push(row);
			}
		}
		return rows.length === 0 ? undefined : rows;
	}

	narrow(slot: number, keys: ReadonlyMap<unknown, unknown>): void {
		this.#wanted = { slot, keys };
	}

	/** Whether `seek` can go through it: nothing remains to be tested of its rows. */
	get isPlain(): boolean {
		return this.#options.filter === null;
	}

	/** Goes on to the first row whose INTEGER in that place is not below `key`: answers it, or undefined where there is none. */
	seek(slot: number, key: number | bigint): number | bigint | undefined {
		while (this.#load()) {
			const page = this.#page as RowPage; // just loaded
			const keys = this.#keys;
			if (this.#keySlot !== slot) {
				this.#keySlot = slot;
				readIntegers(page, slot, keys);
			}
			for (let row = this.#row; row < page.count; row++) {
				const value = keys[row] as number | bigint; // one a row
				if (value < key) continue;
				this.#row = row;
				return value;
			}
			this.#row = page.count;
		}
		return undefined;
	}

	/** Goes behind the row that was sought. */
	pass(): void {
		this.#row++;
	}

	/** Puts the row that was sought into a wider one, from `at` on. */
	read(into: Tuple, at: number): void {
		const { columns, missing } = this.#options;
		const page = this.#page as RowPage; // it stands on a row
		for (let slot = 0; slot < columns.length; slot++) {
			into[at + slot] =
				slot === this.#keySlot
					? (this.#keys[this.#row] as Value) // one a row
					: valueAt(page, this.#row, slot, missing[slot] as Value); // one a column
		}
	}

	close(): void {
		this.#done = true;
		this.#page = undefined;
		this.#cursor.close();
	}

	/** Whether there is a row at hand, loading a page where the last one is used up. */
	#load(wanted = FULL_BATCH): boolean {
		if (this.#done) return false;
		while (this.#page === undefined || this.#row >= this.#page.count) {
			this.#narrow();
			this.#run.stop?.look();
			this.#page = nextPage(this.#cursor, this.#range, wanted);
			this.#keySlot = -1;
			this.#row = 0;
			this.loaded += this.#page?.count ?? 0;
			if (this.#page === undefined) {
				this.close();
				return false;
			}
		}
		return true;
	}

	#narrow(): void {
		const bound = this.#options.bound?.term(this.#run);
		if (bound === undefined || bound === this.#bound) return;
		this.#bound = bound;
		const { columns } = this.#options;
		this.#cursor.read(plainRows(columns, [...this.#terms, bound]));
	}

	/** All rows of the page, or as many as are wanted, column by column. */
	#readAll(page: RowPage, limit: number, rows: Tuple[]): void {
		const { columns, missing, width } = this.#options;
		const first = this.#row;
		const at = rows.length;
		this.#row = Math.min(page.count, first + limit - at);
		for (let row = first; row < this.#row; row++) rows.push(emptyTuple(width, columns.length));
		for (let slot = 0; slot < columns.length; slot++) {
			readColumn(page, first, slot, missing[slot] as Value, rows, at, slot); // one a column
		}
	}
}
