/* The SQL engines that bench/sql.ts compares: each over a file of its own in a directory, with the same room for its cache. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { open } from "../../host/index.js";
import { loadPeer, peersDirectory } from "../support.js";

export type Row = readonly unknown[];

/** A statement that was prepared: rows as arrays. */
export type Ask = (...parameters: readonly unknown[]) => Promise<readonly Row[]> | readonly Row[];

export interface SqlEngine {
	exec(sql: string): Promise<void> | void;
	/** A CSV file with a header into a table that is there already. */
	load(table: string, file: string): Promise<void>;
	prepare(sql: string): Promise<Ask> | Ask;
	/** Rows by one prepared INSERT, in transactions of so many; undefined where the engine is not made for it. */
	insert?(sql: string, rows: readonly Row[], perTransaction: number): void;
	close(): Promise<void> | void;
}

export const SQL_ENGINES = ["wlsm", "better-sqlite3", "duckdb"] as const;
export type SqlEngineName = (typeof SQL_ENGINES)[number];

/** undefined where its package is not installed. */
export async function openEngine(
	name: SqlEngineName,
	directory: string,
	cacheBytes: number,
): Promise<SqlEngine | undefined> {
	switch (name) {
		case "wlsm":
			return wlsm(directory, cacheBytes);
		case "better-sqlite3":
			return betterSqlite3(directory, cacheBytes);
		case "duckdb":
			return duckdb(directory);
	}
}

/** What both of those can do that prepare statements and run them at once. */
interface SynchronousSql {
	exec(sql: string): unknown;
	prepare(sql: string): { run(...parameters: readonly unknown[]): unknown };
}

function insertInTransactions(sql: SynchronousSql, text: string, rows: readonly Row[], perTransaction: number): void {
	const statement = sql.prepare(text);
	for (let from = 0; from < rows.length; from += perTransaction) {
		sql.exec("BEGIN");
		for (const row of rows.slice(from, from + perTransaction)) statement.run(...row);
		sql.exec("COMMIT");
	}
}

async function wlsm(directory: string, blockCacheBytes: number): Promise<SqlEngine> {
	const db = await open(join(directory, "wlsm"), { blockCacheBytes });
	const { sql } = db;
	return {
		exec: (text) => {
			sql.exec(text);
		},
		load: async (table, file) => {
			sql.exec(`INSERT INTO ${table} SELECT * FROM read_csv('${file}')`);
			await db.flush();
			await db.compact();
		},
		prepare: (text) => {
			const statement = sql.prepare(text).raw();
			return (...parameters) => statement.all(...parameters) as Row[];
		},
		insert: (...job) => insertInTransactions(sql, ...job),
		close: () => db.close(),
	};
}

interface SqliteStatement {
	raw(): SqliteStatement;
	all(...parameters: readonly unknown[]): Row[];
	run(...parameters: readonly unknown[]): void;
}

interface SqliteDatabase {
	exec(sql: string): void;
	pragma(text: string): void;
	prepare(sql: string): SqliteStatement;
	close(): void;
}

async function betterSqlite3(directory: string, cacheBytes: number): Promise<SqlEngine | undefined> {
	const peer = await loadPeer("better-sqlite3", peersDirectory);
	if (peer === undefined) return undefined;
	const Database = peer.default as new (path: string) => SqliteDatabase;
	const db = new Database(join(directory, "sqlite.db"));
	db.pragma("journal_mode = wal");
	db.pragma("synchronous = off");
	db.pragma(`cache_size = ${-Math.floor(cacheBytes / 1024)}`);
	const engine: SqlEngine = {
		exec: (text) => db.exec(text),
		load: async (table, file) => {
			const [header = "", ...lines] = readFileSync(file, "utf8").trimEnd().split("\n");
			const statement = db.prepare(`INSERT INTO ${table} VALUES (${header.replace(/[^,]+/g, "?")})`);
			db.exec("BEGIN");
			for (const line of lines) statement.run(...line.split(","));
			db.exec("COMMIT");
			db.pragma("wal_checkpoint(truncate)");
		},
		prepare: (text) => {
			const statement = db.prepare(text).raw();
			return (...parameters) => statement.all(...parameters);
		},
		insert: (...job) => insertInTransactions(db, ...job),
		close: () => db.close(),
	};
	return engine;
}

interface DuckReader {
	getRowsJS(): Row[];
}

interface DuckStatement {
	bind(values: readonly unknown[]): void;
	runAndReadAll(): Promise<DuckReader>;
}

interface DuckConnection {
	run(sql: string): Promise<unknown>;
	prepare(sql: string): Promise<DuckStatement>;
	closeSync(): void;
}

interface DuckModule {
	readonly DuckDBInstance: { create(path: string): Promise<{ connect(): Promise<DuckConnection>; closeSync(): void }> };
}

async function duckdb(directory: string): Promise<SqlEngine | undefined> {
	const peer = await loadPeer("@duckdb/node-api", peersDirectory);
	if (peer === undefined) return undefined;
	const { DuckDBInstance } = peer as unknown as DuckModule;
	const instance = await DuckDBInstance.create(join(directory, "duck.db"));
	const connection = await instance.connect();
	return {
		exec: async (text) => {
			await connection.run(text);
		},
		load: async (table, file) => {
			await connection.run(`INSERT INTO ${table} SELECT * FROM read_csv('${file}')`);
			await connection.run("CHECKPOINT");
		},
		prepare: async (text) => {
			const statement = await connection.prepare(text);
			return async (...parameters) => {
				statement.bind(parameters);
				return (await statement.runAndReadAll()).getRowsJS();
			};
		},
		close: () => {
			connection.closeSync();
			instance.closeSync();
		},
	};
}
