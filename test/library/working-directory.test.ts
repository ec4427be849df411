/* Relative paths are those of the moment at which they are named, wherever the program is by the time that they are opened. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { open, openSync, repair } from "../../host/index.js";
import { WlsmLevel } from "../../host/level/index.js";
import { loadCsv, sniffCsv } from "../../host/load/index.js";
import wlsmDriver from "../../host/unstorage.js";
import { withDirectory } from "../support/database.js";

const test = suite("the working directory");

/** Runs `work` in one directory; `leave` goes on to another. */
async function within(work: (here: string, leave: () => void) => Promise<void>): Promise<void> {
	const before = process.cwd();
	await withDirectory(async (directory) => {
		const here = path.join(directory, "here ä");
		const elsewhere = path.join(directory, "elsewhere");
		mkdirSync(here);
		mkdirSync(elsewhere);
		process.chdir(here);
		try {
			await work(here, () => process.chdir(elsewhere));
		} finally {
			process.chdir(before);
		}
	});
}

test("a database stays where it was opened", () =>
	within(async (here, leave) => {
		const opening = open("db ü", { memtableBytes: 1 << 16 });
		leave();
		const db = await opening;
		for (let i = 0; i < 5000; i++) db.putSync(`key ${i}`, `value ${i}`);
		await db.compact();
		db.sql.exec("CREATE TABLE t (a); INSERT INTO t VALUES (1)");
		const copying = db.checkpoint("copy");
		process.chdir(here);
		await copying;
		assert.equal((await db.verify()).problems, []);
		await db.close();
		assert.ok(existsSync(path.join(here, "db ü", "CURRENT")));
		assert.ok(existsSync(path.join(here, "..", "elsewhere", "copy", "CURRENT")));
		const repairing = repair("db ü");
		leave();
		await repairing;
		const again = openSync(path.join(here, "db ü"), { createIfMissing: false });
		assert.is(again.getSync("key 4999"), "value 4999");
		again.closeSync();
	}));

test("databases that open later are where they were named", () =>
	within(async (here, leave) => {
		const level = new WlsmLevel("level");
		const driver = wlsmDriver({ location: "driver" });
		leave();
		await level.put("a", "b");
		await driver.setItem("a", "b");
		await level.close();
		await driver.dispose();
		for (const name of ["level", "driver"]) assert.ok(existsSync(path.join(here, name, "CURRENT")), name);
		assert.is(level.location, "level");
	}));

test("files of a load are those that lay there when it began, and so is the one of rejected rows", () =>
	within(async (here, leave) => {
		const rows = Array.from({ length: 160_000 }, (_, i) => `${i},the name of row ${i}`);
		writeFileSync("large.csv", `id,name\n${rows.join("\n")}\nx,y,z\n`);
		writeFileSync("a.csv", "id,name\n1,a\n");
		writeFileSync("b.csv.gz", gzipSync("id,name\n2,b\n3\n"));
		const db = await open(":memory:");
		const onDisk = await open("db");
		for (const [table, files, database] of [
			["large", "large.csv", onDisk],
			["parts", ["a.csv", "b.csv.gz"], db],
		] as const) {
			process.chdir(here);
			const loading = loadCsv(database, files, { table, rejects: `${table}.rejects`, parallel: 2 });
			leave();
			assert.is((await loading).rejected, 1);
			assert.match(readFileSync(path.join(here, `${table}.rejects`), "utf8"), /where 2 are expected/);
		}
		assert.is(onDisk.sql.prepare("SELECT count(*) FROM large").pluck().get(), 160_000);
		process.chdir(here);
		const sniffing = sniffCsv("b.csv.gz");
		leave();
		assert.is((await sniffing).delimiter, ",");
		await db.close();
		await onDisk.close();
	}));

test.run();
