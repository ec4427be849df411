/** Writes of SQL statements into a transaction of the store. Inside BEGIN the transaction outlives a statement. */

import type {
	ByteRange,
	ByteTransaction,
	ByteView,
	Keyspace,
	PageCursor,
	RowCursor,
	RowProgram,
} from "../../engine/store.js";

export class Journal implements ByteView {
	readonly transaction: ByteTransaction;

	constructor(transaction: ByteTransaction) {
		this.transaction = transaction;
	}

	get(space: Keyspace, key: Uint8Array): Uint8Array | undefined {
		return this.transaction.get(space, key);
	}

	has(space: Keyspace, key: Uint8Array): boolean {
		return this.transaction.has(space, key);
	}

	scan(space: Keyspace, range: ByteRange): PageCursor {
		return this.transaction.scan(space, range);
	}

	scanRows(space: Keyspace, range: ByteRange, program: RowProgram): RowCursor {
		return this.transaction.scanRows(space, range, program);
	}

	put(space: Keyspace, key: Uint8Array, value: Uint8Array): void {
		this.transaction.put(space, key, value);
	}

	delete(space: Keyspace, key: Uint8Array): void {
		this.transaction.delete(space, key);
	}

	deleteRange(space: Keyspace, range: ByteRange): void {
		this.transaction.deleteRange(space, range);
	}

	/** A place to come back to when a statement fails or a savepoint is rolled back. */
	mark(): number {
		return this.transaction.mark();
	}

	/** Takes back all writes since the mark. */
	undoTo(mark: number): void {
		this.transaction.undoTo(mark);
	}
}
