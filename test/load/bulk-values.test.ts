/* What values become in loads by threads, against the same file loaded row by row. */

import * as path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { LoadOptions } from "../../host/load/index.js";
import { bothWays, content, LATE, plain, repeating } from "../support/bulk-case.js";
import { withDirectory } from "../support/database.js";
import { Random } from "../support/random.js";

const test = suite("values of bulk loads");

const TABLE = "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, price REAL, note TEXT)";

test("of rows with one primary key the first or the last one stays, or none of all", () =>
	withDirectory(async (directory) => {
		const text = content(new Random(9), repeating);
		const types = { id: "integer" } as const;
		for (const onConflict of ["ignore", "replace"] as const) {
			await bothWays(path.join(directory, onConflict), text, { primaryKey: "id", types, onConflict });
			await bothWays(
				path.join(directory, `${onConflict} behind others`),
				text,
				{ ifExists: "append", onConflict },
				(db) => db.sql.exec(`${TABLE}; INSERT INTO t VALUES (-1, 'here before', 1, '')`),
			);
		}
	}));

test("rows replace those of a table that is there, in bulk where these are not many more", () =>
	withDirectory(async (directory) => {
		const text = content(new Random(12), (i, random) => repeating(i, random).replace(/^\d+/, "$&0"));
		const rows = (first: number, last: number, step: number) =>
			`WITH RECURSIVE n (i) AS (VALUES (${first}) UNION ALL SELECT i + ${step} FROM n WHERE i + ${step} <= ${last})
			INSERT INTO t SELECT i, 'here before', i, '' FROM n;`;
		const tables: Record<string, string> = {
			none: "",
			"one in the middle": rows(7000, 7000, 1),
			"every third, and others around": `${rows(-3000, 180_000, 30)} DELETE FROM t WHERE id % 5 = 0;`,
			"too many": rows(1, 50_000, 1),
			"an index": `${rows(1, 900, 1)} CREATE INDEX t_name ON t (name);`,
		};
		for (const [name, sql] of Object.entries(tables)) {
			const place = path.join(directory, name);
			const options: LoadOptions = { ifExists: "append", onConflict: "replace" };
			const wasBulk = await bothWays(place, text, options, (db) => db.sql.exec(`${TABLE}; ${sql}`));
			assert.is(wasBulk, !["too many", "an index"].includes(name), name);
		}
	}));

/** Some fields are texts that stand for NULL where they are not quoted, and some records are flawed beside that. */
function withNulls(i: number, random: Random): string {
	const one = (value: string) => (random.once(4) ? random.pick(["NULL", "", "n/é", '"NULL"', '""']) : value);
	const line = [one(String(i)), one(`name ${i}`), one(String(random.below(1000) / 8)), plain(i, random).split(",")[3]];
	if (i > LATE && random.once(160)) line[2] = random.pick(["NULLL", 'NU"LL', "n/e", "1.5.5"]);
	return line.join();
}

test("texts for NULL, in types that are found out and in types that are given", () =>
	withDirectory(async (directory) => {
		const text = content(new Random(10), withNulls);
		const nullValues = ["NULL", "n/é", "\ud800"];
		await bothWays(path.join(directory, "found out"), text, { nullValues });
		await bothWays(path.join(directory, "given"), text, {
			nullValues: [...nullValues, ""],
			types: { id: "integer", price: "real" },
		});
		const types = { id: "integer", price: "real" } as const;
		await bothWays(path.join(directory, "key"), text, { nullValues, primaryKey: "id", onConflict: "ignore", types });
	}));

test("declared types, in a new table and in one that is replaced", () =>
	withDirectory(async (directory) => {
		const text = content(new Random(11), (i, random) => {
			const day = `20${10 + (i % 90)}-0${1 + (i % 9)}-${10 + (i % 21)}`;
			const isOdd = i > LATE && random.once(160);
			const fields = [
				isOdd ? random.pick(["2024", "2023-02-29", "x", "24-12-31"]) : day,
				isOdd ? day : random.pick(["", `${day} 12:34:56`, `${day}T00:00:00.123Z`, `"${day} 23:59+01:00"`]),
				random.pick(["true", "FALSE", "NULL", '""']),
				isOdd
					? "17"
					: random.pick(["", "[]", `"{""a"": [${i}, ""é""]}"`, `{"b":${"1".repeat(3000)}}`.replaceAll('"', '""')]),
			];
			fields[3] = /^\{/.test(fields[3] ?? "") ? `"${fields[3]}"` : (fields[3] ?? "");
			return fields.join();
		});
		const types = { id: "date", name: "timestamp", price: "boolean", note: "json" } as const;
		await bothWays(path.join(directory, "new"), text, { types, nullValues: ["NULL"] });
		await bothWays(path.join(directory, "replaced"), text, { types, nullValues: ["NULL"], ifExists: "replace" }, (db) =>
			db.sql.exec("CREATE TABLE t (old)"),
		);
	}));

test.run();
