/**
 * The real SQLite, 3.40.1 compiled to WebAssembly: what SQL results are recorded from and compared with.
 *
 * The package's own interface refuses blobs, so this goes through the C functions that it exports. They do not include the
 * length of a value: a text or blob is seen up to its first zero byte. A statement may have some 12,000 characters, for it
 * is passed on a stack of 64 KB.
 */

import { createRequire } from "node:module";

export type SqliteValue = null | bigint | number | string | Uint8Array;

export interface SqliteResult {
	readonly columns: readonly string[];
	readonly rows: readonly (readonly SqliteValue[])[];
	/** What `T` columns of sqllogictest files show. */
	readonly texts: readonly (readonly (string | null)[])[];
	/** Rows changed by the last INSERT, UPDATE or DELETE. */
	readonly changes: number;
}

/** SQLite refused the statement. */
export class SqliteError extends Error {}

/** A statement that SQLite itself could not survive: nothing can be said of what it should have answered. */
export class SqliteCrash extends Error {}

type Wrapped = (...args: (number | string)[]) => number;

interface Module {
	readonly HEAPU8: Uint8Array;
	readonly Database: new (path: string) => { readonly _ptr: number; exec(sql: string): void; close(): void };
	cwrap(name: string, result: string | null, parameters: readonly string[]): Wrapped;
	stackAlloc(length: number): number;
	_sqlite3_step(statement: number): number;
	_sqlite3_finalize(statement: number): number;
	_sqlite3_column_count(statement: number): number;
	_sqlite3_column_type(statement: number, column: number): number;
	_sqlite3_column_int64(statement: number, column: number): bigint;
	_sqlite3_column_double(statement: number, column: number): number;
	_sqlite3_column_text(statement: number, column: number): number;
	_sqlite3_column_name(statement: number, column: number): number;
	_sqlite3_errmsg(database: number): number;
	_sqlite3_changes(database: number): number;
	_sqlite3_get_autocommit(database: number): number;
}

const OK = 0;
const ROW = 100;
const DONE = 101;

const require = createRequire(import.meta.url);
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

interface Library {
	readonly module: Module;
	readonly prepare: Wrapped;
	/** Where a statement's address is put. */
	readonly place: number;
}

let library: Library | undefined;

function load(): Library {
	if (library === undefined) {
		const module = require("node-sqlite3-wasm") as Module;
		const parameters = ["number", "string", "number", "number", "number"];
		const prepare = module.cwrap("sqlite3_prepare_v2", "number", parameters);
		library = { module, prepare, place: module.stackAlloc(16) };
	}
	return library;
}

/** A crashed module stays unusable: the next database gets a new one. */
function unload(): void {
	library = undefined;
	delete require.cache[require.resolve("node-sqlite3-wasm")];
}

export class Sqlite {
	readonly #library = load();
	readonly #database = new this.#library.module.Database(":memory:");

	constructor() {
		this.#database.exec("PRAGMA foreign_keys = OFF");
	}

	get inTransaction(): boolean {
		return this.#library.module._sqlite3_get_autocommit(this.#database._ptr) === 0;
	}

	/** Prepares it and no more: throws if that is refused. */
	check(sql: string): void {
		this.#library.module._sqlite3_finalize(this.#prepare(sql));
	}

	/** Runs one statement to its end. */
	run(sql: string): SqliteResult {
		const { module } = this.#library;
		const statement = this.#prepare(sql);
		try {
			const width = statement === 0 ? 0 : module._sqlite3_column_count(statement);
			const indexes = Array.from({ length: width }, (_, i) => i);
			const columns = indexes.map((i) => this.#text(module._sqlite3_column_name(statement, i)));
			const rows: SqliteValue[][] = [];
			const texts: (string | null)[][] = [];
			let status = statement === 0 ? DONE : module._sqlite3_step(statement);
			for (; status === ROW; status = module._sqlite3_step(statement)) {
				const row = indexes.map((i) => this.#value(statement, i));
				rows.push(row);
				texts.push(
					row.map((value, i) => (value === null ? null : this.#text(module._sqlite3_column_text(statement, i)))),
				);
			}
			if (status !== DONE) throw new SqliteError(this.#message());
			return { columns, rows, texts, changes: module._sqlite3_changes(this.#database._ptr) };
		} catch (error) {
			throw crashed(error);
		} finally {
			if (library === this.#library) module._sqlite3_finalize(statement);
		}
	}

	close(): void {
		if (library === this.#library) this.#database.close();
	}

	#prepare(sql: string): number {
		const { module, prepare, place } = this.#library;
		try {
			if (prepare(this.#database._ptr, sql, -1, place, 0) !== OK) throw new SqliteError(this.#message());
			return new DataView(module.HEAPU8.buffer).getUint32(place, true);
		} catch (error) {
			throw crashed(error);
		}
	}

	#message(): string {
		return this.#text(this.#library.module._sqlite3_errmsg(this.#database._ptr));
	}

	#value(statement: number, column: number): SqliteValue {
		const { module } = this.#library;
		switch (module._sqlite3_column_type(statement, column)) {
			case 1:
				return module._sqlite3_column_int64(statement, column);
			case 2:
				return module._sqlite3_column_double(statement, column);
			case 3:
				return this.#text(module._sqlite3_column_text(statement, column));
			case 4:
				return this.#bytes(module._sqlite3_column_text(statement, column)).slice();
			default:
				return null;
		}
	}

	#bytes(address: number): Uint8Array {
		const heap = this.#library.module.HEAPU8;
		return address === 0 ? new Uint8Array() : heap.subarray(address, heap.indexOf(0, address));
	}

	#text(address: number): string {
		return decoder.decode(this.#bytes(address));
	}
}

function crashed(error: unknown): unknown {
	if ((error as Error).name !== "RuntimeError" && !(error instanceof RangeError)) return error;
	unload();
	return new SqliteCrash("SQLite crashed", { cause: error });
}
