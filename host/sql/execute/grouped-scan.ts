/** Grouping over a scan of rows: the scan says to which group each row belongs, and no row is made of its columns. */

import { NO_GROUP } from "../../../assembly/shared/row.js";
import type { RowPage } from "../../engine/store.js";
import type { AggregateState } from "../function/aggregate.js";
import type { Value } from "../value/value.js";
import { Aggregate } from "./aggregate.js";
import type { ColumnStates, CountedRows } from "./column-states.js";
import { columnStates } from "./column-states.js";
import { isTrue } from "./compile.js";
import type { AggregateOptions, Group, SharedStates } from "./group.js";
import type { AggregateCall } from "./group-states.js";
import { GroupTable } from "./group-table.js";
import type { Execution, Operator, Run, Tuple } from "./operator.js";
import { deferred, NO_ROW } from "./operator.js";
import { valueAt } from "./row-page.js";
import type { RowScanOptions } from "./row-scan.js";
import { emptyTuple, nextPage, openRowRange } from "./row-scan.js";
import type { OpenedRows, Scan } from "./scan.js";

export interface GroupedScanOptions extends AggregateOptions {
	/** Places in the scan's rows of the keys. */
	readonly keySlots: readonly number[];
	/** For each call, the place of the column that is its argument; null where it is to be evaluated. */
	readonly argumentSlots: readonly (number | null)[];
}

/** What keys of groups may take in the kernel at most; rows of further groups are grouped by their values. */
const GROUP_BYTES = 64 << 20;

export class GroupedScan implements Operator {
	readonly inputs: readonly Operator[];
	readonly describe: string;
	readonly #scan: Scan;
	readonly #options: GroupedScanOptions;
	/** Where the rows turn out to come otherwise: by an index, say. */
	readonly #aggregate: Aggregate;

	constructor(scan: Scan, options: GroupedScanOptions, text: string) {
		this.inputs = [scan];
		this.describe = text;
		this.#scan = scan;
		this.#options = options;
		this.#aggregate = new Aggregate(scan, options, text);
	}

	open(run: Execution): Run {
		const selection = this.#scan.options.access.select(run, NO_ROW);
		const opened = this.#scan.openRows(run, selection);
		if (opened === undefined) return this.#aggregate.gather(this.#scan.open(run, NO_ROW, selection), run);
		return deferred(() => {
			const grouping = new Grouping(this.#options, opened.rows, run);
			return grouping.gather(opened);
		});
	}
}

class Grouping {
	readonly #options: GroupedScanOptions;
	readonly #rows: RowScanOptions;
	readonly #run: Execution;
	/** Where on the pages the columns of the scan's rows are: keys come first there. */
	readonly #places: readonly number[];
	readonly #columns: readonly number[];
	/** Undefined for those whose rows the filter has refused so far, or that there was no room for. */
	readonly #groups: (Group | undefined)[] = [];
	readonly #others: GroupTable;
	readonly #shared: SharedStates;
	/** A row begins with its keys, in their order. */
	readonly #keysLead: boolean;
	/** Of the page. */
	#counted: CountedRows = { rows: new Uint32Array(0), groups: new Uint32Array(0), count: 0 };

