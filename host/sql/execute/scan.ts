/** Reads the rows of one table: a range of keys, single keys, or the rows that entries of an index point to. */

import type { PageCursor, RowTerm } from "../../engine/store.js";
import type { Table } from "../catalog/table.js";
import { keyOfPointer, objectPrefix } from "../codec/key.js";
import type { Access, PartSelection, SelectedParts, Selection } from "../plan/access.js";
import type { Value } from "../value/value.js";
import type { Evaluate } from "./compile.js";
import { isTrue } from "./compile.js";
import { missingRow, openRanges } from "./index-scan.js";
import type { Execution, Operator, Run, Tuple } from "./operator.js";
import { emit, expectedRows, NO_ROW } from "./operator.js";
import type { RowReader } from "./reader.js";
import { readerFor } from "./reader.js";
import type { RowRange, RowScanOptions } from "./row-scan.js";
import { RowScanRun, rowTermsOf } from "./row-scan.js";

export interface ScanFilter {
	readonly test: Evaluate;
	/** Positions in the scan's rows of all that the test reads. */
	readonly slots: readonly number[];
	readonly describe: string;
}

export interface ScanOptions {
	readonly table: Table;
	readonly alias: string;
	readonly access: Access;
	/** What the rows hold, in this order: columns of the table. */
	readonly columns: readonly number[];
	readonly filter: ScanFilter | null;
	/** Positions in the rows that only accepted ones need. */
	readonly lateSlots: readonly number[];
	readonly direction: "forward" | "reverse";
	/** How a range of the table's own rows is read; null for entries of an index and for the key-value data. */
	readonly rows: RowScanOptions | null;
	/** How many rows are expected, for EXPLAIN. */
	readonly estimate: number;
}

/** The places in rows of these columns that the filter does not look at. */
export function lateSlots(columns: readonly number[], filter: ScanFilter | null): number[] {
	const early = filter?.slots ?? [];
	return [...columns.keys()].filter((slot) => !early.includes(slot));
}

export class Scan implements Operator {
	readonly inputs: readonly Operator[] = [];
	readonly options: ScanOptions;
	/** What stands before each entry's value in the key of its row. */
	readonly #through: Uint8Array | undefined;

	constructor(options: ScanOptions) {
		this.options = options;
		const { table } = options;
		this.#through = table.kind === "stored" ? objectPrefix(table.id) : undefined;
	}

	get describe(): string {
		const { access, alias, table, filter, direction, estimate } = this.options;
		const name = alias === table.name ? table.name : `${table.name} AS ${alias}`;
		const how =
			access.describe === ""
				? `Scan ${name}`
				: access.describe.startsWith("over")
					? `Scan ${name} ${access.describe}`
					: `Search ${name} ${access.describe}`;
		const reverse = direction === "reverse" ? ", in reverse" : "";
		return `${how}${reverse}${filter === null ? "" : `, where ${filter.describe}`} ${expectedRows(estimate)}`;
	}

	/** `selection`: what the access has selected for the run already. */
	open(run: Execution, outer: Tuple = NO_ROW, selection = this.options.access.select(run, outer)): LoadingRun {
		if (selection.kind === "none") return emit([]);
		const opened = this.#rowsOf(selection, run, outer);
		if (opened === undefined) return new ScanRun(this.options, run, selection);
		const { rows, terms, range } = opened;
		return terms === undefined ? emit([]) : new RowScanRun(rows, run, terms, range);
	}

	/** For those that go through the pages themselves; undefined where the rows do not come as a range of rows. */
	openRows(run: Execution, selection: Selection): OpenedRows | undefined {
		return this.#rowsOf(selection, run, NO_ROW);
	}

	#rowsOf(selection: Selection, run: Execution, outer: Tuple): OpenedRows | undefined {
		const { access, rows, direction, table } = this.options;
		if (rows === null || selection.kind !== "range" || table.kind !== "stored") return undefined;
		const range = selection.ranges[0];
		if (range === undefined || selection.ranges.length > 1) return undefined;
		return {
			rows,
			terms: rowTermsOf(rows, run, outer),
			range: {
				table,
				space: access.space,
				range: direction === "reverse" ? { ...range, reverse: true } : range,
				through: selection.indirect ? this.#through : undefined,
			},
		};
	}
}

/** A range of rows, and what is asked of them; without terms where no row can fulfil them. */
export interface OpenedRows {
	readonly rows: RowScanOptions;
	readonly terms: readonly RowTerm[] | undefined;
	readonly range: RowRange;
}

/** A run that says how many rows it has loaded, whether the filter let them through or not. */
export interface LoadingRun extends Run {
	readonly loaded?: number;
}

const NOTHING: PartSelection = { kind: "none" };

