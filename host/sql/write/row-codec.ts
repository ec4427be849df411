/** Rows of a stored table and entries of its indexes as keys and values: what they are, not where they are kept. */

import type { Column } from "../catalog/table.js";
import type { IndexKeyWriter, RowId } from "../codec/key.js";
import { OBJECT_ID_BYTES, readRowId, rowKey } from "../codec/key.js";
import { RowSource } from "../codec/row.js";
import { isTrue } from "../execute/compile.js";
import type { Execution, Tuple } from "../execute/operator.js";
import type { Value } from "../value/value.js";
import type { Encoders } from "./encoders.js";
import type { IndexPlan, KeyPart, TablePlan } from "./table-plan.js";

/** The keys of a row's entries, one per index; undefined where a partial index leaves the row out. */
export type IndexKeys = readonly (Uint8Array | undefined)[];

const NO_KEYS: IndexKeys = [];

/** The statement that rows are encoded for. */
interface Running {
	readonly execution: Execution;
}

export class RowCodec {
	protected readonly plan: TablePlan;
	protected readonly keys: IndexKeyWriter;
	readonly #running: Running;
	readonly #allColumns: readonly number[];

	constructor(plan: TablePlan, encoders: Encoders, running: Running) {
		this.plan = plan;
		this.keys = encoders.keys;
		this.#running = running;
		this.#allColumns = [...plan.table.columns.keys()];
	}

	/** The key of a row, whose rowid is known. */
	keyOf(row: Tuple): Uint8Array {
		const { table, key } = this.plan;
		if (key === null) return rowKey(table.id, row[0] as RowId); // rows of tables with rowids have theirs first
		this.keys.begin(table.id);
		for (const { slot, collation, descending } of key.parts) this.keys.value(row[slot] as Value, collation, descending); // keys have no expressions
		return this.keys.finish();
	}

	/** NULL stands in place of columns that are not `wanted`. */
	decode(key: Uint8Array, bytes: Uint8Array, wanted: readonly number[] = this.#allColumns): Tuple {
		const { table } = this.plan;
		const rowId = table.withoutRowId ? null : readRowId(key, OBJECT_ID_BYTES);
		const source = new RowSource(bytes);
		const row: Tuple = new Array<Value>(table.columns.length + 1).fill(null);
		row[0] = rowId;
		for (const i of wanted)
			row[i + 1] = i === table.rowIdColumn ? rowId : valueOr(source.column(0, bytes.length, i), table.columns[i]);
		return row;
	}

	indexKeys(row: Tuple, key: Uint8Array | null): IndexKeys {
		const { indexes } = this.plan;
		const keys = new Array<Uint8Array | undefined>(indexes.length);
		for (let i = 0; i < indexes.length; i++) keys[i] = this.indexKey(indexes[i] as IndexPlan, row, key); // i is within
		return keys;
	}

	/** Those of unique indexes alone; of a row in place of `old`, under the same key, those that are not the same as before. */
	uniqueKeys(row: Tuple, key: Uint8Array | null, old: Tuple | null): IndexKeys {
		const { indexes } = this.plan;
		if (indexes.length === 0) return NO_KEYS;
		const keys = new Array<Uint8Array | undefined>(indexes.length);
		for (let i = 0; i < indexes.length; i++) {
			const index = indexes[i] as IndexPlan; // i is within
			if (!index.index.unique || (old !== null && hasSameEntry(index, old, row))) continue;
			keys[i] = this.indexKey(index, row, key);
		}
		return keys;
	}

	/** `key` is the row's where it has no rowid. */
	indexKey(index: IndexPlan, row: Tuple, key: Uint8Array | null): Uint8Array | undefined {
		return this.encodeIndexKey(index, row, key) ? this.keys.finish() : undefined;
	}

	/**
	 * Leaves the key of the row's entry in `keys`; false where it has none. Values alone where these cannot repeat; NULLs are
	 * all different from each other.
	 */
	protected encodeIndexKey(
		{ index, parts, where, hasExpressions }: IndexPlan,
		row: Tuple,
		key: Uint8Array | null,
	): boolean {
		const { execution } = this.#running;
		if (where !== null && !isTrue(where(row, execution))) return false;
		// Expressions may use the writer of keys themselves, by a function that runs a statement.
		const values = hasExpressions ? parts.map((part) => partOf(part, row, execution)) : null;
		this.keys.begin(index.id);
		let repeats = !index.unique;
		for (let i = 0; i < parts.length; i++) {
			const { slot, collation, descending } = parts[i] as KeyPart; // i is within
			const value = (values === null ? row[slot] : values[i]) as Value; // one per part
			if (value === null) repeats = true;
			this.keys.value(value, collation, descending);
		}
		if (!repeats) return true;
		if (key === null) this.keys.rowId(row[0] as RowId);
		else this.keys.pointer(key.subarray(OBJECT_ID_BYTES));
		return true;
	}

	/** One of the values of its entry is NULL, so that no other row's is the same. */
	holdsNull({ parts }: IndexPlan, row: Tuple): boolean {
		const { execution } = this.#running;
		return parts.some((part) => partOf(part, row, execution) === null);
	}

	/** What is stored of a row: the rowid stands in the key. */
	values(row: Tuple): Tuple {
		const { rowIdColumn } = this.plan.table;
		const values = row.slice(1);
		if (rowIdColumn >= 0) values[rowIdColumn] = null;
		return values;
	}
}

function partOf({ slot, value }: KeyPart, row: Tuple, run: Execution): Value {
	return value === null ? (row[slot] as Value) : value(row, run);
}

/** The index has the same entry for both rows, as a look at their values shows: where it does not, their keys may yet be the same. */
export function hasSameEntry({ parts, where, hasExpressions }: IndexPlan, old: Tuple, row: Tuple): boolean {
	if (where !== null || hasExpressions) return false;
	for (let i = 0; i < parts.length; i++) {
		const { slot } = parts[i] as KeyPart; // i is within
		if (old[slot] !== row[slot]) return false;
	}
	return true;
}

/** Rows that were written before a column was added do not have it. */
function valueOr(value: Value | undefined, column: Column | undefined): Value {
	return value === undefined ? (column?.missing ?? null) : value;
}
