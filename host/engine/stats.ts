import type { Engine } from "./engine.js";

/** Plain data, ready for JSON. Sizes are in bytes; counters start at the opening of the database. */
export interface DatabaseStats {
	readonly location: string;
	readonly kernel: string;
	readonly sequence: number;
	readonly levels: readonly {
		readonly level: number;
		readonly files: number;
		readonly bytes: number;
		readonly entries: number;
	}[];
	readonly memtables: readonly { readonly bytes: number; readonly entries: number }[];
	readonly cache: {
		readonly budgetBytes: number;
		readonly usedBytes: number;
		readonly hits: number;
		readonly misses: number;
	};
	readonly filters: { readonly checks: number; readonly rejects: number; readonly falsePositives: number };
	readonly compaction: {
		readonly flushes: number;
		readonly flushedBytes: number;
		readonly compactions: number;
		readonly moves: number;
		readonly compactionReadBytes: number;
		readonly compactionWrittenBytes: number;
		readonly stalls: number;
		readonly stalledMilliseconds: number;
	};
	readonly memory: { readonly allocatedBytes: number; readonly linearBytes: number };
	/** Tables that are open now, how many may be, and how often one was opened. */
	readonly files: { readonly open: number; readonly limit: number; readonly opens: number };
	readonly snapshots: number;
	readonly iterators: number;
}

export function databaseStats(engine: Engine): DatabaseStats {
	const { superversion, kernel, options } = engine;
	const counters = kernel.counters();
	const memory = kernel.memoryUse();
	return {
		location: engine.directory,
		kernel: kernel.name,
		sequence: engine.lastSequence,
		levels: superversion.levels.map((tables, level) => ({
			level,
			files: tables.length,
			bytes: tables.reduce((sum, { description }) => sum + description.size, 0),
			entries: tables.reduce((sum, { description }) => sum + description.entries, 0),
		})),
		memtables: superversion.memtables.map(({ memtable }) => ({ bytes: memtable.bytes(), entries: memtable.entries() })),
		cache: {
			budgetBytes: options.blockCacheBytes,
			usedBytes: memory.cacheBytes,
			hits: counters.cacheHits,
			misses: counters.cacheMisses,
		},
		filters: {
			checks: counters.filterChecks,
			rejects: counters.filterRejects,
			falsePositives: counters.filterFalsePositives,
		},
		compaction: { ...engine.compactor.counters },
		memory: { allocatedBytes: memory.allocatedBytes, linearBytes: memory.memoryBytes },
		files: { open: engine.files.open, limit: engine.files.limit, opens: engine.files.opens },
		snapshots: engine.snapshots.size,
		iterators: engine.openScans,
	};
}
