import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { BatchOperation, Database, Range } from "../../host/index.js";
import { rejected, thrown, withDirectory } from "../support/database.js";
import { type Openers, overKernels } from "../support/openers.js";

/** The same calls made in both ways, so that each case is told once. */
interface Way {
	readonly name: string;
	open(openers: Openers, location: string): Promise<Database> | Database;
	put(db: Database, key: string, value: string, options?: { sync?: boolean }): unknown;
	get(db: Database, key: string): unknown;
	getMany(db: Database, keys: string[]): unknown;
	has(db: Database, key: string): unknown;
	delete(db: Database, key: string, options?: { sync?: boolean }): unknown;
	batch(db: Database, operations: BatchOperation<string, string>[], options?: { sync?: boolean }): unknown;
	deleteRange(db: Database, range: Range<string>): unknown;
	list<Item>(iterable: Iterable<Item> & AsyncIterable<Item>): Promise<Item[]>;
	close(db: Database): unknown;
}

const ways: Way[] = [
	{
		name: "sync",
		open: ({ openSync }, location) => openSync(location),
		put: (db, ...rest) => db.putSync(...rest),
		get: (db, key) => db.getSync(key),
		getMany: (db, keys) => db.getManySync(keys),
		has: (db, key) => db.hasSync(key),
		delete: (db, ...rest) => db.deleteSync(...rest),
		batch: (db, ...rest) => db.batchSync(...rest),
		deleteRange: (db, range) => db.deleteRangeSync(range),
		list: async (iterable) => [...iterable],
		close: (db) => db.closeSync(),
	},
	{
		name: "async",
		open: ({ open }, location) => open(location),
		put: (db, ...rest) => db.put(...rest),
		get: (db, key) => db.get(key),
		getMany: (db, keys) => db.getMany(keys),
		has: (db, key) => db.has(key),
		delete: (db, ...rest) => db.delete(...rest),
		batch: (db, ...rest) => db.batch(...rest),
		deleteRange: (db, range) => db.deleteRange(range),
		list: async (iterable) => {
			const items = [];
			for await (const item of iterable) items.push(item);
			return items;
		},
		close: (db) => db.close(),
	},
];

