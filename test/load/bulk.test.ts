/* Files that are large enough to be loaded by threads that make tables of them, against the same file loaded row by row. */

import { createReadStream, existsSync, readdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Database, open } from "../../host/index.js";
import { type LoadOptions, loadCsv, TooManyRejectsError } from "../../host/load/index.js";
import { bothWays, content, LATE, plain, ROWS, repeating, shuffledNumber } from "../support/bulk-case.js";
import { rejected, withDirectory } from "../support/database.js";
import { Random } from "../support/random.js";

const test = suite("bulk loads");

test("clean files, with a header and without one", () =>
	withDirectory(async (directory) => {
		const text = content(new Random(1), plain);
		await bothWays(path.join(directory), text, {});
		await bothWays(path.join(directory), text.slice(text.indexOf("\n") + 1), {
			header: false,
			table: "t",
			ifExists: "replace",
		});
	}));

test("rejected rows are the same, and in the same order", () =>
	withDirectory(async (directory) => {
		const text = content(new Random(2), (i, random) => {
			if (i > LATE && random.once(120)) {
				return random.pick([
					`${i},too few`,
					`x,name,1,`,
					`${i},n"ame,1,`,
					`${i},name,1.5.5,`,
					`${i},"name"x,1,`,
					"",
					"1,2,3,4,5",
				]);
			}
			return plain(i, random);
		});
		await bothWays(directory, text, { types: { id: "integer", price: "real" } });
	}));

test("columns become wider, and a table is replaced", () =>
	withDirectory(async (directory) => {
		const text = content(new Random(3), (i, random) => {
			if (i === 16_000) return `1.5,name,1,`;
			if (i === 12_000) return `${i},name,none,`;
			return plain(i, random);
		});
		await bothWays(directory, text, { ifExists: "replace" }, (db) => {
			db.sql.exec("CREATE TABLE t (old); INSERT INTO t VALUES (1); CREATE INDEX t_old ON t (old)");
		});
	}));

test("rows are appended to a table", () =>
	withDirectory(async (directory) => {
		const columns = "id INTEGER, name TEXT, price REAL, note TEXT";
		const row = "1, 'old', 2.5, 'here before'";
		const tables: Record<string, string> = {
			plain: `CREATE TABLE t (${columns}); INSERT INTO t VALUES (${row}); DELETE FROM t; INSERT INTO t (rowid, id) VALUES (77, 9)`,
			empty: `CREATE TABLE t (${columns})`,
			"with rows before": `CREATE TABLE t (${columns.replace("INTEGER", "INTEGER PRIMARY KEY")}); INSERT INTO t VALUES (-${row})`,
			"with some of the rows": `CREATE TABLE t (${columns.replace("INTEGER", "INTEGER PRIMARY KEY")}); INSERT INTO t VALUES (${row})`,
			"with columns that make numbers of what looks like one": `CREATE TABLE t (id INTEGER, name TIMESTAMP, price REAL, note)`,
			"with numbers in such columns": `CREATE TABLE t (id INTEGER, name TEXT, price DECIMAL(9, 2), note TEXT)`,
			"with a late number in such a column": `CREATE TABLE t (id INTEGER, name TIMESTAMP, price REAL, note)`,
			"with an index": `CREATE TABLE t (${columns}); INSERT INTO t VALUES (${row}); CREATE INDEX t_name ON t (name)`,
			"with a check": `CREATE TABLE t (${columns}, CHECK (price < 12000))`,
			"with other columns": `CREATE TABLE t (note TEXT, name TEXT, id INTEGER, price REAL, more DEFAULT 'd')`,
		};
		const inBulk = new Set([
			"plain",
			"empty",
			"with rows before",
			"with columns that make numbers of what looks like one",
			"with an index",
		]);
		for (const [name, sql] of Object.entries(tables)) {
			const line = (i: number, random: Random) => {
				if (name.includes("late") && i === 2 * LATE) return `${i}, 12e1 ,1,`;
				return random.once(2000) ? `${i},name,no number,` : plain(i, random);
			};
			const text = content(new Random(8), line);
			const options: LoadOptions = { ifExists: "append" };
			const wasBulk = await bothWays(path.join(directory, name), text, options, (db) => db.sql.exec(sql));
			assert.is(wasBulk, inBulk.has(name), name);
		}
	}));

