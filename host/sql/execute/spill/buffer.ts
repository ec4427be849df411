/** Rows that are kept to be read again and again: in memory, and beyond what may be there in a temporary file. */

import type { Execution, Operator, Run, Tuple } from "../operator.js";
import { emit, forEachRow } from "../operator.js";
import type { SpillFile, SpillSpace } from "./file.js";
import { rowBytes } from "./size.js";
import { SpillStream } from "./stream.js";

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
export class RowBuffer {
	readonly #space: SpillSpace | undefined;
	#rows: Tuple[] = [];
	#bytes = 0;
	#file: SpillFile | null = null;
	#stream: SpillStream | null = null;

	constructor(space: SpillSpace | undefined) {
		this.#space = space;
	}

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

	add(row: Tuple): void {
		if (this.#stream !== null) {
			this.#stream.push(row);
			return;
		}
		this.#rows.push(row);
		if (this.#space === undefined) return;
		this.#bytes += rowBytes(row);
		if (this.#bytes > this.#space.budgetBytes) this.#spill(this.#space);
	}

	/** No more rows come. */
	finish(): void {
		this.#stream?.finish();
	}

	read(): Run {
		return this.#stream === null ? emit(this.#rows) : this.#stream.read();
	}

	/** Leaves it empty: other rows may be added then. */
	close(): void {
		this.#rows = [];
		this.#bytes = 0;
		this.#file?.close();
		this.#file = null;
		this.#stream = null;
	}

	/** All of them: what is read again and again is not worth the memory that it could have in part. */
	#spill(space: SpillSpace): void {
		this.#file = space.open();
		this.#stream = new SpillStream(this.#file);
		for (const row of this.#rows) this.#stream.push(row);
		this.#rows = [];
	}
}
