import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Database } from "../../host/database.js";
import { MemoryStorage } from "../../host/storage/index.js";
import { rejected, thrown } from "../support/database.js";
import { overKernels } from "../support/openers.js";

const memory = suite("memory of a database");

const KEYS = 200;
const key = (number: number) => `key ${number % KEYS}`;

/** Everything that takes memory and is to give it back. */
async function round(db: Database): Promise<void> {
	for (let number = 0; number < 300; number++) db.putSync(key(number * 7), `value ${number} `.repeat(number % 30));
	const snapshot = db.snapshot();
	const [kept, keptReversed] = [db.entries(), db.entries({ reverse: true })];
	kept[Symbol.iterator]().next();
	await keptReversed[Symbol.asyncIterator]().next();
	db.deleteRangeSync({ gte: "key 10", lt: "key 12" });
	await db.flush();
	await Promise.all(Array.from({ length: KEYS }, (_, number) => db.get(key(number))));
	for (let number = 0; number < KEYS; number++) db.getSync(`${key(number)} absent`);
	for (const _ of db.keys({ limit: 5 }));
	for await (const _ of db.values({ reverse: true, limit: 50 }));
	await db.transaction(async (tx) => {
		for (let number = 0; number < 20; number++) await tx.put(key(number), "from a transaction");
		for (const _ of tx.entries());
	});
	await db
		.transaction((tx) => {
			tx.putSync("never", "x".repeat(10_000));
			throw new Error("roll back");
		})
		.catch(() => {});
	await db.compact();
	[...snapshot.entries()].length;
	await snapshot.getMany([key(1), key(2)]);
	snapshot.close();
	kept.close();
	await keptReversed.all();
	await db.compact();
	await db.verify();
}

overKernels(memory, "is flat over flushes, compactions, scans, reads, snapshots and transactions", async (openers) => {
	for (const blockCacheBytes of [0, 1 << 20]) {
		const storage = new MemoryStorage();
		const options = { memtableBytes: 16 << 10, blockBytes: 512, blockCacheBytes, background: "inline" } as const;
		const db = openers.openStorage(storage, "/db", options);
		for (let count = 0; count < 10; count++) await round(db);
		const before = await db.stats();
		for (let count = 0; count < 60; count++) await round(db);
		const after = await db.stats();
		assert.is(after.snapshots, 0);
		assert.is(after.iterators, 0);
		const grown = after.memory.allocatedBytes - before.memory.allocatedBytes;
		// What happens to be cached differs from moment to moment.
		assert.ok(grown <= blockCacheBytes >> 4, `${grown} bytes more after 60 rounds`);
		assert.ok(after.memory.linearBytes - before.memory.linearBytes <= 2 << 20);
		// Files too: what compactions replaced is gone.
		const files = storage.list("/db").length;
		assert.ok(files < 12, `${files} files`);
		db.closeSync();
	}
});

overKernels(memory, "lives within memoryBytes, also where many runs are merged and read at once", async (openers) => {
	const options = { memoryBytes: 4 << 20, memtableBytes: 64 << 10, background: "inline", compression: "none" } as const;
	const storage = new MemoryStorage();
	const db = openers.openStorage(storage, "/db", options);
	const text = "value ".repeat(20);
	// Each table holds keys of the whole range: a compaction reads all of them side by side.
	for (let number = 0; number < 40_000; number++) db.putSync(`key ${(number * 7919) % 40_000}`, text);
	assert.is([...db.keys()].length, 40_000);
	await db.compact();
	const { memory: use } = await db.stats();
	assert.is(use.limitBytes, options.memoryBytes);
	assert.ok(use.linearBytes <= options.memoryBytes, `${use.linearBytes} bytes`);
	// What can never fit changes nothing.
	thrown(() => db.putSync("large", "x".repeat(4 << 20)), "WLSM_OUT_OF_MEMORY");
	const many = Array.from({ length: 40_000 }, (_, number) => ({
		type: "put" as const,
		key: `m ${number}`,
		value: text,
	}));
	await rejected(() => db.batch(many), "WLSM_OUT_OF_MEMORY");
	await rejected(() => db.transaction((tx) => tx.batch(many)), "WLSM_OUT_OF_MEMORY");
	assert.equal([...db.keys({ prefix: "m " })], []);
	db.putSync("small", text);
	await db.flush();
	assert.is([...db.keys()].length, 40_001);
	assert.equal((await db.verify()).problems, []);
	db.closeSync();
});

overKernels(memory, "memtables and caches fit into memoryBytes where they are not given", async (openers) => {
	const db = openers.openStorage(new MemoryStorage(), "/db", { memoryBytes: 8 << 20 });
	for (let number = 0; number < 20_000; number++) db.putSync(key(number), "value ".repeat(20));
	const { memory: use, cache, compaction } = await db.stats();
	assert.ok(use.memtableBytes < 4 << 20, `${use.memtableBytes} bytes of memtables`);
	assert.is(cache.budgetBytes, 2 << 20);
	assert.ok(compaction.flushes > 1);
	db.closeSync();
});

memory.run();
