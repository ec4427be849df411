// What a memtable has in memory, beside its arena.

@unmanaged
export class Memtable {
	arenaChunk: u32;
	arenaAt: u32;
	arenaEnd: u32;
	arenaNextChunkBytes: u32;
	/** Bytes of the arena's chunks. */
	totalBytes: u32;
	/** What decides when the memtable is full: keys, values and MEMTABLE_…_BYTES. */
	entryBytes: u32;
	/** Levels in use. */
	height: u32;
	entries: u32;
	random: u32;
	/** Leading bytes that all keys share; the first node of level 0 shows them. */
	shared: u32;
	/** How often the prefix became shorter. */
	shrinks: u32;
	/** Lines of the index over the keys (hash-index.ts), how many, and the allocation that they lie in; 0 for none. */
	index: u32;
	indexLines: u32;
	indexMemory: u32;
	/**
	 * The first of the nodes at the end that are not in the index yet, 0 for none: entries in the order of their keys, which many of
	 * them are never looked up, wait for the first look.
	 */
	unindexed: u32;
	/** Its range deletions (ranges.ts), a memtable of boundaries; 0 where it has none. */
	ranges: u32;
	/** Links of the imaginary node before the first one lie at `first + NODE_LINKS`. */
	first: u32;
	/** Last node of each level, `first` where the level is empty: appending in order needs no search. */
	last0: u32;
	lastMore0: u64;
	lastMore1: u64;
	lastMore2: u64;
	lastMore3: u64;
	lastMore4: u64;
	lastMore5: u64;
	/** On each level the last node at or before the one inserted last, `first` where there is none. */
	path0: u32;
	pathMore0: u64;
	pathMore1: u64;
	pathMore2: u64;
	pathMore3: u64;
	pathMore4: u64;
	pathMore5: u64;
}
