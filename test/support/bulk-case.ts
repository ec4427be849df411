/* Files that are large enough to be loaded by threads, and their loads both ways. */

import { mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import * as assert from "uvu/assert";
import { type Database, open } from "../../host/index.js";
import { type LoadOptions, loadCsv } from "../../host/load/index.js";
import type { Random } from "./random.js";

export const ROWS = 8000;
/** The row from which on there is what nobody has seen who looked at the beginning only. */
export const LATE = 2400;

/** Some five megabytes, so that there are several parts. */
export function content(random: Random, line: (i: number, random: Random) => string): string {
	return `id,name,price,note\n${Array.from({ length: ROWS }, (_, i) => line(i, random)).join("\n")}\n`;
}

export function plain(i: number, random: Random): string {
	const note = random.once(5)
		? `"quoted, ${i}\nand ""so"" on, for quite a while"`
		: `a note that is not quoted ${i} été`;
	return `${i},name ${random.below(1000)},${random.below(100_000) / 8},${note} ${random.once(3) ? "" : "and more of it ".repeat(75)}`
		.replace('while" ', 'while"')
		.replace(/"and more.*/, '"');
}

/**
 * Both ways: what they say, and what is there then. Answers whether the one was in bulk: its rows are in tables then. `mayRepeat`: it
 * may leave the file to INSERT.
 */
export async function bothWays(
	directory: string,
	text: string,
	options: LoadOptions,
	before: (db: Database) => unknown = () => {},
	mayRepeat = false,
): Promise<boolean> {
	let inBulk = false;
	mkdirSync(directory, { recursive: true });
	const file = path.join(directory, "in.csv");
	writeFileSync(file, text);
	const results: unknown[] = [];
	for (const way of ["bulk", "row by row"] as const) {
		// So little memory for SQL that the entries of an index are several runs.
		const opening = { kernel: way === "bulk" ? "wasm" : "ts", sqlMemoryBytes: 64 << 10 } as const;
		const db = await open(path.join(directory, way), opening);
		before(db);
		const isThere = db.sql.prepare("SELECT 1 FROM sqlite_schema WHERE name = 't'").get() !== undefined;
		const earlier = isThere ? (db.sql.prepare("SELECT count(*) FROM t").pluck().get() as number) : 0;
		const rejects = path.join(directory, "rejects.csv");
		const { milliseconds: _, ...summary } = await loadCsv(db, file, { table: "t", parallel: 3, rejects, ...options });
		const rows = db.sql.prepare("SELECT * FROM t ORDER BY rowid").raw().all();
		const { sql } = db.sql.prepare("SELECT sql FROM sqlite_schema WHERE name = 't'").get() as { sql: string };
		// Of a record as a whole, the one shows its bytes, the other its fields as it has understood them.
		const said = db.sql
			.prepare(
				`SELECT line, offset, "column", iif("column" = '', '', value) AS value, reason, record FROM read_csv('${rejects}', types = '{"value": "text", "record": "text"}')`,
			)
			.all();
		const firstRejected = summary.firstRejected.map(({ value, ...row }) =>
			row.column === "" ? row : { ...row, value },
		);
		results.push({ summary: { ...summary, firstRejected }, rows, sql, said });
		// Rows that are sorted may become a single table.
		const least = options.primaryKey === undefined ? 2 : options.onConflict === undefined ? 0 : 1;
		const { levels } = await db.stats();
		if (way === "bulk" && options.ifExists !== "append" && !mayRepeat)
			assert.ok((levels.at(-1)?.files ?? 0) >= least, "it went by way of tables");
		// What was there before may have been flushed.
		if (way === "bulk") inBulk = levels.reduce((sum, { entries }) => sum + entries, 0) > earlier + ROWS / 4;
		assert.equal((await db.verify()).problems, []);
		const more = options.primaryKey === undefined && options.ifExists !== "append" ? 3 : 0;
		db.sql.exec(`INSERT INTO t SELECT * FROM t ORDER BY rowid DESC LIMIT ${more}`);
		assert.equal(db.sql.prepare("SELECT count(*) FROM t").pluck().get(), rows.length + more);
		await db.close();
		const again = await open(path.join(directory, way));
		assert.equal(again.sql.prepare("SELECT count(*) FROM t").pluck().get(), rows.length + more);
		assert.equal(again.sql.prepare("PRAGMA integrity_check").pluck().get(), "ok");
		await again.close();
	}
	assert.equal(results[0], results[1]);
	return inBulk;
}

/** A number's digits in another order, so that the numbers below 100,000 come in no order. */
export const shuffledNumber = (i: number) => (i * 7919) % 100_003;

/** Each number below 6100 once and some of them twice, in no order. */
export const repeating = (i: number, random: Random) =>
	plain(i, random).replace(/^\d+/, random.once(200) ? "x" : String(shuffledNumber(i) % 6100));
