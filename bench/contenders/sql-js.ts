import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Contender, ContenderMaker, ContenderOptions, Entry, ScanRange } from "../contenders.js";
import { type CsvRow, createTable, insertInto, readCsv } from "./sqlite-csv.js";

type Value = string | number;

interface Statement {
	run(values: readonly Value[]): void;
	bind(values: readonly Value[]): boolean;
	step(): boolean;
	get(): unknown[];
	reset(): void;
}

interface Database {
	exec(text: string): unknown;
	prepare(text: string): Statement;
	/** Ends all statements, and puts pragmas back to their defaults. */
	export(): Uint8Array;
	close(): void;
}

interface Module {
	readonly Database: new (content?: Uint8Array) => Database;
}

/**
 * SQLite in the memory of a WebAssembly module. On disk is what the last `flush`, `close` or, with a sync for each,
 * commit wrote: the whole file, each time.
 */
export function sqlJs(module: Record<string, unknown>): ContenderMaker {
	const initialize = module.default as () => Promise<Module>;
	return {
		name: "sql.js",
		async open(directory, options) {
			const { Database } = await initialize();
			const file = join(directory, "database");
			const db = new Database(existsSync(file) ? readFileSync(file) : undefined);
			return contenderOf(new Session(db, file, options.cacheBytes), options.sync);
		},
	};
}

/** The database with the statements that are prepared at present. */
class Session {
	readonly db: Database;
	readonly #file: string;
	readonly #cacheBytes: number;
	#statements = new Map<string, Statement>();

	constructor(db: Database, file: string, cacheBytes: number) {
		this.db = db;
		this.#file = file;
		this.#cacheBytes = cacheBytes;
		this.#begin();
		db.exec("CREATE TABLE IF NOT EXISTS kv (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID");
	}

	#begin(): void {
		// What a journal in a file would be good for is lost with the memory that the file is in.
		this.db.exec(`PRAGMA journal_mode = MEMORY; PRAGMA cache_size = -${this.#cacheBytes >>> 10}`);
		this.#statements = new Map();
	}

	statement(text: string): Statement {
		const known = this.#statements.get(text);
		if (known !== undefined) return known;
		const made = this.db.prepare(text);
		this.#statements.set(text, made);
		return made;
	}

	first(text: string, values: readonly Value[]): unknown[] | undefined {
		const statement = this.statement(text);
		statement.bind(values);
		const row = statement.step() ? statement.get() : undefined;
		statement.reset();
		return row;
	}

	each(text: string, values: readonly Value[], visit: (row: unknown[]) => void): void {
		const statement = this.statement(text);
		statement.bind(values);
		while (statement.step()) visit(statement.get());
		statement.reset();
	}

	transaction(work: () => void): void {
		this.db.exec("BEGIN");
		try {
			work();
		} catch (error) {
			this.db.exec("ROLLBACK");
			throw error;
		}
		this.db.exec("COMMIT");
	}

	save(): void {
		writeFileSync(this.#file, this.db.export(), { flush: true });
		this.#begin();
	}
}

const INSERT = "INSERT OR REPLACE INTO kv VALUES (?, ?)";
const SELECT = "SELECT value FROM kv WHERE key = ?";
const ALL = "SELECT key, value FROM kv ORDER BY key";
const SOME = "SELECT key, value FROM kv WHERE key >= ? ORDER BY key LIMIT ?";
const BACKWARDS = "SELECT key, value FROM kv ORDER BY key DESC";
const KEYS = "SELECT key FROM kv ORDER BY key";

function contenderOf(session: Session, sync: ContenderOptions["sync"]): Contender {
	const committed = () => {
		if (sync === "commit") session.save();
	};
	const put = (key: string, value: string) => {
		session.statement(INSERT).run([key, value]);
		committed();
	};
	const get = (key: string) => session.first(SELECT, [key])?.[0] as string | undefined;
	const scan = (visit: (key: string, value: string) => void, range?: ScanRange) => {
		const [text, values] = range === undefined ? [ALL, []] : [SOME, [range.from, range.limit]];
		session.each(text, values, ([key, value]) => visit(key as string, value as string));
	};
	const scanKeys = (visit: (key: string) => void) => session.each(KEYS, [], ([key]) => visit(key as string));
	return {
		put,
		putSync: put,
		batch(entries: readonly Entry[]) {
			const insert = session.statement(INSERT);
			session.transaction(() => {
				for (const { key, value } of entries) insert.run([key, value]);
			});
			committed();
		},
		get,
		getSync: get,
		getMany: (keys) => keys.map(get),
		scan,
		scanSync: scan,
		scanReverse: (visit) => session.each(BACKWARDS, [], ([key, value]) => visit(key as string, value as string)),
		scanKeys,
		scanKeysSync: scanKeys,
		flush: async () => session.save(),
		compact() {
			session.db.exec("VACUUM");
		},
		async loadCsv(file, table) {
			session.db.exec(createTable(table));
			const insert = session.statement(insertInto(table));
			return readCsv(file, table, (rows: readonly CsvRow[]) =>
				session.transaction(() => {
					for (const row of rows) insert.run(row);
				}),
			);
		},
		query:
			(sql) =>
			(...parameters) => {
				const rows: unknown[][] = [];
				session.each(sql, parameters, (row) => rows.push(row));
				return rows;
			},
		close() {
			session.save();
			session.db.close();
		},
	};
}
