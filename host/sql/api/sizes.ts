/** How many rows tables have, guessed from their first and last ones: for plans, where there is no ANALYZE. */

import type { ByteView } from "../../engine/store.js";
import { Keyspace } from "../../engine/store.js";
import { Histogram } from "../catalog/statistics.js";
import type { StoredTable } from "../catalog/table.js";
import { OBJECT_ID_BYTES, readRowId } from "../codec/key.js";
import { objectRange } from "../codec/object.js";
import type { TableSize, TableSizes } from "../plan/context.js";

/** Plans are kept while tables grow, so no table is taken for smaller. */
const LEAST_ROWS = 200;
/** Of tables whose keys are no numbers, and that do not end soon. */
const ASSUMED_ROWS = 100_000;
/** A guess serves as many plans before the table is looked at again. */
const PLANS_PER_LOOK = 100;

interface Guess {
	readonly size: TableSize;
	plans: number;
}

export class StoredSizes implements TableSizes {
	readonly #read: (body: (view: ByteView) => TableSize) => TableSize;
	readonly #guesses = new Map<number, Guess>();

	constructor(read: (body: (view: ByteView) => TableSize) => TableSize) {
		this.#read = read;
	}

	sizeOf(table: StoredTable): TableSize {
		const known = this.#guesses.get(table.id);
		if (known !== undefined && known.plans++ < PLANS_PER_LOOK) return known.size;
		const size = this.#read((view) => guess(table, view));
		this.#guesses.set(table.id, { size, plans: 0 });
		return size;
	}
}

interface End {
	readonly count: number;
	/** All there is. */
	readonly isWhole: boolean;
	readonly outermost: number;
	/** From one rowid to the next. */
	readonly gap: number;
}

function guess(table: StoredTable, view: ByteView): TableSize {
	const first = endOf(table, view, false);
	// Small tables may grow, and with them the span of their rowids.
	if (first.isWhole) return { rows: Math.max(LEAST_ROWS, first.count), rowIds: null };
	if (table.withoutRowId) return { rows: ASSUMED_ROWS, rowIds: null };
	const last = endOf(table, view, true);
	const span = Math.abs(last.outermost - first.outermost) + 1;
	const rows = Math.max(LEAST_ROWS, span / Math.max(1, Math.min(first.gap, last.gap)));
	return { rows, rowIds: evenly(first.outermost, last.outermost, rows) };
}

function evenly(least: number, greatest: number, rows: number): Histogram {
	const one = { rows: 1, equal: 1, distinct: 1 };
	const rest = { rows: rows - 1, equal: 1, distinct: rows - 1 };
	return new Histogram(
		rows,
		0,
		rows,
		[
			{ ...one, upper: least },
			{ ...rest, upper: greatest },
		],
		"binary",
	);
}

/** The first page of entries in one direction; in reverse only where that is known not to be all. */
function endOf(table: StoredTable, view: ByteView, reverse: boolean): End {
	const cursor = view.scan(Keyspace.sql, { ...objectRange(table.id), reverse });
	try {
		const page = cursor.next();
		if (page === undefined) return { count: 0, isWhole: true, outermost: 0, gap: 1 };
		const { count, bytes, bounds } = page;
		if (!reverse && cursor.next() === undefined) return { count, isWhole: true, outermost: 0, gap: 1 };
		if (table.withoutRowId) return { count, isWhole: false, outermost: 0, gap: 1 };
		const rowId = (row: number) => Number(readRowId(bytes, (bounds[row * 2] ?? 0) + OBJECT_ID_BYTES));
		return {
			count,
			isWhole: false,
			outermost: rowId(0),
			gap: Math.abs(rowId(count - 1) - rowId(0)) / Math.max(1, count - 1),
		};
	} finally {
		cursor.close();
	}
}
