import { invalid, show } from "../csv/failure.js";
import { findColumn } from "../csv/header.js";
import { type CsvRecord, isNull } from "./records.js";
import type { LoadColumn, LoadDatabase, LoadTarget, Problem } from "./target.js";

const maxKeyBytes = 65_535;
/** Characters after which a batch is written even if it has fewer pairs. */
const maxBatchLength = 4 * 1024 * 1024;

/**
 * Key-value pairs from two columns, which a small file's are put batch by batch, over what had the same keys: a load that fails leaves
 * the batches before, and `undo` can take nothing back. A large file's are loaded in bulk (in-bulk.ts), all of them or none.
 */
export class PairTarget implements LoadTarget {
	readonly columns: readonly LoadColumn[];
	readonly conflicts = undefined;
	readonly #db: LoadDatabase;
	readonly #batchSize: number;
	/** The columns of keys and values. */
	readonly key: number;
	readonly value: number;
	#batch: { type: "put"; key: string; value: string }[] = [];
	#batchLength = 0;

	constructor(db: LoadDatabase, names: readonly string[], schema: { key: string; value: string }, batchSize: number) {
		this.columns = names.map((name) => ({ name, fixed: "text" }));
		this.#db = db;
		this.#batchSize = batchSize;
		this.key = this.#find(schema.key);
		this.value = this.#find(schema.value);
	}

	check(record: CsvRecord): Problem | undefined {
		for (const field of [this.key, this.value]) {
			if (isNull(record, field)) return { field, reason: "keys and values cannot be NULL" };
		}
		const key = record.fields[this.key] ?? "";
		if (key === "") return { field: this.key, reason: "the key is empty" };
		// UTF-8 takes at most three bytes for one UTF-16 unit.
		if (key.length * 3 > maxKeyBytes && new TextEncoder().encode(key).length > maxKeyBytes) {
			return { field: this.key, reason: `the key is longer than ${maxKeyBytes} bytes` };
		}
		return undefined;
	}

	begin(): void {
		this.#batch = [];
	}

	add(record: CsvRecord): void {
		const key = record.fields[this.key] ?? "";
		const value = record.fields[this.value] ?? "";
		this.#batch.push({ type: "put", key, value });
		this.#batchLength += key.length + value.length;
		if (this.#batch.length >= this.#batchSize || this.#batchLength >= maxBatchLength) this.finish();
	}

	finish(): void {
		const batch = this.#batch;
		this.#batch = [];
		this.#batchLength = 0;
		if (batch.length > 0) this.#db.batchSync(batch);
	}

	undo(): void {
		this.#batch = [];
	}

	#find(name: string): number {
		const names = this.columns.map((column) => column.name);
		const index = findColumn(names, name);
		if (index === -1) throw invalid(`There is no column ${show(name)}; the columns are ${names.join(", ")}`);
		return index;
	}
}
