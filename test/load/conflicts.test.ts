/* Rows whose keys are taken, against a model: what is there in the end, and what is said of it. */

import { writeFileSync } from "node:fs";
import * as path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Database, open, type WlsmError } from "../../host/index.js";
import { type LoadOptions, type LoadSummary, loadCsv } from "../../host/load/index.js";
import { rejected, withDirectory } from "../support/database.js";
import { kernels } from "../support/kernels.js";
import { Random } from "../support/random.js";

const test = suite("loads of rows whose keys are taken");

const CHOICES = ["reject", "replace", "ignore", "fail"] as const;
type Choice = (typeof CHOICES)[number];

/** Values of a, b and c: a is the primary key, b may be unique; c is not to be "bad". */
type Row = readonly [a: string, b: string, c: string];

interface Shape {
	readonly mode: "create" | "append";
	readonly keyType: "INTEGER" | "TEXT";
	readonly isUnique: boolean;
}

interface Counts {
	readonly loaded: number;
	readonly rejected: number;
	readonly ignored: number;
	readonly replaced: number;
}

function model(before: readonly Row[], records: readonly Row[], { isUnique }: Shape, choice: Choice) {
	let rows = [...before];
	const counts = { loaded: 0, rejected: 0, ignored: 0, replaced: 0 };
	for (const record of records) {
		const inTheWay = rows.filter(([a, b]) => a === record[0] || (isUnique && b === record[1]));
		if (record[2] === "bad" || (inTheWay.length > 0 && choice === "reject")) counts.rejected++;
		else if (inTheWay.length === 0 || choice === "replace") {
			rows = [...rows.filter((row) => !inTheWay.includes(row)), record];
			counts.loaded++;
			if (inTheWay.length > 0) counts.replaced++;
		} else if (choice === "ignore") counts.ignored++;
		else return undefined;
	}
	return { rows, counts };
}

const definition = ({ keyType, isUnique }: Shape) =>
	`CREATE TABLE t (a ${keyType} PRIMARY KEY, b TEXT${isUnique ? " UNIQUE" : ""}, c TEXT CHECK (c <> 'bad'))`;

function rowsOf(db: Database): unknown[] {
	const exists = db.sql.prepare("SELECT 1 FROM sqlite_schema WHERE name = 't'").get() !== undefined;
	return exists ? db.sql.prepare("SELECT CAST(a AS TEXT), b, c FROM t ORDER BY 1").raw().all() : [];
}

const sorted = (rows: readonly Row[]) => [...rows].sort(([a], [b]) => (a < b ? -1 : 1));

function randomRows(random: Random, shape: Shape, count: number): Row[] {
	const c = () => (shape.mode === "append" && random.once(10) ? "bad" : random.pick(["x", "y", "z"]));
	return Array.from({ length: count }, () => [
		`${random.below(30)}${shape.keyType === "TEXT" ? "k" : ""}`,
		`b${random.below(40)}`,
		c(),
	]);
}

const countsOf = ({ loaded, rejected, ignored, replaced }: LoadSummary): Counts => ({
	loaded,
	rejected,
	ignored,
	replaced: replaced ?? -1,
});

for (const kernel of kernels) {
	for (const place of ["memory", "disk"] as const) {
		test(`random rows, ${kernel}, ${place}`, () =>
			withDirectory(async (directory) => {
				for (let seed = 0; seed < 60; seed++) {
					const random = new Random(seed);
					const shape: Shape = {
						mode: random.pick(["create", "append"]),
						keyType: random.pick(["INTEGER", "TEXT"]),
						isUnique: false,
					};
					await check(random, { ...shape, isUnique: shape.mode === "append" && random.once(2) }, seed);
				}

				async function check(random: Random, shape: Shape, seed: number): Promise<void> {
					const choice = CHOICES[seed % CHOICES.length] as Choice; // within
					const inside = path.join(directory, String(seed));
					const db = await open(place === "memory" ? ":memory:" : inside, { kernel });
					const file = path.join(directory, "in.csv");
					const records = randomRows(random, shape, random.pick([3, 20, 40]));
					writeFileSync(file, `a,b,c\n${records.map((row) => row.join()).join("\n")}\n`);
					let before: readonly Row[] = [];
					if (shape.mode === "append") {
						db.sql.exec(definition(shape));
						const candidates = randomRows(random, shape, 10).filter(([, , c]) => c !== "bad");
						before = model([], candidates, shape, "ignore")?.rows ?? [];
						for (const row of before) db.sql.prepare("INSERT INTO t VALUES (?, ?, ?)").run(...row);
					}
					const options: LoadOptions = {
						table: "t",
						onConflict: choice,
						batchSize: random.pick([1, 7, 1000]),
						...(shape.mode === "append" ? { ifExists: "append" } : { primaryKey: "a" }),
					};
					const text = `seed ${seed}: ${JSON.stringify({ shape, choice, before, records })}`;
					const wanted = model(before, records, shape, choice);
					if (wanted === undefined) {
						const error = await rejected(() => loadCsv(db, file, options), "WLSM_INVALID_ARGUMENT");
						assert.match((error as Error).message, /in\.csv, line \d+: UNIQUE constraint failed: t\.[ab]/, text);
						assert.equal(rowsOf(db), sorted(before), text);
						assert.is(
							db.sql.prepare("SELECT count(*) FROM sqlite_schema WHERE name = 't'").pluck().get(),
							before.length && 1,
						);
					} else {
						const summary = await loadCsv(db, file, options);
						assert.equal(countsOf(summary), wanted.counts, text);
						assert.is(summary.read, records.length);
						assert.equal(rowsOf(db), sorted(wanted.rows), text);
					}
					assert.is(db.sql.inTransaction, false);
					await db.close();
				}
			}));
	}
}

