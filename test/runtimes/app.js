/**
 * A program that uses the package as it is installed, one step at a call: node app.js STEP DATABASE …. It is copied beside the
 * installed package, so that it imports nothing of the project; a failure ends it with an error.
 */

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { open, openSync, sql } from "wlsm";
import { applyBatch, getValue, putOperation, WasmKernel } from "wlsm/kernel";
import { KeyvWlsm } from "wlsm/keyv";
import { WlsmLevel } from "wlsm/level";
import { loadCsv } from "wlsm/load";
import { integer, json, migrate, table, text } from "wlsm/typed";
import wlsmDriver from "wlsm/unstorage";

const [step = "", location = "", ...rest] = process.argv.slice(2);

const steps = {
	library,
	level,
	stores,
	typed,
	kernel,
	memory,
	read,
	worker,
	load,
	stream,
	others,
	hold,
	take,
};

const run = steps[step];
if (run === undefined) throw new Error(`there is no step ${step}`);
await run();
console.log(`${step}: done`);

async function check(db) {
	assert.equal(await db.get("key 7"), "value 7");
	assert.equal(db.getSync("none"), undefined);
	assert.deepEqual(
		[...db.keys({ prefix: "key 99" })],
		["key 99", "key 990", "key 991", "key 992", "key 993", "key 994"],
	);
	assert.deepEqual(db.sql.prepare("SELECT count(*), sum(b) FROM t WHERE a > ?").raw().get(10), [90, 5445]);
}

async function fill(db) {
	for (let i = 0; i < 995; i++) await db.put(`key ${i}`, `value ${i}`);
	db.batchSync([{ type: "put", key: "batch", value: "é" }]);
	await db.transaction(async (tx) => tx.put("transaction", "kept"));
	db.sql.exec("CREATE TABLE t (a INTEGER PRIMARY KEY, b)");
	const insert = db.sql.prepare("INSERT INTO t VALUES (?, ?)");
	for (let i = 1; i <= 100; i++) insert.run(i, i + 5);
}

async function library() {
	const db = await open(location, { sync: true });
	await fill(db);
	await db.compact();
	await check(db);
	assert.deepEqual((await db.verify()).problems, []);
	await db.close();
}

async function level() {
	const db = new WlsmLevel(location);
	await db.put("a", "1");
	assert.equal(await db.get("a"), "1");
	await db.close();
}

async function stores() {
	const cache = new KeyvWlsm(location);
	await cache.set("a", '{"value":"1"}');
	assert.equal(await cache.get("a"), '{"value":"1"}');
	await cache.disconnect();
	const items = wlsmDriver({ location });
	await items.setItem("dir:item", "é");
	assert.deepEqual(await items.getKeys("dir:"), ["dir:item"]);
	assert.equal(await items.getItem("dir:item"), "é");
	await items.dispose();
}

async function typed() {
	const users = table("users", {
		id: integer().primaryKey(),
		name: text().notNull().unique(),
		tags: json(),
	});
	const db = await open(location);
	migrate(db, [users]);
	users.insertMany(db, [
		{ name: "Ada", tags: ["first"] },
		{ name: "Émilie", tags: null },
	]);
	assert.deepEqual(users.findByName(db, "Ada"), { id: 1, name: "Ada", tags: ["first"] });
	assert.deepEqual(db.sql.query("SELECT id FROM users WHERE name = {name}", { name: "Émilie" }), [{ id: 2 }]);
	assert.deepEqual(db.sql.query(sql`SELECT name FROM users WHERE id > ${1}`), [{ name: "Émilie" }]);
	await db.close();
}

/** Without a database, as a program that has its own files would use it. */
function kernel() {
	const bytes = (text) => new TextEncoder().encode(text);
	const own = new WasmKernel({ memoryBytes: 16 << 20, blockCacheBytes: 1 << 20 });
	const memtable = own.createMemtable(0);
	applyBatch(own, memtable, [putOperation(bytes("a"), bytes("1"))], 1);
	const view = own.createSuperversion([memtable], []);
	assert.equal(new TextDecoder().decode(getValue(own, view, bytes("a"))), "1");
	assert.equal(getValue(own, view, bytes("b")), undefined);
}

async function memory() {
	const db = await open(":memory:");
	await fill(db);
	await check(db);
	await db.close();
}

async function read() {
	const db = await open(location, { readOnly: true });
	await check(db);
	await db.close();
}

/** Tables come into being while this thread never returns to its event loop: another one makes them. */
async function worker() {
	const db = openSync(location, { memtableBytes: 64 << 10, background: "worker" });
	const tables = () => readdirSync(location).filter((name) => name.endsWith(".sst")).length;
	for (let i = 0; i < 1500; i++) db.putSync(`key ${i}`, `value ${i} `.repeat(6));
	const clock = new Int32Array(new SharedArrayBuffer(4));
	for (let waits = 0; tables() === 0 && waits < 6000; waits++) Atomics.wait(clock, 0, 0, 10);
	assert.ok(tables() > 0, "the worker has made a table");
	for (let i = 0; i < 20_000; i++) db.putSync(`key ${(i * 7919) % 20_000}`, `value ${i} `.repeat(6));
	await db.compact();
	const { compaction, levels } = await db.stats();
	assert.ok(compaction.flushes > 5);
	assert.equal(levels[0]?.files ?? 0, 0);
	assert.equal(db.getSync("key 7919"), "value 1 ".repeat(6));
	assert.deepEqual((await db.verify()).problems, []);
	await db.close();
}

async function load() {
	const [csv = "", rows] = rest;
	const count = Number(rows);
	const db = await open(location);
	const { loaded, rejected } = await loadCsv(db, csv, { table: "rows", primaryKey: "id", parallel: 2 });
	assert.deepEqual([loaded, rejected], [count, 0]);
	// Row by row they would be in memtables.
	const { levels } = await db.stats();
	assert.ok(levels.reduce((sum, { entries }) => sum + entries, 0) >= count, "threads have made tables of the rows");
	const sums = db.sql.prepare("SELECT count(*), sum(id), sum(price) FROM rows").raw().get();
	assert.deepEqual(sums, [count, (count * (count - 1)) / 2, (count * (count - 1)) / 8]);
	assert.equal(
		db.sql
			.prepare("SELECT name FROM rows WHERE id = ?")
			.pluck()
			.get(count - 1),
		`the name of row ${count - 1}`,
	);
	await db.close();
}

async function stream() {
	async function* source() {
		yield new TextEncoder().encode("a,b\n1,2\n");
	}
	const db = await open(location);
	assert.equal((await loadCsv(db, source(), { table: "streamed" })).loaded, 1);
	await db.close();
}

/** Databases of other runtimes: what they wrote is there, and what is written now is found by the next one. */
async function others() {
	for (const path of [location, ...rest]) {
		const db = await open(path);
		await check(db);
		const visits = Number((await db.get("visits")) ?? "0");
		await db.put("visits", String(visits + 1));
		db.sql.prepare("UPDATE t SET b = b WHERE a = ?").run(visits + 1);
		await db.compact();
		assert.deepEqual((await db.verify()).problems, []);
		await db.close();
	}
}

/** Until it is killed. */
async function hold() {
	const db = openSync(location);
	db.putSync("held", String(process.pid));
	console.log("held");
	await new Promise(() => setInterval(() => {}, 60_000));
	await db.close();
}

/** The database of a process that was killed, or is there. */
function take() {
	const db = openSync(location);
	assert.ok(Number(db.getSync("held")) > 0);
	db.closeSync();
}
