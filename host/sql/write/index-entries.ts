/** The entries of an index that has none yet, for rows in any number: in bounded memory where there is a way past the transaction's writes. */

import type { BulkEntries, EntryRoom } from "../../engine/store.js";
import { Keyspace } from "../../engine/store.js";
import type { RowId } from "../codec/key.js";
import { OBJECT_ID_BYTES, ROWID_BYTES, writeRowId } from "../codec/key.js";
import type { Tuple } from "../execute/operator.js";
import { fail } from "./constraint.js";
import type { WriteRun } from "./plan.js";
import { RowCodec } from "./row-codec.js";
import type { IndexPlan, TablePlan } from "./table-plan.js";

/** As long as there are no more of them entries are writes like others: tables of their own would cost more. */
const LITTLE_BYTES = 1 << 20;
const SHARE_OF_MEMORY = 4;

/**
 * No other entry of the index may be in the database, nor may the statement look at these: they are there when its transaction has
 * committed. Several can be made at a time.
 */
export class IndexEntries extends RowCodec {
	readonly #index: IndexPlan;
	readonly #write: WriteRun;
	readonly #memoryBytes: number;
	/** How far the transaction had come before. */
	readonly #mark: number;
	/** How many bytes are written like others. */
	readonly #littleBytes: number;
	#bytes = 0;
	#room: EntryRoom;
	#bulk: BulkEntries | undefined;

	constructor(plan: TablePlan, index: IndexPlan, write: WriteRun, memoryBytes = write.memoryBytes) {
		super(plan, write.encoders, write);
		this.#index = index;
		this.#write = write;
		this.#memoryBytes = memoryBytes;
		this.#mark = write.journal.mark();
		this.#littleBytes = write.commitsAtEnd ? Math.min(LITTLE_BYTES, memoryBytes / SHARE_OF_MEMORY) : Infinity;
		this.#room = write.journal;
	}

	/** Of the row, which is `[rowid, ...columns]`; `key` is its key where it has no rowid. Fails where the entry is not unique, as far as is known yet. */
	add(row: Tuple, key: Uint8Array | null): void {
		if (!this.encodeIndexKey(this.#index, row, key)) return;
		const { keys } = this;
		if (this.#bulk === undefined && this.#index.index.unique && this.#isTaken()) this.#failUnique();
		const pointerBytes = key === null ? ROWID_BYTES : key.length - OBJECT_ID_BYTES;
		const room = this.#room;
		const { length } = keys;
		const at = room.reserve(Keyspace.sql, length + pointerBytes);
		const { bytes } = room;
		keys.copyTo(bytes, at);
		if (key === null)
			writeRowId(bytes, at + length, row[0] as RowId); // theirs first
		else bytes.set(key.subarray(OBJECT_ID_BYTES), at + length);
		room.putReserved(length, pointerBytes, "new");
		if (this.#bulk === undefined) this.#count(length + pointerBytes);
	}

	#isTaken(): boolean {
		return this.#write.journal.has(Keyspace.sql, this.keys.finish());
	}

	#count(bytes: number): void {
		this.#bytes += bytes;
		if (this.#bytes <= this.#littleBytes) return;
		this.#bytes = Number.NEGATIVE_INFINITY;
		this.#bulk = this.#write.journal.bulkSince(this.#mark, this.#memoryBytes);
		this.#room = this.#bulk ?? this.#write.journal;
	}

	/** To be called behind the last row. */
	finish(): void {
		const { stop } = this.#write.execution;
		if (this.#bulk?.finish(() => stop?.look()) === false) this.#failUnique();
	}

	#failUnique(): never {
		fail(`UNIQUE constraint failed: ${this.#index.what}`, null);
	}
}