class ScanRun implements LoadingRun {
	loaded = 0;
	readonly #options: ScanOptions;
	readonly #run: Execution;
	readonly #reader: RowReader;
	/** What it is a part of, where it is one of several. */
	#parts: SelectedParts | undefined;
	#selection: PartSelection = NOTHING;
	#cursor: PageCursor | undefined;
	#count = 0;
	#row = 0;
	#point = 0;
	/** Keys of the rows that the current page of index entries points to. */
	#pending: Uint8Array[] = [];
	#done = false;
	/** A row's array that the filter refused, to be used again. */
	#spare: Tuple | undefined;

	constructor(options: ScanOptions, run: Execution, selection: Selection) {
		this.#options = options;
		this.#run = run;
		this.#reader = options.access.reader?.(run.view) ?? readerFor(options.table);
		this.#select(selection);
	}

	restart(outer: Tuple): void {
		this.close();
		this.#count = 0;
		this.#row = 0;
		this.#point = 0;
		if (this.#pending.length > 0) this.#pending = [];
		this.#select(this.#options.access.select(this.#run, outer));
	}

	#select(selection: Selection): void {
		if (selection.kind !== "many") this.#begin(selection);
		else {
			this.#parts = selection.open(this.#options.direction);
			this.#begin(this.#parts.next() ?? NOTHING);
		}
	}

	#begin(selection: PartSelection): void {
		const { access, direction } = this.#options;
		this.#selection = selection;
		if (selection.kind === "range")
			this.#cursor = openRanges(this.#run.view, access.space, selection.ranges, direction === "reverse");
		this.#done = selection.kind === "none" || (selection.kind === "range" && this.#cursor === undefined);
	}

	next(limit: number): Tuple[] | undefined {
		const rows: Tuple[] = [];
		while (rows.length < limit && this.#advance()) {
			const row = this.#decode(this.#row - 1);
			if (row !== undefined) rows.push(row);
		}
		return rows.length === 0 ? undefined : rows;
	}

	close(): void {
		this.#done = true;
		this.#cursor?.close();
		this.#cursor = undefined;
		this.#parts?.close();
		this.#parts = undefined;
	}

	/** Moves to the next row, loading it or its page; false at the end. */
	#advance(): boolean {
		if (this.#row < this.#count) {
			this.#row++;
			return true;
		}
		while (!this.#load()) if (!this.#nextPart()) return this.#finish();
		return true;
	}

	/** Loads the next row or page; false where there is none in this part. */
	#load(): boolean {
		if (this.#done) return false;
		const selection = this.#selection;
		if (selection.kind === "range" && !selection.indirect) {
			const page = this.#cursor?.next();
			if (page === undefined) return false;
			this.#run.stop?.count(page.count);
			this.#reader.page(page);
			this.#count = page.count;
			this.loaded += page.count;
			this.#row = 1;
			return true;
		}
		for (;;) {
			const key = selection.kind === "points" ? this.#nextPoint(selection.keys) : this.#nextIndirect();
			if (key === undefined) return false;
			this.#run.stop?.count(1);
			const value = this.#run.view.get(this.#options.access.space, key);
			if (value === undefined) {
				if (selection.kind === "points" && !selection.indirect) continue;
				throw missingRow(this.#options.table);
			}
			this.#reader.row(key, value);
			this.#count = 1;
			this.loaded++;
			this.#row = 1;
			return true;
		}
	}

	#nextPart(): boolean {
		const part = this.#parts?.next();
		if (part === undefined) return false;
		this.#cursor?.close();
		this.#cursor = undefined;
		this.#point = 0;
		this.#begin(part);
		return true;
	}

	#finish(): false {
		this.close();
		this.#count = 0;
		this.#row = 0;
		return false;
	}

	#nextPoint(keys: readonly Uint8Array[]): Uint8Array | undefined {
		const at = this.#point++;
		return this.#options.direction === "reverse" ? keys[keys.length - 1 - at] : keys[at];
	}

	#nextIndirect(): Uint8Array | undefined {
		const { table } = this.#options;
		while (this.#pending.length === 0) {
			const page = this.#cursor?.next();
			if (page === undefined || table.kind !== "stored") return undefined;
			for (let i = page.count - 1; i >= 0; i--) {
				const pointer = page.bytes.subarray(page.bounds[i * 2 + 1], page.bounds[i * 2 + 2]);
				this.#pending.push(keyOfPointer(table.id, pointer));
			}
		}
		return this.#pending.pop();
	}

	/** The row, or undefined where the filter refuses it; columns that only accepted rows need are decoded last. */
	#decode(row: number): Tuple | undefined {
		const { columns, filter, lateSlots } = this.#options;
		const reader = this.#reader;
		const tuple: Tuple = this.#spare ?? new Array<Value>(columns.length);
		this.#spare = undefined;
		if (filter !== null) {
			for (const slot of filter.slots) tuple[slot] = reader.column(row, columns[slot] as number); // slots are within
			if (!isTrue(filter.test(tuple, this.#run))) {
				this.#spare = tuple;
				return undefined;
			}
		}
		for (const slot of lateSlots) tuple[slot] = reader.column(row, columns[slot] as number);
		return tuple;
	}
}
