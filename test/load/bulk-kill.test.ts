/* Processes that are killed while they load in bulk: all of it is there afterwards, or nothing. */

import { spawn } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { open } from "../../host/index.js";
import { withDirectory } from "../support/database.js";

const test = suite("killed bulk loads");

const ROWS = 150_000;
const ROUNDS = 12;

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

test("leave all or nothing, and no files", () =>
	withDirectory(async (directory) => {
		const file = path.join(directory, "in.csv");
		const line = (_: unknown, i: number) =>
			`${(i * 7919) % 150_001},"name, ${i}",${i / 8},a note to make it longer ${i}`;
		writeFileSync(file, `id,name,price,note\n${Array.from({ length: ROWS }, line).join("\n")}\n`);
		let complete = 0;
		for (let round = 0; round < ROUNDS; round++) {
			const location = path.join(directory, `db${round}`);
			const before = await open(location);
			before.sql.exec("CREATE TABLE kept (x); INSERT INTO kept VALUES (1)");
			before.putSync("kept", "value");
			await before.close();
			const options = [{ table: "t" }, { table: "t", primaryKey: "id" }, { schema: ["id", "note"] }][round % 3] ?? {};
			const said = await killed(location, file, { ...options, parallel: 2 }, round * 45);
			const db = await open(location);
			const tables = db.sql.prepare("SELECT name FROM sqlite_schema ORDER BY 1").pluck().all();
			const isTable = "table" in options;
			const count = tables.includes("t")
				? db.sql.prepare("SELECT count(*) FROM t").pluck().get()
				: [...db.keys()].length - 1;
			assert.ok(count === 0 || count === ROWS, `${String(count)} of ${ROWS}`);
			if (said) assert.is(count, ROWS, "what was said to be loaded is there");
			if (count === ROWS) complete++;
			assert.equal(tables, isTable && count === ROWS ? ["kept", "t"] : ["kept"]);
			assert.is(db.getSync("kept"), "value");
			assert.equal((await db.verify()).problems, []);
			const named = (await db.stats()).levels.reduce((sum, { files }) => sum + files, 0);
			await db.flush();
			const sst = readdirSync(location).filter((name) => name.endsWith(".sst")).length;
			assert.ok(sst <= named + 2, `${sst} tables lie there, ${named} are the database's`);
			await db.close();
		}
		assert.ok(complete < ROUNDS, "some were killed in time");
	}));

test.run();
