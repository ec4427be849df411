/** Which rowid comes next in each table, remembered between statements. */

import type { ByteView } from "../../engine/store.js";
import { Keyspace } from "../../engine/store.js";
import type { StoredTable } from "../catalog/table.js";
import type { RowId } from "../codec/key.js";
import { OBJECT_ID_BYTES, readRowId, rowKey } from "../codec/key.js";
import { objectRange } from "../codec/object.js";
import { sqlError } from "../parse/source.js";
import { integer, MAX_INTEGER } from "../value/value.js";

const RANDOM_TRIES = 100;

/** What is known of a table's rowids. */
interface Known {
	/** The greatest one, null where there is none; undefined where it has to be looked up. */
	greatest: RowId | null | undefined;
	/** None is greater, null where there was none. Holds on when rows go, or come back by a rollback. */
	bound: RowId | null;
}

/** A row of sqlite_sequence. */
export interface SequenceRow {
	readonly key: Uint8Array;
	/** The greatest rowid that the table ever had. */
	readonly greatest: RowId;
}

export class RowIds {
	/** By the table's id. */
	readonly #known = new Map<number, Known>();

	/** The row of sqlite_sequence by the table's id. */
	readonly sequences = new Map<number, SequenceRow>();

	#of(table: StoredTable, view: ByteView): Known {
		let known = this.#known.get(table.id);
		if (known === undefined) {
			const greatest = lookUp(table, view);
			known = { greatest, bound: greatest };
			this.#known.set(table.id, known);
		}
		return known;
	}

	/** One more than the greatest rowid, as in SQLite, and with AUTOINCREMENT more than `ever`. */
	next(table: StoredTable, view: ByteView, ever: RowId): RowId {
		const known = this.#of(table, view);
		if (known.greatest === undefined) known.greatest = lookUp(table, view);
		let greatest = known.greatest ?? 0;
		if (table.autoincrement && ever > greatest) greatest = ever;
		if (typeof greatest === "number")
			return Number.isSafeInteger(greatest + 1) ? greatest + 1 : integer(BigInt(greatest) + 1n);
		return greatest < MAX_INTEGER ? greatest + 1n : randomFree(table, view);
	}

	/** The rowid is greater than all that there may be: nothing has it. */
	isBeyond(table: StoredTable, view: ByteView, rowId: RowId): boolean {
		const { bound } = this.#of(table, view);
		return bound === null || rowId > bound;
	}

	inserted(table: StoredTable, rowId: RowId): void {
		const known = this.#known.get(table.id);
		// Where nothing is known, the next statement that asks looks: the row is in the store by then.
		if (known === undefined) return;
		if (known.greatest === null || (known.greatest !== undefined && rowId > known.greatest)) known.greatest = rowId;
		if (known.bound === null || rowId > known.bound) known.bound = rowId;
	}

	deleted(table: StoredTable, rowId: RowId): void {
		const known = this.#known.get(table.id);
		if (known === undefined || known.greatest === null || known.greatest === undefined) return;
		if (rowId >= known.greatest) known.greatest = undefined;
	}

	/** After a rollback. */
	undone(): void {
		for (const known of this.#known.values()) known.greatest = undefined;
		this.sequences.clear();
	}

	/** After writes by somebody else. */
	forget(): void {
		this.#known.clear();
		this.sequences.clear();
	}
}

/** The greatest rowid, null where there is none. */
function lookUp(table: StoredTable, view: ByteView): RowId | null {
	const cursor = view.scan(Keyspace.sql, { ...objectRange(table.id), reverse: true });
	try {
		const page = cursor.next();
		return page === undefined ? null : readRowId(page.bytes, (page.bounds[0] ?? 0) + OBJECT_ID_BYTES);
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
