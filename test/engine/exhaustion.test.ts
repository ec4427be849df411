import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Engine } from "../../host/engine/engine.js";
import { type Database, WlsmError } from "../../host/index.js";
import type { WasmKernel } from "../../host/kernel/index.js";
import { MemoryStorage } from "../../host/storage/index.js";
import { openStorage } from "../support/database.js";
import { checkHeap } from "../support/heap.js";
import { limitMemory } from "../support/scarcity.js";

/*
 * A database whose kernel has room for less and less of what is asked of it. Each call is done or fails with
 * WLSM_OUT_OF_MEMORY; what is there stays right, and with room again everything works. test/kernel/exhaustion does the same
 * to the kernel by itself, allocation by allocation.
 */

const exhaustion = suite("memory used up under a database");

const OPTIONS = { memtableBytes: 64 << 10, blockBytes: 512, blockCacheBytes: 64 << 10, background: "inline" } as const;
const DIRECTORY = "db";
const COUNT = 1200;
const keyOf = (index: number) => `key ${String(index % 500).padStart(4, "0")}`;

function kernelOf(db: object): WasmKernel {
	// @ts-expect-error: the engine is not part of the public interface.
	return (db.engine as Engine).kernel as WasmKernel;
}

/** A database with cold tables and something in its memtable, and what it holds. */
async function filled(storage: MemoryStorage): Promise<[Database, Map<string, string>]> {
	const first = openStorage(storage, DIRECTORY, OPTIONS);
	const state = fill(first);
	await first.flush();
	await first.close();
	const db = openStorage(storage, DIRECTORY, OPTIONS);
	for (let index = 0; index < 50; index++) {
		db.putSync(keyOf(7 * index), `newer ${index}`);
		state.set(keyOf(7 * index), `newer ${index}`);
	}
	return [db, state];
}

function fill(db: Database): Map<string, string> {
	const state = new Map<string, string>();
	for (let index = 0; index < COUNT; index++) {
		db.putSync(keyOf(index), `value ${index} `.repeat(5));
		state.set(keyOf(index), `value ${index} `.repeat(5));
	}
	db.deleteRangeSync({ gte: "key 0100", lt: "key 0120" });
	for (const key of state.keys()) if (key >= "key 0100" && key < "key 0120") state.delete(key);
	return state;
}

/** A call, and what it changes of the state where it is done. */
interface Call {
	work(db: Database): unknown;
	change?(state: Map<string, string>): void;
}

const CALLS: Record<string, Call> = {
	"a flush": { work: (db) => db.flush() },
	"a compaction": { work: (db) => db.compact() },
	"a scan": { work: (db) => [...db.entries()] },
	"a scan backwards": { work: (db) => db.entries({ reverse: true }).all() },
	"a read": { work: (db) => db.getSync("key 0300") },
	"a read of an absent key": { work: (db) => db.getSync("key 0300x") },
	"reads that wait": { work: (db) => Promise.all(["key 0001", "key 0200", "key 0400"].map((key) => db.get(key))) },
	"reads of many keys": { work: (db) => db.getMany(["key 0001", "key 0200", "key 0400"]) },
	"a put": {
		work: (db) => db.putSync("long", "v".repeat(50_000)),
		change: (state) => state.set("long", "v".repeat(50_000)),
	},
	"range deletions": {
		work: (db) => {
			for (let index = 0; index < 2000; index++) db.deleteRangeSync({ gte: `none ${index}`, lt: `none ${index}x` });
		},
	},
	"a transaction": {
		work: (db) =>
			db.transactionSync((tx) => {
				tx.deleteRangeSync({ gte: "key 0200", lt: "key 0300" });
				tx.putSync("key 0250", "again");
				[...tx.entries()];
			}),
		change: (state) => {
			for (const key of state.keys()) if (key >= "key 0200" && key < "key 0300") state.delete(key);
			state.set("key 0250", "again");
		},
	},
	SQL: {
		work: (db) => db.sql.exec("CREATE TABLE t (a); INSERT INTO t VALUES (1), (2)"),
	},
};

const sorted = (state: ReadonlyMap<string, string>) => [...state].sort(([a], [b]) => (a < b ? -1 : 1));

for (const [what, call] of Object.entries(CALLS)) {
	exhaustion(what, async () => {
		let refusals = 0;
		for (let bytes = 0, refused = true; refused; bytes += Math.max(64, bytes >> 2)) {
			const storage = new MemoryStorage();
			const [db, state] = await filled(storage);
			const kernel = kernelOf(db);
			const release = limitMemory(kernel, bytes);
			assert.ok(bytes < 64 << 20, `${what} is refused with ${bytes} bytes`);
			refused = false;
			try {
				await call.work(db);
				call.change?.(state);
			} catch (error) {
				if (!(error instanceof WlsmError) || error.code !== "WLSM_OUT_OF_MEMORY") throw error;
				refused = true;
				refusals += 1;
			}
			checkHeap(kernel);
			release();
			const found = () => [...db.entries()].filter(([key]) => !key.startsWith("\0"));
			assert.equal(found(), sorted(state), `${what} with ${bytes} bytes`);
			// What failed in the background is told once.
			await db.flush().catch((error: WlsmError) => assert.is(error.code, "WLSM_OUT_OF_MEMORY"));
			db.putSync("after", "1");
			state.set("after", "1");
			await db.compact();
			assert.equal(found(), sorted(state), `${what} with ${bytes} bytes`);
			assert.equal((await db.verify()).problems, []);
			await db.close();
			checkHeap(kernel);
		}
		assert.ok(refusals > 2, `${refusals}`);
	});
}

exhaustion.run();
