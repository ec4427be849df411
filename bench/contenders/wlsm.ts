import { open } from "../../host/index.js";
import type { ContenderMaker, ScanRange } from "../contenders.js";

const rangeOf = (range?: ScanRange) => (range === undefined ? {} : { gte: range.from, limit: range.limit });

export const wlsm: ContenderMaker = {
	name: "wlsm",
	async open(directory, { cacheBytes, sync }) {
		const db = await open(directory, { blockCacheBytes: cacheBytes, sync: sync === "commit" });
		return {
			put: (key, value) => db.put(key, value),
			putSync: (key, value) => db.putSync(key, value),
			batch: (entries) => db.batch(entries.map(({ key, value }) => ({ type: "put", key, value }))),
			get: (key) => db.get(key),
			getSync: (key) => db.getSync(key),
			getMany: (keys) => db.getMany(keys),
			async scan(visit, range) {
				for await (const [key, value] of db.entries(rangeOf(range))) visit(key, value);
			},
			scanSync(visit, range) {
				for (const [key, value] of db.entries(rangeOf(range))) visit(key, value);
			},
			async scanKeys(visit) {
				for await (const key of db.keys()) visit(key);
			},
			scanKeysSync(visit) {
				for (const key of db.keys()) visit(key);
			},
			flush: () => db.flush(),
			async ownFigures() {
				const { compaction, memory } = await db.stats();
				return {
					tableBytes: compaction.flushedBytes + compaction.compactionWrittenBytes,
					memoryBytes: memory.linearBytes,
				};
			},
			close: () => db.close(),
		};
	},
};
