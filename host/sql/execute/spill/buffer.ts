/** Rows that are kept to be read again and again: in memory, and beyond what may be there in a temporary file. */

import type { Execution, Operator, Run, Tuple } from "../operator.js";
import { emit, forEachRow } from "../operator.js";
import { HeldRows } from "./held-rows.js";

/** Goes through the operator's rows once it has come to its end: what is done with them does not change what is read. */
export function forEachKept(operator: Operator, run: Execution, visit: (row: Tuple) => void): void {
	const rows = RowBuffer.of(operator, run);
	try {
		forEachRow(rows.read(), visit);
	} finally {
		rows.close();
	}
}

/** To be closed, unless the statement's end is soon enough. */
export class RowBuffer extends HeldRows {
	/** The rows of a run of the operator. */
	static of(operator: Operator, run: Execution): RowBuffer {
		const buffer = new RowBuffer(run.spill);
		try {
			forEachRow(operator.open(run), (row) => buffer.add(row));
			buffer.finish();
		} catch (error) {
			buffer.close();
			throw error;
		}
		return buffer;
	}

	/** Reads what is kept under the key: the rows of the operator, which is run where nothing is kept yet. */
	static keptIn(kept: Map<object, unknown>, key: object, operator: Operator, run: Execution): Run {
		let rows = kept.get(key) as RowBuffer | undefined;
		if (rows === undefined) {
			rows = RowBuffer.of(operator, run);
			kept.set(key, rows);
		}
		return rows.read();
	}

	/** To be called when it is finished. */
	read(): Run {
		return this.stream === null ? emit(this.rows) : this.stream.read();
	}
}