	constructor(options: GroupedScanOptions, rows: RowScanOptions, run: Execution) {
		this.#options = options;
		this.#rows = rows;
		this.#run = run;
		this.#others = new GroupTable(options, run);
		const { keySlots, calls, argumentSlots } = options;
		this.#shared = calls.map(({ function: called, arguments: given, distinct, filter }, i) => {
			const isPlain = !distinct && filter === null && (given.length === 0 || typeof argumentSlots[i] === "number");
			return (isPlain ? columnStates(called) : undefined) ?? null;
		});
		this.#keysLead = keySlots.every((slot, i) => slot === i);
		const rest = [...rows.columns.keys()].filter((slot) => !keySlots.includes(slot));
		const order = [...keySlots, ...rest];
		this.#columns = order.map((slot) => rows.columns[slot] as number); // slots are within
		this.#places = rows.columns.map((_, slot) => order.indexOf(slot));
	}

	gather({ terms, range }: OpenedRows): Run {
		if (terms === undefined) return this.#others.finish();
		const grouped = this.#options.keySlots.length;
		const program = {
			columns: this.#columns,
			terms,
			grouped,
			groupBytes: Math.min(GROUP_BYTES, this.#run.spill?.budgetBytes ?? GROUP_BYTES),
		};
		const cursor = openRowRange(range, this.#run, program);
		try {
			for (let page = nextPage(cursor, range); page !== undefined; page = nextPage(cursor, range)) {
				this.#run.stop?.look();
				this.#take(page);
			}
		} finally {
			cursor.close();
		}
		const hasGaps = this.#groups.includes(undefined);
		return this.#others.finish(
			hasGaps ? this.#groups.filter((group) => group !== undefined) : (this.#groups as Group[]), // all are there
		);
	}

	#take(page: RowPage): void {
		// For the whole page: a group's rows come late from one of them on.
		const { isLate } = this.#others;
		this.#select(page);
		const { calls, argumentSlots } = this.#options;
		for (let i = 0; i < calls.length; i++) {
			const call = calls[i] as AggregateCall; // i is within
			const shared = this.#shared[i] as ColumnStates | null; // one per call
			const slot = argumentSlots[i] ?? null;
			if (shared !== null) {
				shared.reserve(this.#groups.length);
				if (slot === null) shared.stepAll(this.#counted);
				else shared.step(page, this.#places[slot] as number, this.#rows.missing[slot] as Value, this.#counted); // slots are within
			} else if (isLate) continue;
			else if (slot !== null) this.#stepColumn(page, i, slot);
			else this.#stepRows(page, i, call);
		}
		if (isLate) this.#stepLate(page);
		else if (this.#others.isGrowing)
			for (let at = 0; at < this.#counted.count; at++) this.#others.count(this.#groupAt(at));
	}

	#stepLate(page: RowPage): void {
		const { rows, count } = this.#counted;
		for (let at = 0; at < count; at++) {
			const row = this.#row(page, rows[at] as number); // at is below the count
			this.#others.stepLate(this.#keysOf(row), row);
		}
	}

	#keysOf(row: Tuple): Tuple {
		return this.#options.keySlots.map((slot) => row[slot] as Value); // slots are within
	}

	/** Finds out which rows of the page count, and to which groups they belong. */
	#select(page: RowPage): void {
		const { filter } = this.#rows;
		const isGrouped = this.#options.keySlots.length > 0;
		let { rows, groups } = this.#counted;
		if (rows.length < page.count) {
			rows = new Uint32Array(page.capacity);
			groups = new Uint32Array(page.capacity);
		}
		const tested: Tuple = [];
		let count = 0;
		for (let row = 0; row < page.count; row++) {
			if (filter !== null) {
				for (const slot of filter.slots) tested[slot] = this.#value(page, row, slot);
				if (!isTrue(filter.test(tested, this.#run))) continue;
			}
			const number = isGrouped ? (page.groups[page.groupsAt + row] as number) : 0;
			if (number === NO_GROUP) {
				this.#others.step(this.#row(page, row));
				continue;
			}
			if (this.#groups[number] === undefined && !this.#begin(number, this.#row(page, row))) continue;
			rows[count] = row;
			groups[count++] = number;
		}
		this.#counted = { rows, groups, count };
	}

	/** Begins a group; false where there is no room for it, and its rows are to come later. */
	#begin(number: number, row: Tuple): boolean {
		const group = this.#others.begin(this.#keysLead ? row : this.#keysOf(row), row, this.#shared, number);
		if (group === null) {
			this.#others.stepLate(this.#keysOf(row), row);
			return false;
		}
		while (this.#groups.length < number) this.#groups.push(undefined);
		this.#groups[number] = group;
		return true;
	}

	/** Steps a call whose argument is a column. */
	#stepColumn(page: RowPage, i: number, slot: number): void {
		const place = this.#places[slot] as number; // slots are within
		const missing = this.#rows.missing[slot] as Value;
		const { rows, count } = this.#counted;
		const values: [Value] = [null];
		for (let at = 0; at < count; at++) {
			values[0] = valueAt(page, rows[at] as number, place, missing); // at is below the count
			(this.#groupAt(at).states[i] as AggregateState).step(values); // its states are not shared
		}
	}

	/** Steps a call whose arguments are to be evaluated. */
	#stepRows(page: RowPage, i: number, call: AggregateCall): void {
		const { rows, count } = this.#counted;
		const values = new Array<Value>(call.arguments.length);
		for (let at = 0; at < count; at++) {
			this.#groupAt(at).step(i, call, this.#row(page, rows[at] as number), this.#run, values);
		}
	}

	#groupAt(at: number): Group {
		return this.#groups[this.#counted.groups[at] as number] as Group; // each counted row's group was begun
	}

	#row(page: RowPage, row: number): Tuple {
		const tuple = emptyTuple(this.#rows.width, this.#places.length);
		for (let slot = 0; slot < this.#places.length; slot++) tuple[slot] = this.#value(page, row, slot);
		return tuple;
	}

	#value(page: RowPage, row: number, slot: number): Value {
		return valueAt(page, row, this.#places[slot] as number, this.#rows.missing[slot] as Value); // slots are within
	}
}
