import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Database } from "../../host/database.js";
import { MemoryStorage, NodeStorage, type Storage } from "../../host/storage/index.js";
import { openStorage, rejected, thrown, withDirectory } from "../support/database.js";
import { type Openers, overKernels } from "../support/openers.js";
import { Random } from "../support/random.js";

const SMALL = { memtableBytes: 16 << 10, blockBytes: 256, blockCacheBytes: 4096 } as const;

const ingest = suite("bulk ingestion");

/** In memory and on disk. */
async function inPlaces(work: (storage: Storage, directory: string) => Promise<void>): Promise<void> {
	await work(new MemoryStorage(), "/db");
	await withDirectory((directory) => work(new NodeStorage(), directory));
}

const sorted = (entries: Iterable<[string, string]>) => [...new Map(entries)].sort(([a], [b]) => (a < b ? -1 : 1));

function random(seed: Random, count: number, value: string): [string, string][] {
	return sorted(Array.from({ length: count }, () => [`key ${seed.below(400)}`, value.repeat(seed.below(12))]));
}

overKernels(ingest, "what is ingested is newer than all before and older than all after it", async (openers) => {
	await inPlaces(async (storage, directory) => {
		const seed = new Random(1);
		const model = new Map<string, string>();
		let db = openers.openStorage(storage, directory, SMALL);
		for (let round = 0; round < 60; round++) {
			const kind = seed.below(10);
			if (kind < 4) {
				const entries = random(seed, seed.pick([1, 3, 50, 300]), `${round} ingested `);
				assert.is(await db.ingest(entries), entries.length);
				for (const [key, value] of entries) model.set(key, value);
			} else if (kind < 7) {
				for (const [key, value] of random(seed, 60, `${round} put `)) {
					db.putSync(key, value);
					model.set(key, value);
				}
			} else if (kind < 8) {
				const [gte, lt] = [`key ${seed.below(400)}`, `key ${seed.below(400)}`].sort() as [string, string];
				await db.deleteRange({ gte, lt });
				for (const key of [...model.keys()]) if (key >= gte && key < lt) model.delete(key);
			} else if (kind < 9) await (seed.once(2) ? db.flush() : db.compact());
			else {
				await db.close();
				db = openers.openStorage(storage, directory, SMALL);
			}
			assert.equal([...db.entries()], sorted(model));
			assert.equal((await db.verify()).problems, [], `round ${round}`);
		}
		await db.compact();
		assert.equal([...db.entries()], sorted(model));
		await db.close();
	});
});

overKernels(ingest, "commits and snapshots meanwhile come before it, and none sees a part of it", async (openers) => {
	await inPlaces(async (storage, directory) => {
		const db = openers.openStorage(storage, directory, SMALL);
		db.putSync("k500", "old");
		const before = db.snapshot();
		async function* entries(): AsyncGenerator<[string, string]> {
			for (let index = 0; index < 1000; index++) {
				if (index % 100 === 0) {
					db.putSync("k500", `meanwhile ${index}`);
					db.putSync(`own ${index}`, "1");
					assert.is([...db.keys({ prefix: "k" })].length, 1, "nothing of it is seen");
					await undefined;
				}
				yield [`k${String(index).padStart(3, "0")}`, "ingested"];
			}
		}
		const conflicting = db.transaction(async (tx) => {
			await tx.put("k700", "transaction");
			assert.is(await db.ingest(entries()), 1000);
			assert.is(await tx.get("k701"), undefined, "a transaction reads as of its beginning");
		});
		await rejected(() => conflicting, "WLSM_CONFLICT");
		assert.is(db.getSync("k500"), "ingested");
		assert.is(before.getSync("k500"), "old");
		assert.equal([...before.keys()], ["k500"]);
		before[Symbol.dispose]();
		db.putSync("k500", "after");
		assert.is([...db.keys()].length, 1010);
		await db.close();
		const again = openers.openStorage(storage, directory, SMALL);
		assert.is(again.getSync("k500"), "after");
		assert.is([...again.keys()].length, 1010);
		await again.close();
	});
});

overKernels(ingest, "several at once come one after the other", async (openers) => {
	const db = openers.openStorage(new MemoryStorage(), "/db", SMALL);
	const counts = await Promise.all(
		Array.from({ length: 5 }, (_, number) =>
			db.ingest(Array.from({ length: 100 }, (_, index): [string, string] => [`k${1000 + index}`, `${number}`])),
		),
	);
	assert.equal(counts, [100, 100, 100, 100, 100]);
	assert.equal(new Set(db.values()), new Set(["4"]));
	await db.close();
});

