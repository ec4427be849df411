import { Buffer } from "node:buffer";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Database } from "../../host/database.js";
import type { TableDescription } from "../../host/kernel/contract.js";
import type { OpenOptions } from "../../host/options.js";
import type { Range } from "../../host/reader.js";
import type { Snapshot } from "../../host/snapshot.js";
import { MemoryStorage } from "../../host/storage/memory.js";
import { thrown } from "../support/database.js";
import { type Openers, overKernels } from "../support/openers.js";
import { Random } from "../support/random.js";

const ranges = suite("deleteRange");

const SMALL: OpenOptions = { memtableBytes: 16 << 10, blockBytes: 256, background: "inline" };

function fresh(openers: Openers, options: OpenOptions = SMALL): { db: Database; storage: MemoryStorage } {
	const storage = new MemoryStorage();
	return { storage, db: openers.openStorage(storage, "/db", options) };
}

const keyOf = (number: number) => `key ${String(number).padStart(5, "0")}`;

function fill(db: Database, count: number, value = "value"): void {
	for (let number = 0; number < count; number++) db.putSync(keyOf(number), value);
}

async function sequence(db: Database): Promise<number> {
	return (await db.stats()).sequence;
}

/** What the manifest says of the tables of each level. */
function tables(db: Database): readonly (readonly TableDescription[])[] {
	// @ts-expect-error: the engine is not part of the public interface.
	return (db as Database).engine.superversion.levels.map((level) => level.map(({ description }) => description));
}

async function sound(db: Pick<Database, "verify">): Promise<void> {
	assert.equal((await db.verify()).problems, []);
}

overKernels(ranges, "is one operation, however many keys go, and none of an empty range", async (openers) => {
	const { db } = fresh(openers);
	fill(db, 2000);
	db.sql.exec("CREATE TABLE t (a); INSERT INTO t VALUES (1)");
	const before = await sequence(db);
	db.deleteRangeSync({ gte: keyOf(100), lt: keyOf(1900) });
	assert.is(await sequence(db), before + 1);
	assert.is([...db.keys()].length, 200);
	for (const range of [
		{ gt: "a", lt: "a" },
		{ gte: "b", lt: "a" },
		{ gt: "a", lte: "a" },
		{ prefix: "a", gte: "b" },
	]) {
		db.deleteRangeSync(range);
		await db.deleteRange(range);
	}
	assert.is(await sequence(db), before + 1);
	await db.deleteRange({}, { sync: true });
	assert.is(await sequence(db), before + 2);
	assert.equal([...db.keys()], []);
	assert.equal(db.sql.prepare("SELECT a FROM t").pluck().all(), [1], "SQL's data is not the key-value data");
	db.putSync("new", "1");
	assert.equal([...db.keys()], ["new"]);
	// With a limit each key is a deletion.
	fill(db, 10);
	db.deleteRangeSync({ reverse: true, limit: 3 });
	assert.equal([...db.keys()].length, 8);
	assert.is(await sequence(db), before + 2 + 1 + 10 + 3);
	for (const range of [{ limit: -2 }, { gt: 1 }, { from: "a" }, null] as unknown as Range<string>[]) {
		thrown(() => db.deleteRangeSync(range), "WLSM_INVALID_ARGUMENT");
	}
	db.closeSync();
	thrown(() => db.deleteRangeSync({}), "WLSM_CLOSED");
});

overKernels(ranges, "takes bounds at and beyond the longest key", async (openers) => {
	const storage = new MemoryStorage();
	const open = () => openers.openStorage<Uint8Array, string>(storage, "/db", { ...SMALL, keyEncoding: "view" });
	let db = open();
	const longest = Buffer.alloc(65_535, 255);
	const almost = Buffer.alloc(65_534, 255);
	const beyond = Buffer.alloc(70_000, 255);
	const keys = (): number[] => [...db.keys()].map((key) => key.length);
	const each = async (range: Range<Uint8Array>, left: number[]) => {
		for (const step of [() => {}, () => db.flush(), () => db.compact()]) {
			for (const key of [Buffer.of(7), almost, longest]) db.putSync(key, "value");
			db.deleteRangeSync(range);
			await step();
			assert.equal(keys(), left);
			await sound(db);
			await db.close();
			db = open();
			assert.equal(keys(), left);
			for (const key of [almost, longest]) assert.is(db.hasSync(key), left.includes(key.length));
		}
	};
	await each({ gt: longest }, [1, 65_534, 65_535]);
	await each({ gte: beyond }, [1, 65_534, 65_535]);
	await each({ gte: longest }, [1, 65_534]);
	await each({ gt: almost, lte: longest }, [1, 65_534]);
	await each({ gte: almost, lt: beyond }, [1]);
	await each({ lte: almost }, [65_535]);
	db.closeSync();
});

