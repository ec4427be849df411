/**
 * Writes of SQL statements into a transaction of the store. Inside BEGIN the transaction outlives a statement, so what
 * each key held before is kept, to be put back when a statement fails or a savepoint is rolled back.
 */

import type {
	ByteRange,
	ByteTransaction,
	ByteView,
	Keyspace,
	PageCursor,
	RowCursor,
	RowProgram,
} from "../../engine/store.js";

interface Undo {
	readonly space: Keyspace;
	readonly key: Uint8Array;
	readonly before: Uint8Array | undefined;
}

const UNKNOWN = new Uint8Array(0);

export class Journal implements ByteView {
	readonly transaction: ByteTransaction;
	/** Null where the transaction is the statement's own and is rolled back as a whole. */
	readonly #undo: Undo[] | null;

	constructor(transaction: ByteTransaction, scope: "statement" | "session") {
		this.transaction = transaction;
		this.#undo = scope === "session" ? [] : null;
	}

	get(space: Keyspace, key: Uint8Array): Uint8Array | undefined {
		return this.transaction.get(space, key);
	}

	scan(space: Keyspace, range: ByteRange): PageCursor {
		return this.transaction.scan(space, range);
	}

	scanRows(space: Keyspace, range: ByteRange, program: RowProgram): RowCursor {
		return this.transaction.scanRows(space, range, program);
	}

	/** `before` is what the key holds now. Callers know it: they have looked whether the key is free. */
	put(space: Keyspace, key: Uint8Array, value: Uint8Array, before: Uint8Array | undefined): void {
		this.#undo?.push({ space, key, before });
		this.transaction.put(space, key, value);
	}

	delete(space: Keyspace, key: Uint8Array, before: Uint8Array | undefined): void {
		if (before === undefined) return;
		this.#undo?.push({ space, key, before });
		this.transaction.delete(space, key);
	}

	/** What a key that is there holds, for `put` and `delete`; something else where nothing will be put back. */
	before(space: Keyspace, key: Uint8Array): Uint8Array | undefined {
		return this.#undo === null ? UNKNOWN : this.transaction.get(space, key);
	}

	/** A place to come back to. */
	mark(): number {
		return this.#undo?.length ?? 0;
	}

	/** Takes back all writes since the mark, the last first. */
	undoTo(mark: number): void {
		const undo = this.#undo;
		if (undo === null) return;
		while (undo.length > mark) {
			const last = undo.pop();
			if (last === undefined) return;
			if (last.before === undefined) this.transaction.delete(last.space, last.key);
			else this.transaction.put(last.space, last.key, last.before);
		}
	}
}
