import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Snapshot } from "../../host/index.js";
import { MemoryStorage } from "../../host/storage/index.js";
import { overKernels } from "../support/openers.js";
import { Random } from "../support/random.js";

const levels = suite("levels");

/** The smallest memtables: some megabytes are enough for tables on four levels. */
for (const background of ["inline", "worker"] as const) {
	overKernels(
		levels,
		`deep ones answer as a map does while they are written, background ${background}`,
		async (openers) => {
			const random = new Random(5);
			const storage = new MemoryStorage();
			const options = { memtableBytes: 16 << 10, blockBytes: 512, blockCacheBytes: 1 << 16, background };
			let db = openers.openStorage(storage, "/db", options);
			const state = new Map<string, string>();
			const keyOf = (number: number) => `key ${String(number).padStart(5, "0")}`;
			let held: { snapshot: Snapshot<string, string>; state: Map<string, string> } | undefined;
			const check = async (reader: typeof db | Snapshot<string, string>, expected: Map<string, string>) => {
				const wanted = [...expected].sort(([a], [b]) => (a < b ? -1 : 1));
				const flat = (entries: [string, string][]) => entries.map((entry) => entry.join("=")).join("\n");
				assert.ok(flat([...reader.entries()]) === flat(wanted), "forward");
				assert.ok(flat(await reader.entries({ reverse: true }).all()) === flat(wanted.toReversed()), "backward");
				for (let round = 0; round < 200; round++) {
					const key = keyOf(random.below(30_000));
					assert.is(round % 2 === 0 ? reader.getSync(key) : await reader.get(key), expected.get(key));
				}
			};
			let deepest = 0;
			for (let step = 0; step < 30_000; step++) {
				// Stretches of neighbours, which make tables that move without being merged, and keys from all over.
				const number = step % 1000 < 300 ? (step * 7) % 30_000 : random.below(30_000);
				const key = keyOf(number);
				if (random.once(4)) {
					db.deleteSync(key);
					state.delete(key);
				} else {
					const value = `${step} `.repeat(random.between(1, 40));
					db.putSync(key, value);
					state.set(key, value);
				}
				if (step % 5000 === 2500) held = { snapshot: db.snapshot(), state: new Map(state) };
				if (step % 5000 !== 4999) continue;
				await check(db, state);
				if (held !== undefined) await check(held.snapshot, held.state);
				held?.snapshot.close();
				for (const { level, files } of (await db.stats()).levels) if (files > 0) deepest = Math.max(deepest, level);
				if (step % 10_000 === 9999) {
					await db.close();
					db = openers.openStorage(storage, "/db", options);
					await check(db, state);
				}
			}
			assert.ok(deepest >= 2, `level ${deepest} is the deepest`);
			db.deleteRangeSync({});
			await db.compact();
			const { levels: left } = await db.stats();
			assert.is(
				left.reduce((sum, { entries }) => sum + entries, 0),
				0,
				"with everything deleted no tombstone stays",
			);
			assert.equal((await db.verify()).problems, []);
			await db.close();
		},
	);
}

levels.run();