for (const way of ways) {
	for (const place of ["memory", "disk"]) {
		const contract = suite(`contract, ${way.name}, ${place}`);

		/** A case with a database of its own; `settle` brings what was written to where it is read from in later life. */
		const test = (name: string, work: (db: Database, settle: () => Promise<Database>) => Promise<void>) => {
			overKernels(contract, name, (openers) =>
				withDirectory(async (directory) => {
					let db = await way.open(openers, place === "memory" ? ":memory:" : directory);
					try {
						await work(db, async () => {
							await db.flush();
							if (place === "disk") {
								await way.close(db);
								db = await way.open(openers, directory);
							}
							return db;
						});
					} finally {
						await way.close(db);
					}
				}),
			);
		};

		test("put, get, has, delete", async (first, settle) => {
			let db = first;
			assert.is(await way.get(db, "a"), undefined);
			assert.is(await way.has(db, "a"), false);
			await way.put(db, "a", "1");
			await way.put(db, "a", "2");
			await way.put(db, "empty", "");
			await way.put(db, "durable", "3", { sync: true });
			await way.delete(db, "absent");
			for (let round = 0; round < 2; round++) {
				assert.is(await way.get(db, "a"), "2");
				assert.is(await way.has(db, "a"), true);
				assert.is(await way.get(db, "empty"), "");
				assert.is(await way.has(db, "empty"), true);
				assert.is(await way.get(db, "durable"), "3");
				assert.is(await way.get(db, "absent"), undefined);
				db = await settle();
			}
			await way.delete(db, "a", { sync: true });
			assert.is(await way.get(db, "a"), undefined);
			db = await settle();
			assert.is(await way.has(db, "a"), false);
		});

		test("getMany answers in the keys' order", async (first, settle) => {
			let db = first;
			await way.batch(db, [
				{ type: "put", key: "a", value: "1" },
				{ type: "put", key: "b", value: "2" },
			]);
			for (let round = 0; round < 2; round++) {
				assert.equal(await way.getMany(db, ["b", "x", "a", "b"]), ["2", undefined, "1", "2"]);
				assert.equal(await way.getMany(db, []), []);
				db = await settle();
			}
		});

		test("batch: all in order, later ones win", async (db) => {
			await way.batch(db, []);
			await way.batch(db, [
				{ type: "put", key: "a", value: "1" },
				{ type: "put", key: "a", value: "2" },
				{ type: "put", key: "b", value: "1" },
				{ type: "delete", key: "b" },
				{ type: "put", key: "c", value: "1" },
				{ type: "del", key: "c" },
				{ type: "put", key: "c", value: "3" },
			]);
			assert.equal(await way.list(db.entries()), [
				["a", "2"],
				["c", "3"],
			]);
		});

		test("a batch with one wrong operation writes nothing", async (db) => {
			const operations = [
				{ type: "put", key: "a", value: "1" },
				{ type: "put", key: "", value: "1" },
			] as const;
			await rejected(async () => way.batch(db, [...operations]), "WLSM_INVALID_ARGUMENT");
			assert.is(await way.get(db, "a"), undefined);
			await way.put(db, "b", "1");
			assert.equal(await way.list(db.keys()), ["b"]);
		});

		test("ranges: every bound, prefix, reverse, limit", async (first, settle) => {
			let db = first;
			const keys = ["a", "aa", "ab", "b", "ba", "c"];
			for (const key of keys) await way.put(db, key, key.toUpperCase());
			const cases: [Range<string>, string[]][] = [
				[{}, keys],
				[{ gt: "aa" }, ["ab", "b", "ba", "c"]],
				[{ gte: "aa" }, ["aa", "ab", "b", "ba", "c"]],
				[{ lt: "ba" }, ["a", "aa", "ab", "b"]],
				[{ lte: "ba" }, ["a", "aa", "ab", "b", "ba"]],
				[{ gt: "a", lt: "b" }, ["aa", "ab"]],
				[{ gt: "a", gte: "aa", lt: "c", lte: "b" }, ["aa", "ab", "b"]],
				[{ gt: "b", lt: "a" }, []],
				[{ gt: "b", lt: "b" }, []],
				[{ gte: "b", lte: "b" }, ["b"]],
				[{ prefix: "a" }, ["a", "aa", "ab"]],
				[{ prefix: "a", gt: "a" }, ["aa", "ab"]],
				[{ prefix: "b", lt: "ba" }, ["b"]],
				[{ prefix: "z" }, []],
				[{ prefix: "" }, keys],
				[{ gte: "" }, keys],
				[{ lt: "" }, []],
				[{ gte: "\u{10ffff}" }, []],
			];
			for (let round = 0; round < 2; round++) {
				for (const [range, expected] of cases) {
					for (const limit of [undefined, -1, 0, 1, 2, 100]) {
						const bounded = limit === undefined ? range : { ...range, limit };
						const most = limit === undefined || limit === -1 ? keys.length : limit;
						assert.equal(await way.list(db.keys(bounded)), expected.slice(0, most), JSON.stringify(bounded));
						const reversed = expected.toReversed().slice(0, most);
						assert.equal(await way.list(db.keys({ ...bounded, reverse: true })), reversed, JSON.stringify(bounded));
					}
					assert.equal(
						await way.list(db.values(range)),
						expected.map((key) => key.toUpperCase()),
					);
					assert.equal(
						await way.list(db.entries(range)),
						expected.map((key) => [key, key.toUpperCase()]),
					);
				}
				db = await settle();
			}
		});

		test("deleteRange", async (first, settle) => {
			let db = first;
			for (const key of ["a", "b", "ba", "bb", "c"]) await way.put(db, key, key);
			db = await settle();
			await way.put(db, "bc", "");
			await way.deleteRange(db, { prefix: "b", gt: "b" });
			assert.equal(await way.list(db.keys()), ["a", "b", "c"]);
			await way.deleteRange(db, { reverse: true, limit: 1 });
			assert.equal(await way.list(db.keys()), ["a", "b"]);
			db = await settle();
			assert.equal(await way.list(db.keys()), ["a", "b"]);
			await way.deleteRange(db, {});
			assert.equal(await way.list(db.keys()), []);
		});

		test("keys are ordered by their bytes, in every script", async (first, settle) => {
			let db = first;
			const keys = [
				"\0",
				"\u0001",
				"A",
				"a",
				"z",
				"\u007f",
				"\u0080",
				"ß",
				"é",
				"日本",
				"\ud7ff",
				"\ue000",
				"\uffff",
				"😀",
				"\u{10ffff}",
			];
			for (const key of keys.toReversed()) await way.put(db, key, `value of ${key}`);
			for (let round = 0; round < 2; round++) {
				// UTF-8 keeps the order of code points, which is not that of UTF-16.
				assert.equal(await way.list(db.keys()), keys);
				for (const key of keys) assert.is(await way.get(db, key), `value of ${key}`);
				db = await settle();
			}
		});

		test("keys and values at their limits", async (first, settle) => {
			let db = first;
			const longest = "k".repeat(65_535);
			const wide = "é".repeat(32_767);
			const huge = "0123456789abcdef".repeat(1 << 18);
			await way.put(db, longest, "longest");
			await way.put(db, `${longest.slice(1)}j`, "neighbour");
			await way.put(db, wide, huge);
			for (let round = 0; round < 2; round++) {
				assert.is(await way.get(db, longest), "longest");
				assert.is(await way.get(db, `${longest.slice(1)}j`), "neighbour");
				assert.ok((await way.get(db, wide)) === huge);
				db = await settle();
			}
			for (const key of [`${longest}k`, `${wide}é`, "k".repeat(1_000_000)]) {
				await rejected(async () => way.put(db, key, ""), "WLSM_INVALID_ARGUMENT");
				await rejected(async () => way.get(db, key), "WLSM_INVALID_ARGUMENT");
				await rejected(async () => way.delete(db, key), "WLSM_INVALID_ARGUMENT");
			}
			assert.is((await way.list(db.keys())).length, 3);
		});

		contract.run();
	}
}

