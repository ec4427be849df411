/** A join with the rows of a table by their rowids: those for many rows of the left side are looked up together. */

import type { RowLookup, RowPage } from "../../engine/store.js";
import { Keyspace } from "../../engine/store.js";
import type { StoredTable } from "../catalog/table.js";
import type { RowId } from "../codec/key.js";
import { objectPrefix, ROWID_BYTES, writeRowId } from "../codec/key.js";
import { isTrue } from "./compile.js";
import type { JoinOptions } from "./join.js";
import { concat, LoopJoin, nulls } from "./join.js";
import type { Execution, Run, Tuple } from "./operator.js";
import { emit, FULL_BATCH, NO_ROW } from "./operator.js";
import type { RowScanOptions } from "./row-scan.js";
import { plainRows, readRow, rowTermsOf } from "./row-scan.js";

export interface LookupJoinOptions extends JoinOptions {
	readonly table: StoredTable;
	/** Of a row of the left side, the rowid that is looked up; undefined where none can be. */
	readonly rowId: (row: Tuple, run: Execution) => RowId | undefined;
	/** What is read of the rows and asked of them: nothing that depends on the left side. */
	readonly rows: RowScanOptions;
}

/** Looks like the loop that it is, told from it by its speed alone. */
export class LookupJoin extends LoopJoin {
	readonly #options: LookupJoinOptions;

	constructor(options: LookupJoinOptions) {
		super(options);
		this.#options = options;
	}

	override open(run: Execution, outer?: Tuple): Run {
		const { left, table, rows, rowId, kind, leftWidth, rightWidth, on } = this.#options;
		const terms = rowTermsOf(rows, run, NO_ROW);
		if (terms === undefined && kind === "inner") return emit([]);
		const width = leftWidth + rightWidth;
		const lefts = left.open(run, outer);
		let lookup: RowLookup | undefined;
		let rowIds = new Uint8Array(0);
		/** For each rowid of the batch, which of its rows has it. */
		let places = new Uint32Array(0);
		let ended = false;

		const found = (batch: readonly Tuple[]): RowPage | undefined => {
			if (terms === undefined) return undefined;
			if (places.length < batch.length) {
				const room = batch.length === 1 ? 1 : Math.min(FULL_BATCH, 2 * batch.length);
				rowIds = new Uint8Array(ROWID_BYTES * Math.max(room, batch.length));
				places = new Uint32Array(rowIds.length / ROWID_BYTES);
			}
			let count = 0;
			for (let i = 0; i < batch.length; i++) {
				const id = rowId(batch[i] as Tuple, run); // i is within
				if (id === undefined) continue;
				writeRowId(rowIds, ROWID_BYTES * count, id);
				places[count++] = i;
			}
			if (count === 0) return undefined;
			lookup ??= run.view.lookUpRows(Keyspace.sql, objectPrefix(table.id), plainRows(rows.columns, terms));
			return lookup.rows(rowIds, count);
		};
		const joined = (batch: readonly Tuple[]): Tuple[] => {
			const page = found(batch);
			const results: Tuple[] = [];
			let at = 0;
			for (let i = 0; i < batch.length; i++) {
				const row = batch[i] as Tuple; // i is within
				let result: Tuple | undefined;
				if (page !== undefined && at < page.count && places[page.groups[page.groupsAt + at] as number] === i) {
					const right = readRow(page, at++, rows, run);
					if (right !== undefined) result = concat(row, right, width);
					if (result !== undefined && on !== null && !isTrue(on(result, run))) result = undefined;
				}
				if (result === undefined && kind === "left") result = concat(row, nulls(rightWidth), width);
				if (result !== undefined) results.push(result);
			}
			return results;
		};
		return {
			next: (limit) => {
				while (!ended) {
					const batch = lefts.next(limit);
					if (batch === undefined) break;
					run.stop?.count(2 * batch.length);
					const results = joined(batch);
					if (results.length > 0) return results;
				}
				return undefined;
			},
			close: () => {
				ended = true;
				lookup?.close();
				lefts.close();
			},
		};
	}
}
