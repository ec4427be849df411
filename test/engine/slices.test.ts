import { suite } from "uvu";
import * as assert from "uvu/assert";
import { MemoryStorage } from "../../host/storage/index.js";
import { rejected } from "../support/database.js";
import { overKernels } from "../support/openers.js";

const OPTIONS = { background: "inline", memtableBytes: 64 << 10, blockBytes: 1024 } as const;
const key = (number: number) => `key ${String((number * 7919) % 50_000).padStart(6, "0")}`;

const slices = suite("jobs in slices");

overKernels(
	slices,
	"commits go on while a flush and a compaction are under way, and complete them",
	async (openers) => {
		const db = openers.openStorage(new MemoryStorage(), "/db", {
			...OPTIONS,
			memtableBytes: 1 << 20,
			compression: "none",
		});
		const value = (number: number) => `value ${number} `.repeat(10);
		let under = 0;
		for (let number = 0; number < 50_000; number++) {
			db.putSync(key(number), value(number));
			if (number % 50 !== 0) continue;
			// From four tables on a compaction is due, and has begun.
			if (((await db.stats()).levels[0]?.files ?? 0) >= 4) under += 1;
			assert.is(db.getSync(key(number >> 1)), value(number >> 1));
		}
		const { compaction } = await db.stats();
		assert.ok(under > 5, `${under} looks saw a compaction under way`);
		assert.ok(compaction.flushes > 4 && compaction.compactions > 0, JSON.stringify(compaction));
		assert.is([...db.keys()].length, 50_000);
		assert.ok((await db.verify()).ok);
		db.closeSync();
	},
);

overKernels(slices, "compact() gives the event loop its turns", async (openers) => {
	const db = openers.openStorage(new MemoryStorage(), "/db", OPTIONS);
	for (let number = 0; number < 20_000; number++) db.putSync(key(number), `value ${number} `.repeat(5));
	let turns = 0;
	let done = false;
	const count = () => {
		turns += 1;
		if (!done) setImmediate(count);
	};
	setImmediate(count);
	await db.compact();
	done = true;
	assert.ok(turns > 3, `${turns} turns`);
	assert.is([...db.keys()].length, 20_000);
	db.closeSync();
});

for (const close of ["close", "closeSync"] as const) {
	overKernels(slices, `${close} gives up what is under way and loses nothing`, async (openers) => {
		const storage = new MemoryStorage();
		let count = 0;
		for (let round = 0; round < 8; round++) {
			const db = openers.openStorage(storage, "/db", OPTIONS);
			for (const end = count + 900 + 300 * round; count < end; count++)
				db.putSync(key(count), `value ${count} `.repeat(5));
			const compacting = round % 2 === 0 ? rejected(() => db.compact(), "WLSM_CLOSED") : undefined;
			await db[close]();
			await compacting;
		}
		const db = openers.openStorage(storage, "/db", OPTIONS);
		assert.is([...db.keys()].length, count);
		assert.ok((await db.verify()).ok);
		db.closeSync();
		const tables = storage.list("/db").filter((name) => name.endsWith(".sst"));
		assert.ok(tables.length > 0);
	});
}

slices.run();
