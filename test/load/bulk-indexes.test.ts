/* Loads by threads into tables with indexes, against the same file loaded row by row. */

import { readdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { open } from "../../host/index.js";
import { type ConflictChoice, type LoadOptions, loadCsv } from "../../host/load/index.js";
import { bothWays, content, LATE, plain, ROWS, shuffledNumber } from "../support/bulk-case.js";
import { hasOnlyItsTables, rejected, withDirectory } from "../support/database.js";
import { Random } from "../support/random.js";

const test = suite("bulk loads and indexes");

const CHOICES: readonly (ConflictChoice | undefined)[] = [undefined, "reject", "replace", "ignore"];

/** A line whose first two fields are unique, unless `repeats`. */
function keyed(i: number, random: Random, repeats: boolean): string {
	const line = plain(i, random);
	const number = repeats && random.once(120) ? random.below(ROWS) : shuffledNumber(i);
	const rest = line.slice(line.indexOf(",", line.indexOf(",") + 1));
	return `${i},"${random.pick(["é", "k", '""'])} ${number}"${rest}`;
}

test("a primary key of texts, and of numbers that are no integers", () =>
	withDirectory(async (directory) => {
		const texts: Record<string, (i: number, random: Random) => string> = {
			unique: (i, random) => keyed(i, random, false),
			empty: (i, random) =>
				keyed(i, random, false).replace(/"[^,]*"/, (key) =>
					i > LATE && random.once(120)
						? random.pick(["", "NULL", '""'])
						: random.once(9)
							? '"NULL"'.replace("NULL", `${i}`)
							: key,
				),
			repeated: (i, random) => keyed(i, random, i > 2 * LATE),
		};
		for (const [name, line] of Object.entries(texts)) {
			for (const onConflict of name === "repeated" ? CHOICES : CHOICES.slice(0, 1)) {
				const options: LoadOptions = { primaryKey: "name", nullValues: ["NULL"], ...(onConflict && { onConflict }) };
				const where = path.join(directory, `${name} ${onConflict}`);
				await bothWays(where, content(new Random(1), line), options, undefined, name === "repeated");
			}
		}
		const reals = content(new Random(2), (i, random) => {
			const number = shuffledNumber(i) / 4;
			return plain(i, random).replace(/^(\d+,[^,]*),[^,]*/, `$1,${i > LATE && random.once(120) ? "" : number}`);
		});
		await bothWays(path.join(directory, "reals"), reals, { primaryKey: "price" });
		await bothWays(
			path.join(directory, "widened"),
			reals.replace(/6000,name \d+,[^,]*/, "6000,name 1,late"),
			{
				primaryKey: "price",
				ifExists: "replace",
			},
			(db) => db.sql.exec("CREATE TABLE t (old UNIQUE); INSERT INTO t VALUES (1), (2)"),
		);
	}));

const PARTS = [
	"name",
	"name COLLATE NOCASE",
	"price DESC",
	"id",
	"length(note)",
	"note",
	"price + id",
	"name || id DESC",
];
const WHERES = ["price > 100", "name IS NOT NULL", "id % 3 = 1", "note LIKE '%quoted%'"];

function someIndex(random: Random, number: number): string {
	const isUnique = random.once(3);
	const parts = Array.from({ length: random.between(1, 3) }, () => random.pick(PARTS));
	if (isUnique) parts.unshift(random.pick(["id", "name"]));
	const where = random.once(3) ? ` WHERE ${random.pick(WHERES)}` : "";
	return `CREATE ${isUnique ? "UNIQUE " : ""}INDEX i${number} ON t (${parts.join(", ")})${where};`;
}

function someTable(random: Random): string {
	const id = random.pick(["INTEGER", "INTEGER PRIMARY KEY", "INTEGER NOT NULL UNIQUE"]);
	const name = random.pick(["TEXT", "TEXT PRIMARY KEY", "TEXT UNIQUE COLLATE NOCASE", "TEXT NOT NULL"]);
	const both = /PRIMARY/.test(id) && /PRIMARY/.test(name) ? "TEXT" : name;
	const indexes = Array.from({ length: random.between(0, 3) }, (_, i) => someIndex(random, i));
	return `CREATE TABLE t (id ${id}, name ${both}, price REAL${random.pick(["", " NOT NULL"])}, note TEXT); ${indexes.join(" ")}`;
}

test("any tables that get more rows", () =>
	withDirectory(async (directory) => {
		let inBulk = 0;
		const seeds = 8;
		for (let seed = 1; seed <= seeds; seed++) {
			const random = new Random(seed);
			const [repeats, hasNulls] = [random.once(3), random.once(3)];
			const text = content(random, (i, random) => {
				const line = keyed(i, random, repeats);
				return hasNulls && random.once(200) ? line.replace(/^\d+|"[^,]*"/, random.pick(["", "NULL"])) : line;
			});
			const table = someTable(random);
			const before = random.pick([
				"",
				"INSERT INTO t VALUES (-1, 'before', 1, 'x'), (-2, 'Before 2', 101, NULL);",
				`INSERT INTO t VALUES (${ROWS + 5}, 'k 3', 2, '');`,
			]);
			const onConflict = random.pick(CHOICES);
			const options: LoadOptions = { ifExists: "append", nullValues: ["NULL"], ...(onConflict && { onConflict }) };
			const where = path.join(directory, String(seed));
			try {
				if (await bothWays(where, text, options, (db) => db.sql.exec(table + before))) inBulk++;
			} catch (error) {
				throw new Error(
					`seed ${seed}, ${table} ${before}: ${String(error)} ${(error as { details?: string }).details}`,
					{ cause: error },
				);
			}
		}
		assert.ok(inBulk > seeds / 4 && inBulk < seeds, `${inBulk} of ${seeds} went by way of tables`);
	}));

test("a row that is replaced takes its part in no conflict any more", () =>
	withDirectory(async (directory) => {
		const line = (i: number, random: Random) => {
			const rest = plain(i, random).replace(/^\d+,[^,]*/, "");
			if (i === 100) return `1000000,x${rest}`;
			if (i === 101) return `1000001,x${rest}`;
			return i === 102 ? `1000001,z${rest}` : `${i},name ${i}${rest}`;
		};
		for (const onConflict of CHOICES) {
			const options: LoadOptions = { ifExists: "append", ...(onConflict && { onConflict }) };
			const wasBulk = await bothWays(
				path.join(directory, String(onConflict)),
				content(new Random(5), line),
				options,
				(db) => db.sql.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT UNIQUE, price REAL, note TEXT)"),
			);
			assert.is(wasBulk, false);
		}
	}));

