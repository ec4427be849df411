/** A SELECT of columns of one row that parameters alone tell: the most frequent statement of all, which needs no run. */

import type { ByteStore } from "../../engine/store.js";
import { Keyspace } from "../../engine/store.js";
import type { StoredTable } from "../catalog/table.js";
import { isRowId } from "../catalog/table.js";
import { OBJECT_ID_BYTES, readRowId } from "../codec/key.js";
import { RowSource } from "../codec/row.js";
import type { Point } from "../plan/point.js";
import type { Value } from "../value/value.js";
import { Project } from "./basic.js";
import { missingRow } from "./index-scan.js";
import type { Operator, Tuple } from "./operator.js";
import { storedColumn } from "./reader.js";
import { Scan } from "./scan.js";

export class PointSelect {
	readonly #table: StoredTable;
	readonly #point: Point;
	readonly #columns: readonly number[];

	private constructor(table: StoredTable, point: Point, columns: readonly number[]) {
		this.#table = table;
		this.#point = point;
		this.#columns = columns;
	}

	/** What the plan is, where it is that. */
	static of(operator: Operator): PointSelect | undefined {
		const slots = operator instanceof Project ? operator.slots : undefined;
		const scan = operator instanceof Project ? operator.input : operator;
		if (!(scan instanceof Scan) || slots === null) return undefined;
		const { access, table, filter, columns } = scan.options;
		if (table.kind !== "stored" || filter !== null || access.point === undefined) return undefined;
		const wanted = slots === undefined ? columns : slots.map((slot) => columns[slot] as number); // slots are within
		return new PointSelect(table, access.point, wanted);
	}

	/** Out of the store as it is now. */
	row(parameters: readonly Value[], store: ByteStore): Tuple | undefined {
		const key = this.#point.find(parameters, store);
		if (key === undefined) return undefined;
		const found = store.look(Keyspace.sql, key);
		const table = this.#table;
		if (found === undefined) {
			if (this.#point.isIndirect) throw missingRow(table);
			return undefined;
		}
		const columns = this.#columns;
		const { bytes, at, length } = found;
		const source = new RowSource(bytes);
		const row = new Array<Value>(columns.length);
		for (let i = 0; i < columns.length; i++) {
			const column = columns[i] as number; // i is within
			row[i] = isRowId(table, column)
				? readRowId(key, OBJECT_ID_BYTES)
				: storedColumn(table, column, source, at, at + length);
		}
		return row;
	}
}
