import type { KernelCounters, MemtableHandle } from "../contract.js";
import { outOfMemory } from "../out-of-memory.js";
import { Answers } from "./answers.js";
import { BlockCache } from "./cache/cache.js";
import { Xxh64 } from "./hash/xxh64.js";
import { BatchWriter } from "./log/batch.js";
import type { Memtable } from "./memtable/memtable.js";

/** What all parts of one kernel share. */
export class Context {
	readonly answers = new Answers();
	readonly xxh64 = new Xxh64();
	readonly batches = new BatchWriter();
	readonly cache: BlockCache;
	readonly counters: KernelCounters = {
		cacheHits: 0,
		cacheMisses: 0,
		filterChecks: 0,
		filterRejects: 0,
		filterFalsePositives: 0,
	};
	/** What memtables and overlays take, bytes. */
	memtableBytes = 0;
	readonly limitBytes: number;
	readonly #memtables = new Map<MemtableHandle, Memtable>();
	#lastHandle = 0;

	constructor(limitBytes: number, blockCacheBytes: number) {
		this.limitBytes = limitBytes;
		this.cache = new BlockCache(blockCacheBytes);
	}

	get allocatedBytes(): number {
		return this.cache.usedBytes + this.cache.tableBytes + this.memtableBytes;
	}

	/** Cached blocks make way for `bytes` more. Errors: WLSM_OUT_OF_MEMORY, and nothing is evicted, where that does not help. */
	admit(bytes: number): void {
		const excess = this.allocatedBytes + bytes - this.limitBytes;
		if (excess <= 0) return;
		if (excess > this.cache.usedBytes) throw outOfMemory();
		this.cache.giveBack(excess);
	}

	/** Evicts blocks as far as more is taken than may be. */
	trim(): void {
		const excess = this.allocatedBytes - this.limitBytes;
		if (excess > 0) this.cache.giveBack(Math.min(excess, this.cache.usedBytes));
	}

	/** As `admit` for as many bytes as are wanted, or for the least where there is no room for more; answers how many. */
	grant(least: number, wanted: number): number {
		const free = this.limitBytes - this.allocatedBytes + this.cache.usedBytes;
		const bytes = wanted <= free ? wanted : least;
		this.admit(bytes);
		return bytes;
	}

	/** Gives a memtable the name that jobs know it by. */
	register(memtable: Memtable): MemtableHandle {
		this.#lastHandle += 1;
		this.#memtables.set(this.#lastHandle, memtable);
		return this.#lastHandle;
	}

	forget(handle: MemtableHandle): void {
		this.#memtables.delete(handle);
	}

	memtable(handle: MemtableHandle): Memtable {
		return this.#memtables.get(handle) as Memtable;
	}
}
