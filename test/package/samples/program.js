/*
 * Uses each part of the package, and prints what came of it as JSON: node program.js FOLDER. In a bundle it must find the same as
 * where the package is installed.
 */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { open, openSync, WlsmError } from "wlsm";
import { createKernel, kernelModule, kernelUrl } from "wlsm/kernel";
import { KeyvWlsm } from "wlsm/keyv";
import { WlsmLevel } from "wlsm/level";
import { loadCsv } from "wlsm/load";
import { integer, table, text } from "wlsm/typed";
import wlsmDriver from "wlsm/unstorage";
import { failures, started } from "./workers.js";

const ROWS = 200_000;

async function keysAndValues(folder) {
	const told = {};
	const logger = (_message, { event, ...fields }) => {
		told[event] = fields;
	};
	const db = await open(path.join(folder, "db"), { memtableBytes: 1 << 16, logger });
	for (let i = 0; i < 3000; i++) db.putSync(`key ${i}`, `value ${i}`.repeat(5));
	await db.compact();
	const { problems } = await db.verify();
	const value = await db.get("key 2999");
	const compactions = told["wlsm:compaction"] !== undefined;
	const threads = started.splice(0);
	await db.close();
	return { background: told["wlsm:open"].background, compactions, problems, threads, value };
}

async function rows(folder) {
	const file = path.join(folder, "rows.csv");
	const lines = Array.from({ length: ROWS }, (_, i) => `${i},the name of row ${i}`);
	writeFileSync(file, `id,name\n${lines.join("\n")}\n`);
	const db = await open(path.join(folder, "db"), { createIfMissing: false });
	db.sql.exec("CREATE TABLE notes (note TEXT)");
	db.sql.prepare("INSERT INTO notes VALUES (?)").run("written");
	const { loaded } = await loadCsv(db, file, { table: "rows", primaryKey: "id", parallel: 2 });
	const sum = db.sql.prepare("SELECT sum(id) FROM rows JOIN notes ON note = 'written'").pluck().get();
	const threads = started.splice(0);
	await db.close();
	return { loaded, sum, threads };
}

async function interfaces() {
	const level = new WlsmLevel(":memory:", { valueEncoding: "json" });
	await level.put("a", { b: 1 });
	const keyv = new KeyvWlsm(":memory:");
	await keyv.set("a", "kept");
	const driver = wlsmDriver({ location: ":memory:" });
	await driver.setItem("a", "stored");
	const users = table("users", { id: integer().primaryKey(), name: text().unique() });
	const memory = openSync(":memory:");
	users.create(memory);
	users.insert(memory, { name: "Ada" });
	const { id } = users.findByName(memory, "Ada");
	memory.closeSync();
	const found = [id, await level.iterator().all(), await keyv.get("a"), await driver.getItem("a")];
	await Promise.all([level.close(), keyv.disconnect(), driver.dispose()]);
	return found;
}

async function kernels() {
	const twin = openSync(":memory:", { kernel: "ts" });
	twin.putSync("a", "of the twin");
	const value = twin.getSync("a");
	twin.closeSync();
	const kernel = createKernel("wasm", { memoryBytes: 4 << 20, blockCacheBytes: 0 });
	const code = await open("").catch((error) => error instanceof WlsmError && error.code);
	return { address: kernelUrl.protocol, module: String(kernelModule()), kernel: kernel.name, value, code };
}

async function run(folder) {
	const parts = [await keysAndValues(folder), await rows(folder), await interfaces(), await kernels()];
	return { parts, failures };
}

run(process.argv[2]).then(
	(outcome) => console.log(JSON.stringify(outcome)),
	(error) => {
		console.error(error);
		process.exitCode = 1;
	},
);
