import { type OpenOptions, open } from "../../host/index.js";
import { loadCsv } from "../../host/load/index.js";
import type { ContenderMaker, ScanRange } from "../contenders.js";
import type { OWN } from "./names.js";

const rangeOf = (range?: ScanRange) => (range === undefined ? {} : { gte: range.from, limit: range.limit });

const maker = (name: (typeof OWN)[number], options: Pick<OpenOptions, "kernel" | "background">): ContenderMaker => ({
	name,
	async open(directory, { cacheBytes, sync }) {
		const db = await open(directory, { ...options, blockCacheBytes: cacheBytes, sync: sync === "commit" });
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
			async scanReverse(visit) {
				for await (const [key, value] of db.entries({ reverse: true })) visit(key, value);
			},
			flush: () => db.flush(),
			compact: () => db.compact(),
			async loadCsv(file, { name: table, primaryKey, columns: types }) {
				return (await loadCsv(db, file, { table, primaryKey, types })).loaded;
			},
			query(sql) {
				const statement = db.sql.prepare(sql).raw();
				return (...parameters) => statement.all(...parameters) as unknown[][];
			},
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
});

export const wlsm = maker("wlsm", {});
export const wlsmInline = maker("wlsm-inline", { background: "inline" });
export const wlsmTs = maker("wlsm-ts", { kernel: "ts", background: "inline" });
