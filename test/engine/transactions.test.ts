import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { EntryIterator } from "../../host/iterator.js";
import type { KeyValueTransaction } from "../../host/key-value-transaction.js";
import { rejected, thrown } from "../support/database.js";
import { overKernels } from "../support/openers.js";

const transactions = suite("transactions");

overKernels(transactions, "commit on return, roll back on throw, answer what the function answers", async (openers) => {
	const db = openers.openSync(":memory:");
	db.putSync("a", "1");
	const answer = await db.transaction(async (tx) => {
		await tx.put("b", "2");
		tx.deleteSync("a");
		await tx.batch([{ type: "put", key: "c", value: "3" }]);
		assert.is(await tx.get("a"), undefined);
		assert.is(tx.getSync("b"), "2");
		assert.equal(await tx.getMany(["a", "b", "c"]), [undefined, "2", "3"]);
		assert.is(tx.hasSync("a"), false);
		assert.is(await tx.has("c"), true);
		assert.equal([...tx.keys()], ["b", "c"]);
		assert.is(db.getSync("a"), "1", "nothing shows before the commit");
		assert.is(db.getSync("b"), undefined);
		return 7;
	});
	assert.is(answer, 7);
	assert.equal(
		[...db.entries()],
		[
			["b", "2"],
			["c", "3"],
		],
	);
	const failing = db.transaction((tx) => {
		tx.putSync("b", "9");
		throw new Error("no");
	});
	assert.is(await failing.catch((error) => error.message), "no");
	assert.throws(
		() =>
			db.transactionSync((tx) => {
				tx.deleteSync("c");
				throw new Error("no");
			}),
		/no/,
	);
	assert.equal(
		[...db.entries()],
		[
			["b", "2"],
			["c", "3"],
		],
	);
	assert.is((await db.stats()).snapshots, 0);
	db.closeSync();
});

overKernels(transactions, "the second to write a key fails with WLSM_CONFLICT, others do not", async (openers) => {
	const db = openers.openSync(":memory:");
	const clash = (first: (tx: KeyValueTransaction<string, string>) => void, second: () => unknown) =>
		db.transaction(async (tx) => {
			first(tx);
			await second();
		});
	await rejected(
		() =>
			clash(
				(tx) => tx.putSync("a", "1"),
				() => db.put("a", "2"),
			),
		"WLSM_CONFLICT",
	);
	assert.is(db.getSync("a"), "2");
	await rejected(
		() =>
			clash(
				(tx) => tx.deleteSync("a"),
				() => db.delete("a"),
			),
		"WLSM_CONFLICT",
	);
	await rejected(
		() =>
			clash(
				(tx) => tx.putSync("new", "1"),
				() => db.delete("new"),
			),
		"WLSM_CONFLICT",
	);
	await clash(
		(tx) => tx.putSync("a", "3"),
		() => db.put("b", "4"),
	);
	// A read is no conflict: the isolation is that of snapshots.
	await clash(
		(tx) => assert.is(tx.getSync("b"), "4"),
		() => db.put("b", "5"),
	);
	// The other write may have gone to a table, and its tombstone through a compaction.
	await rejected(
		() =>
			clash(
				(tx) => tx.putSync("b", "6"),
				async () => {
					db.deleteSync("b");
					await db.flush();
					await db.compact();
				},
			),
		"WLSM_CONFLICT",
	);
	assert.equal([...db.entries()], [["a", "3"]]);
	const both = await Promise.allSettled(
		Array.from({ length: 20 }, (_, number) =>
			db.transaction(async (tx) => {
				const count = Number((await tx.get("count")) ?? 0);
				await Promise.resolve();
				await tx.put("count", String(count + 1));
				return number;
			}),
		),
	);
	const done = both.filter(({ status }) => status === "fulfilled").length;
	assert.is(db.getSync("count"), String(done), "each that committed counted once");
	db.closeSync();
});