test("rows that others insert meanwhile keep their rowids", () =>
	withText(async (db, file) => {
		db.sql.exec("CREATE TABLE t (id INTEGER, name TEXT, price REAL, note TEXT)");
		let writes = 0;
		const timer = setInterval(() => {
			if (writes < 3) db.sql.exec(`INSERT INTO t (rowid, name) VALUES (${++writes}, 'mine')`);
		}, 20);
		const summary = await loadCsv(db, file, { table: "t", ifExists: "append", parallel: 2 });
		clearInterval(timer);
		assert.is(summary.loaded, ROWS);
		assert.ok(writes > 0);
		assert.equal(db.sql.prepare("SELECT count(*), count(id) FROM t").raw().get(), [ROWS + writes, ROWS]);
		assert.equal(db.sql.prepare("SELECT rowid FROM t WHERE name = 'mine'").pluck().all(), [1, 2, 3].slice(0, writes));
	}));

test("a primary key in the order of the file, in another order, and one that is there twice", () =>
	withDirectory(async (directory) => {
		const lines: Record<string, (i: number, random: Random) => string> = {
			ascending: plain,
			descending: (i, random) => plain(i, random).replace(/^\d+/, String(-i)),
			shuffled: (i, random) => plain(i, random).replace(/^\d+/, i === 9 ? "" : String(shuffledNumber(i) * 2 ** 33)),
			repeated: (i, random) => plain(i, random).replace(/^\d+/, String(i % 19_990)),
			"not all integers": (i, random) => plain(i, random).replace(/^\d+/, i > 16_000 ? `k${i}` : String(i)),
		};
		for (const [name, line] of Object.entries(lines)) {
			await bothWays(path.join(directory), content(new Random(6), line), { primaryKey: "id", ifExists: "replace" });
			assert.ok(name !== "");
		}
	}));

test("a load that a taken key fails names its line, and leaves nothing", () =>
	withText(
		async (db, file, directory) => {
			const options: LoadOptions = { table: "t", primaryKey: "id", types: { id: "integer" }, onConflict: "fail" };
			const messages: string[] = [];
			const twin = await open(":memory:", { kernel: "ts" });
			for (const one of [db, twin]) {
				const error = await rejected(() => loadCsv(one, file, options), "WLSM_INVALID_ARGUMENT");
				messages.push((error as Error).message);
			}
			await twin.close();
			assert.is(messages[0], messages[1]);
			assert.match(messages[0] ?? "", /in\.csv, line \d+: UNIQUE constraint failed: t\.id/);
			nothingIsLeft(db, directory);
		},
		content(new Random(9), repeating),
	));

test("pairs in any order, over what is there, of which the last one with a key counts", () =>
	withDirectory(async (directory) => {
		const file = path.join(directory, "in.csv");
		const line = (i: number, random: Random) => {
			if (random.once(2000))
				return random.pick([
					`,value`,
					`NULL,value`,
					`k,NULL`,
					`"NULL",value`,
					`"x" y,value`,
					`${"k".repeat(70_000)},value`,
					"only one",
				]);
			return `key ${shuffledNumber(i) % 6100} ${random.once(50) ? '"' : "é"},${plain(i, random).split(",")[3] ?? ""}`.replace(
				/^key .*"/,
				'"key ""quoted"""',
			);
		};
		writeFileSync(file, content(new Random(7), line).replace(/^.*\n/, "k,v\n"));
		const results: unknown[] = [];
		for (const kernel of ["wasm", "ts"] as const) {
			const db = await open(path.join(directory, kernel), { kernel });
			await db.batch([
				{ type: "put", key: "key 7 é", value: "old" },
				{ type: "put", key: "another", value: "stays" },
			]);
			const before = db.snapshot();
			const {
				milliseconds: _,
				firstRejected,
				...summary
			} = await loadCsv(db, file, { schema: ["k", "v"], nullValues: ["NULL"], parallel: 3 });
			assert.equal([...before.keys()].length, 2);
			before[Symbol.dispose]();
			db.putSync("afterwards", "seen");
			results.push({
				summary,
				entries: [...db.entries()],
				rejected: firstRejected.map(({ line, reason }) => [line, reason]),
			});
			assert.equal((await db.verify()).problems, []);
			await db.close();
		}
		assert.equal(results[0], results[1]);
	}));

