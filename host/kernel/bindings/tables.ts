import { Buffer } from "node:buffer";
import { STATUS_CORRUPT, STATUS_DONE, STATUS_EMIT, STATUS_NEED } from "../../../assembly/shared/status.js";
import type { JobOptions, Kernel, TableDescription, Word64 } from "../contract.js";
import { checkWhole, invalid, MAX_BITS_PER_KEY } from "./checks.js";
import { damaged, type ReadTable, serveNeed } from "./reads.js";

/** What goes into tables, and what these are like. */
export interface BuildOptions extends Partial<JobOptions> {
	/** Number of the first table; each further one has the next. 1 where it is absent. */
	readonly firstFile?: number;
	/** Of all checksums in the files, and kept in their descriptions. Zeros where it is absent. */
	readonly seed?: Word64;
	/** Reads files of the tables that go in. */
	readonly read?: ReadTable;
}

/** A table as it has been made: what `kernel.createTable` wants to know of it, and the bytes of its file. */
export interface BuiltTable {
	/** To be kept with the file. */
	readonly description: TableDescription;
	/** The file. */
	readonly bytes: Uint8Array;
}

/** Whatever there is goes into one table. */
const UNLIMITED_BYTES = 0xffffffff;

/**
 * Makes tables of memtables and of runs of other tables: a flush or a compaction. Where nothing is said, blocks have 4096 bytes,
 * filters 10 bits a key, compression is LZ4, and all becomes one table; no table where nothing is left.
 *
 * Errors: `WLSM_CORRUPTION` where a table that goes in is damaged, `WLSM_INVALID_ARGUMENT`, `WLSM_OUT_OF_MEMORY`, and what `read` throws.
 */
export function buildTables(kernel: Kernel, options: BuildOptions): BuiltTable[] {
	const { firstFile = 1, seed = { low: 0, high: 0 }, read, ...settings } = options;
	checkSettings(firstFile, settings);
	const job = kernel.createJob({
		memtables: [],
		runs: [],
		below: undefined,
		snapshots: [],
		now: 0,
		blockBytes: 4096,
		bitsPerKey: 10,
		compression: "lz4",
		tableBytes: UNLIMITED_BYTES,
		databaseId: new Uint8Array(8),
		...settings,
	});
	const tables: BuiltTable[] = [];
	let parts: Uint8Array[] = [];
	try {
		for (;;) {
			const status = job.step(firstFile + tables.length, seed, false);
			if (status === STATUS_DONE) return tables;
			if (status === STATUS_CORRUPT) throw damaged(kernel);
			if (status === STATUS_NEED) serveNeed(kernel, read);
			if (status !== STATUS_EMIT) continue;
			const { bytes, at, length } = kernel.result;
			parts.push(new Uint8Array(bytes.subarray(at, at + length)));
			const description = job.tableEnd();
			if (description === undefined) continue;
			tables.push({ description, bytes: new Uint8Array(Buffer.concat(parts)) });
			parts = [];
		}
	} finally {
		job.free();
	}
}

function checkSettings(firstFile: number, settings: Partial<JobOptions>): void {
	const { blockBytes, bitsPerKey, tableBytes, databaseId } = settings;
	checkWhole("firstFile", firstFile, 1, 0xffffffff);
	if (blockBytes !== undefined) checkWhole("blockBytes", blockBytes, 1, 0x7fffffff);
	if (bitsPerKey !== undefined) checkWhole("bitsPerKey", bitsPerKey, 0, MAX_BITS_PER_KEY);
	if (tableBytes !== undefined) checkWhole("tableBytes", tableBytes, 1, UNLIMITED_BYTES);
	if (databaseId !== undefined && databaseId.length !== 8) throw invalid("databaseId has eight bytes.");
}
