import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Database } from "../../host/database.js";
import type { DatabaseStats } from "../../host/engine/stats.js";
import { openSync } from "../../host/index.js";
import { MemoryStorage } from "../../host/storage/index.js";
import { withDirectory } from "../support/database.js";
import { overKernels } from "../support/openers.js";

const stats = suite("stats");

const OPTIONS = {
	memtableBytes: 16 << 10,
	blockBytes: 512,
	blockCacheBytes: 64 << 10,
	compression: "none",
	background: "inline",
} as const;
const key = (number: number) => `key ${String(number).padStart(5, "0")}`;

/** What holds of the figures at any time. */
function check(figures: DatabaseStats): DatabaseStats {
	assert.equal(JSON.parse(JSON.stringify(figures)), figures, "plain data");
	const negative = JSON.stringify(figures, (_, value) =>
		typeof value === "number" && value < 0 ? "below zero" : value,
	);
	assert.not.match(negative, "below zero");
	const { memory, cache, levels, compaction, stalls } = figures;
	assert.is(memory.memtableBytes + memory.cacheBytes + memory.tableBytes + memory.otherBytes, memory.allocatedBytes);
	assert.ok(memory.allocatedBytes <= memory.linearBytes && memory.linearBytes <= memory.limitBytes + 65536);
	assert.ok(cache.usedBytes <= cache.budgetBytes);
	const written = levels.reduce((sum, { writtenBytes }) => sum + writtenBytes, 0);
	assert.is(written, compaction.flushedBytes + compaction.compactionWrittenBytes);
	assert.is(
		levels.reduce((sum, { readBytes }) => sum + readBytes, 0),
		compaction.compactionReadBytes,
	);
	assert.is(stalls.count, compaction.stalls);
	assert.is(stalls.memtables.count + stalls.level0.count, stalls.count);
	assert.ok(stalls.longestMilliseconds <= stalls.milliseconds);
	return figures;
}

const of = async (db: Database) => check(await db.stats());

overKernels(stats, "before anything is written", async (openers) => {
	const db = openers.openStorage(new MemoryStorage(), "/db", OPTIONS);
	const figures = await of(db);
	assert.equal(figures.amplification, { write: null, space: null, read: 1 });
	assert.equal(figures.commits, { count: 0, operations: 0, bytes: 0 });
	assert.is(figures.log.writtenBytes, 0);
	assert.is(figures.compaction.writtenBytesPerSecond, 0);
	assert.is(figures.memory.tableBytes, 0);
	assert.equal(figures.files, { open: 0, limit: 500, opens: 0 });
	db.closeSync();
});

overKernels(stats, "commits, the log and the amplification of writes", async (openers) => {
	const db = openers.openStorage(new MemoryStorage(), "/db", OPTIONS);
	db.putSync("key", "value");
	await db.batch([
		{ type: "put", key: "k2", value: "v2" },
		{ type: "delete", key: "key" },
	]);
	db.deleteSync("é", { sync: true });
	const { commits, log, amplification } = await of(db);
	// Keys and values, without what surrounds them.
	assert.equal(commits, { count: 3, operations: 4, bytes: 3 + 5 + 2 + 2 + 3 + 2 });
	assert.is(log.syncs, 1);
	// Three records: a header of 32 bytes, then headers of 8 and a keyspace's byte for each operation, in steps of 8.
	const records = [8 + 1 + 8, 2 * 9 + 4 + 3, 9 + 2].map((payload) => 32 + 8 * Math.ceil(payload / 8));
	assert.is(
		log.writtenBytes,
		records.reduce((sum, bytes) => sum + bytes, 0),
	);
	assert.is(log.bytes, 40 + log.writtenBytes);
	assert.is(amplification.write, log.writtenBytes / commits.bytes);
	await db.flush();
	const after = await of(db);
	assert.is(after.log.writtenBytes, log.writtenBytes);
	assert.is(after.log.bytes, 40, "a new log");
	// A flush syncs no log.
	assert.is(after.log.syncs, 1);
	const [level0] = after.levels;
	assert.is(level0?.writtenBytes, level0?.bytes);
	assert.is(after.amplification.write, (log.writtenBytes + (level0?.bytes ?? 0)) / commits.bytes);
	assert.equal([after.amplification.space, after.amplification.read], [1, 2]);
	db.closeSync();
});