overKernels(ranges, "of a large stretch leaves what is around it, read in either direction", async (openers) => {
	for (const spread of [false, true]) {
		const { db } = fresh(openers);
		// Dead keys in tables of several levels and in memory, with live ones between that came later.
		fill(db, 3000);
		await db.compact();
		for (let number = 0; number < 3000; number += 3) db.putSync(keyOf(number), "newer");
		await db.flush();
		if (spread)
			for (let number = 100; number < 2900; number += 10)
				db.deleteRangeSync({ gte: keyOf(number), lt: keyOf(number + 10) });
		else db.deleteRangeSync({ gte: keyOf(100), lt: keyOf(2900) });
		for (let number = 500; number < 2500; number += 501) db.putSync(keyOf(number), "last");
		const wanted = Array.from({ length: 3000 }, (_, number) => number).filter(
			(number) => number < 100 || number >= 2900 || (number >= 500 && (number - 500) % 501 === 0 && number < 2500),
		);
		const check = async () => {
			assert.equal([...db.keys()], wanted.map(keyOf));
			assert.equal(await db.keys({ reverse: true }).all(), wanted.map(keyOf).reverse());
			assert.equal([...db.keys({ gte: keyOf(1000), lt: keyOf(1503) })], [keyOf(1001), keyOf(1502)]);
			assert.equal([...db.keys({ gte: keyOf(1000), lt: keyOf(1503), reverse: true })], [keyOf(1502), keyOf(1001)]);
			for (let number = 0; number < 3000; number += 7) assert.is(db.hasSync(keyOf(number)), wanted.includes(number));
			await sound(db);
		};
		await check();
		await db.flush();
		await check();
		await db.compact();
		await check();
		assert.is(
			tables(db)
				.flat()
				.reduce((sum, { rangeDeletions, entries }) => sum + rangeDeletions + entries, 0),
			wanted.length,
		);
		db.closeSync();
	}
});

overKernels(ranges, "alone makes a table without blocks, which all that reads tables copes with", async (openers) => {
	const { db, storage } = fresh(openers);
	db.deleteRangeSync({ gte: "b", lt: "d" });
	db.deleteRangeSync({ gte: "c", lte: "e" });
	db.deleteRangeSync({ gt: "x" });
	await db.flush();
	const [table] = tables(db)[0] as [TableDescription];
	assert.is(table.entries, 0);
	// The first two become three stretches, one of each deletion's newest for what it covers.
	assert.is(table.rangeDeletions, 3);
	assert.is(Buffer.from(table.smallest).toString(), "kb");
	assert.equal([table.minSequence, table.maxSequence], [1, 3]);
	assert.equal([...db.keys()], []);
	assert.equal([...db.keys({ reverse: true, lt: "d" })], []);
	assert.is(db.getSync("c"), undefined);
	db.putSync("c", "1");
	assert.equal([...db.entries({ reverse: true })], [["c", "1"]]);
	await sound(db);
	db.closeSync();
	const again = openers.openStorage(storage, "/db", SMALL);
	assert.equal([...again.entries()], [["c", "1"]]);
	await sound(again);
	await again.compact();
	assert.is(
		tables(again)
			.flat()
			.reduce((sum, { rangeDeletions }) => sum + rangeDeletions, 0),
		0,
	);
	again.deleteRangeSync({});
	await again.compact();
	assert.equal(tables(again).flat(), []);
	again.closeSync();
});

