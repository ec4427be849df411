import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Database } from "../../host/database.js";
import type { OpenOptions } from "../../host/options.js";
import { MemoryStorage } from "../../host/storage/memory.js";
import { setClock, thrown } from "../support/database.js";
import { type Openers, overKernels } from "../support/openers.js";

const ttl = suite("values that expire");

/** A database whose clock stands at 1000 ms and moves when it is told to. */
function withClock(openers: Openers, options: OpenOptions = {}) {
	const storage = new MemoryStorage();
	const clock = { now: 1000 };
	const open = () => {
		const db: Database = openers.openStorage(storage, "/db", options);
		setClock(db, () => clock.now);
		return db;
	};
	return { db: open(), clock, open };
}

async function entries(db: Database): Promise<number> {
	const { levels } = await db.stats();
	return levels.reduce((sum, level) => sum + level.entries, 0);
}

overKernels(ttl, "are absent from every kind of read at once", async (openers) => {
	const { db, clock } = withClock(openers);
	db.putSync("a", "1");
	db.putSync("b", "2", { ttlMs: 10 });
	await db.batch(
		[
			{ type: "put", key: "c", value: "3", ttlMs: 20 },
			{ type: "put", key: "d", value: "4" },
			{ type: "delete", key: "a" },
		],
		{ ttlMs: 10 },
	);
	using snapshot = db.snapshot();
	const all = () => [...db.entries()].map(([key, value]) => key + value).join(" ");
	assert.is(all(), "b2 c3 d4");
	clock.now = 1009;
	assert.is(db.getSync("b"), "2");
	const opened = db.keys();
	clock.now = 1010;
	assert.is(all(), "c3");
	assert.equal([...db.keys({ reverse: true })], ["c"]);
	// A scan is of the moment at which it was opened.
	assert.equal([...opened], ["b", "c", "d"]);
	assert.is(db.getSync("b"), undefined);
	assert.is(await db.has("d"), false);
	assert.equal(await db.getMany(["a", "b", "c", "d"]), [undefined, undefined, "3", undefined]);
	assert.is(snapshot.getSync("b"), undefined);
	assert.equal(await snapshot.keys().all(), ["c"]);
	assert.equal(db.sql.prepare("SELECT key, value FROM kv").raw().all(), [["c", "3"]]);
	assert.is(db.sql.prepare("SELECT value FROM kv WHERE key = 'b'").get(), undefined);
	clock.now = 1020;
	assert.is(all(), "");
	db.closeSync();
});

overKernels(ttl, "do the same within transactions", async (openers) => {
	const { db, clock } = withClock(openers);
	await db.transaction(async (tx) => {
		await tx.put("a", "1", { ttlMs: 5 });
		tx.batchSync([{ type: "put", key: "b", value: "2", ttlMs: 10 }]);
		assert.is(tx.getSync("a"), "1");
		clock.now += 5;
		assert.is(tx.getSync("a"), undefined);
		assert.equal([...tx.keys()], ["b"]);
	});
	assert.equal([...db.keys()], ["b"]);
	clock.now += 5;
	assert.equal([...db.keys()], []);
	db.closeSync();
});

overKernels(ttl, "do not let an older value come back, in memory or in tables", async (openers) => {
	const { db, clock } = withClock(openers);
	db.putSync("a", "old");
	await db.flush();
	await db.compact();
	db.putSync("a", "new", { ttlMs: 10 });
	for (const step of [() => {}, () => db.flush(), () => db.compact()]) {
		await step();
		clock.now = 1009;
		assert.is(db.getSync("a"), "new");
		clock.now = 1010;
		assert.is(db.getSync("a"), undefined);
		clock.now = 1009;
	}
	clock.now = 1010;
	await db.compact();
	assert.is(await entries(db), 0);
	clock.now = 1000;
	assert.is(db.getSync("a"), undefined);
	assert.ok((await db.verify()).ok);
	db.closeSync();
});

overKernels(ttl, "are taken out of the lowest level by compact, and only what has expired", async (openers) => {
	const { db, clock } = withClock(openers, { memtableBytes: 16 << 10, compression: "none", background: "inline" });
	for (let index = 0; index < 2000; index++) {
		db.putSync(`key ${String(index).padStart(4, "0")}`, "x".repeat(100), index % 3 === 0 ? { ttlMs: index + 1 } : {});
	}
	await db.compact();
	const before = await entries(db);
	assert.is(before, 2000);
	clock.now += 1000;
	await db.compact();
	assert.is(await entries(db), 2000 - 334);
	assert.is([...db.keys()].length, 2000 - 334);
	const { compaction } = await db.stats();
	await db.compact();
	assert.is((await db.stats()).compaction.compactions, compaction.compactions);
	assert.ok((await db.verify()).ok);
	db.closeSync();
});

overKernels(ttl, "keep their end over a recovery and over a checkpoint", async (openers) => {
	const { db, clock, open } = withClock(openers);
	db.putSync("a", "1", { ttlMs: 100 });
	db.closeSync();
	const again = open();
	assert.is(again.getSync("a"), "1");
	clock.now = 1100;
	assert.is(again.getSync("a"), undefined);
	assert.equal((await again.verify()).problems, []);
	again.closeSync();
});

overKernels(ttl, "refuse a ttlMs that is no positive number", (openers) => {
	const { db } = withClock(openers);
	for (const ttlMs of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, "10", null, {}] as unknown as number[]) {
		thrown(() => db.putSync("a", "1", { ttlMs }), "WLSM_INVALID_ARGUMENT");
		thrown(() => db.batchSync([{ type: "put", key: "a", value: "1", ttlMs }]), "WLSM_INVALID_ARGUMENT");
		thrown(() => db.batchSync([{ type: "put", key: "a", value: "1" }], { ttlMs }), "WLSM_INVALID_ARGUMENT");
		thrown(() => db.transactionSync((tx) => tx.putSync("a", "1", { ttlMs })), "WLSM_INVALID_ARGUMENT");
	}
	assert.is(db.getSync("a"), undefined);
	db.putSync("a", "1", { ttlMs: Number.MAX_VALUE });
	assert.is(db.getSync("a"), "1");
	db.closeSync();
});

ttl.run();
