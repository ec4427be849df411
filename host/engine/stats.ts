import type { Engine } from "./engine.js";
import type { StallFigures } from "./figures.js";
import type { CompactorCounters } from "./job-planner.js";
import type { Levels } from "./superversion.js";

/** Plain data, ready for JSON. Sizes are in bytes; counters start at the opening of the database. */
export interface DatabaseStats {
	/** The directory, or ":memory:". */
	readonly location: string;
	/** "wasm" or "ts". */
	readonly kernel: string;
	/** Number of the last operation. */
	readonly sequence: number;
	/** All of them, from level 0 on. */
	readonly levels: readonly {
		/** 0 is where flushes go. */
		readonly level: number;
		/** Tables. */
		readonly files: number;
		/** Their sizes together. */
		readonly bytes: number;
		/** Entries in them, deletions included. */
		readonly entries: number;
		/** Tables that compactions into this level read. */
		readonly readBytes: number;
		/** Tables that flushes and compactions wrote to it. */
		readonly writtenBytes: number;
	}[];
	/** The one that commits go to, and those that wait for their flush. */
	readonly memtables: readonly { readonly bytes: number; readonly entries: number }[];
	/** What the database does and takes beside what it holds. */
	readonly amplification: Amplification;
	/** The block cache: its budget, its size, and lookups that found a block in it or not. */
	readonly cache: {
		readonly budgetBytes: number;
		readonly usedBytes: number;
		readonly hits: number;
		readonly misses: number;
	};
	/** Tables of which a get asked the filter, those that it spared, and those that it let pass for nothing. */
	readonly filters: { readonly checks: number; readonly rejects: number; readonly falsePositives: number };
	/** `bytes`: of keys and values. */
	readonly commits: { readonly count: number; readonly operations: number; readonly bytes: number };
	/** What commits wrote to logs, how often logs were synced, and the size of the log that commits go to now. */
	readonly log: { readonly writtenBytes: number; readonly syncs: number; readonly bytes: number };
	/** Flushes and compactions. */
	readonly compaction: Readonly<CompactorCounters> & {
		/** For which flushes ran. */
		readonly flushMilliseconds: number;
		/** For which compactions ran. */
		readonly compactionMilliseconds: number;
		/** Bytes of tables that both wrote in a second of that. */
		readonly writtenBytesPerSecond: number;
	};
	/** Commits that waited: because too many memtables wait for their flush, or because level 0 has too many tables. */
	readonly stalls: Readonly<StallFigures> & {
		readonly memtables: Readonly<StallFigures>;
		readonly level0: Readonly<StallFigures>;
	};
	/** The kernel's memory. */
	readonly memory: {
		/** In use in the kernel's memory: the sum of the following four. */
		readonly allocatedBytes: number;
		/** Memtables, also those that only open iterators read, and what transactions have not committed. */
		readonly memtableBytes: number;
		/** Decoded blocks. */
		readonly cacheBytes: number;
		/** Filters and indexes of tables that have been read from. */
		readonly tableBytes: number;
		/** Reads, iterators, jobs, key ranges of tables. */
		readonly otherBytes: number;
		/** What the memory has grown to, from which it never shrinks. */
		readonly linearBytes: number;
		/** What it may grow to. */
		readonly limitBytes: number;
	};
	/** Tables that are open now, how many may be (fewer than maxOpenFiles where the system has refused more), how often one was opened. */
	readonly files: { readonly open: number; readonly limit: number; readonly opens: number };
	/** Snapshots that are open. */
	readonly snapshots: number;
	/** Iterators that are open. */
	readonly iterators: number;
}

/** What is written, stored and looked at beside what a user has put. */
export interface Amplification {
	/** Bytes written to logs and tables for each byte of keys and values committed; null where none was. */
	readonly write: number | null;
	/**
	 * Bytes of all tables for each byte of the deepest level that has any. That level is a sorted run of nearly all live data,
	 * so this is close to bytes on disk per byte of live data. null without tables.
	 */
	readonly space: number | null;
	/** Sorted runs that a read may have to look at: memtables, tables of level 0, levels below that have tables. */
	readonly read: number;
}

export function databaseStats(engine: Engine): DatabaseStats {
	const { superversion, kernel, options, figures } = engine;
	const { counters: compaction } = engine.compactor;
	const counters = kernel.counters();
	const memory = kernel.memoryUse();
	const { commits, log, milliseconds } = figures;
	const { bytes: logBytes, syncs } = engine.logFigures;
	const tableBytes = compaction.flushedBytes + compaction.compactionWrittenBytes;
	const seconds = (milliseconds.flushes + milliseconds.compactions) / 1000;
	return {
		location: engine.directory,
		kernel: kernel.name,
		sequence: engine.lastSequence,
		levels: superversion.levels.map((tables, level) => ({
			level,
			files: tables.length,
			bytes: bytesOf(tables),
			entries: tables.reduce((sum, { description }) => sum + description.entries, 0),
			readBytes: figures.levels[level]?.readBytes ?? 0,
			writtenBytes: figures.levels[level]?.writtenBytes ?? 0,
		})),
		memtables: superversion.memtables.map(({ memtable }) => ({ bytes: memtable.bytes(), entries: memtable.entries() })),
		amplification: {
			write: commits.bytes === 0 ? null : (log.writtenBytes + tableBytes) / commits.bytes,
			space: spaceAmplification(superversion.levels),
			read: superversion.memtables.length + sortedRuns(superversion.levels),
		},
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
		commits: { ...commits },
		log: { writtenBytes: log.writtenBytes, syncs, bytes: logBytes },
		compaction: {
			...compaction,
			flushMilliseconds: milliseconds.flushes,
			compactionMilliseconds: milliseconds.compactions,
			writtenBytesPerSecond: seconds === 0 ? 0 : tableBytes / seconds,
		},
		stalls: stallsOf(figures.stalls.memtables, figures.stalls.level0),
		memory: {
			allocatedBytes: memory.allocatedBytes,
			memtableBytes: memory.memtableBytes,
			cacheBytes: memory.cacheBytes,
			tableBytes: memory.tableBytes,
			otherBytes: memory.allocatedBytes - memory.memtableBytes - memory.cacheBytes - memory.tableBytes,
			linearBytes: memory.memoryBytes,
			limitBytes: memory.limitBytes,
		},
		files: { open: engine.files.open, limit: engine.files.limit, opens: engine.files.opens },
		snapshots: engine.snapshots.size,
		iterators: engine.scans.size,
	};
}

function bytesOf(tables: Levels[number]): number {
	return tables.reduce((sum, { description }) => sum + description.size, 0);
}

function spaceAmplification(levels: Levels): number | null {
	const sizes = levels.map(bytesOf);
	const deepest = sizes.findLast((size) => size > 0);
	if (deepest === undefined) return null;
	return sizes.reduce((sum, size) => sum + size, 0) / deepest;
}

function sortedRuns([first = [], ...below]: Levels): number {
	return first.length + below.filter((tables) => tables.length > 0).length;
}

function stallsOf(memtables: StallFigures, level0: StallFigures): DatabaseStats["stalls"] {
	return {
		count: memtables.count + level0.count,
		milliseconds: memtables.milliseconds + level0.milliseconds,
		longestMilliseconds: Math.max(memtables.longestMilliseconds, level0.longestMilliseconds),
		memtables: { ...memtables },
		level0: { ...level0 },
	};
}