overKernels(ranges, "is cut where tables of a level end, and holds on in each of them", async (openers) => {
	const { db, storage } = fresh(openers);
	const value = "x".repeat(100);
	fill(db, 1000, value);
	using snapshot = db.snapshot();
	for (let round = 0; round < 3; round++) {
		db.deleteRangeSync({ gte: keyOf(50 + round), lt: keyOf(900 - round) });
		for (let number = 0; number < 1000; number += 9) db.putSync(keyOf(number), `round ${round}`);
		await db.compact();
		await sound(db);
		const ranged = tables(db).map((level) => level.filter(({ rangeDeletions }) => rangeDeletions > 0).length);
		assert.ok(Math.max(...ranged) > 3, `tables with range deletions: ${ranged}`);
		for (const level of tables(db).slice(1)) {
			for (const [index, { largest }] of level.entries()) {
				const next = level[index + 1];
				assert.ok(next === undefined || Buffer.compare(largest, next.smallest) < 0, "spans are disjoint");
			}
		}
		const wanted = Array.from({ length: 1000 }, (_, number) => number).filter(
			(number) => number % 9 === 0 || number < 50 || number >= 900,
		);
		assert.equal([...db.keys()], wanted.map(keyOf));
		assert.equal([...db.keys({ reverse: true })], wanted.map(keyOf).reverse());
		assert.is([...snapshot.keys()].length, 1000);
		assert.is([...snapshot.keys({ reverse: true })].length, 1000);
		for (let number = 0; number < 1000; number += 11) {
			assert.is(snapshot.getSync(keyOf(number)), value);
			assert.is(db.hasSync(keyOf(number)), wanted.includes(number));
		}
	}
	db.closeSync();
	const again = openers.openStorage(storage, "/db", SMALL);
	assert.is([...again.keys()].length, 112 + 150 - 18);
	await again.compact();
	await sound(again);
	again.closeSync();
});

overKernels(ranges, "counts for each snapshot as of its moment", async (openers) => {
	const { db } = fresh(openers);
	const held: { readonly snapshot: Snapshot<string, string>; readonly keys: string[] }[] = [];
	for (let round = 0; round < 6; round++) {
		for (const key of "abcdef") db.putSync(key, `${key}${round}`);
		held.push({ snapshot: db.snapshot(), keys: [..."abcdef"] });
		db.deleteRangeSync({ gte: "abcdef"[round] as string, lte: "abcdef"[Math.min(round + 2, 5)] as string });
		held.push({
			snapshot: db.snapshot(),
			keys: [..."abcdef"].filter((_, index) => index < round || index > round + 2),
		});
		if (round % 2 === 1) await db.flush();
	}
	const check = async () => {
		for (const { snapshot, keys } of held) {
			assert.equal([...snapshot.keys()], keys);
			assert.equal([...snapshot.keys({ reverse: true })], keys.toReversed());
			for (const key of "abcdef") assert.is(snapshot.hasSync(key), keys.includes(key));
		}
		await sound(db);
	};
	await check();
	await db.compact();
	await check();
	for (const { snapshot } of held.splice(3, 5)) snapshot.close();
	await db.compact();
	await check();
	for (const { snapshot } of held) snapshot.close();
	db.deleteRangeSync({});
	await db.compact();
	assert.equal(tables(db).flat(), []);
	db.closeSync();
});

overKernels(ranges, "does not hide from the filter what a snapshot still sees", async (openers) => {
	const { db } = fresh(openers, { ...SMALL, bloomBitsPerKey: 10 });
	db.putSync("a", "old");
	using snapshot = db.snapshot();
	db.putSync("a", "new");
	db.deleteRangeSync({});
	await db.flush();
	assert.is(snapshot.getSync("a"), "old");
	assert.is(db.getSync("a"), undefined);
	db.closeSync();
});

overKernels(ranges, "may come a hundred thousand times", async (openers) => {
	const { db } = fresh(openers, { memtableBytes: 1 << 20, background: "inline" });
	const random = new Random(3);
	const live = new Uint8Array(1000);
	for (let call = 0; call < 100_000; call++) {
		const [from, to] = [random.below(1000), random.below(1000)].sort((a, b) => a - b) as [number, number];
		if (call % 10 === 0) {
			db.putSync(keyOf(from), "value");
			live[from] = 1;
		}
		const narrow = call % 2 === 0 ? Math.min(to, from + 3) : to;
		db.deleteRangeSync({ gt: keyOf(from), lt: keyOf(narrow) });
		if (narrow > from) live.fill(0, from + 1, narrow);
	}
	const wanted = [...live.keys()].filter((number) => live[number] === 1).map(keyOf);
	assert.equal([...db.keys()], wanted);
	const { memory } = await db.stats();
	assert.ok(memory.allocatedBytes < 64 << 20, `${memory.allocatedBytes} bytes are in use`);
	await db.compact();
	assert.equal([...db.keys()], wanted);
	assert.is(
		tables(db)
			.flat()
			.reduce((sum, { rangeDeletions }) => sum + rangeDeletions, 0),
		0,
	);
	await sound(db);
	// All in one commit: each covers the ends of those before it.
	db.transactionSync((tx) => {
		for (let call = 0; call < 2000; call++) tx.deleteRangeSync({ gte: keyOf(call), lt: keyOf(9000 - call) });
	});
	assert.equal([...db.keys()], []);
	db.closeSync();
});

