/** What a process with few files to open does, and says of it. */
export interface FewFiles {
	/** Numbers of the commits that were acknowledged, and what failed, as "call: message". */
	acknowledged: number;
	readonly failures: string[];
	calls: number;
}

export const ROUNDS = 30;
export const COMMITS = 60;
export const keyOf = (number: number) => `key ${String((number * 7919) % (ROUNDS * COMMITS)).padStart(6, "0")}`;
export const OPTIONS = { memtableBytes: 16 << 10, blockBytes: 512, compression: "none", blockCacheBytes: 0 } as const;