const TABLE = "CREATE TABLE t (id INTEGER, name TEXT UNIQUE, price REAL, note TEXT); CREATE INDEX i ON t (price, name)";

/** Does something once, when the threads have made most rows, which have not entered yet. */
function onceMade(work: () => void): NonNullable<LoadOptions["onProgress"]> {
	let done = false;
	return ({ rows }) => {
		if (done || rows < ROWS / 2) return;
		done = true;
		work();
	};
}

/** What others do while the file is loaded, once, and how many rows are there then. */
const MEANWHILE: Record<string, readonly [sql: string, rows: number, rejected: number]> = {
	"a row behind all": ["INSERT INTO t (rowid, name) VALUES (1000000, 'mine')", ROWS + 2, 0],
	"a row between them": ["INSERT INTO t (rowid, name) VALUES (500, 'mine')", ROWS + 2, 0],
	"a row with a name that is in the file": ["INSERT INTO t (rowid, name) VALUES (-5, 'k 7919')", ROWS + 1, 1],
	"a row with a name that comes late": ["INSERT INTO t (rowid, name) VALUES (-5, 'k 42182')", ROWS + 1, 1],
	"a row that went": ["DELETE FROM t WHERE name = 'k 15838'", ROWS, 0],
	"another index": ["CREATE INDEX j ON t (note COLLATE NOCASE DESC) WHERE id > 5", ROWS + 1, 0],
	"a unique index": ["CREATE UNIQUE INDEX j ON t (id)", ROWS + 1, 0],
	"an index that went": ["DROP INDEX i", ROWS + 1, 0],
	"a check": [
		"ALTER TABLE t RENAME TO u; CREATE TABLE t (id INTEGER CHECK (id < 10), name TEXT, price REAL, note TEXT)",
		10,
		ROWS - 10,
	],
};