const tables = (db: Database) => db.stats().then(({ levels }) => levels.map(({ files }) => files));

overKernels(
	ingest,
	"tables that overlap nothing go to the lowest level, others above what they hide",
	async (openers) => {
		const db = openers.openStorage(new MemoryStorage(), "/db", SMALL);
		await db.ingest([["m", "1"]]);
		assert.equal(await tables(db), [0, 0, 0, 0, 0, 0, 1]);
		await db.ingest([["x", "1"]]);
		assert.equal(await tables(db), [0, 0, 0, 0, 0, 0, 2]);
		await db.ingest([
			["a", "2"],
			["z", "2"],
		]);
		assert.equal(await tables(db), [0, 0, 0, 0, 0, 1, 2]);
		assert.is(db.getSync("m"), "1");
		await db.close();
	},
);

async function refuses(openers: Openers, entries: unknown, message: RegExp): Promise<void> {
	const storage = new MemoryStorage();
	const db = openers.openStorage(storage, "/db", SMALL);
	db.putSync("there", "1");
	const files = storage.list("/db").length;
	const error = await rejected(() => db.ingest(entries as Iterable<[string, string]>), "WLSM_INVALID_ARGUMENT");
	assert.match(error.message, message);
	assert.equal([...db.entries()], [["there", "1"]]);
	assert.is(storage.list("/db").length, files, "nothing is left");
	await db.ingest([["a", "1"]]);
	assert.is(db.getSync("a"), "1");
	await db.close();
}

overKernels(ingest, "bad entries are refused, and nothing of them is kept", async (openers) => {
	const many = Array.from({ length: 2000 }, (_, index): [string, string] => [`k${10_000 + index}`, "v".repeat(50)]);
	await refuses(openers, [...many, ["k10000", "v"]], /Entry 2,?000 .* ascending order/);
	await refuses(
		openers,
		[
			["a", "1"],
			["a", "2"],
		],
		/Entry 1 /,
	);
	await refuses(openers, [["", "1"]], /key is empty/);
	await refuses(openers, [["a".repeat(65_536), "1"]], /65,536 bytes/);
	await refuses(openers, [["a", 1]], /value/);
	await refuses(openers, [["a"]], /value/);
	await refuses(openers, 5, /entries .* 5/i);
	await refuses(openers, undefined, /entries .* undefined/i);
	await refuses(openers, [5], /pair/);
});

overKernels(ingest, "what the entries' source throws is passed on, and nothing of them is kept", async (openers) => {
	const storage = new MemoryStorage();
	const db = openers.openStorage(storage, "/db", SMALL);
	const own = new Error("mine");
	const failing = function* (): Generator<[string, string]> {
		for (let index = 0; index < 1000; index++) yield [`k${1000 + index}`, "v".repeat(100)];
		throw own;
	};
	const outcome = await db.ingest(failing()).catch((error: unknown) => error);
	assert.is(outcome, own);
	assert.equal([...db.entries()], []);
	assert.equal(
		storage.list("/db").filter((name) => name.endsWith(".sst")),
		[],
	);
	assert.is(await db.ingest([]), 0);
	await db.close();
	await rejected(() => db.ingest([["a", "1"]]), "WLSM_CLOSED");
	const reader = openStorage(storage, "/db", { readOnly: true });
	await rejected(() => reader.ingest([["a", "1"]]), "WLSM_READ_ONLY");
	reader.closeSync();
});

for (const close of ["close", "closeSync"] as const) {
	overKernels(ingest, `${close} in the middle ends it, and nothing of it is kept`, async (openers) => {
		await inPlaces(async (storage, directory) => {
			const db = openers.openStorage(storage, directory, SMALL);
			db.putSync("there", "1");
			let closing: unknown;
			const entries = function* (): Generator<[string, string]> {
				for (let index = 0; index < 2000; index++) {
					if (index === 1500) closing = db[close]();
					yield [`k${10_000 + index}`, "v".repeat(100)];
				}
			};
			await rejected(() => db.ingest(entries()), "WLSM_CLOSED");
			await closing;
			thrown(() => db.getSync("there"), "WLSM_CLOSED");
			const again = openers.openStorage(storage, directory, SMALL);
			assert.equal([...again.entries()], [["there", "1"]]);
			assert.equal(
				storage.list(directory).filter((name) => name.endsWith(".sst")),
				[],
			);
			assert.equal((await again.verify()).problems, []);
			await again.close();
		});
	});
}

ingest.run();
