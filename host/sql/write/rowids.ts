/** Which rowid comes next in each table, remembered between statements. */

import type { ByteView } from "../../engine/store.js";
import { Keyspace, prefixEnd } from "../../engine/store.js";
import type { StoredTable } from "../catalog/table.js";
import type { RowId } from "../codec/key.js";
import { objectPrefix, readRowId, rowKey } from "../codec/key.js";
import { sqlError } from "../parse/source.js";
import { integer, MAX_INTEGER } from "../value/value.js";

const RANDOM_TRIES = 100;

export class RowIds {
	/** The greatest rowid of a table by its id; absent where it has to be looked up. */
	readonly #greatest = new Map<number, RowId>();

	/** The row of sqlite_sequence by the table's id. */
	readonly sequenceKeys = new Map<number, Uint8Array>();

	/** One more than the greatest rowid, as in SQLite, and with AUTOINCREMENT more than `ever`. */
	next(table: StoredTable, view: ByteView, ever: RowId): RowId {
		let greatest = this.#greatest.get(table.id);
		if (greatest === undefined) {
			greatest = lookUp(table, view);
			this.#greatest.set(table.id, greatest);
		}
		if (table.autoincrement && ever > greatest) greatest = ever;
		if (typeof greatest === "number")
			return Number.isSafeInteger(greatest + 1) ? greatest + 1 : integer(BigInt(greatest) + 1n);
		return greatest < MAX_INTEGER ? greatest + 1n : randomFree(table, view);
	}

	inserted(table: StoredTable, rowId: RowId): void {
		const greatest = this.#greatest.get(table.id);
		// Where it is not known, the next statement that needs it looks: the row is in the store by then.
		if (greatest !== undefined && rowId > greatest) this.#greatest.set(table.id, rowId);
	}

	deleted(table: StoredTable, rowId: RowId): void {
		const greatest = this.#greatest.get(table.id);
		if (greatest !== undefined && rowId >= greatest) this.#greatest.delete(table.id);
	}

	/** After a rollback, or writes by somebody else. */
	forget(): void {
		this.#greatest.clear();
		this.sequenceKeys.clear();
	}
}

function lookUp(table: StoredTable, view: ByteView): RowId {
	const prefix = objectPrefix(table.id);
	const cursor = view.scan(Keyspace.sql, { gte: prefix, lt: prefixEnd(prefix), reverse: true });
	try {
		const page = cursor.next();
		return page === undefined ? 0 : readRowId(page.bytes, (page.bounds[0] ?? 0) + 4);
	} finally {
		cursor.close();
	}
}

function randomFree(table: StoredTable, view: ByteView): RowId {
	if (table.autoincrement) throw sqlError("database or disk is full");
	for (let i = 0; i < RANDOM_TRIES; i++) {
		const bits = crypto.getRandomValues(new BigUint64Array(1))[0] ?? 0n;
		const rowId = integer(bits >> 2n);
		if (view.get(Keyspace.sql, rowKey(table.id, rowId)) === undefined) return rowId;
	}
	throw sqlError("database or disk is full");
}