overKernels(transactions, "a transaction that has ended refuses everything", async (openers) => {
	const db = openers.openSync(":memory:");
	for (const end of ["commit", "throw"]) {
		let ended!: KeyValueTransaction<string, string>;
		await db
			.transaction((tx) => {
				ended = tx;
				tx.putSync("a", "1");
				if (end === "throw") throw new Error("no");
			})
			.catch(() => {});
		for (const work of [
			() => ended.getSync("a"),
			() => ended.hasSync("a"),
			() => ended.putSync("a", ""),
			() => ended.deleteSync("a"),
			() => ended.batchSync([{ type: "del", key: "a" }]),
			() => ended.entries(),
		]) {
			thrown(work, "WLSM_CLOSED");
		}
		await rejected(() => ended.get("a"), "WLSM_CLOSED");
		await rejected(() => ended.put("a", ""), "WLSM_CLOSED");
	}
	db.closeSync();
});

overKernels(transactions, "iterators of a transaction end with it", async (openers) => {
	const db = openers.openSync(":memory:");
	for (const end of ["commit", "throw"]) {
		const iterators: EntryIterator<[string, string]>[] = [];
		await db
			.transaction((tx) => {
				for (let number = 0; number < 3000; number++) tx.putSync(`key ${number}`, "value ".repeat(20));
				for (const reverse of [false, true]) {
					const [fresh, begun] = [tx.entries({ reverse }), tx.entries({ reverse })];
					begun[Symbol.iterator]().next();
					iterators.push(fresh, begun);
				}
				if (end === "throw") throw new Error("no");
			})
			.catch(() => {});
		// What the transaction wrote is gone from memory, or somebody else's.
		for (let number = 0; number < 3000; number++) db.putSync(`other ${number}`, "something else ".repeat(10));
		for (const iterator of iterators) thrown(() => [...iterator], "WLSM_CLOSED");
		assert.is((await db.stats()).iterators, 0);
	}
	db.closeSync();
});

overKernels(transactions, "iterators of a transaction see what was written before they were opened", (openers) => {
	const db = openers.openSync(":memory:");
	db.putSync("b", "db");
	db.transactionSync((tx) => {
		tx.putSync("a", "1");
		const keys = tx.entries();
		const reversed = tx.entries({ reverse: true });
		tx.putSync("a", "2");
		tx.putSync("c", "3");
		tx.deleteSync("b");
		assert.equal(
			[...keys],
			[
				["a", "1"],
				["b", "db"],
			],
		);
		assert.equal(
			[...reversed],
			[
				["b", "db"],
				["a", "1"],
			],
		);
		assert.equal(
			[...tx.entries()],
			[
				["a", "2"],
				["c", "3"],
			],
		);
	});
	db.closeSync();
});

overKernels(transactions, "close of the database ends open transactions", async (openers) => {
	const db = openers.openSync(":memory:");
	db.putSync("a", "1");
	await rejected(
		() =>
			db.transaction(async (tx) => {
				await tx.put("a", "2");
				await db.close();
			}),
		"WLSM_CLOSED",
	);
});

overKernels(transactions, "large ones, and thousands of small ones, leave no memory behind", async (openers) => {
	const db = openers.openSync(":memory:", { memtableBytes: 16 << 10, background: "inline" });
	const round = () =>
		db.transactionSync((tx) => {
			for (let number = 0; number < 40; number++) tx.putSync(`key ${number}`, "v".repeat(100));
			for (const _ of tx.keys());
		});
	for (let number = 0; number < 50; number++) round();
	await db.compact();
	const before = (await db.stats()).memory.allocatedBytes;
	for (let number = 0; number < 1000; number++) round();
	await db.compact();
	for (const _ of db.keys());
	const after = (await db.stats()).memory.allocatedBytes;
	assert.ok(Math.abs(after - before) < 1 << 20, `${before} bytes before, ${after} after`);
	db.closeSync();
});

overKernels(transactions, "may begin with a range deletion before many writes", (openers) => {
	const db = openers.openSync(":memory:");
	const keys = Array.from({ length: 40 }, (_, number) => `${"zyxwa"[number % 5]}/${number}`);
	db.transactionSync((tx) => {
		tx.deleteRangeSync({});
		for (const key of keys) tx.putSync(key, key);
	});
	assert.equal([...db.keys()], keys.toSorted());
	for (const key of keys) assert.is(db.getSync(key), key);
	db.closeSync();
});

transactions.run();
