import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Database } from "../../host/database.js";
import { MemoryStorage } from "../../host/storage/index.js";
import type { ReadFile } from "../../host/storage/storage.js";
import { type Openers, overKernels } from "../support/openers.js";
import { Random } from "../support/random.js";

/** Tells of each read of a table: where it begins. */
class WatchedStorage extends MemoryStorage {
	readonly reads: string[] = [];

	override openRead(path: string): ReadFile {
		const file = super.openRead(path);
		const watch = (position: number) => {
			if (path.endsWith(".sst")) this.reads.push(`${path} ${position}`);
		};
		return {
			path,
			size: () => file.size(),
			readSync: (target, at, length, position) => {
				watch(position);
				return file.readSync(target, at, length, position);
			},
			read: (target, at, length, position) => {
				watch(position);
				return file.read(target, at, length, position);
			},
			close: () => file.close(),
		};
	}
}

const KEYS = 3000;
const key = (number: number) => `key ${String(number).padStart(6, "0")}`;

async function filled(openers: Openers, storage: MemoryStorage, blockCacheBytes: number): Promise<Database> {
	const db = openers.openStorage(storage, "/db", { background: "inline" });
	for (let number = 0; number < KEYS; number++) db.putSync(key(number), `value ${number}`);
	await db.flush();
	for (let number = 0; number < KEYS; number += 7) db.putSync(key(number), `newer ${number}`);
	await db.flush();
	for (let number = 0; number < KEYS; number += 50) db.deleteSync(key(number));
	await db.close();
	return openers.openStorage(storage, "/db", { background: "inline", blockCacheBytes });
}

function expected(number: number): string | undefined {
	if (number >= KEYS || number % 50 === 0) return undefined;
	return number % 7 === 0 ? `newer ${number}` : `value ${number}`;
}

const many = suite("getMany");

for (const mode of ["sync", "async"] as const) {
	overKernels(many, `reads each block once, ${mode}`, async (openers) => {
		const storage = new WatchedStorage();
		const db = await filled(openers, storage, 8 << 20);
		const random = new Random(1);
		const numbers = Array.from({ length: 500 }, () => random.below(KEYS + 20));
		const keys = numbers.map(key);
		storage.reads.length = 0;
		const values = mode === "sync" ? db.getManySync(keys) : await db.getMany(keys);
		assert.equal(values, numbers.map(expected));
		assert.ok(storage.reads.length > 10, `${storage.reads.length} reads`);
		assert.is(new Set(storage.reads).size, storage.reads.length);
		await db.close();
	});

	overKernels(many, `says which keys are there, reading each block once, ${mode}`, async (openers) => {
		const storage = new WatchedStorage();
		const db = await filled(openers, storage, 8 << 20);
		const random = new Random(2);
		const numbers = Array.from({ length: 500 }, () => random.below(KEYS + 20));
		const keys = numbers.map(key);
		storage.reads.length = 0;
		const there = mode === "sync" ? db.hasManySync(keys) : await db.hasMany(keys);
		assert.equal(
			there,
			numbers.map((number) => expected(number) !== undefined),
		);
		assert.is(new Set(storage.reads).size, storage.reads.length);
		await db.transaction(async (tx) => {
			tx.put(key(0), "of its own");
			tx.delete(key(1));
			const keys = [0, 1, 2, 50].map(key);
			assert.equal(mode === "sync" ? tx.hasManySync(keys) : await tx.hasMany(keys), [true, false, true, false]);
		});
		await db.close();
	});

	overKernels(many, `answers without a cache, with keys given twice, ${mode}`, async (openers) => {
		const db = await filled(openers, new MemoryStorage(), 0);
		const numbers = [5, 7, 50, 5, KEYS + 1, 5, 6, 7, 2999];
		const values = mode === "sync" ? db.getManySync(numbers.map(key)) : await db.getMany(numbers.map(key));
		assert.equal(values, numbers.map(expected));
		await db.close();
	});
}

overKernels(many, "takes no longer for a key that is given very often, without a cache", async (openers) => {
	const db = await filled(openers, new MemoryStorage(), 0);
	const before = process.cpuUsage().user;
	assert.equal(await db.getMany(Array(10_000).fill(key(5))), Array(10_000).fill("value 5"));
	// Each looked for once more in each round of one read would be 50 million lookups.
	const seconds = (process.cpuUsage().user - before) / 1e6;
	assert.ok(seconds < 5, `${seconds} s`);
	await db.close();
});

overKernels(
	many,
	"answers as of its call, whatever is written, compacted or closed while it waits",
	async (openers) => {
		const db = await filled(openers, new MemoryStorage(), 0);
		const numbers = Array.from({ length: 300 }, (_, index) => index * 9);
		const keys = numbers.map(key);
		const waiting = db.getMany(keys);
		keys.fill("other");
		for (let number = 0; number < KEYS; number++) db.putSync(key(number), "later");
		await db.compact();
		const closing = db.close();
		assert.equal(await waiting, numbers.map(expected));
		await closing;
	},
);

many.run();
