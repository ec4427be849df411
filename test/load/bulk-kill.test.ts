/* Processes that are killed while they load in bulk: all of it is there afterwards, or nothing. */

import { spawn } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Database, open } from "../../host/index.js";
import { withDirectory } from "../support/database.js";

const test = suite("killed bulk loads");

const ROWS = 150_000;
/** Of each load. */
const ROUNDS = 2;

interface Kind {
	readonly options: object;
	/** What is there of it. */
	readonly counted: (db: Database) => unknown;
	/** What the schema has then that it did not have before. */
	readonly names: readonly string[];
	/** Milliseconds by which it is killed later each time. */
	readonly later: number;
}

const count = (db: Database, from: string) => db.sql.prepare(`SELECT count(*) FROM ${from}`).pluck().get();
const countOfNew = (db: Database) =>
	db.sql.prepare("SELECT 1 FROM sqlite_schema WHERE name = 't'").get() === undefined ? 0 : count(db, "t");

const LOADS: readonly Kind[] = [
	{ options: { table: "t" }, counted: countOfNew, names: ["t"], later: 130 },
	{ options: { table: "t", primaryKey: "id" }, counted: countOfNew, names: ["t"], later: 130 },
	{
		options: { table: "t", primaryKey: "name" },
		counted: countOfNew,
		names: ["sqlite_autoindex_t_1", "t"],
		later: 330,
	},
	{ options: { schema: ["id", "note"] }, counted: (db) => [...db.keys()].length - 1, names: [], later: 130 },
	{
		options: { table: "filled", ifExists: "append" },
		counted: (db) => Number(count(db, "filled INDEXED BY by_price")) - 1,
		names: [],
		later: 330,
	},
];

const BEFORE = `CREATE TABLE kept (x); INSERT INTO kept VALUES (1);
	CREATE TABLE filled (id INTEGER, name TEXT UNIQUE, price REAL, note TEXT);
	CREATE INDEX by_price ON filled (price DESC, note); INSERT INTO filled VALUES (-1, 'before', 1, '')`;

const host = fileURLToPath(new URL("../../host/", import.meta.url));
const script = `
	import { open } from "${host}index.js";
	import { loadCsv } from "${host}load/index.js";
	const [directory, file, options] = process.argv.slice(1);
	const db = await open(directory);
	process.stdout.write("open");
	await loadCsv(db, file, JSON.parse(options));
	process.stdout.write("loaded");
	await db.close();
`;

/** Kills the process so many milliseconds after the database is open; answers whether it said that all is loaded. */
function killed(directory: string, file: string, options: object, after: number): Promise<boolean> {
	return new Promise((resolve, reject) => {
		const args = ["--input-type=module", "-e", script, directory, file, JSON.stringify(options)];
		const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
		let said = "";
		child.stdout.on("data", (data: Buffer) => {
			if (said === "") setTimeout(() => child.kill("SIGKILL"), after);
			said += data.toString();
		});
		child.on("error", reject);
		child.on("close", () =>
			said === "" ? reject(new Error("the process said nothing")) : resolve(said.includes("loaded")),
		);
	});
}

function namesOf(db: Database): unknown[] {
	return db.sql.prepare("SELECT name FROM sqlite_schema ORDER BY name").pluck().all();
}

test("leave all or nothing, and no files", () =>
	withDirectory(async (directory) => {
		const file = path.join(directory, "in.csv");
		const line = (_: unknown, i: number) =>
			`${(i * 7919) % 150_001},"name, ${i}",${i / 8},a note to make it longer ${i}`;
		writeFileSync(file, `id,name,price,note\n${Array.from({ length: ROWS }, line).join("\n")}\n`);
		let complete = 0;
		for (let round = 0; round < ROUNDS * LOADS.length; round++) {
			const location = path.join(directory, `db${round}`);
			const before = await open(location);
			before.sql.exec(BEFORE);
			const kept = namesOf(before);
			before.putSync("kept", "value");
			await before.close();
			const { options, counted, names, later } = LOADS[round % LOADS.length] as Kind; // it is within
			const after = Math.floor(round / LOADS.length) * later;
			const said = await killed(location, file, { ...options, parallel: 2 }, after);
			const db = await open(location);
			const count = counted(db);
			assert.ok(count === 0 || count === ROWS, `${String(count)} of ${ROWS}`);
			if (said) assert.is(count, ROWS, "what was said to be loaded is there");
			if (count === ROWS) complete++;
			assert.equal(namesOf(db), count === ROWS ? [...kept, ...names].sort() : kept);
			assert.is(db.sql.pragma("integrity_check", { simple: true }), "ok");
			assert.is(db.getSync("kept"), "value");
			assert.equal((await db.verify()).problems, []);
			const named = (await db.stats()).levels.reduce((sum, { files }) => sum + files, 0);
			await db.flush();
			const sst = readdirSync(location).filter((name) => name.endsWith(".sst")).length;
			assert.ok(sst <= named + 2, `${sst} tables lie there, ${named} are the database's`);
			await db.close();
		}
		assert.ok(complete < ROUNDS * LOADS.length, "some were killed in time");
	}));

test.run();
