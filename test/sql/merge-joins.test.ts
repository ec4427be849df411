/** Joins of sides that come in the order of an index: SQLite's rows, in the order that is asked for, within little memory too. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openSync, SqlDatabase } from "../../host/index.js";
import type { Collation } from "../../host/sql/value/compare.js";
import { compareValues } from "../../host/sql/value/compare.js";
import { bothKernels } from "../support/kernels.js";
import { MemoryStore } from "../support/memory-store.js";
import { Random } from "../support/random.js";
import { scratchPlace, spillFilesIn } from "../support/scratch.js";
import type { SqliteValue } from "../support/sqlite.js";
import { Sqlite } from "../support/sqlite.js";

/** Many that are equal although they are not the same, and some that compare as their columns say. */
const VALUES = [
	"NULL",
	"0",
	"1",
	"2",
	"2.0",
	"3.5",
	"-1",
	"9007199254740993",
	"9007199254740992.0",
	"'a'",
	"'A'",
	"'b'",
	"''",
];
const OTHERS = ["'2'", "'1.0'", "' 3'", "'a '", "x'61'", "x''", "x'6162'", "'é'"];

/** `a` is converted to numbers, `t` to texts, `n` is equal but for case; `v` is as it was given. */
const COLUMNS = ["a", "t", "n", "v"] as const;
type Column = (typeof COLUMNS)[number];
const COLLATIONS: Record<Column, Collation> = { a: "binary", t: "binary", n: "nocase", v: "binary" };
const ROWS = ["a INT, t TEXT, n TEXT COLLATE NOCASE, v", "o"] as const;
const TABLES = ["p", "q", "w", "u"];

function script(random: Random): string[] {
	const value = () => random.pick(random.once(3) ? OTHERS : VALUES);
	const row = (id: number) => `(${id * 3}, ${value()}, ${value()}, ${value()}, ${value()}, ${random.below(4)})`;
	const rows = (count: number) => Array.from({ length: count }, (_, i) => row(i)).join(", ");
	const columns = ROWS.join(", ");
	const index = (table: string, name: Column) => {
		const direction = random.pick(["", "", " DESC"]);
		const parts = random.once(6) ? `o, ${name}${direction}` : `${name}${direction}, ${random.pick(["o", "o", "v, o"])}`;
		return `CREATE INDEX ${table}_${name} ON ${table} (${parts})`;
	};
	const key = random.pick(COLUMNS);
	return [
		`CREATE TABLE p (id INTEGER PRIMARY KEY, ${columns})`,
		`CREATE TABLE q (id INTEGER PRIMARY KEY, ${columns})`,
		`CREATE TABLE w (id INT, ${columns}, PRIMARY KEY (${key}, id)) WITHOUT ROWID`,
		`CREATE TABLE u (id INT, ${columns}, PRIMARY KEY (${key} DESC, o, id)) WITHOUT ROWID`,
		...TABLES.map((table) => `INSERT OR IGNORE INTO ${table} VALUES ${rows(random.between(5, 30))}`),
		...TABLES.flatMap((table) => COLUMNS.map((name) => index(table, name))),
		...(random.once(4) ? ["ANALYZE"] : []),
	];
}

interface Query {
	readonly text: string;
	/** Of an ORDER BY: the direction, and how the first column is compared. */
	readonly order: { readonly collation: Collation; readonly descending: boolean } | null;
}

