import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Database } from "../../host/database.js";
import type { EntryIterator } from "../../host/iterator.js";
import { MemoryStorage } from "../../host/storage/index.js";
import { rejected, thrown } from "../support/database.js";
import { type Openers, overKernels } from "../support/openers.js";

const COUNT = 2000;
const name = (number: number) => `key ${String(number).padStart(6, "0")}`;
const all = Array.from({ length: COUNT }, (_, number) => name(number));

/** A database whose entries lie in tables, with hardly a cache: reads have to wait for the disk. */
async function tables(openers: Openers, storage = new MemoryStorage()): Promise<Database> {
	const db = openers.openStorage(storage, "/db", { blockCacheBytes: 0, blockBytes: 256, background: "inline" });
	for (let third = 0; third < 3; third++) {
		for (let number = third; number < COUNT; number += 3) db.putSync(name(number), `value ${number}`);
		await db.flush();
	}
	return db;
}

async function allocated(db: Database): Promise<number> {
	return (await db.stats()).memory.allocatedBytes;
}

const iterators = suite("iterators");

overKernels(iterators, "see the moment of the call, whatever is written meanwhile", async (openers) => {
	const db = await tables(openers);
	const [before, beforeReversed] = [db.keys(), db.keys({ reverse: true })];
	const seen: string[] = [];
	for (const key of before) {
		seen.push(key);
		if (seen.length % 500 !== 0) continue;
		db.putSync(`${key} more`, "");
		db.deleteSync(key);
		await (seen.length === 1000 ? db.compact() : db.flush());
	}
	assert.equal(seen, all);
	assert.equal(await beforeReversed.all(), all.toReversed());
	assert.is([...db.keys()].length, COUNT);
	db.closeSync();
});

overKernels(
	iterators,
	"keys that share no prefix with the others come in while a scan is under way",
	async (openers) => {
		for (const reverse of [false, true]) {
			for (const inTables of [false, true]) {
				const db = openers.openStorage(new MemoryStorage(), "/db", { background: "inline" });
				for (let number = 0; number < COUNT; number += 2) db.putSync(name(number), "old");
				if (inTables) await db.flush();
				for (let number = 1; number < COUNT; number += 2) db.putSync(name(number), "new");
				const seen: string[] = [];
				for (const [key, value] of db.entries({ reverse })) {
					seen.push(key);
					assert.is(value, Number(key.slice(4)) % 2 === 0 ? "old" : "new");
					// First ones that shorten the prefix by and by, then ones that have nothing of it.
					if (seen.length % 100 === 0)
						for (const other of ["key ", "ke", "k", "a", "z"]) db.putSync(`${other}${seen.length}`, "");
				}
				assert.equal(seen, reverse ? all.toReversed() : all);
				db.closeSync();
			}
		}
	},
);

overKernels(iterators, "bounds that lack the prefix of the keys end a scan where they should", (openers) => {
	const db = openers.openStorage(new MemoryStorage(), "/db", { background: "inline" });
	for (const key of all) db.putSync(key, "");
	for (const lt of ["", "a", "ke", "key", "key ", name(7), `${name(7)}x`, "key 1", "kez", "l", "zz"]) {
		const expected = all.filter((key) => key < lt);
		assert.equal([...db.keys({ lt })], lt === "" ? [] : expected, lt);
		assert.equal([...db.keys({ lt, reverse: true })], lt === "" ? [] : expected.toReversed(), lt);
	}
	db.closeSync();
});

overKernels(iterators, "breaking off, return, close and dispose release what a scan holds", async (openers) => {
	const db = await tables(openers);
	const empty = await allocated(db);
	for (const key of db.keys()) if (key === name(5)) break;
	for await (const key of db.keys()) if (key === name(5)) break;
	for (const give of ["close", "return", "dispose", "asyncDispose", "error"] as const) {
		const iterator = db.entries();
		const iterating = iterator[Symbol.iterator]();
		iterating.next();
		if (give === "close") iterator.close();
		else if (give === "return") iterating.return?.();
		else if (give === "dispose") iterator[Symbol.dispose]();
		else if (give === "asyncDispose") await iterator[Symbol.asyncDispose]();
		else assert.throws(() => breakOff(iterator), /enough/);
		assert.is((await db.stats()).iterators, 0, give);
		assert.equal([...iterator], []);
		assert.equal(iterating.next(), { done: true, value: undefined });
	}
	// The first scan opened the tables: their indexes stay.
	const opened = await allocated(db);
	assert.ok(opened >= empty);
	for (let round = 0; round < 50; round++) for (const _ of db.keys({ limit: round, reverse: round % 2 === 0 }));
	assert.is(await allocated(db), opened);
	db.closeSync();
});

