/** Keeps rows of a stored table and entries of its indexes. Knows no constraints. */

import { Keyspace } from "../../engine/store.js";
import { keyOfPointer, OBJECT_ID_BYTES } from "../codec/key.js";
import type { RowWriter } from "../codec/row.js";
import type { Execution, Tuple } from "../execute/operator.js";
import type { Encoders } from "./encoders.js";
import type { Journal } from "./journal.js";
import type { IndexKeys } from "./row-codec.js";
import { RowCodec } from "./row-codec.js";
import type { IndexPlan, TablePlan } from "./table-plan.js";

export class RowStore extends RowCodec {
	readonly #plan: TablePlan;
	readonly #journal: Journal;
	readonly #rows: RowWriter;

	constructor(plan: TablePlan, journal: Journal, encoders: Encoders, run: Execution) {
		super(plan, encoders, run);
		this.#plan = plan;
		this.#journal = journal;
		this.#rows = encoders.rows;
	}

	has(key: Uint8Array): boolean {
		return this.#journal.get(Keyspace.sql, key) !== undefined;
	}

	/** The row under a key as it is now, or undefined. */
	read(key: Uint8Array): Tuple | undefined {
		const bytes = this.#journal.get(Keyspace.sql, key);
		return bytes === undefined ? undefined : this.decode(key, bytes);
	}

	/** The key of the row that has this entry's place in a unique index, or undefined. */
	owner(indexKey: Uint8Array): Uint8Array | undefined {
		const pointer = this.#journal.get(Keyspace.sql, indexKey);
		return pointer === undefined ? undefined : keyOfPointer(this.#plan.table.id, pointer);
	}

	/** A row that is new. */
	put(row: Tuple, key: Uint8Array, indexKeys: IndexKeys): void {
		this.#journal.put(Keyspace.sql, key, this.#encoded(row));
		if (indexKeys.length === 0) return;
		const pointer = key.slice(OBJECT_ID_BYTES);
		for (const indexKey of indexKeys) if (indexKey !== undefined) this.#journal.put(Keyspace.sql, indexKey, pointer);
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
			if (before !== undefined && !stays) this.#journal.delete(Keyspace.sql, before);
			if (after !== undefined) this.#journal.put(Keyspace.sql, after, pointer);
		}
		if (moved) this.#journal.delete(Keyspace.sql, oldKey);
		this.#journal.put(Keyspace.sql, key, this.#encoded(row));
	}

	remove(row: Tuple, key: Uint8Array): void {
		this.#journal.delete(Keyspace.sql, key);
		for (const index of this.#plan.indexes) {
			const indexKey = this.indexKey(index, row, key);
			if (indexKey !== undefined) this.#journal.delete(Keyspace.sql, indexKey);
		}
	}

	/** An entry of one index alone, for a row that is there: CREATE INDEX. */
	putEntry(indexKey: Uint8Array, key: Uint8Array): void {
		this.#journal.put(Keyspace.sql, indexKey, key.slice(OBJECT_ID_BYTES));
	}

	#encoded(row: Tuple): Uint8Array {
		return this.#rows.encode(this.values(row));
	}
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
	if (a.length !== b.length) return false;
	for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
	return true;
}
