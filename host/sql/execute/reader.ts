/** Columns of the rows on a page. One reader belongs to one run of a scan. */

import { Buffer, isUtf8 } from "node:buffer";
import type { EntryPage } from "../../engine/store.js";
import type { StoredTable, Table } from "../catalog/table.js";
import { ROWID } from "../catalog/table.js";
import type { RowId } from "../codec/key.js";
import { readRowId } from "../codec/key.js";
import { RowSource } from "../codec/row.js";
import type { Value } from "../value/value.js";

export interface RowReader {
	/** From now on rows are counted on this page. */
	page(page: EntryPage): void;
	/** A page of one row that was looked up by its key. */
	row(key: Uint8Array, value: Uint8Array): void;
	column(row: number, column: number): Value;
}

const NO_BYTES: Uint8Array = new Uint8Array(0);
const NO_BOUNDS: readonly number[] = [];
const NO_SOURCE = new RowSource(NO_BYTES);

abstract class PagedReader {
	protected bytes: Uint8Array = NO_BYTES;
	protected bounds: Uint32Array | readonly number[] = NO_BOUNDS;
	/** Where the value's bytes are; for a single row the key is kept apart. */
	#single: Uint8Array | undefined;

	page(page: EntryPage): void {
		this.bytes = page.bytes;
		this.bounds = page.bounds;
		this.#single = undefined;
		this.loaded();
	}

	row(key: Uint8Array, value: Uint8Array): void {
		this.bytes = value;
		this.bounds = [0, 0, value.length];
		this.#single = key;
		this.loaded();
	}

	protected keyView(row: number): Uint8Array {
		return this.#single ?? this.bytes.subarray(this.bounds[row * 2] ?? 0, this.bounds[row * 2 + 1] ?? 0);
	}

	protected rowIdAt(row: number): RowId {
		return this.#single === undefined
			? readRowId(this.bytes, (this.bounds[row * 2] ?? 0) + 4)
			: readRowId(this.#single, 4);
	}

	protected abstract loaded(): void;
}

export class StoredReader extends PagedReader implements RowReader {
	readonly #table: StoredTable;
	#source = NO_SOURCE;

	constructor(table: StoredTable) {
		super();
		this.#table = table;
	}

	protected override loaded(): void {
		this.#source = new RowSource(this.bytes);
	}

	column(row: number, column: number): Value {
		if (column === ROWID || column === this.#table.rowIdColumn) return this.rowIdAt(row);
		const start = this.bounds[row * 2 + 1] as number; // callers stay below the page's count
		return storedColumn(this.#table, column, this.#source, start, this.bounds[row * 2 + 2] as number);
	}
}

/** A column of the row in `[start, end)` that is not its rowid; rows that are older than the column have what is in its place. */
export function storedColumn(
	{ columns }: StoredTable,
	column: number,
	source: RowSource,
	start: number,
	end: number,
): Value {
	const value = source.column(start, end, column);
	return value === undefined ? (columns[column]?.missing ?? null) : value;
}

export class KeyValueReader extends PagedReader implements RowReader {
	protected override loaded(): void {}

	column(row: number, column: number): Value {
		if (column === 0) return textOrBlob(this.keyView(row));
		return textOrBlob(this.bytes.subarray(this.bounds[row * 2 + 1] ?? 0, this.bounds[row * 2 + 2] ?? 0));
	}
}

/** Bytes of the key-value data in SQL: TEXT where they are UTF-8, else a BLOB. */
export function textOrBlob(bytes: Uint8Array): string | Uint8Array {
	if (!isUtf8(bytes)) return bytes.slice();
	return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}

export function readerFor(table: Table): RowReader {
	return table.kind === "stored" ? new StoredReader(table) : new KeyValueReader();
}
