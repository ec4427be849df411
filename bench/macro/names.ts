/** What can be asked for by name, in the order of the table. */
export const WORKLOADS = {
	fill: "batches of 1000 into an empty store, in the order of keys and in random order",
	read: "one key after the other, random, warm",
	missing: "keys that are not there",
	scan: "all entries, forward and in reverse",
	overwrite: "other values for all keys, in batches",
	put: "one entry after the other into an empty store",
	ycsb: "the core workloads of YCSB, A to F",
	compaction: "a fill that writes each key twice, then compact() of what it left",
	csv: "a CSV file into a table",
	query: "SQL over that table: a filter, GROUP BY, rows by primary key",
} as const;

export type WorkloadName = keyof typeof WORKLOADS;
export const WORKLOAD_NAMES = Object.keys(WORKLOADS) as readonly WorkloadName[];