overKernels(stats, "levels, jobs, files and memory as tables come and go", async (openers) => {
	const db = openers.openStorage(new MemoryStorage(), "/db", OPTIONS);
	for (let round = 0; round < 3; round++) {
		for (let number = 0; number < 3000; number++) db.putSync(key(number), `value ${round} of ${number}`);
	}
	const { levels, compaction, amplification, memtables } = await of(db);
	const files = levels.map((level) => level.files);
	const [inLevel0 = 0, ...below] = files;
	assert.is(amplification.read, memtables.length + inLevel0 + below.filter((count) => count > 0).length);
	assert.ok((amplification.write ?? 0) > 2, `${amplification.write}`);
	assert.ok((amplification.space ?? 0) >= 1);
	assert.ok(compaction.compactions > 0 && compaction.flushes > 0);
	assert.ok(compaction.flushMilliseconds > 0 && compaction.compactionMilliseconds > 0);
	assert.ok(compaction.writtenBytesPerSecond > 0);
	assert.ok((levels[1]?.readBytes ?? 0) > 0 && (levels[1]?.writtenBytes ?? 0) > 0);
	assert.is(levels[0]?.readBytes, 0);

	await db.compact();
	const compacted = await of(db);
	assert.is(compacted.amplification.space, 1, "one level holds everything");
	for (let number = 0; number < 3000; number += 3) db.getSync(key(number));
	const read = await of(db);
	assert.ok(read.memory.tableBytes > 3000 && read.memory.cacheBytes > 10_000, JSON.stringify(read.memory));
	assert.ok(read.memory.cacheBytes + read.memory.tableBytes <= OPTIONS.blockCacheBytes);
	const tables = read.levels.reduce((sum, level) => sum + level.files, 0);
	assert.is(read.files.open, tables);
	const iterator = db.entries();
	iterator[Symbol.iterator]().next();
	db.deleteRangeSync({});
	await db.compact();
	assert.ok((await of(db)).memory.tableBytes > 0, "the iterator holds them");
	iterator.close();
	const empty = await of(db);
	assert.equal([empty.memory.tableBytes, empty.memory.cacheBytes, empty.files.open], [0, 0, 0]);
	assert.is(empty.amplification.space, null);
	db.closeSync();
});

overKernels(stats, "what a transaction has written counts among the memtables once it scans", async (openers) => {
	const db = openers.openStorage(new MemoryStorage(), "/db", OPTIONS);
	const before = (await of(db)).memory.memtableBytes;
	await db.transaction(async (tx) => {
		await tx.put("k", "x".repeat(50_000));
		assert.equal([...tx.keys()], ["k"]);
		assert.ok((await of(db)).memory.memtableBytes - before >= 50_000);
	});
	db.closeSync();
});

overKernels(stats, "a reader, and a second opening", async (openers) => {
	const storage = new MemoryStorage();
	const db = openers.openStorage(storage, "/db", OPTIONS);
	for (let number = 0; number < 1000; number++) db.putSync(key(number), "value");
	await db.flush();
	db.putSync("last", "x");
	const reader = openers.openStorage(storage, "/db", { ...OPTIONS, readOnly: true });
	const { commits, log, levels, amplification, memtables } = await of(reader);
	assert.equal(commits, { count: 0, operations: 0, bytes: 0 });
	assert.equal(log, { writtenBytes: 0, syncs: 0, bytes: 0 });
	assert.is(amplification.write, null);
	assert.is(memtables[0]?.entries, 1);
	for (const { writtenBytes } of levels) assert.is(writtenBytes, 0);
	assert.ok(levels.reduce((sum, { bytes }) => sum + bytes, 0) > 0);
	reader.closeSync();
	db.closeSync();
});

stats("waits for the background are counted by their reason, with a worker too", async () => {
	await withDirectory(async (directory) => {
		const db = openSync(directory, { ...OPTIONS, background: "worker" });
		for (let number = 0; number < 20_000; number++) db.putSync(key(number % 5000), "x".repeat(100));
		const during = await of(db);
		assert.ok(during.stalls.count > 0 && during.stalls.milliseconds > 0);
		await db.compact();
		const after = await of(db);
		assert.ok(after.compaction.flushMilliseconds > 0 && after.compaction.writtenBytesPerSecond > 0);
		assert.is(after.commits.operations, 20_000);
		await db.close();
	});
});

stats.run();
