import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Database } from "../../host/database.js";
import { MemoryStorage } from "../../host/storage/index.js";
import { overKernels } from "../support/openers.js";
import { Random } from "../support/random.js";

const KEYS = 6000;
const key = (number: number) => `key ${String(number).padStart(8, "0")}`;

/** Reads keys often enough that the entries of most are found by way of the row cache. */
function check(
	db: Pick<Database, "getSync">,
	expected: readonly (string | undefined)[],
	random: Random,
	what: string,
): void {
	for (let count = 0; count < 2 * KEYS; count++) {
		const number = random.below(KEYS + 50);
		assert.is(db.getSync(key(number)), expected[number], `${what}: ${key(number)}`);
	}
}

const rows = suite("row cache");

overKernels(rows, "answers what the tables say, whatever changes them and as of whatever moment", async (openers) => {
	for (const blockCacheBytes of [0, 600_000, 16 << 20]) {
		const random = new Random(blockCacheBytes + 1);
		const db = openers.openStorage(new MemoryStorage(), "/db", { background: "inline", blockCacheBytes });
		const state: (string | undefined)[] = [];
		const write = (count: number) => {
			for (let written = 0; written < count; written++) {
				const number = random.below(KEYS);
				if (random.once(5)) {
					db.deleteSync(key(number));
					state[number] = undefined;
				} else {
					const value = `${number} ${written} `.repeat(random.once(50) ? 1000 : 12);
					db.putSync(key(number), value);
					state[number] = value;
				}
			}
		};
		write(2 * KEYS);
		const snapshots: { readonly snapshot: ReturnType<Database["snapshot"]>; readonly state: (string | undefined)[] }[] =
			[];
		for (let round = 0; round < 4; round++) {
			if (round % 2 === 0) await db.flush();
			else await db.compact();
			check(db, state, random, `round ${round}, tables`);
			snapshots.push({ snapshot: db.snapshot(), state: [...state] });
			write(KEYS / 4);
			check(db, state, random, `round ${round}, memtable`);
			await db.flush();
			for (const { snapshot, state } of snapshots) check(snapshot, state, random, `round ${round}, snapshot`);
			check(db, state, random, `round ${round}, after the snapshots`);
			if (round === 2) for (const { snapshot } of snapshots.splice(0)) snapshot.close();
		}
		for (const { snapshot } of snapshots) snapshot.close();
		const { cache } = await db.stats();
		assert.ok(cache.usedBytes <= blockCacheBytes, `${cache.usedBytes} of ${blockCacheBytes}`);
		assert.ok((await db.verify()).ok);
		db.closeSync();
	}
});

rows.run();
