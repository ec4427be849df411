/** Rowids that are free in what a transaction sees of others: looked up by the range where rows come one behind the other. */

import { Keyspace } from "../../engine/store.js";
import type { StoredTable } from "../catalog/table.js";
import type { RowId } from "../codec/key.js";
import { ROW_KEY_BYTES, rowKey, writeRowKey } from "../codec/key.js";
import type { Journal } from "./journal.js";

/** A row so near behind the last one is taken to be one of many. */
const NEAR = 16;
const FIRST_WIDTH = 64;
const LAST_WIDTH = 512;
/** After a range that is not free, so many rows are looked up one by one. */
const PATIENCE = 64;

export class FreeRowIds {
	readonly #table: StoredTable;
	readonly #key = new Uint8Array(ROW_KEY_BYTES);
	#journal: Journal | undefined;
	/** Nobody else has a row in [from, until), as far as the journal sees. */
	#from = 0;
	#until = 0;
	#width = FIRST_WIDTH;
	#last: RowId = 0;
	#waits = 0;

	constructor(table: StoredTable) {
		this.#table = table;
	}

	/** Whether there is no row with this safe INTEGER. */
	has(rowId: number, journal: Journal): boolean {
		writeRowKey(this.#key, 0, this.#table.id, rowId);
		const known = this.#isInFreeRange(rowId, journal) && !journal.mayHaveWritten(Keyspace.sql, this.#key);
		return known || !journal.has(Keyspace.sql, this.#key);
	}

	#isInFreeRange(rowId: number, journal: Journal): boolean {
		if (journal !== this.#journal) {
			this.#journal = journal;
			this.#until = this.#from;
		}
		const distance = rowId - Number(this.#last);
		this.#last = rowId;
		if (rowId >= this.#from && rowId < this.#until) return true;
		if (distance <= 0 || distance > NEAR || this.#waits-- > 0) return false;
		const until = rowId + this.#width;
		if (!Number.isSafeInteger(until)) return false;
		const { id } = this.#table;
		if (journal.holdsOfOthers(Keyspace.sql, { gte: rowKey(id, rowId), lt: rowKey(id, until) })) {
			this.#width = FIRST_WIDTH;
			this.#waits = PATIENCE;
			return false;
		}
		this.#width = Math.min(2 * this.#width, LAST_WIDTH);
		this.#from = rowId;
		this.#until = until;
		return true;
	}
}