function query(random: Random): Query {
	// Also where it does not pay.
	const isHinted = random.once(3);
	const side = (alias: string, column: string) => {
		const table = random.pick(TABLES);
		const pick = random.below(10);
		if (pick === 0) return `(SELECT * FROM ${table} ORDER BY ${column}${random.pick(["", " DESC"])}) AS ${alias}`;
		if (pick === 1)
			return `(SELECT ${column}, count(*) AS o, min(id) AS id FROM ${table} GROUP BY ${column}) AS ${alias}`;
		if (pick === 2) return `(SELECT ${column}, o, id FROM ${table} UNION SELECT ${column}, o, id FROM q) AS ${alias}`;
		const hint = column === "id" || !isHinted ? "" : ` INDEXED BY ${table}_${column}`;
		return `${table} AS ${alias}${hint}`;
	};
	const own = random.once(4) ? "id" : random.pick(COLUMNS);
	const other = random.once(8) ? (random.once(2) ? "id" : random.pick(COLUMNS)) : own;
	const kind = random.pick(["JOIN", "JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"]);
	const more = random.pick([
		"",
		"",
		"",
		" AND x.o = y.o",
		" AND x.o = y.o",
		" AND x.o < y.o",
		" AND y.o > 1",
		` AND x.${own} > 1`,
	]);
	const where = random.once(4)
		? random.pick([" WHERE x.o = 1", ` WHERE x.${own} IS NOT NULL`, " WHERE y.o < 3 AND x.o > 0"])
		: "";
	const from = `${side("x", own)} ${kind} ${side("y", other)} ON x.${own} = y.${other}${more}`;
	const equal = random.pick([`z.${own} = x.${own}`, `z.${other} = y.${other}`, `z.${own} = y.${other}`]);
	const third = random.once(4) ? ` ${random.pick(["JOIN", "LEFT JOIN"])} ${random.pick(TABLES)} AS z ON ${equal}` : "";
	const first = random.once(2) ? `x.${own}` : `y.${other}`;
	const columns = `${first}, x.id, y.id, x.o, y.o${third === "" ? "" : ", z.o"}`;
	if (random.once(8))
		return { text: `SELECT ${first}, count(*), sum(y.o) FROM ${from}${third}${where} GROUP BY 1`, order: null };
	if (random.once(2)) return { text: `SELECT ${columns} FROM ${from}${third}${where}`, order: null };
	const name = first.slice(2) as Column;
	const descending = random.once(3);
	return {
		text: `SELECT ${columns} FROM ${from}${third}${where} ORDER BY 1${descending ? " DESC" : ""}`,
		order: { collation: COLLATIONS[name] ?? "binary", descending },
	};
}

function cell(value: SqliteValue | undefined): string {
	return value instanceof Uint8Array ? `x${Array.from(value).join(" ")}` : `${typeof value} ${value}`;
}

/** In any order. Of values that are equal any may stand for a group. */
function shown(rows: readonly (readonly SqliteValue[])[], isGrouped: boolean): string {
	return rows
		.map((row) =>
			row
				.slice(isGrouped ? 1 : 0)
				.map(cell)
				.join(" | "),
		)
		.sort()
		.join("\n");
}

/** Of 300 queries over each of some databases: how many were merged. */
function compared(seed: number, queries: number, open: () => SqlDatabase, check: () => void = () => {}): number {
	const random = new Random(seed);
	const sqlite = new Sqlite();
	const sql = open();
	for (const text of script(random)) {
		sqlite.run(text);
		sql.exec(text);
	}
	let merged = 0;
	for (let i = 0; i < queries; i++) {
		const { text, order } = query(random);
		const plan = sql.explain(text);
		const about = `seed ${seed}: ${text}\n${plan}`;
		const rows = sql.prepare(text).raw().safeIntegers().all() as SqliteValue[][];
		const isGrouped = / GROUP BY 1$/.test(text);
		assert.is(shown(rows, isGrouped), shown(sqlite.run(text).rows, isGrouped), about);
		for (let at = 1; order !== null && at < rows.length; at++) {
			const [before, after] = [rows[at - 1]?.[0] ?? null, rows[at]?.[0] ?? null];
			const found = compareValues(before, after, order.collation);
			assert.ok(order.descending ? found >= 0 : found <= 0, about);
		}
		if (/erge join on .*, in order/.test(plan)) merged++;
		check();
	}
	sqlite.close();
	return merged;
}

const test = suite("joins of sides that come in order");

test("random joins have SQLite's rows", () => {
	let merged = 0;
	for (let seed = 1; seed <= 16; seed++) merged += compared(seed, 50, () => new SqlDatabase(new MemoryStore()));
	assert.ok(merged > 100, `only ${merged} queries were merged`);
});

for (const memoryBytes of [1, 1500]) {
	test(`the same within ${memoryBytes} bytes`, () => {
		const place = scratchPlace();
		const open = () => new SqlDatabase(new MemoryStore(), { memoryBytes, scratch: place.scratch });
		let merged = 0;
		for (let seed = 50; seed < 54; seed++) merged += compared(seed, 50, open, place.checkEmpty);
		assert.ok(merged > 20, `only ${merged} queries were merged`);
		assert.ok(place.changes > 0);
	});
}

bothKernels(test, "the same over the engine, in memory and on disk", (kernel) => {
	const directory = mkdtempSync(path.join(tmpdir(), "wlsm-merge-"));
	for (const place of [":memory:", directory]) {
		const db = openSync(place, { kernel, memtableBytes: 16 << 10, sqlMemoryBytes: 2000 });
		assert.ok(compared(76, 50, () => db.sql) > 5);
		db.closeSync();
	}
	assert.equal(spillFilesIn(directory), []);
	rmSync(directory, { recursive: true });
});

test.run();
