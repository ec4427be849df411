/*
 * node surroundings.js FOLDER: works in a folder, with relative paths and names that are not ASCII, and goes elsewhere meanwhile. Prints
 * what it found as JSON. Asks neither for a home nor for a directory for temporary files.
 */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { open } from "wlsm";
import { loadCsv } from "wlsm/load";
import { failures, started } from "./workers.js";

async function run(folder) {
	const [here, elsewhere] = ["hier ü", "anderswo"].map((name) => path.join(folder, name));
	mkdirSync(here);
	mkdirSync(elsewhere);
	process.chdir(here);
	const db = await open("die datenbank ✓", { memtableBytes: 1 << 16, sqlMemoryBytes: 4096 });
	process.chdir(elsewhere);
	for (let i = 0; i < 3000; i++) db.putSync(`key ${i}`, `value ${i}`.repeat(5));
	await db.compact();
	// More than it may hold in memory.
	const sorted = db.sql.prepare("SELECT value FROM kv ORDER BY value DESC LIMIT 1").pluck().get();
	const lines = Array.from({ length: 200_000 }, (_, i) => `${i},the name of row ${i}`);
	writeFileSync("rows ä.csv", `id,name\n${lines.join("\n")}\n`);
	const loading = loadCsv(db, "rows ä.csv", { table: "rows", parallel: 2 });
	process.chdir(here);
	const { loaded } = await loading;
	process.chdir(elsewhere);
	const read = db.sql.prepare("SELECT count(*) FROM read_csv('rows ä.csv')").pluck().get();
	const copying = db.checkpoint("eine kopie");
	process.chdir(here);
	await copying;
	const { problems } = await db.verify();
	await db.close();
	process.chdir("/");
	const copy = await open(path.join(elsewhere, "eine kopie"), { createIfMissing: false, readOnly: true });
	const copied = [await copy.get("key 2999"), copy.sql.prepare("SELECT count(*) FROM rows").pluck().get()];
	await copy.close();
	// What is packed goes through a temporary file.
	writeFileSync(path.join(here, "packed.csv.gz"), gzipSync("a,b\n1,2\n"));
	const again = await open(path.join(here, "die datenbank ✓"));
	const packed = await loadCsv(again, path.join(here, "packed.csv.gz"), { table: "packed" }).then(
		(summary) => summary.loaded,
		({ code, message }) => `${code}: ${message}`,
	);
	await again.close();
	const there = existsSync(path.join(here, "die datenbank ✓/CURRENT"));
	return { sorted, loaded, read, copied, problems, packed, there, failures, started: started.length };
}

run(process.argv[2]).then(
	(outcome) => console.log(JSON.stringify(outcome)),
	(error) => {
		console.error(error);
		process.exitCode = 1;
	},
);