overKernels(ranges, "within a transaction hides what came before it, and nothing that comes after", async (openers) => {
	const { db } = fresh(openers);
	fill(db, 10);
	await db.transaction(async (tx) => {
		tx.putSync(keyOf(3), "own");
		tx.putSync("z", "own");
		const opened = tx.keys();
		await tx.deleteRange({ gte: keyOf(2), lt: keyOf(8) });
		tx.putSync(keyOf(5), "later");
		assert.equal([...tx.keys()], [0, 1, 5, 8, 9].map(keyOf).concat("z"));
		assert.equal([...tx.keys({ reverse: true })], [0, 1, 5, 8, 9].map(keyOf).concat("z").reverse());
		assert.equal([...opened].length, 11, "a cursor sees the writes made before it was opened");
		assert.is(tx.getSync(keyOf(3)), undefined);
		assert.is(tx.getSync(keyOf(5)), "later");
		tx.deleteRangeSync({ gte: "z" });
		tx.deleteRangeSync({ limit: 1 });
	});
	assert.equal([...db.keys()], [1, 5, 8, 9].map(keyOf));
	db.closeSync();
});

overKernels(
	ranges,
	"conflicts with what others wrote in the range since the transaction began, and with nothing else",
	async (openers) => {
		type Step = (db: Pick<Database, "putSync" | "deleteSync" | "deleteRangeSync">) => void;
		const wide: Step = (db) => db.deleteRangeSync({ gte: "c", lt: "m" });
		const cases: readonly (readonly [own: Step, other: Step, conflict: boolean])[] = [
			[wide, (db) => db.putSync("c", "1"), true],
			[wide, (db) => db.deleteSync("l"), true],
			[wide, (db) => db.putSync("m", "1"), false],
			[wide, (db) => db.putSync("b", "1"), false],
			[wide, (db) => db.deleteRangeSync({ gte: "a", lt: "c" }), false],
			[wide, (db) => db.deleteRangeSync({ gte: "a", lte: "c" }), true],
			[wide, (db) => db.deleteRangeSync({ gte: "d", lt: "e" }), true],
			[wide, (db) => db.deleteRangeSync({ gte: "m" }), false],
			[(db) => db.putSync("d", "1"), wide, true],
			[(db) => db.deleteSync("nothing there"), wide, false],
			[(db) => db.putSync("c", "1"), wide, true],
			[(db) => db.putSync("m", "1"), wide, false],
		];
		for (const [own, other, conflict] of cases) {
			for (const after of [() => {}, (db: Database) => db.flush(), (db: Database) => db.compact()]) {
				const { db } = fresh(openers);
				for (const key of "abcdefghijklmnop") db.putSync(key, "before");
				await db.compact();
				const done = db.transaction(async (tx) => {
					own(tx);
					other(db);
					await after(db);
				});
				const outcome = await done.then(
					() => "done",
					(error) => error.code,
				);
				assert.is(outcome, conflict ? "WLSM_CONFLICT" : "done", `${own} against ${other}`);
				db.closeSync();
			}
		}
	},
);

overKernels(ranges, "waits its turn behind other commits and keeps its bounds as they were", async (openers) => {
	const db = openers.openStorage<Uint8Array, string>(new MemoryStorage(), "/db", { ...SMALL, keyEncoding: "view" });
	const bound = Buffer.from("b");
	const all = [];
	for (let round = 0; round < 200; round++) {
		bound[0] = 98;
		all.push(db.put(Buffer.from("b"), "x".repeat(1000)), db.put(Buffer.from("d"), "x".repeat(1000)));
		all.push(db.deleteRange({ gte: bound, lt: Buffer.from("c") }));
		bound[0] = 97;
		all.push(db.put(Buffer.from("a"), "x"));
	}
	await Promise.all(all);
	assert.equal(
		[...db.keys()].map((key) => Buffer.from(key).toString()),
		["a", "d"],
	);
	db.closeSync();
});

overKernels(ranges, "goes into checkpoints and is there for readers beside the writer's files", async (openers) => {
	const { db, storage } = fresh(openers);
	fill(db, 500);
	await db.flush();
	db.deleteRangeSync({ gte: keyOf(10), lt: keyOf(490) });
	await db.checkpoint("/copy");
	for (const directory of ["/copy", "/db"]) {
		const reader = openers.openStorage(storage, directory, { readOnly: true });
		assert.is([...reader.keys()].length, 20);
		await sound(reader);
		reader.closeSync();
	}
	db.closeSync();
});

ranges.run();
