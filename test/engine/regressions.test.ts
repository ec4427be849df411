/* Bugs that were found by reading and trying, each with the test that would have caught it. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Engine } from "../../host/engine/engine.js";
import { openSync, type WlsmError } from "../../host/index.js";
import { MemoryStorage } from "../../host/storage/memory.js";
import { type Openers, overKernels } from "../support/openers.js";

const test = suite<{ directory: string }>("regressions");
test.before.each((context) => {
	context.directory = join(mkdtempSync(join(tmpdir(), "wlsm-regressions-")), "db");
});
test.after.each(({ directory }) => rmSync(join(directory, ".."), { recursive: true, force: true }));

const hasCode = (code: string) => (error: WlsmError) => error.code === code;

overKernels(
	test,
	"a SQL value that is too long for an index key is refused, and the database opens again",
	(openers, { directory }) => {
		let db = openers.openSync(directory);
		db.sql.exec("CREATE TABLE t (a TEXT UNIQUE)");
		const insert = db.sql.prepare("INSERT INTO t VALUES (?)");
		for (const length of [65_560, 100_000, 1_000_000]) {
			assert.throws(() => insert.run("x".repeat(length)), hasCode("WLSM_INVALID_ARGUMENT"));
		}
		insert.run("short");
		db.closeSync();
		db = openers.openSync(directory);
		assert.equal(db.sql.prepare("SELECT a FROM t").pluck().all(), ["short"]);
		db.closeSync();
	},
);

overKernels(test, "a lookup of a key that is too long finds nothing and harms nothing", (openers) => {
	const db = openers.openSync(":memory:");
	db.putSync("a", "1");
	for (const length of [65_536, 200_000, 900_000]) {
		assert.equal(db.sql.prepare("SELECT value FROM kv WHERE key = ?").all("k".repeat(length)), []);
	}
	assert.is(db.getSync("a"), "1");
	db.closeSync();
});

overKernels(test, "a value's toJSON is asked once, whatever it answers the second time", (openers) => {
	const db = openers.openSync(":memory:", { valueEncoding: "json" });
	for (let index = 0; index < 100; index++) db.putSync(`k${index}`, { index });
	let asked = 0;
	const grows = { toJSON: () => "x".repeat(1 + 1_000_000 * asked++) };
	db.putSync("grows", grows);
	assert.is(asked, 1);
	assert.is(db.getSync("grows"), "x");
	for (let index = 0; index < 100; index++) assert.equal(db.getSync(`k${index}`), { index });
	db.closeSync();
});

overKernels(test, "a toJSON that writes to the database makes the outer write fail, not go astray", (openers) => {
	const db = openers.openSync(":memory:", { valueEncoding: "json" });
	const writes = {
		toJSON: () => {
			db.putSync("inner", 1);
			return "outer";
		},
	};
	assert.throws(() => db.putSync("outer", writes), hasCode("WLSM_INVALID_ARGUMENT"));
	assert.throws(
		() =>
			db.batchSync([
				{ type: "put", key: "first", value: 1 },
				{ type: "put", key: "outer", value: writes },
			]),
		hasCode("WLSM_INVALID_ARGUMENT"),
	);
	assert.equal([...db.entries()], [["inner", 1]]);
	db.closeSync();
});

overKernels(test, "what is stored and is not JSON is an error with a code", (openers) => {
	const db = openers.openSync(":memory:", { valueEncoding: "json" });
	db.sql.exec("INSERT INTO kv VALUES ('a', '{')");
	assert.throws(() => db.getSync("a"), hasCode("WLSM_INVALID_ARGUMENT"));
	assert.throws(() => [...db.values()], hasCode("WLSM_INVALID_ARGUMENT"));
	db.closeSync();
});

overKernels(test, "the manifest does not grow with the number of sessions", async (openers) => {
	const storage = new MemoryStorage();
	// Each table is in the manifest with it.
	const key = "a".repeat(500);
	for (let session = 0; session < 200; session++) {
		const db = openers.openStorage(storage, "/db", { background: "inline" });
		db.putSync(key, String(session));
		await db.flush();
		db.closeSync();
	}
	const manifests = storage.list("/db").filter((name) => name.startsWith("MANIFEST"));
	assert.is(manifests.length, 1);
	assert.ok(storage.openRead(storage.join("/db", manifests[0] as string)).size() < 80_000);
	assert.is(openers.openStorage(storage, "/db", { readOnly: true }).getSync(key), "199");
});

overKernels(test, "compaction on demand drops what was deleted", async (openers, { directory }) => {
	const db = openers.openSync(directory);
	for (let index = 0; index < 1000; index++) db.putSync(`k${index}`, "v");
	for (let index = 0; index < 1000; index++) db.deleteSync(`k${index}`);
	await db.compact();
	const { levels } = await db.stats();
	assert.is(
		levels.reduce((sum, { entries }) => sum + entries, 0),
		0,
	);
	await db.close();
});

/** A database of which a process died, with a log that was never synced. */
function unsyncedLog({ openSync }: Openers, directory: string): string {
	const db = openSync(directory);
	for (let index = 0; index < 100; index++) db.putSync(`k${String(index).padStart(3, "0")}`, "v".repeat(100));
	const log = readdirSync(directory).find((name) => name.endsWith(".wal")) as string;
	const bytes = readFileSync(join(directory, log));
	const rest = ["CURRENT", "MANIFEST-000001"].map((name) => [name, readFileSync(join(directory, name))] as const);
	db.closeSync();
	// As it was before closing, which puts everything on stable storage and says so.
	writeFileSync(join(directory, log), bytes);
	for (const [name, content] of rest) writeFileSync(join(directory, name), content);
	return join(directory, log);
}

