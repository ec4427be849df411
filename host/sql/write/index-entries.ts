/** The entries of indexes for rows in any number that are new to them: in bounded memory where there is a way past the transaction's writes. */

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

/** An index may have entries of other rows ("some"): what is unique must not be among these either. */
export interface FilledIndex {
	readonly index: IndexPlan;
	readonly others: "none" | "some";
}

/** The statement may not look at the entries: they are there when its transaction has committed. */
export class IndexEntries extends RowCodec {
	readonly #indexes: readonly FilledIndex[];
	readonly #write: WriteRun;
	readonly #memoryBytes: number;
	/** How far the transaction had come before. */
	readonly #mark: number;
	/** How many bytes are written like others. */
	readonly #littleBytes: number;
	#bytes = 0;
	#room: EntryRoom;
	#bulk: BulkEntries | undefined;

	constructor(plan: TablePlan, indexes: readonly FilledIndex[], write: WriteRun, memoryBytes = write.memoryBytes) {
		super(plan, write.encoders, write);
		this.#indexes = indexes;
		this.#write = write;
		this.#memoryBytes = memoryBytes;
		this.#mark = write.journal.mark();
		this.#littleBytes = write.commitsAtEnd ? Math.min(LITTLE_BYTES, memoryBytes / SHARE_OF_MEMORY) : Infinity;
		this.#room = write.journal;
	}

	/** Of the row, which is `[rowid, ...columns]`; `key` is its key where it has no rowid. Fails where an entry is not unique, as far as is known yet. */
	add(row: Tuple, key: Uint8Array | null): void {
		for (const filled of this.#indexes) this.#add(filled, row, key);
	}

	#add({ index, others }: FilledIndex, row: Tuple, key: Uint8Array | null): void {
		if (!this.encodeIndexKey(index, row, key)) return;
		const { keys } = this;
		const isSeen = others === "some" || this.#bulk === undefined;
		if (isSeen && index.index.unique && this.#isTaken()) failUnique(index.what);
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
		if (this.#bulk?.finish(() => stop?.look()) !== false) return;
		const unique = this.#indexes.filter(({ index }) => index.index.unique);
		failUnique(unique.map(({ index }) => index.what).join(" or "));
	}
}

function failUnique(what: string): never {
	fail(`UNIQUE constraint failed: ${what}`, null);
}
