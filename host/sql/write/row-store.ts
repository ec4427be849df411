/** Rows of a stored table and entries of its indexes as keys and values. Knows no constraints. */

import { Keyspace } from "../../engine/store.js";
import type { Column } from "../catalog/table.js";
import type { IndexKeyWriter, RowId } from "../codec/key.js";
import { keyOfPointer, OBJECT_ID_BYTES, readRowId, rowKey } from "../codec/key.js";
import type { RowWriter } from "../codec/row.js";
import { RowSource } from "../codec/row.js";
import { isTrue } from "../execute/compile.js";
import type { Execution, Tuple } from "../execute/operator.js";
import type { Value } from "../value/value.js";
import type { Encoders } from "./encoders.js";
import type { Journal } from "./journal.js";
import type { IndexPlan, TablePlan } from "./table-plan.js";

/** The keys of a row's entries, one per index; undefined where a partial index leaves the row out. */
export type IndexKeys = readonly (Uint8Array | undefined)[];

export class RowStore {
	readonly #plan: TablePlan;
	readonly #journal: Journal;
	readonly #run: Execution;
	readonly #rows: RowWriter;
	readonly #keys: IndexKeyWriter;

	constructor(plan: TablePlan, journal: Journal, encoders: Encoders, run: Execution) {
		this.#plan = plan;
		this.#journal = journal;
		this.#rows = encoders.rows;
		this.#keys = encoders.keys;
		this.#run = run;
	}

	/** The key of a row, whose rowid is known. */
	keyOf(row: Tuple): Uint8Array {
		const { table, key } = this.#plan;
		if (key === null) return rowKey(table.id, row[0] as RowId); // rows of tables with rowids have theirs first
		this.#keys.begin(table.id);
		for (const { slot, collation, descending } of key.parts)
			this.#keys.value(row[slot] as Value, collation, descending); // keys have no expressions
		return this.#keys.finish();
	}

	keyOfRowId(rowId: RowId): Uint8Array {
		return rowKey(this.#plan.table.id, rowId);
	}

	has(key: Uint8Array): boolean {
		return this.#journal.get(Keyspace.sql, key) !== undefined;
	}

	/** The row under a key as it is now, or undefined. */
	read(key: Uint8Array): Tuple | undefined {
		const bytes = this.#journal.get(Keyspace.sql, key);
		return bytes === undefined ? undefined : this.decode(key, bytes);
	}

	decode(key: Uint8Array, bytes: Uint8Array): Tuple {
		const { table } = this.#plan;
		const rowId = table.withoutRowId ? null : readRowId(key, OBJECT_ID_BYTES);
		const source = new RowSource(bytes);
		const row: Tuple = [rowId];
		for (let i = 0; i < table.columns.length; i++)
			row.push(i === table.rowIdColumn ? rowId : valueOr(source.column(0, bytes.length, i), table.columns[i]));
		return row;
	}

	/** The key of the row that has this entry's place in a unique index, or undefined. */
	owner(indexKey: Uint8Array): Uint8Array | undefined {
		const pointer = this.#journal.get(Keyspace.sql, indexKey);
		return pointer === undefined ? undefined : keyOfPointer(this.#plan.table.id, pointer);
	}

	indexKeys(row: Tuple, key: Uint8Array): IndexKeys {
		const { indexes } = this.#plan;
		const keys = new Array<Uint8Array | undefined>(indexes.length);
		for (let i = 0; i < indexes.length; i++) keys[i] = this.indexKey(indexes[i] as IndexPlan, row, key); // i is within
		return keys;
	}

	/** Values alone where these cannot repeat; NULLs are all different from each other. */
	indexKey({ index, parts, where }: IndexPlan, row: Tuple, key: Uint8Array): Uint8Array | undefined {
		if (where !== null && !isTrue(where(row, this.#run))) return undefined;
		// Expressions may use the writer of keys themselves, in a subquery.
		const values = parts.map(({ slot, value }) => (value === null ? (row[slot] as Value) : value(row, this.#run)));
		this.#keys.begin(index.id);
		let repeats = !index.unique;
		for (let i = 0; i < parts.length; i++) {
			const value = values[i] as Value; // one per part
			const { collation, descending } = parts[i] as IndexPlan["parts"][number];
			if (value === null) repeats = true;
			this.#keys.value(value, collation, descending);
		}
		if (repeats) this.#keys.pointer(key.subarray(OBJECT_ID_BYTES));
		return this.#keys.finish();
	}

	/** A row that is new. */
	put(row: Tuple, key: Uint8Array, indexKeys: IndexKeys): void {
		this.#journal.put(Keyspace.sql, key, this.#encoded(row), undefined);
		if (indexKeys.length === 0) return;
		const pointer = key.slice(OBJECT_ID_BYTES);
		for (const indexKey of indexKeys)
			if (indexKey !== undefined) this.#journal.put(Keyspace.sql, indexKey, pointer, undefined);
	}

	/** A row in place of another; entries of indexes that stay as they are are not written. */
	replace(old: Tuple, oldKey: Uint8Array, row: Tuple, key: Uint8Array, indexKeys: IndexKeys): void {
		const moved = !sameBytes(oldKey, key);
		const { indexes } = this.#plan;
		const oldPointer = oldKey.subarray(OBJECT_ID_BYTES);
		const pointer = moved ? key.slice(OBJECT_ID_BYTES) : oldPointer.slice();
		for (let i = 0; i < indexes.length; i++) {
			const before = this.indexKey(indexes[i] as IndexPlan, old, oldKey); // i is within
			const after = indexKeys[i];
			const stays = before !== undefined && after !== undefined && sameBytes(before, after);
			if (stays && !moved) continue;
			if (before !== undefined && !stays) this.#journal.delete(Keyspace.sql, before, oldPointer);
			if (after !== undefined) this.#journal.put(Keyspace.sql, after, pointer, stays ? oldPointer : undefined);
		}
		const bytes = this.#journal.before(Keyspace.sql, oldKey);
		if (moved) this.#journal.delete(Keyspace.sql, oldKey, bytes);
		this.#journal.put(Keyspace.sql, key, this.#encoded(row), moved ? undefined : bytes);
	}

	remove(row: Tuple, key: Uint8Array): void {
		this.#journal.delete(Keyspace.sql, key, this.#journal.before(Keyspace.sql, key));
		const pointer = key.subarray(OBJECT_ID_BYTES);
		for (const index of this.#plan.indexes) {
			const indexKey = this.indexKey(index, row, key);
			if (indexKey !== undefined) this.#journal.delete(Keyspace.sql, indexKey, pointer);
		}
	}

	/** An entry of one index alone, for a row that is there: CREATE INDEX. */
	putEntry(indexKey: Uint8Array, key: Uint8Array): void {
		this.#journal.put(Keyspace.sql, indexKey, key.slice(OBJECT_ID_BYTES), undefined);
	}

	/** What is stored of a row: the rowid stands in the key. */
	values(row: Tuple): Tuple {
		const { rowIdColumn } = this.#plan.table;
		const values = row.slice(1);
		if (rowIdColumn >= 0) values[rowIdColumn] = null;
		return values;
	}

	#encoded(row: Tuple): Uint8Array {
		return this.#rows.encode(this.values(row));
	}
}

/** Rows that were written before a column was added do not have it. */
function valueOr(value: Value | undefined, column: Column | undefined): Value {
	return value === undefined ? (column?.missing ?? null) : value;
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
	if (a.length !== b.length) return false;
	for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
	return true;
}
