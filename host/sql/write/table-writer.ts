/** Puts rows into a stored table and takes them out, with its indexes, after checking its constraints. */

import { Keyspace } from "../../engine/store.js";
import type { Index, StoredTable } from "../catalog/table.js";
import type { IndexKeyWriter, RowId } from "../codec/key.js";
import { ROWID_BYTES, readRowId, rowKey, sequenceKey, writeRowId } from "../codec/key.js";
import type { RowWriter } from "../codec/row.js";
import { RowSource } from "../codec/row.js";
import type { Evaluate } from "../execute/compile.js";
import { isTrue } from "../execute/compile.js";
import type { Execution, Tuple } from "../execute/operator.js";
import type { ConflictAction } from "../parse/ast.js";
import { sqlError } from "../parse/source.js";
import { applyAffinity } from "../value/convert.js";
import type { Value } from "../value/value.js";
import { isInteger } from "../value/value.js";
import type { Encoders } from "./encoders.js";
import type { Journal } from "./journal.js";
import type { RowIds } from "./rowids.js";
import { sequence } from "./rowids.js";

/** Expressions of the table, compiled over rows of `[rowid, ...columns]`. */
export interface TableExpressions {
	readonly checks: readonly { readonly name: string; readonly test: Evaluate }[];
	readonly defaults: readonly (Evaluate | null)[];
}

export interface WriteTarget {
	readonly table: StoredTable;
	readonly expressions: TableExpressions;
	/** What the statement says about conflicts; null leaves it to the constraints, then to "abort". */
	readonly onConflict: ConflictAction | null;
}

/** `fail` and `rollback` end the statement differently from `abort`; the statement's runner looks at `action`. */
export class ConstraintError {
	readonly message: string;
	readonly action: ConflictAction;
	constructor(message: string, action: ConflictAction) {
		this.message = message;
		this.action = action;
	}
}

export class TableWriter {
	readonly #target: WriteTarget;
	readonly #journal: Journal;
	readonly #rowIds: RowIds;
	readonly #run: Execution;
	readonly #rows: RowWriter;
	readonly #keys: IndexKeyWriter;

	constructor(target: WriteTarget, journal: Journal, rowIds: RowIds, encoders: Encoders, run: Execution) {
		this.#target = target;
		this.#journal = journal;
		this.#rowIds = rowIds;
		this.#rows = encoders.rows;
		this.#keys = encoders.keys;
		this.#run = run;
	}