const large = suite("contract, large values");

overKernels(large, "64 MiB in memory, in a table, after reopening", ({ openSync }) =>
	withDirectory(async (directory) => {
		const value = new Uint8Array(64 << 20);
		for (let at = 0; at < value.length; at += 4093) value[at] = at;
		const options = { valueEncoding: "view" } as const;
		let db = openSync(directory, options);
		db.putSync("huge", value);
		assert.ok(Buffer.compare(db.getSync("huge") ?? new Uint8Array(), value) === 0);
		await db.flush();
		db.putSync("small", Uint8Array.of(1));
		assert.ok(Buffer.compare((await db.get("huge")) ?? new Uint8Array(), value) === 0);
		await db.close();
		db = openSync(directory, options);
		const lengths = [...db.entries()].map(([key, bytes]) => `${key} ${bytes.length}`);
		assert.equal(lengths, [`huge ${64 << 20}`, "small 1"]);
		await db.compact();
		assert.ok(Buffer.compare(db.getSync("huge") ?? new Uint8Array(), value) === 0);
		await db.close();
	}),
);

overKernels(large, "a value above 256 MiB is refused and nothing is changed", ({ openSync }) => {
	const db = openSync(":memory:", { valueEncoding: "view" });
	thrown(() => db.putSync("huge", new Uint8Array((256 << 20) + 1)), "WLSM_INVALID_ARGUMENT");
	assert.is(db.getSync("huge"), undefined);
	db.putSync("small", Uint8Array.of(1));
	assert.equal([...db.keys()], ["small"]);
	db.closeSync();
});

large.run();
