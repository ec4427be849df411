/** Keeps rows of a stored table and entries of its indexes. Knows no constraints. */

import { Keyspace } from "../../engine/store.js";
import type { RowId } from "../codec/key.js";
import { keyOfPointer, OBJECT_ID_BYTES, ROW_KEY_BYTES, ROWID_BYTES, writeRowId, writeRowKey } from "../codec/key.js";
import { rowBound, writeRow } from "../codec/row-writer.js";
import type { Tuple } from "../execute/operator.js";
import type { Journal } from "./journal.js";
import type { WriteRun } from "./plan.js";
import type { IndexKeys } from "./row-codec.js";
import { hasSameEntry, RowCodec } from "./row-codec.js";
import type { IndexPlan, TablePlan } from "./table-plan.js";

export class RowStore extends RowCodec {
	readonly #journal: Journal;

	constructor(plan: TablePlan, write: Pick<WriteRun, "journal" | "encoders" | "execution">) {
		super(plan, write.encoders, write);
		this.#journal = write.journal;
	}

	has(key: Uint8Array): boolean {
		return this.#journal.has(Keyspace.sql, key);
	}

	/** The row under a key as it is now, or undefined. */
	read(key: Uint8Array): Tuple | undefined {
		const bytes = this.#journal.get(Keyspace.sql, key);
		return bytes === undefined ? undefined : this.decode(key, bytes);
	}

	/** The key of the row that has this entry's place in a unique index, or undefined. */
	owner(indexKey: Uint8Array): Uint8Array | undefined {
		const pointer = this.#journal.get(Keyspace.sql, indexKey);
		return pointer === undefined ? undefined : keyOfPointer(this.plan.table.id, pointer);
	}

	/** A row that is new, with its entries. `key` is null where it has a rowid, `uniqueKeys` has the keys for unique indexes. */
	put(row: Tuple, key: Uint8Array | null, uniqueKeys: IndexKeys): void {
		this.#putRow(row, key, "new");
		const { indexes } = this.plan;
		for (let i = 0; i < indexes.length; i++) {
			const index = indexes[i] as IndexPlan; // i is within
			if (!index.index.unique) {
				if (this.encodeIndexKey(index, row, key)) this.#putEncodedEntry(row, key);
			} else {
				const indexKey = uniqueKeys[i];
				if (indexKey !== undefined) this.#putEntry(indexKey, row, key);
			}
		}
	}

	/** A row in place of another; entries of indexes that stay as they are are not written. */
	replace(old: Tuple, oldKey: Uint8Array, row: Tuple, key: Uint8Array, uniqueKeys: IndexKeys): void {
		const moved = !sameBytes(oldKey, key);
		const { indexes } = this.plan;
		const pointer = key.subarray(OBJECT_ID_BYTES);
		for (let i = 0; i < indexes.length; i++) {
			const index = indexes[i] as IndexPlan; // i is within
			if (!moved && hasSameEntry(index, old, row)) continue;
			const before = this.indexKey(index, old, oldKey);
			// The keys are those of entries that seemed to change before triggers of rows that were replaced wrote to the old row.
			const known = index.index.unique ? uniqueKeys[i] : undefined;
			const after = known ?? this.indexKey(index, row, key);
			const stays = before !== undefined && after !== undefined && sameBytes(before, after);
			if (stays && !moved) continue;
			if (before !== undefined && !stays) this.#journal.delete(Keyspace.sql, before);
			if (after !== undefined) this.#journal.put(Keyspace.sql, after, pointer);
		}
		if (moved) this.#journal.delete(Keyspace.sql, oldKey);
		this.#putRow(row, key, "known");
	}

	remove(row: Tuple, key: Uint8Array): void {
		this.#journal.delete(Keyspace.sql, key);
		for (const index of this.plan.indexes) {
			const indexKey = this.indexKey(index, row, key);
			if (indexKey !== undefined) this.#journal.delete(Keyspace.sql, indexKey);
		}
	}

	/** A row that has no entries. */
	removeKey(key: Uint8Array): void {
		this.#journal.delete(Keyspace.sql, key);
	}

	#putEntry(indexKey: Uint8Array, row: Tuple, key: Uint8Array | null): void {
		const journal = this.#journal;
		const at = journal.reserve(Keyspace.sql, indexKey.length + pointerBytes(key));
		journal.bytes.set(indexKey, at);
		this.#putPointer(at, indexKey.length, row, key);
	}

	/** Writes the row's bytes in place: the rowid stands in the key. */
	#putRow(row: Tuple, key: Uint8Array | null, kind: "new" | "known"): void {
		const journal = this.#journal;
		const { table } = this.plan;
		const keyLength = key === null ? ROW_KEY_BYTES : key.length;
		const bound = rowBound(row, 1);
		const at = journal.reserve(Keyspace.sql, keyLength + bound);
		const { bytes, view } = journal;
		if (key === null)
			writeRowKey(bytes, at, table.id, row[0] as RowId); // theirs first
		else bytes.set(key, at);
		const length = writeRow(row, 1, table.rowIdColumn + 1, bound, bytes, view, at + keyLength);
		journal.putReserved(keyLength, length, kind);
	}

	/** The entry whose key is in `keys`. */
	#putEncodedEntry(row: Tuple, key: Uint8Array | null): void {
		const journal = this.#journal;
		const { keys } = this;
		const at = journal.reserve(Keyspace.sql, keys.length + pointerBytes(key));
		keys.copyTo(journal.bytes, at);
		this.#putPointer(at, keys.length, row, key);
	}

	/** The value of an entry whose key stands at `at`, the first of the transaction under that key. */
	#putPointer(at: number, indexKeyLength: number, row: Tuple, key: Uint8Array | null): void {
		const journal = this.#journal;
		if (key === null) writeRowId(journal.bytes, at + indexKeyLength, row[0] as RowId);
		else journal.bytes.set(key.subarray(OBJECT_ID_BYTES), at + indexKeyLength);
		journal.putReserved(indexKeyLength, pointerBytes(key), "new");
	}
}

function pointerBytes(key: Uint8Array | null): number {
	return key === null ? ROWID_BYTES : key.length - OBJECT_ID_BYTES;
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
	if (a === b) return true;
	if (a.length !== b.length) return false;
	for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
	return true;
}