test("what others do meanwhile counts", () =>
	withDirectory(async (directory) => {
		const line = (i: number, random: Random) => plain(i, random).replace(/name \d+/, `k ${shuffledNumber(i)}`);
		const file = path.join(directory, "in.csv");
		for (const [name, [sql, rows, refused]] of Object.entries(MEANWHILE)) {
			const isThere = name === "a row that went";
			writeFileSync(file, content(new Random(3), line));
			const where = path.join(directory, name);
			const db = await open(where, { sqlMemoryBytes: 64 << 10 });
			db.sql.exec(`${TABLE}; INSERT INTO t VALUES (-1, '${isThere ? "k 15838" : "before"}', 1, '')`);
			const onProgress = onceMade(() => db.sql.exec(sql));
			const summary = await loadCsv(db, file, { table: "t", ifExists: "append", parallel: 2, onProgress });
			assert.is(summary.rejected, refused, name);
			assert.is(db.sql.prepare("SELECT count(*) FROM t").pluck().get(), rows, name);
			assert.is(db.sql.pragma("integrity_check", { simple: true }), "ok", name);
			assert.equal((await db.verify()).problems, []);
			await hasOnlyItsTables(db, () => readdirSync(where));
			await db.close();
		}
	}));

test("an index that comes while rows are to replace others has no entries of these", () =>
	withDirectory(async (directory) => {
		const file = path.join(directory, "in.csv");
		writeFileSync(file, content(new Random(6), plain));
		const db = await open(path.join(directory, "db"));
		db.sql.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, price REAL, note TEXT)");
		db.sql.exec("INSERT INTO t VALUES (7, 'old', 1, ''), (8, 'old', 2, '')");
		const options = { table: "t", ifExists: "append", onConflict: "replace", parallel: 2 } as const;
		const onProgress = onceMade(() => db.sql.exec("CREATE INDEX i ON t (name)"));
		const summary = await loadCsv(db, file, { ...options, onProgress });
		assert.equal([summary.loaded, summary.replaced], [ROWS, 2]);
		assert.is(db.sql.prepare("SELECT count(*) FROM t INDEXED BY i WHERE name = 'old'").pluck().get(), 0);
		assert.is(db.sql.pragma("integrity_check", { simple: true }), "ok");
		await db.close();
	}));

test("loads that end early leave the table as it was", () =>
	withDirectory(async (directory) => {
		const file = path.join(directory, "in.csv");
		writeFileSync(
			file,
			content(new Random(4), (i, random) => keyed(i, random, false)),
		);
		const where = path.join(directory, "db");
		const db = await open(where);
		db.sql.exec(`${TABLE}; INSERT INTO t VALUES (-1, 'before', 1, '')`);
		for (const options of [
			{ ifExists: "append", table: "t" },
			{ primaryKey: "name", table: "fresh" },
		] as const) {
			for (const after of [0, 2, 5]) {
				const controller = new AbortController();
				let calls = 0;
				const onProgress = () => {
					if (calls++ === after) controller.abort();
				};
				const { signal } = controller;
				try {
					await loadCsv(db, file, { ...options, parallel: 2, signal, onProgress });
					assert.ok(!signal.aborted, "it was over before");
					db.sql.exec("DELETE FROM t WHERE id >= 0; DROP TABLE IF EXISTS fresh");
				} catch (error) {
					assert.is((error as Error).name, "AbortError", String(error));
				}
				assert.equal(db.sql.prepare("SELECT name FROM t").pluck().all(), ["before"]);
				assert.equal(db.sql.prepare("SELECT count(*) FROM sqlite_schema").pluck().get(), 3);
				assert.is(db.sql.pragma("integrity_check", { simple: true }), "ok");
				await hasOnlyItsTables(db, () => readdirSync(where));
			}
		}
		const load = () => loadCsv(db, file, { table: "t", ifExists: "append", parallel: 2 });
		await Promise.all([rejected(load, "WLSM_CLOSED"), sleep(30).then(() => db.close())]);
		const again = await open(where);
		assert.equal(again.sql.prepare("SELECT name FROM t").pluck().all(), ["before"]);
		assert.is(again.sql.pragma("integrity_check", { simple: true }), "ok");
		await again.close();
	}));

test.run();