	/** Stores a row of `[rowid or NULL, ...columns]`; answers with the row as stored, or null where a conflict skipped it. */
	insert(row: Tuple): Tuple | null {
		const { table } = this.#target;
		const stored = this.#converted(row);
		const isNew = stored[0] === null;
		const rowId = isNew ? this.#rowIds.next(table, this.#journal) : (stored[0] as RowId); // converted made it an INTEGER
		stored[0] = rowId;
		if (table.rowIdColumn >= 0) stored[table.rowIdColumn + 1] = rowId;
		if (!this.#checked(stored)) return null;
		if (!isNew) {
			const existing = this.#journal.get(Keyspace.sql, rowKey(table.id, rowId));
			if (existing !== undefined && !this.#resolve(null, rowId)) return null;
		}
		const keys = this.#freeIndexKeys(stored, rowId, null);
		if (keys === null) return null;
		this.#put(stored, rowId, keys);
		this.#rowIds.inserted(table, rowId);
		if (table.autoincrement) this.#noteSequence(rowId);
		return stored;
	}

	/** Replaces a row by another; answers with the new row, or null where a conflict skipped it. */
	update(old: Tuple, row: Tuple): Tuple | null {
		const { table } = this.#target;
		const oldId = old[0] as RowId; // stored rows have their rowid first
		const stored = this.#converted(row);
		if (stored[0] === null) throw sqlError("datatype mismatch");
		const rowId = stored[0] as RowId;
		if (table.rowIdColumn >= 0) stored[table.rowIdColumn + 1] = rowId;
		if (!this.#checked(stored)) return null;
		if (rowId !== oldId && this.#journal.get(Keyspace.sql, rowKey(table.id, rowId)) !== undefined) {
			if (!this.#resolve(null, rowId)) return null;
		}
		const keys = this.#freeIndexKeys(stored, rowId, oldId);
		if (keys === null) return null;
		this.#remove(old, oldId);
		this.#put(stored, rowId, keys);
		if (rowId !== oldId) {
			this.#rowIds.deleted(table, oldId);
			this.#rowIds.inserted(table, rowId);
		}
		return stored;
	}

	delete(row: Tuple): void {
		const rowId = row[0] as RowId; // stored rows have their rowid first
		this.#remove(row, rowId);
		this.#rowIds.deleted(this.#target.table, rowId);
	}

	/** The row that is stored now, or undefined: an earlier row of the statement may have replaced it. */
	current(rowId: RowId): Tuple | undefined {
		const { table } = this.#target;
		const bytes = this.#journal.get(Keyspace.sql, rowKey(table.id, rowId));
		if (bytes === undefined) return undefined;
		const source = new RowSource(bytes);
		const row: Tuple = [rowId];
		for (let i = 0; i < table.columns.length; i++) {
			row.push(i === table.rowIdColumn ? rowId : (source.column(0, bytes.length, i) ?? null));
		}
		return row;
	}

	/** With the columns' affinities; the rowid is an INTEGER or NULL. */
	#converted(row: Tuple): Tuple {
		const { table } = this.#target;
		const given = table.rowIdColumn >= 0 ? row[table.rowIdColumn + 1] : undefined;
		const converted: Tuple = [applyAffinity(given ?? row[0] ?? null, "integer")];
		for (const [i, column] of table.columns.entries())
			converted.push(applyAffinity(row[i + 1] ?? null, column.affinity));
		if (converted[0] !== null && !isInteger(converted[0] as Value)) throw sqlError("datatype mismatch");
		return converted;
	}

	/** NOT NULL and CHECK; false where the row is to be skipped. May fill in defaults under OR REPLACE. */
	#checked(row: Tuple): boolean {
		const { table, expressions, onConflict } = this.#target;
		for (const [i, column] of table.columns.entries()) {
			if (!column.notNull || row[i + 1] !== null) continue;
			if (onConflict === "replace") {
				const fallback = expressions.defaults[i]?.(row, this.#run) ?? null;
				row[i + 1] = applyAffinity(fallback, column.affinity);
				if (fallback !== null) continue;
			}
			if (onConflict === "ignore") return false;
			this.#fail(
				`NOT NULL constraint failed: ${table.name}.${column.name}`,
				onConflict === "replace" ? "abort" : onConflict,
			);
		}
		for (const { name, test } of expressions.checks) {
			const value = test(row, this.#run);
			if (value === null || isTrue(value)) continue;
			if (onConflict === "ignore") return false;
			this.#fail(`CHECK constraint failed: ${name}`, onConflict === "replace" ? "abort" : onConflict);
		}
		return true;
	}

	#fail(message: string, action: ConflictAction | null): never {
		throw new ConstraintError(message, action ?? "abort");
	}

	/** Settles a conflict with the row `rowId`: true where it was removed, false where the new row is to be skipped. */
	#resolve(index: Index | null, rowId: RowId): boolean {
		const { table } = this.#target;
		const action = this.#target.onConflict ?? index?.onConflict ?? "abort";
		if (action === "ignore") return false;
		if (action === "replace") {
			const row = this.current(rowId);
			if (row !== undefined) this.delete(row);
			return true;
		}
		const rowIdName = table.columns[table.rowIdColumn]?.name ?? "rowid";
		const names = index === null ? [rowIdName] : index.columns.map(({ column }) => table.columns[column]?.name ?? "");
		this.#fail(`UNIQUE constraint failed: ${names.map((name) => `${table.name}.${name}`).join(", ")}`, action);
	}

	/** The row's keys in all indexes, once none of the unique ones is taken by another row; null to skip the row. */
	#freeIndexKeys(row: Tuple, rowId: RowId, self: RowId | null): Uint8Array[] | null {
		const { indexes } = this.#target.table;
		const keys = indexes.map((index) => this.#indexKey(index, row, rowId));
		for (const [i, index] of indexes.entries()) {
			if (!index.unique || index.columns.some(({ column }) => row[column + 1] === null)) continue;
			const taken = this.#journal.get(Keyspace.sql, keys[i] as Uint8Array); // one key per index
			if (taken === undefined) continue;
			const owner = readRowId(taken, 0);
			if (owner === self) continue;
			if (!this.#resolve(index, owner)) return null;
		}
		return keys;
	}

	/** Values alone where these cannot repeat; NULLs are all different from each other. */
	#indexKey(index: Index, row: Tuple, rowId: RowId): Uint8Array {
		this.#keys.begin(index.id);
		let repeats = !index.unique;
		for (const { column, collation, descending } of index.columns) {
			const value = row[column + 1] as Value; // columns are within the row
			if (value === null) repeats = true;
			this.#keys.value(value, collation, descending);
		}
		if (repeats) this.#keys.rowId(rowId);
		return this.#keys.finish();
	}

	#put(row: Tuple, rowId: RowId, indexKeys: readonly Uint8Array[]): void {
		const { table } = this.#target;
		const values = row.slice(1);
		if (table.rowIdColumn >= 0) values[table.rowIdColumn] = null;
		this.#journal.put(Keyspace.sql, rowKey(table.id, rowId), this.#rows.encode(values), undefined);
		if (indexKeys.length === 0) return;
		const pointer = new Uint8Array(ROWID_BYTES);
		writeRowId(pointer, 0, rowId);
		for (const key of indexKeys) this.#journal.put(Keyspace.sql, key, pointer, undefined);
	}

	#noteSequence(rowId: RowId): void {
		const { table } = this.#target;
		if (rowId <= sequence(table, this.#journal)) return;
		const key = sequenceKey(table.id);
		const value = new Uint8Array(ROWID_BYTES);
		writeRowId(value, 0, rowId);
		this.#journal.put(Keyspace.sql, key, value, this.#journal.get(Keyspace.sql, key));
	}

	#remove(row: Tuple, rowId: RowId): void {
		const { table } = this.#target;
		const key = rowKey(table.id, rowId);
		this.#journal.delete(Keyspace.sql, key, this.#journal.get(Keyspace.sql, key));
		for (const index of table.indexes) {
			const indexKey = this.#indexKey(index, row, rowId);
			this.#journal.delete(Keyspace.sql, indexKey, this.#journal.get(Keyspace.sql, indexKey));
		}
	}
}