async function inMemory(
	sql: string,
	work: (db: Database, load: (text: string, options: LoadOptions) => Promise<LoadSummary>) => Promise<void>,
): Promise<void> {
	await withDirectory(async (directory) => {
		const db = await open(":memory:");
		db.sql.exec(sql);
		const file = path.join(directory, "in.csv");
		await work(db, (text, options) => {
			writeFileSync(file, text);
			return loadCsv(db, file, options);
		});
		await db.close();
	});
}

const append: LoadOptions = { table: "t", ifExists: "append" };

test("the choice of the load counts more than the table's own; without one the table's holds", () =>
	inMemory("CREATE TABLE t (a INTEGER PRIMARY KEY ON CONFLICT REPLACE, b)", async (db, load) => {
		await load("a,b\n1,old\n", append);
		assert.is((await load("a,b\n1,new\n", append)).rejected, 0);
		assert.equal(db.sql.prepare("SELECT b FROM t").pluck().all(), ["new"]);
		assert.is((await load("a,b\n1,newer\n2,x\n", { ...append, onConflict: "ignore" })).ignored, 1);
		assert.equal(db.sql.prepare("SELECT b FROM t").pluck().all(), ["new", "x"]);
		await rejected(() => load("a,b\n3,y\n1,newer\n", { ...append, onConflict: "fail" }), "WLSM_INVALID_ARGUMENT");
		assert.equal(db.sql.prepare("SELECT b FROM t").pluck().all(), ["new", "x"]);
	}));

test("triggers run once for a row that replaces, and leave nothing for one that is ignored", () =>
	inMemory(
		"CREATE TABLE log (what); CREATE TABLE t (a INTEGER PRIMARY KEY, b);" +
			"CREATE TRIGGER before_t BEFORE INSERT ON t BEGIN INSERT INTO log VALUES (new.b); END",
		async (db, load) => {
			await load("a,b\n1,w\n", append);
			await load("a,b\n1,x\n", { ...append, onConflict: "replace" });
			await load("a,b\n1,y\n2,z\n", { ...append, onConflict: "ignore" });
			assert.equal(db.sql.prepare("SELECT what FROM log").pluck().all(), ["w", "x", "z"]);
		},
	));

test("a row that replaces and breaks another constraint by that is rejected", () =>
	inMemory(
		"PRAGMA foreign_keys = ON; CREATE TABLE t (a INTEGER PRIMARY KEY, b); INSERT INTO t VALUES (1, 'x');" +
			"CREATE TABLE child (a REFERENCES t (a) ON DELETE RESTRICT); INSERT INTO child VALUES (1)",
		async (db, load) => {
			const summary = await load("a,b\n1,y\n2,z\n", { ...append, onConflict: "replace" });
			assert.equal(
				summary.firstRejected.map(({ reason }) => reason),
				["FOREIGN KEY constraint failed"],
			);
			assert.equal(countsOf(summary), { loaded: 1, rejected: 1, ignored: 0, replaced: 0 });
			assert.equal(db.sql.prepare("SELECT b FROM t").pluck().all(), ["x", "z"]);
		},
	));

test("lines of JSON, of which a late key begins the load again", () =>
	inMemory("SELECT 1", async (db, load) => {
		const lines = '{"a":1}\n{"a":1}\n{"a":2,"b":3}\n';
		const options: LoadOptions = { table: "t", format: "jsonl", primaryKey: "a" };
		assert.equal(countsOf(await load(lines, { ...options, onConflict: "replace" })), {
			loaded: 3,
			rejected: 0,
			ignored: 0,
			replaced: 1,
		});
		assert.equal(db.sql.prepare("SELECT * FROM t").raw().all(), [
			[1, null],
			[2, 3],
		]);
	}));

test("of key-value pairs a later one replaces, and nothing else can be asked for", () =>
	inMemory("SELECT 1", async (db, load) => {
		const schema = ["k", "v"] as const;
		const summary = await load("k,v\na,1\na,2\n", { schema, onConflict: "replace" });
		assert.equal([summary.loaded, summary.ignored, summary.replaced], [2, 0, undefined]);
		assert.is(db.getSync("a"), "2");
		for (const onConflict of ["ignore", "fail", "reject"] as const) {
			const error = await rejected(() => load("k,v\n", { schema, onConflict }), "WLSM_INVALID_ARGUMENT");
			assert.match((error as WlsmError).message, /Of key-value pairs a later one replaces/);
		}
		const wrong = { table: "t", onConflict: "update" as "replace" };
		const error = await rejected(() => load("k,v\n", wrong), "WLSM_INVALID_ARGUMENT");
		assert.match((error as WlsmError).message, /onConflict must be one of reject, replace, ignore, fail/);
	}));

test.run();
