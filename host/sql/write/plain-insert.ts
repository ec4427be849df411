/**
 * INSERT of one row of parameters into a table that asks for nothing more: no triggers, foreign keys, CHECKs, generated columns
 * or unique indexes. The values go from the caller to the batch without what other statements need around them. Whatever is not
 * as usual about them is left to the way of all others, which knows what to say.
 */

import type { StoredTable } from "../catalog/table.js";
import { ROWID, takesRowsAsGiven } from "../catalog/table.js";
import type { RowId } from "../codec/key.js";
import type { Execution, Tuple } from "../execute/operator.js";
import type { InsertNode } from "../parse/ast.js";
import type { PlanContext } from "../plan/context.js";
import type { Affinity } from "../value/convert.js";
import type { Value } from "../value/value.js";
import { real } from "../value/value.js";
import type { Encoders } from "./encoders.js";
import { FreeRowIds } from "./free-rowids.js";
import type { Journal } from "./journal.js";
import { RowStore } from "./row-store.js";
import type { RowIds } from "./rowids.js";
import type { TablePlan, TablePlans } from "./table-plan.js";

/** What the connection has for it. */
export interface PlainRun {
	readonly rowIds: RowIds;
	readonly encoders: Encoders;
	/** For what is stored, which evaluates nothing here. */
	execution(view: Journal, parameters: readonly Value[]): Execution;
}

const NO_KEYS: readonly undefined[] = [];

/** A value that `converted` leaves to others. */
const UNUSUAL = undefined;

export class PlainInsert {
	readonly #plan: TablePlan;
	readonly #plans: TablePlans;
	/** By parameter: its place in the row. */
	readonly #slots: readonly number[];
	readonly #affinities: readonly Affinity[];
	readonly #mayBeNull: readonly boolean[];
	/** The parameter that gives the rowid, or -1. */
	readonly #rowIdAt: number;
	/** Filled anew by each row: nobody keeps it. */
	readonly #row: Tuple;
	readonly #free: FreeRowIds;
	#store: RowStore | undefined;
	#journal: Journal | undefined;

	constructor(plan: TablePlan, plans: TablePlans, targets: readonly number[]) {
		const { table, notNull } = plan;
		this.#plan = plan;
		this.#plans = plans;
		this.#free = new FreeRowIds(table);
		this.#slots = targets.map((column) => (column === ROWID || column === table.rowIdColumn ? 0 : column + 1));
		this.#rowIdAt = this.#slots.indexOf(0);
		this.#affinities = targets.map((column) => table.columns[column]?.affinity ?? "integer");
		this.#mayBeNull = this.#slots.map((at) => !notNull.some(({ slot }) => slot === at));
		this.#row = new Array<Value>(table.columns.length + 1).fill(null);
	}

	/** Where they are enforced, they ask for more. */
	get hasForeignKeys(): boolean {
		return this.#plans.links(this.#plan.table) !== null;
	}

	/** Answers the rowid; undefined where nothing was done. */
	run(given: readonly unknown[], journal: Journal, run: PlainRun): RowId | undefined {
		if (given.length !== this.#slots.length) return undefined;
		const row = this.#row;
		for (let i = 0; i < this.#slots.length; i++) {
			const value = converted(given[i], this.#affinities[i] as Affinity); // i is within
			if (value === UNUSUAL || (value === null && !this.#mayBeNull[i])) return undefined;
			row[this.#slots[i] as number] = value;
		}
		const rowId = this.#freeRowId(journal, run);
		if (rowId === undefined) return undefined;
		row[0] = rowId;
		if (this.#journal !== journal || this.#store === undefined) {
			this.#journal = journal;
			this.#store = new RowStore(this.#plan, {
				journal,
				encoders: run.encoders,
				execution: run.execution(journal, []),
			});
		}
		const mark = journal.mark();
		try {
			this.#store.put(row, null, NO_KEYS);
		} catch (error) {
			journal.undoTo(mark);
			run.rowIds.undone();
			throw error;
		}
		run.rowIds.inserted(this.#plan.table, rowId);
		return rowId;
	}

	#freeRowId(journal: Journal, { rowIds }: PlainRun): RowId | undefined {
		const { table } = this.#plan;
		const given = this.#rowIdAt === -1 ? null : (this.#row[0] as Value); // at least the rowid is there
		if (given === null) return rowIds.next(table, journal, 0);
		if (!Number.isSafeInteger(given)) return undefined;
		const rowId = given as number; // an integer
		if (rowIds.isBeyond(table, journal, rowId)) return rowId;
		return this.#free.has(rowId, journal) ? rowId : undefined;
	}
}

/** What a column stores of a JavaScript value, where that is plain to see. */
function converted(value: unknown, affinity: Affinity): Value | typeof UNUSUAL {
	switch (typeof value) {
		case "string":
			return affinity === "text" || affinity === "blob" ? value : UNUSUAL;
		case "number":
			if (affinity === "text" || Number.isNaN(value)) return UNUSUAL;
			if (affinity === "real" || affinity === "blob") return real(value);
			// Beyond them a REAL may be an INTEGER of 64 bits.
			if (Math.abs(value) > Number.MAX_SAFE_INTEGER) return UNUSUAL;
			return value + 0; // -0 + 0 is 0
		default:
			return value === null ? value : UNUSUAL;
	}
}

/** Where the statement is one of these. `targets` are the columns that VALUES gives. */
export function planPlainInsert(
	node: InsertNode,
	targets: readonly number[],
	table: StoredTable,
	plans: TablePlans,
	context: PlanContext,
): PlainInsert | undefined {
	if (!takesRowsAsGiven(table) || !parametersInOrder(node, context)) return undefined;
	if (plans.triggers(table, node.onConflict) !== null) return undefined;
	const plan = plans.of(table);
	if (plan.indexes.some(({ index, where, hasExpressions }) => index.unique || where !== null || hasExpressions))
		return undefined;
	const isGiven = (column: number) => targets.includes(column) || column === table.rowIdColumn;
	if (plan.defaults.some((fallback, column) => fallback !== null && !isGiven(column))) return undefined;
	if (plan.notNull.some(({ column }) => !isGiven(column))) return undefined;
	return new PlainInsert(plan, plans, targets);
}

/** VALUES (?, ?, …), or names that are each there once: what the caller gives is the row as it stands. */
function parametersInOrder({ source }: InsertNode, context: PlanContext): boolean {
	if (source.type === "defaults" || source.select.first.type !== "values") return false;
	const [row = []] = source.select.first.rows;
	const { parameters } = context;
	return (
		parameters.names.length === row.length &&
		row.every((value, i) => value.type === "parameter" && parameters.indexOf(value, context.source) === i)
	);
}