overKernels(test, "a hole that a power cut left in an unsynced log ends it there", (openers, { directory }) => {
	const log = unsyncedLog(openers, directory);
	const bytes = readFileSync(log);
	bytes.fill(0, 4096, 8192);
	writeFileSync(log, bytes);
	let db = openers.openSync(directory);
	const keys = [...db.keys()];
	assert.ok(keys.length > 10 && keys.length < 50, `${keys.length} keys`);
	for (const [index, key] of keys.entries()) assert.is(key, `k${String(index).padStart(3, "0")}`);
	db.putSync("after", "1");
	db.closeSync();
	db = openers.openSync(directory);
	assert.is([...db.keys()].length, keys.length + 1);
	db.closeSync();
});

overKernels(test, "damage in the middle of an unsynced log that is no hole is corruption", (openers, { directory }) => {
	const log = unsyncedLog(openers, directory);
	const bytes = readFileSync(log);
	bytes[5000] = (bytes[5000] as number) ^ 1;
	writeFileSync(log, bytes);
	assert.throws(() => openers.openSync(directory), hasCode("WLSM_CORRUPTION"));
});

overKernels(test, "a hole in a log that was put on stable storage is corruption", (openers, { directory }) => {
	const db = openers.openSync(directory, { sync: true });
	for (let index = 0; index < 100; index++) db.putSync(`k${index}`, "v".repeat(100));
	const log = join(directory, readdirSync(directory).find((name) => name.endsWith(".wal")) as string);
	db.closeSync();
	const bytes = readFileSync(log);
	bytes.fill(0, 4096, 8192);
	writeFileSync(log, bytes);
	assert.throws(() => openers.openSync(directory), hasCode("WLSM_CORRUPTION"));
});

overKernels(
	test,
	"a scan over a memtable that holds range deletions alone ends at its bounds, whatever is put there meanwhile",
	async (openers) => {
		const db = openers.openStorage(new MemoryStorage(), "/db", { background: "inline" });
		const keys = Array.from({ length: 1000 }, (_, number) => `aaaa${String(number).padStart(4, "0")}`);
		for (const key of keys) db.putSync(key, "");
		await db.flush();
		db.deleteRangeSync({ gte: "zz0", lt: "zz1" });
		const forward = db.keys({ lt: "aaaa0010" });
		db.putSync("AAAA0000", "");
		assert.equal([...forward], keys.slice(0, 10));
		await db.flush();
		db.deleteRangeSync({ gte: "zz0", lt: "zz1" });
		const backward = db.keys({ gte: "aaaa0990", reverse: true });
		db.putSync("zzzz0000", "");
		assert.equal([...backward], keys.slice(990).reverse());
		await db.flush();
		db.deleteRangeSync({ gte: "zz0", lt: "zz1" });
		await db.transaction((tx) => {
			tx.deleteRangeSync({ gte: "zz0", lt: "zz1" });
			const inside = tx.keys({ gte: "a", lt: "aaaa0010" });
			tx.putSync("AAAA0001", "");
			assert.equal([...inside], keys.slice(0, 10));
		});
		db.closeSync();
	},
);

