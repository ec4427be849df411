/** Sorted runs of tables, and the job that makes one run of several. */

import type { TableDescription } from "../kernel/contract.js";
import type { JobDescription } from "./job-run.js";
import { compareBytes } from "./range.js";
import { jobDescription, type TablePlace } from "./table-sink.js";

/** Whether all keys of each table lie behind those of the one before. */
export function isInOrder(tables: readonly TableDescription[]): boolean {
	return tables.every((table, i) => {
		const before = tables[i - 1];
		return before === undefined || compareBytes(before.largest, table.smallest) < 0;
	});
}

/** Of the keys that several runs have, the entries of the newest are left. */
export function mergeOf(newestFirst: readonly (readonly TableDescription[])[], place: TablePlace): JobDescription {
	const tables = newestFirst.reduce((sum, run) => sum + run.length, 0);
	const bytes = newestFirst.flat().reduce((sum, { size }) => sum + size, 0);
	// What is merged takes about as many bytes as before; the last table takes what is left.
	const files = Math.max(tables, Math.ceil(bytes / place.options.memtableBytes)) + 1;
	return jobDescription(place, files, { memtables: [], runs: newestFirst, below: undefined });
}