function breakOff(iterator: EntryIterator<unknown>): void {
	for (const _ of iterator) throw new Error("enough");
}

overKernels(iterators, "return while a page is being read", async (openers) => {
	const db = await tables(openers);
	for (const _ of db.keys());
	const before = await allocated(db);
	for (let round = 0; round < 20; round++) {
		const iterator = db.entries({ gte: name(90 * round) })[Symbol.asyncIterator]();
		const next = iterator.next();
		await iterator.return?.();
		const first = await next;
		assert.ok(first.done === true || first.value[0] === name(90 * round));
		assert.equal(await iterator.next(), { done: true, value: undefined });
	}
	assert.is((await db.stats()).iterators, 0);
	assert.is(await allocated(db), before);
	assert.equal([...db.keys()], all);
	db.closeSync();
});

overKernels(iterators, "calls of next that do not wait for each other are answered in order", async (openers) => {
	const db = await tables(openers);
	const iterator = db.keys()[Symbol.asyncIterator]();
	const results = await Promise.all(Array.from({ length: COUNT + 5 }, () => iterator.next()));
	assert.equal(
		results.slice(0, COUNT).map((result) => result.value),
		all,
	);
	assert.ok(results.slice(COUNT).every((result) => result.done));
	db.closeSync();
});

overKernels(iterators, "two loops over one iterator share its entries between them", async (openers) => {
	const db = await tables(openers);
	const iterator = db.keys();
	const take = async () => {
		const keys: string[] = [];
		for await (const key of { [Symbol.asyncIterator]: () => iterator[Symbol.asyncIterator]() }) keys.push(key);
		return keys;
	};
	const [some, others] = await Promise.all([take(), take()]);
	assert.is([...some, ...others].sort().join(), all.join());
	db.closeSync();
});

overKernels(
	iterators,
	"a synchronous step while an asynchronous one waits is refused, not answered wrongly",
	async (openers) => {
		const db = await tables(openers);
		const iterator = db.keys();
		const waiting = iterator[Symbol.asyncIterator]().next();
		thrown(() => iterator[Symbol.iterator]().next(), "WLSM_INVALID_ARGUMENT");
		assert.is((await waiting).value, name(0));
		db.closeSync();
	},
);

overKernels(iterators, "close of the database ends open iterators and lets waiting reads end", async (openers) => {
	for (const how of ["close", "closeSync"] as const) {
		const db = await tables(openers);
		const [open, other] = [db.keys(), db.keys({ reverse: true })];
		const reading = open[Symbol.asyncIterator]();
		const first = reading.next();
		const gets = Promise.all(all.slice(0, 50).map((key) => db.get(key)));
		await db[how]();
		assert.equal(
			await gets,
			all.slice(0, 50).map((_, number) => `value ${number}`),
		);
		const outcome = await first.then(
			({ value }) => value,
			(error) => error.code,
		);
		assert.ok([name(0), "WLSM_CLOSED"].includes(outcome), String(outcome));
		await rejected(async () => {
			for (let step = 0; step < COUNT; step++) if ((await reading.next()).done) return;
		}, "WLSM_CLOSED").catch((error) => {
			// The iterator ended with its first error.
			if (outcome !== "WLSM_CLOSED") throw error;
		});
		thrown(() => [...other], "WLSM_CLOSED");
	}
});

