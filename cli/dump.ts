/** A database as a script of SQL that makes it anew. */

import { WlsmError } from "../host/errors.js";
import { type Database, splitSql } from "../host/index.js";
import { hex, realText, type Value } from "./format/format.js";
import { nearest } from "./nearest.js";

interface SchemaEntry {
	readonly type: string;
	readonly name: string;
	readonly tbl_name: string;
	readonly sql: string | null;
}

interface Column {
	readonly name: string;
	readonly type: string;
	readonly pk: number;
	readonly hidden: number;
}

/**
 * The script, piece by piece, of all there is or of some tables. Schema and rows come in the order in which they were made: each
 * table is filled before its indexes and triggers are there.
 */
export function* dump(db: Database, names: readonly string[]): Generator<string> {
	const schema = schemaOf(db);
	const wanted = names.length === 0 ? undefined : new Set(names.map((name) => nameOf(schema, name)));
	const entries = schema.filter(({ name, tbl_name }) => wanted?.has(name) !== false || wanted.has(tbl_name));
	yield "PRAGMA foreign_keys=OFF;\n";
	if (wanted === undefined) yield* versions(db);
	yield "BEGIN TRANSACTION;\n";
	if (wanted?.has("kv") !== false) yield* inserts(db, "kv", [], '"key", "value"', "key");
	for (const { type, name, sql } of entries) {
		if (sql === null || isInternal(name)) continue;
		yield statement(sql);
		if (type === "table") yield* rowsOf(db, name);
	}
	if (schema.some(({ name }) => name === "sqlite_sequence")) yield* sequences(db, entries);
	// Statistics are made anew: they are as large as the indexes are many.
	if (wanted === undefined && schema.some(({ name }) => name === "sqlite_stat1")) yield "ANALYZE;\n";
	yield "COMMIT;\n";
}

function schemaOf(db: Database): SchemaEntry[] {
	return db.sql
		.prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY rowid")
		.all() as unknown as SchemaEntry[];
}

/** A table's or view's name as it stands in the schema. */
function nameOf(schema: readonly SchemaEntry[], wanted: string): string {
	const same = (name: string) => name.toLowerCase() === wanted.toLowerCase();
	if (same("kv")) return "kv";
	const found = schema.find(
		({ type, name }) => (type === "table" || type === "view") && same(name) && !isInternal(name),
	);
	if (found !== undefined) return found.name;
	const names = schema.filter(({ type, name }) => type === "table" && !isInternal(name)).map(({ name }) => name);
	const near = nearest(wanted, names);
	const all = names.length === 0 ? "there are none" : `there are ${names.slice(0, 50).join(", ")}`;
	const there = near === undefined ? all : `did you mean ${near}?`;
	throw new WlsmError("WLSM_NOT_FOUND", `There is no table ${JSON.stringify(wanted)}; ${there}`);
}

function isInternal(name: string): boolean {
	return /^sqlite_/i.test(name);
}

/** With its end: a definition may itself end with a comment, which would take a semicolon in, or with one that is not closed. */
function statement(sql: string): string {
	const ends = [";\n", "\n;\n", "*/;\n"];
	const end = ends.find((candidate) => splitSql(`${sql}${candidate}SELECT 1;`).length === 2);
	return `${sql}${end ?? "\n;\n"}`;
}

function* versions(db: Database): Generator<string> {
	for (const name of ["application_id", "user_version"]) {
		const value = db.sql.prepare(`PRAGMA ${name}`).pluck().get();
		if (value !== 0) yield `PRAGMA ${name}=${value};\n`;
	}
}

function* rowsOf(db: Database, table: string): Generator<string> {
	const columns = db.sql
		.prepare("SELECT name, type, pk, hidden FROM pragma_table_xinfo(?)")
		.all(table) as unknown as Column[];
	const stored = columns.filter(({ hidden }) => hidden === 0).map(({ name }) => name);
	const rowid = rowidToKeep(db, table, columns);
	const names = [...(rowid === undefined ? [] : [rowid]), ...stored.map(identifier)];
	// Generated columns, and the rowid, are no part of what INSERT takes without names.
	const named = rowid !== undefined || stored.length < columns.length ? names : [];
	yield* inserts(db, table, named, names.join(", "), rowid);
}

/** The name of the rowid where a table has one that is no column, and it is not what new rows get anyway. */
function rowidToKeep(db: Database, table: string, columns: readonly Column[]): string | undefined {
	const taken = new Set(columns.map(({ name }) => name.toLowerCase()));
	const rowid = ["rowid", "_rowid_", "oid"].find((name) => !taken.has(name));
	const keys = columns.filter(({ pk }) => pk > 0);
	const isColumn = keys.length === 1 && keys[0]?.type.toUpperCase() === "INTEGER";
	const without = db.sql
		.prepare("SELECT wr FROM pragma_table_list WHERE schema = 'main' AND name = ?")
		.pluck()
		.get(table);
	if (rowid === undefined || isColumn || without === 1) return undefined;
	const range = `SELECT count(*), coalesce(min(${rowid}), 1), coalesce(max(${rowid}), 0) FROM ${identifier(table)}`;
	const [count, first, last] = db.sql.prepare(range).raw().get() as [number, number, number];
	return first === 1 && last === count ? undefined : rowid;
}

function* inserts(
	db: Database,
	table: string,
	names: readonly string[],
	columns: string,
	order: string | undefined,
): Generator<string> {
	const into = `INSERT INTO ${identifier(table)}${names.length === 0 ? "" : `(${names.join(",")})`} VALUES`;
	const sorted = order === undefined ? "" : ` ORDER BY ${order}`;
	// INTEGERs come as bigints then, and REALs alone as numbers.
	const rows = db.sql
		.prepare(`SELECT ${columns} FROM ${identifier(table)}${sorted}`)
		.safeIntegers()
		.raw()
		.iterate();
	for (const row of rows as Iterable<readonly Value[]>) yield `${into}(${row.map(literal).join(",")});\n`;
}

/** What AUTOINCREMENT has given out. */
function* sequences(db: Database, entries: readonly SchemaEntry[]): Generator<string> {
	const tables = new Set(entries.filter(({ type }) => type === "table").map(({ name }) => name));
	const rows = db.sql.prepare("SELECT name, seq FROM sqlite_sequence ORDER BY rowid").safeIntegers().raw().all();
	for (const row of rows as readonly Value[][]) {
		if (!tables.has(String(row[0]))) continue;
		yield `DELETE FROM sqlite_sequence WHERE name = ${literal(row[0] ?? null)};\n`;
		yield `INSERT INTO sqlite_sequence VALUES(${row.map(literal).join(",")});\n`;
	}
}

function literal(value: Value): string {
	if (value === null) return "NULL";
	if (typeof value === "bigint") return String(value);
	if (typeof value === "number") return realLiteral(value);
	if (typeof value !== "string") return `X'${hex(value)}'`;
	// A NUL would end the text of a statement, and carriage returns do not come through what handles texts line by line.
	if (/[\0\r]/.test(value)) return `CAST(X'${hex(new TextEncoder().encode(value))}' AS TEXT)`;
	return `'${value.replaceAll("'", "''")}'`;
}

function realLiteral(value: number): string {
	if (Number.isFinite(value)) return realText(value);
	return value > 0 ? "9.0e+999" : "-9.0e+999";
}

function identifier(name: string): string {
	return `"${name.replaceAll('"', '""')}"`;
}