overKernels(
	test,
	"a flush is answered, though the database is closed synchronously meanwhile",
	async (openers, { directory }) => {
		for (let round = 0; round < 30; round++) {
			const db = openers.openSync(join(directory, String(round)), { memtableBytes: 64 << 10 });
			for (let index = 0; index < 200; index++) db.putSync(`key ${index}`, "x".repeat(100));
			// The worker is there from now on.
			await db.flush();
			for (let index = 0; index < 200; index++) db.putSync(`key ${index}`, "y".repeat(100));
			const { counters } = (db as unknown as { engine: Engine }).engine.compactor;
			const flushing = db.flush().then(
				() => "done",
				(error: WlsmError) => error.code,
			);
			// Into the middle of what comes after the job.
			for (let turn = 0; counters.flushes === 1 && turn < 1_000_000; turn++)
				await new Promise((next) => setImmediate(next));
			db.closeSync();
			let timer: NodeJS.Timeout | undefined;
			const silence = new Promise((resolve) => {
				timer = setTimeout(resolve, 10_000, "silence");
			});
			const outcome = await Promise.race([flushing, silence]);
			clearTimeout(timer);
			assert.ok(outcome === "done" || outcome === "WLSM_CLOSED", String(outcome));
			const again = openers.openSync(join(directory, String(round)));
			assert.is([...again.keys()].length, 200);
			again.closeSync();
		}
	},
);

overKernels(
	test,
	"reads that open a table after they have looked into another one leave no memory behind",
	async (openers) => {
		const options = { background: "inline", bloomBitsPerKey: 0, blockBytes: 32 << 10, compression: "none" } as const;
		const db = openers.openStorage(new MemoryStorage(), "/db", options);
		const other: number[] = [];
		for (let round = 0; round < 30; round++) {
			for (let table = 0; table < 3; table++) {
				for (let index = 0; index < 60; index++)
					db.putSync(`key ${String(2 * index).padStart(6, "0")}`, "x".repeat(1000));
				await db.flush();
			}
			assert.is(db.getSync("key 000061"), undefined);
			await db.compact();
			other.push((await db.stats()).memory.otherBytes);
		}
		assert.ok((other[29] as number) <= (other[9] as number), other.join(" "));
		db.closeSync();
	},
);

overKernels(
	test,
	"getMany reads the keys that it was given, though their buffers are used for something else meanwhile",
	async (openers, { directory }) => {
		const options = { keyEncoding: "view", blockCacheBytes: 0 } as const;
		const bytes = (text: string) => new TextEncoder().encode(text);
		let db = openers.openSync(directory, options);
		for (const name of ["a", "b", "c", "d"]) db.putSync(bytes(name), `value of ${name}`);
		await db.flush();
		await db.close();
		db = openers.openSync(directory, options);
		const keys = ["a", "b", "c", "x"].map(bytes);
		const waiting = db.getMany(keys);
		for (const key of keys) key.fill(0x64);
		assert.equal(await waiting, ["value of a", "value of b", "value of c", undefined]);
		await db.close();
	},
);

// By a worker: on the calling thread the flush may be done before it is answered.
test("nothing is entered into the manifest after a failure that stops all writing", async ({ directory }) => {
	const db = openSync(directory, { memtableBytes: 64 << 10 });
	for (let index = 0; index < 300; index++) db.putSync(`key ${index}`, "x".repeat(100));
	const manifest = join(directory, readdirSync(directory).find((name) => name.startsWith("MANIFEST")) as string);
	const before = statSync(manifest).size;
	const flushing = db.flush().then(
		() => undefined,
		(error: WlsmError) => error,
	);
	(db as unknown as { engine: Engine }).engine.fail(new Error("injected"));
	const failure = await flushing;
	assert.ok(failure !== undefined);
	assert.is(statSync(manifest).size, before);
	assert.throws(() => db.putSync("more", ""), /injected/);
	db.closeSync();
	const again = openSync(directory);
	assert.is([...again.keys()].length, 300);
	again.closeSync();
});

overKernels(
	test,
	"a database that another process is just making is not taken for one that has lost its CURRENT",
	(openers) => {
		for (const options of [{}, { readOnly: true }, { createIfMissing: false }]) {
			const storage = new MemoryStorage();
			storage.makeDirectory("/db");
			const { list } = storage;
			storage.list = (path) => {
				storage.list = list;
				const other = openers.openStorage(storage, "/db");
				other.putSync("key", "value");
				other.closeSync();
				return storage.list(path);
			};
			const db = openers.openStorage(storage, "/db", options);
			assert.is(db.getSync("key"), "value");
			db.closeSync();
		}
	},
);

test.run();
