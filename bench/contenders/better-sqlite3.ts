import { join } from "node:path";
import type { ContenderMaker, Entry, ScanRange, Visit } from "../contenders.js";
import { type CsvRow, createTable, insertInto, readCsv } from "./sqlite-csv.js";

interface Statement<Row> {
	run(...values: (string | number)[]): void;
	get(...values: (string | number)[]): Row | undefined;
	all(...values: (string | number)[]): Row[];
	iterate(...values: (string | number)[]): Iterable<Row>;
	pluck(): this;
	raw(): this;
}

interface Sqlite {
	pragma(text: string): unknown;
	exec(text: string): void;
	prepare<Row>(text: string): Statement<Row>;
	transaction<Argument, Result>(work: (argument: Argument) => Result): (argument: Argument) => Result;
	close(): void;
}

export function betterSqlite3(module: Record<string, unknown>): ContenderMaker {
	const Database = module.default as new (file: string) => Sqlite;
	return {
		name: "better-sqlite3",
		async open(directory, { cacheBytes, sync }) {
			const db = new Database(join(directory, "database"));
			db.pragma("journal_mode = WAL");
			db.pragma(`synchronous = ${sync === "commit" ? "FULL" : "NORMAL"}`);
			db.pragma(`cache_size = -${cacheBytes >>> 10}`);
			db.exec("CREATE TABLE IF NOT EXISTS kv (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID");
			const insert = db.prepare<never>("INSERT OR REPLACE INTO kv VALUES (?, ?)");
			const select = db.prepare<string>("SELECT value FROM kv WHERE key = ?").pluck();
			const all = db.prepare<[string, string]>("SELECT key, value FROM kv ORDER BY key").raw();
			const some = db.prepare<[string, string]>("SELECT key, value FROM kv WHERE key >= ? ORDER BY key LIMIT ?").raw();
			const keys = db.prepare<string>("SELECT key FROM kv ORDER BY key").pluck();
			const backwards = db.prepare<[string, string]>("SELECT key, value FROM kv ORDER BY key DESC").raw();
			const insertAll = db.transaction((entries: readonly Entry[]) => {
				for (const { key, value } of entries) insert.run(key, value);
			});
			const selectAll = db.transaction((wanted: readonly string[]) => wanted.map((key) => select.get(key)));
			const put = (key: string, value: string) => insert.run(key, value);
			const get = (key: string) => select.get(key);
			const scan = (visit: Visit, range?: ScanRange) => {
				// Few rows are faster at once, many one by one.
				const rows = range === undefined ? all.iterate() : some.all(range.from, range.limit);
				for (const [key, value] of rows) visit(key, value);
			};
			const scanKeys = (visit: (key: string) => void) => {
				for (const key of keys.iterate()) visit(key);
			};
			return {
				put,
				putSync: put,
				batch: insertAll,
				get,
				getSync: get,
				getMany: selectAll,
				scan,
				scanSync: scan,
				scanKeys,
				scanKeysSync: scanKeys,
				scanReverse(visit) {
					for (const [key, value] of backwards.iterate()) visit(key, value);
				},
				compact: () => db.exec("VACUUM"),
				loadCsv(file, table) {
					db.exec(createTable(table));
					const insertRow = db.prepare<never>(insertInto(table));
					const insertRows = db.transaction((rows: readonly CsvRow[]) => {
						for (const row of rows) insertRow.run(...row);
					});
					return readCsv(file, table, insertRows);
				},
				query(sql) {
					const statement = db.prepare<readonly unknown[]>(sql).raw();
					return (...parameters) => statement.all(...parameters);
				},
				close: () => db.close(),
			};
		},
	};
}