overKernels(
	iterators,
	"one that is closed while it waits for the disk ends, and gives back what it holds",
	async (openers) => {
		const storage = new MemoryStorage();
		const { openRead } = storage;
		let waiting = () => {};
		storage.openRead = (path) => {
			const file = openRead.call(storage, path);
			const read = file.read.bind(file);
			file.read = async (...parameters) => {
				waiting();
				await new Promise((resolve) => setImmediate(resolve));
				return read(...parameters);
			};
			return file;
		};
		const db = await tables(openers, storage);
		// Opens the tables, for good.
		await db.keys().all();
		const before = await allocated(db);
		let closed = 0;
		for (let left = 1; left < 7; left++) {
			const keys = db.keys();
			let reads = left;
			waiting = () => {
				reads -= 1;
				if (reads !== 0) return;
				keys.close();
				closed += 1;
			};
			const seen: string[] = [];
			for await (const key of keys) seen.push(key);
			assert.ok(seen.length < COUNT);
			assert.equal(seen, all.slice(0, seen.length));
		}
		waiting = () => {};
		assert.ok(closed > 4, `${closed}`);
		assert.is((await db.stats()).iterators, 0);
		assert.is(await allocated(db), before);
		assert.equal(await db.keys().all(), all);
		await db.close();
	},
);

overKernels(iterators, "hundreds open at once, many reads interleaved", async (openers) => {
	const db = await tables(openers);
	const before = await allocated(db);
	const scans = Array.from({ length: 200 }, (_, index) => {
		const reverse = index % 2 === 1;
		const range = { gte: name(index * 5), lt: name(index * 5 + 400), reverse };
		const expected = all.slice(index * 5, index * 5 + 400);
		return { iterator: db.keys(range), expected: reverse ? expected.toReversed() : expected };
	});
	const gets = all.map((key) => db.get(key));
	const lists = await Promise.all(scans.map(({ iterator }) => iterator.all()));
	for (const [index, list] of lists.entries()) assert.equal(list, scans[index]?.expected);
	assert.equal(
		await Promise.all(gets),
		all.map((_, number) => `value ${number}`),
	);
	assert.is((await db.stats()).iterators, 0);
	// Tables that are open and operations kept for reuse.
	assert.ok((await allocated(db)) - before < 1 << 20);
	db.closeSync();
});

const snapshots = suite("snapshots");

overKernels(snapshots, "hold their moment across flushes, compactions, deletions", async (openers) => {
	const db = await tables(openers);
	const taken = db.snapshot();
	db.deleteRangeSync({});
	db.putSync("other", "1");
	await db.compact();
	for (const how of ["self", "option"]) {
		const read = how === "self" ? taken : db;
		const options = how === "self" ? {} : { snapshot: taken };
		assert.equal([...read.keys(options)], all);
		assert.equal(await read.keys({ ...options, reverse: true }).all(), all.toReversed());
		assert.is(read.getSync(name(7), options), "value 7");
		assert.is(await read.get(name(8), options), "value 8");
		assert.equal(await read.getMany([name(9), "other"], options), ["value 9", undefined]);
		assert.equal(read.getManySync([name(9), "other"], options), ["value 9", undefined]);
		assert.is(read.hasSync("other", options), false);
		assert.is(await read.has(name(1), options), true);
	}
	taken.close();
	taken.close();
	await db.compact();
	assert.equal([...db.keys()], ["other"]);
	db.closeSync();
});

overKernels(snapshots, "a closed one, and one of another database, are refused", async (openers) => {
	const db = await tables(openers);
	const other = openers.openStorage(new MemoryStorage(), "/db");
	const closed = db.snapshot();
	closed[Symbol.dispose]();
	for (const work of [() => closed.getSync("a"), () => closed.keys(), () => db.getSync("a", { snapshot: closed })]) {
		thrown(work, "WLSM_CLOSED");
	}
	await rejected(() => db.get("a", { snapshot: closed }), "WLSM_CLOSED");
	thrown(() => db.keys({ snapshot: closed }), "WLSM_CLOSED");
	const foreign = other.snapshot();
	thrown(() => db.getSync("a", { snapshot: foreign }), "WLSM_INVALID_ARGUMENT");
	thrown(() => db.entries({ snapshot: foreign }), "WLSM_INVALID_ARGUMENT");
	await rejected(() => db.getMany(["a"], { snapshot: foreign }), "WLSM_INVALID_ARGUMENT");
	other.closeSync();
	db.closeSync();
});

iterators.run();
snapshots.run();
