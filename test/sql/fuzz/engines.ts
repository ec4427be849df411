/** The two engines, run alike. */

import type { ByteStore } from "../../../host/engine/store.js";
import { SqlDatabase } from "../../../host/sql/index.js";
import { isTimeout, limited } from "../../support/limited.js";
import { MemoryStore } from "../../support/memory-store.js";
import { Sqlite, SqliteCrash, type SqliteValue } from "../../support/sqlite.js";

export type Outcome =
	| { readonly kind: "done"; readonly columns: readonly string[]; readonly rows: readonly (readonly SqliteValue[])[] }
	| { readonly kind: "refused"; readonly message: string }
	/** Known to be part of the dialect, and not there yet. */
	| { readonly kind: "unsupported"; readonly message: string }
	/** An error that no SQL should ever cause. */
	| { readonly kind: "broken"; readonly message: string };

export interface Engine {
	readonly inTransaction: boolean;
	run(sql: string): Outcome;
	/** What was left behind, or "". */
	close(): string;
}

/** No statement of the generator needs a tenth of it. */
const MAX_MILLISECONDS = 10_000;

export function ourEngine(): Engine {
	const store = new MemoryStore();
	const database = new SqlDatabase(store as ByteStore);
	return {
		get inTransaction() {
			return database.inTransaction;
		},
		run: (sql) => {
			try {
				return limited(MAX_MILLISECONDS, () => answer(database, sql));
			} catch (error) {
				return failed(error as Error & { code?: string });
			}
		},
		close: () => {
			if (database.inTransaction) database.exec("ROLLBACK");
			return store.open === 0 ? "" : `${store.open} cursors or snapshots left open`;
		},
	};
}

function answer(database: SqlDatabase, sql: string): Outcome {
	const statement = database.prepare(sql);
	if (!statement.reader) {
		statement.run();
		return { kind: "done", columns: [], rows: [] };
	}
	const columns = statement.columns().map((column) => column.name);
	return { kind: "done", columns, rows: statement.raw().safeIntegers().all() as SqliteValue[][] };
}

function failed(error: Error & { code?: string }): Outcome {
	const message = error.message.split("\n")[0] ?? "";
	if (error.code === "WLSM_UNSUPPORTED") return { kind: "unsupported", message };
	if (error.code === "WLSM_SQL" || error.code === "WLSM_INVALID_ARGUMENT") return { kind: "refused", message };
	if (isTimeout(error)) return { kind: "broken", message: "it does not end" };
	const place = /\n\s+at (.*)/.exec(error.stack ?? "")?.[1] ?? "";
	return { kind: "broken", message: `${error.code ?? error.name}: ${message} at ${place.replace(/\(.*dist\//, "(")}` };
}

export class ReferenceEngine implements Engine {
	readonly #database = new Sqlite();

	constructor() {
		// By indexes of its own SQLite misses values of a compound's column that are not of the column's type.
		this.#database.run("PRAGMA automatic_index = OFF");
	}

	/** SQLite with other plans: whatever is not the same then was left open by the statement. */
	static contrary(): ReferenceEngine {
		const engine = new ReferenceEngine();
		for (const pragma of ["reverse_unordered_selects = ON", "automatic_index = ON"]) engine.run(`PRAGMA ${pragma}`);
		return engine;
	}

	get inTransaction(): boolean {
		return this.#database.inTransaction;
	}

	run(sql: string): Outcome {
		try {
			const { columns, rows } = this.#database.run(sql);
			return { kind: "done", columns, rows };
		} catch (error) {
			if (error instanceof SqliteCrash) throw error;
			return { kind: "refused", message: (error as Error).message };
		}
	}

	/** Whether it would run at all. */
	accepts(sql: string): boolean {
		try {
			this.#database.check(sql);
			return true;
		} catch (error) {
			if (error instanceof SqliteCrash) throw error;
			return false;
		}
	}

	close(): string {
		this.#database.close();
		return "";
	}
}