test("a quote that is never closed", () =>
	withDirectory(async (directory) => {
		await bothWays(directory, `${content(new Random(4), plain)}1,"open,2,3\n4,5,6,7\n`, {});
	}));

function strays(directory: string): string[] {
	return readdirSync(directory).filter((name) => name.endsWith(".sst") || name.endsWith(".tmp"));
}

async function withText(
	work: (db: Database, file: string, directory: string) => Promise<void>,
	text = content(new Random(5), plain),
): Promise<void> {
	await withDirectory(async (directory) => {
		const file = path.join(directory, "in.csv");
		writeFileSync(file, text);
		const db = await open(path.join(directory, "db"));
		try {
			await work(db, file, path.join(directory, "db"));
		} finally {
			await db.close();
		}
	});
}

const nothingIsLeft = (db: Database, directory: string) => {
	assert.equal(
		db.sql.prepare("SELECT name FROM sqlite_schema UNION ALL SELECT name FROM sqlite_temp_schema").all(),
		[],
	);
	assert.equal(strays(directory), []);
};

test("too many rejected rows undo all", () =>
	withText(async (db, file, directory) => {
		const options: LoadOptions = { table: "t", types: { name: "integer" }, maxErrors: 5, parallel: 3 };
		const error = await rejected(() => loadCsv(db, file, options), "WLSM_INVALID_ARGUMENT");
		assert.instance(error, TooManyRejectsError);
		assert.is((error as TooManyRejectsError).firstRejected[0]?.column, "name");
		nothingIsLeft(db, directory);
	}));

test("an abort undoes all", () =>
	withText(async (db, file, directory) => {
		for (const when of ["at once", "under way"]) {
			const controller = new AbortController();
			const reason = new Error("enough");
			const onProgress = () => controller.abort(reason);
			if (when === "at once") setTimeout(onProgress, 1);
			try {
				await loadCsv(db, file, { table: "t", parallel: 3, signal: controller.signal, onProgress });
				assert.unreachable("it is aborted");
			} catch (error) {
				assert.is(error, reason);
			}
			nothingIsLeft(db, directory);
		}
		// What whoever looks on throws ends it as well.
		const onProgress = () => {
			throw new RangeError("no more");
		};
		try {
			await loadCsv(db, file, { table: "t", parallel: 3, onProgress });
			assert.unreachable("it ends");
		} catch (error) {
			assert.is((error as Error).message, "no more");
		}
		nothingIsLeft(db, directory);
		await loadCsv(db, file, { table: "t", parallel: 2 });
		assert.is(db.sql.prepare("SELECT count(*) FROM t").pluck().get(), ROWS);
	}));

test("closing the database ends the load", () =>
	withText(async (db, file, directory) => {
		const loading = rejected(() => loadCsv(db, file, { table: "t", parallel: 2 }), "WLSM_CLOSED");
		await new Promise((resolve) => setTimeout(resolve, 60));
		await db.close();
		await loading;
		const again = await open(directory);
		nothingIsLeft(again, directory);
		await again.close();
	}));

test("streams, and a table that others write beside", () =>
	withText(async (db, file) => {
		db.sql.exec("CREATE TABLE other (x)");
		let writes = 0;
		const timer = setInterval(() => {
			db.sql.exec("INSERT INTO other VALUES (1)");
			db.putSync(`k${writes++}`, "v");
		}, 1);
		const summary = await loadCsv(db, createReadStream(file), { table: "t", parallel: 2 });
		clearInterval(timer);
		assert.is(summary.loaded, ROWS);
		assert.is(db.sql.prepare("SELECT count(*) FROM t").pluck().get(), ROWS);
		assert.is(db.sql.prepare("SELECT count(*) FROM other").pluck().get(), writes);
		assert.is([...db.keys()].length, writes);
		assert.ok(existsSync(file));
	}));

test.run();
