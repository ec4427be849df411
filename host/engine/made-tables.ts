import type { TableDescription } from "../kernel/contract.js";
import type { Engine } from "./engine.js";
import { tableName } from "./files.js";
import type { ByteRange, Keyspace, MadeTables, RowCursor, RowProgram } from "./store.js";
import { Superversion } from "./superversion.js";
import { TableFile } from "./table-file.js";

/** Tables that an ingestion has made, in the order of their keys, to be read before they enter. */
export class UnnamedTables implements MadeTables {
	readonly descriptions: readonly TableDescription[];
	readonly #engine: Engine;
	readonly #superversion: Superversion;

	constructor(engine: Engine, descriptions: readonly TableDescription[]) {
		const { storage, directory, files, kernel } = engine;
		this.descriptions = descriptions;
		this.#engine = engine;
		const tables = descriptions.map((description) => {
			const path = storage.join(directory, tableName(description.file));
			return new TableFile(files, kernel, path, description);
		});
		this.#superversion = new Superversion(kernel, [], [[], tables]);
	}

	scanRows(space: Keyspace, range: ByteRange, rows: RowProgram): RowCursor {
		const superversion = this.#superversion;
		return this.#engine.scans.open(space, range, { sequence: Number.MAX_SAFE_INTEGER, rows, superversion });
	}

	free(): void {
		this.#superversion.release();
	}
}
