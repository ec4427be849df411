import * as abi from "../../../assembly/shared/abi.js";
import { COMPRESSION_LZ4, COMPRESSION_NONE } from "../../../assembly/shared/format.js";
import { STATUS_CORRUPT, STATUS_DONE, STATUS_NEED } from "../../../assembly/shared/status.js";
import type { Job, JobOptions, Status, TableDescription, Word64 } from "../contract.js";
import { address } from "./address.js";
import type { WasmMemtable, WasmSuperversion, WasmTable } from "./handles.js";
import type { WasmKernel } from "./kernel.js";

export class WasmJob implements Job {
	readonly #kernel: WasmKernel;
	readonly #address: number;
	#tableEnd = false;

	constructor(kernel: WasmKernel, options: JobOptions) {
		this.#kernel = kernel;
		const { memtables, runs, below, snapshots } = options;
		const words = new Array<number>(abi.JOB_INPUTS >>> 2);
		words[abi.JOB_MEMTABLES >>> 2] = memtables.length;
		words[abi.JOB_RUNS >>> 2] = runs.length;
		words[abi.JOB_SUPERVERSION >>> 2] = below === undefined ? 0 : (below.superversion as WasmSuperversion).address;
		words[abi.JOB_BELOW >>> 2] = below === undefined ? abi.LEVELS + 1 : below.level;
		words[abi.JOB_SNAPSHOTS >>> 2] = snapshots.length;
		words[abi.JOB_BLOCK_BYTES >>> 2] = options.blockBytes;
		words[abi.JOB_BITS_PER_KEY >>> 2] = options.bitsPerKey;
		words[abi.JOB_COMPRESSION >>> 2] = options.compression === "lz4" ? COMPRESSION_LZ4 : COMPRESSION_NONE;
		words[abi.JOB_TABLE_BYTES >>> 2] = options.tableBytes;
		words.splice(abi.JOB_DATABASE_ID >>> 2, 2, ...new Uint32Array(new Uint8Array(options.databaseId).buffer));
		words.splice(abi.JOB_NOW >>> 2, 2, ...new Uint32Array(Float64Array.of(options.now).buffer));
		for (const memtable of memtables) words.push((memtable as WasmMemtable).address);
		for (const run of runs) {
			words.push(run.length);
			for (const table of run) words.push((table as WasmTable).address);
		}
		const sequences = new Uint32Array(new Float64Array(snapshots).buffer);
		words.push(...sequences);
		const at = kernel.copyWords(words);
		const job = kernel.exports.jobCreate(at);
		kernel.exports.free(at);
		this.#address = address(job);
	}

	step(file: number, seed: Word64, last: boolean): Status {
		const kernel = this.#kernel;
		const status = kernel.answer(kernel.exports.jobStep(this.#address, file, last ? 1 : 0, seed.low, seed.high));
		this.#tableEnd = false;
		if (status !== STATUS_DONE && status !== STATUS_NEED && status !== STATUS_CORRUPT) {
			kernel.takeResult();
			this.#tableEnd = kernel.word(abi.EMIT_FLAG) === abi.EMIT_TABLE_END;
		}
		return status;
	}

	tableEnd(): TableDescription | undefined {
		return this.#tableEnd
			? readDescription(this.#kernel, this.#kernel.exports.jobDescription(this.#address))
			: undefined;
	}

	free(): void {
		this.#kernel.exports.jobFree(this.#address);
	}
}

/** The description of a table that has been built (assembly/shared/abi.ts). */
export function readDescription({ memory }: WasmKernel, description: number): TableDescription {
	const at = description >>> 0;
	memory.reach(at + abi.TABLE_KEYS);
	const word = (offset: number) => memory.words[(at + offset) >>> 2] as number;
	const double = (offset: number) => memory.doubles[(at + offset) >>> 3] as number;
	const smallestLength = word(abi.TABLE_SMALLEST_LENGTH);
	const keys = at + abi.TABLE_KEYS;
	const largestAt = keys + smallestLength;
	const end = largestAt + word(abi.TABLE_LARGEST_LENGTH);
	memory.reach(end);
	return {
		file: word(abi.TABLE_FILE),
		size: double(abi.TABLE_SIZE),
		tailLength: word(abi.TABLE_TAIL_LENGTH),
		seed: { low: word(abi.TABLE_SEED), high: word(abi.TABLE_SEED + 4) },
		entries: double(abi.TABLE_ENTRIES),
		deletions: double(abi.TABLE_DELETIONS),
		minSequence: double(abi.TABLE_MIN_SEQUENCE),
		maxSequence: double(abi.TABLE_MAX_SEQUENCE),
		firstExpiry: double(abi.TABLE_FIRST_EXPIRY),
		rangeDeletions: double(abi.TABLE_RANGE_DELETIONS),
		smallest: new Uint8Array(memory.bytes.subarray(keys, largestAt)),
		largest: new Uint8Array(memory.bytes.subarray(largestAt, end)),
	};
}
