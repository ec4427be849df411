/** sqlite_sequence: the greatest rowid that each AUTOINCREMENT table ever had, in a table of its own. */

import { Keyspace } from "../../engine/store.js";
import type { StoredTable } from "../catalog/table.js";
import type { RowId } from "../codec/key.js";
import { OBJECT_ID_BYTES, readRowId, rowKey } from "../codec/key.js";
import { storedEntries } from "../codec/object.js";
import { RowSource } from "../codec/row.js";
import { toInteger } from "../value/convert.js";
import type { Journal } from "./journal.js";
import type { WriteRun } from "./plan.js";
import type { SequenceRow } from "./rowids.js";

export const SEQUENCE_NAME = "sqlite_sequence";
export const SEQUENCE_SQL = "CREATE TABLE sqlite_sequence(name,seq)";

/** The table's row, as it is known or by looking at all. */
function find(sequence: StoredTable, table: StoredTable, write: WriteRun): SequenceRow | undefined {
	const { journal, rowIds } = write;
	const known = rowIds.sequences.get(table.id);
	if (known !== undefined) return known;
	const found = rowOf(sequence, table.name, journal);
	if (found !== undefined) rowIds.sequences.set(table.id, found);
	return found;
}

/** The row of that name, by looking at all. */
function rowOf(sequence: StoredTable, name: string, journal: Journal): SequenceRow | undefined {
	for (const { key, value } of storedEntries(journal, sequence.id)) {
		const source = new RowSource(value);
		if (source.column(0, value.length, 0) !== name) continue;
		return { key: key.slice(), greatest: toInteger(source.column(0, value.length, 1) ?? null) ?? 0 };
	}
	return undefined;
}

function sequenceTable(write: WriteRun): StoredTable | undefined {
	const table = write.catalog.find(SEQUENCE_NAME, "main");
	return table?.kind === "stored" ? table : undefined;
}

/**
 * The greatest rowids of AUTOINCREMENT tables while one statement runs. They are written down at its end, as in SQLite:
 * where it fails, none of them was used up.
 */
export class Sequences {
	readonly #greatest = new Map<StoredTable, RowId>();

	/** Of a table with AUTOINCREMENT: a rowid that is greater than this was never there. */
	greatest(table: StoredTable, write: WriteRun): RowId {
		let greatest = this.#greatest.get(table);
		if (greatest === undefined) {
			const sequence = sequenceTable(write);
			greatest = (sequence === undefined ? undefined : find(sequence, table, write)?.greatest) ?? 0;
			this.#greatest.set(table, greatest);
		}
		return greatest;
	}

	/** To be called by every INSERT into such a table, whatever it inserts: its row is there from then on. */
	note(table: StoredTable, rowId: RowId, write: WriteRun): void {
		if (rowId > this.greatest(table, write)) this.#greatest.set(table, rowId);
	}

	writeDown(write: WriteRun): void {
		for (const [table, greatest] of this.#greatest) put(table, greatest, write);
	}
}

function put(table: StoredTable, greatest: RowId, write: WriteRun): void {
	const sequence = sequenceTable(write);
	if (sequence === undefined) return;
	const entry = find(sequence, table, write);
	if (entry?.greatest === greatest) return;
	const { journal, rowIds, encoders } = write;
	const key = entry?.key ?? rowKey(sequence.id, rowIds.next(sequence, journal, 0));
	rowIds.sequences.set(table.id, { key, greatest });
	journal.put(Keyspace.sql, key, encoders.rows.encode([table.name, greatest]));
	if (entry === undefined) rowIds.inserted(sequence, readRowId(key, OBJECT_ID_BYTES));
}

/** For the schema: the rows of sqlite_sequence by the table's name. */
export function sequenceKeyOf(sequence: StoredTable, name: string, journal: Journal): Uint8Array | undefined {
	return rowOf(sequence, name, journal)?.key;
}
