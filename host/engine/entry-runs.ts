import type { Buffer } from "node:buffer";
import {
	KIND_PUT,
	OPERATION_HEADER_BYTES,
	RECORD_HEADER_BYTES,
	RECORD_PAYLOAD_LENGTH,
} from "../../assembly/shared/format.js";
import type { LogBuffer, Memtable, TableDescription } from "../kernel/contract.js";
import { type JobDescription, JobRun } from "./job-run.js";
import { checkLengths } from "./operations.js";
import type { BulkEntries, Keyspace } from "./store.js";
import { jobDescription, type TablePlace } from "./table-sink.js";

/** What is sorted at once: the share of the memory that it may be, and the most. */
const SHARE_OF_BATCH = 8;
const MAX_BATCH_BYTES = 2 << 20;
/** However little memory there is. */
const MIN_RUN_BYTES = 64 << 10;
/** Runs that are merged at once. */
const MAX_MERGED = 64;

const SHORT_LIVED: Partial<JobDescription> = { compression: "none", bitsPerKey: 0, tableBytes: 0xffffffff };

type Tables = readonly TableDescription[];

/** Gives out sequence numbers: each entry has one of its own. */
export interface SequenceNumbers {
	next: number;
}

/**
 * Entries in any order on their way into tables, in bounded memory: gathered in memtables, which become a run whenever they are
 * full; in the end all are merged.
 */
export class EntryRuns implements BulkEntries {
	readonly #place: TablePlace;
	readonly #sequences: SequenceNumbers;
	readonly #runBytes: number;
	readonly #batchBytes: number;
	readonly #abandon: (tables: Tables) => void;
	/** Of the batch: a record of a log that none is written to. */
	readonly #buffer: LogBuffer;
	#view: DataView;
	#count = 0;
	#length = 0;
	/** Bytes that there is room for. */
	#room = 0;
	/** Both the oldest first. */
	readonly #memtables: Memtable[] = [];
	readonly #runs: Tables[] = [];
	#memtableBytes = 0;
	#entries = 0;
	/** What has become of all, by key; there once it is finished. */
	tables: Tables = [];

	/** `abandon`: removes tables that no manifest names. */
	constructor(place: TablePlace, sequences: SequenceNumbers, memoryBytes: number, abandon: (tables: Tables) => void) {
		this.#place = place;
		this.#sequences = sequences;
		this.#runBytes = Math.max(memoryBytes, MIN_RUN_BYTES);
		this.#batchBytes = Math.min(MAX_BATCH_BYTES, Math.floor(this.#runBytes / SHARE_OF_BATCH));
		this.#abandon = abandon;
		this.#buffer = place.kernel.createLogBuffer();
		this.#view = viewOf(this.#buffer.bytes);
	}

	get bytes(): Buffer {
		return this.#buffer.bytes;
	}

	get view(): DataView {
		return this.#view;
	}

	reserve(space: Keyspace, most: number): number {
		const end = RECORD_HEADER_BYTES + this.#length + OPERATION_HEADER_BYTES + 1 + most;
		if (end > this.#room) this.#grow(end);
		const at = this.#operation() + OPERATION_HEADER_BYTES;
		this.#buffer.bytes[at] = space;
		return at + 1;
	}

	/** Where the next operation of the batch goes. */
	#operation(): number {
		return this.#buffer.at + RECORD_HEADER_BYTES + this.#length;
	}

	#grow(end: number): void {
		// Room for a batch and one more entry of the same length: most batches are all of short ones.
		this.#room = Math.max(end, this.#batchBytes + (this.#batchBytes >>> 3));
		this.#buffer.reserve(this.#room);
		this.#view = viewOf(this.#buffer.bytes);
	}

	putReserved(keyLength: number, valueLength: number): void {
		checkLengths(keyLength, valueLength);
		this.#append(KIND_PUT, keyLength + 1, valueLength);
	}

	/** An operation whose stored key and value stand behind where the header goes. */
	#append(kind: number, keyLength: number, valueLength: number): void {
		const at = this.#operation();
		this.#view.setUint32(at, (kind << 24) | keyLength, true);
		this.#view.setUint32(at + 4, valueLength, true);
		this.#length += OPERATION_HEADER_BYTES + keyLength + valueLength;
		this.#count += 1;
		if (this.#length >= this.#batchBytes) this.#apply();
	}

	/** Takes entries over as a transaction has encoded them. */
	putEncoded(operations: Uint8Array, count: number): void {
		this.#grow(RECORD_HEADER_BYTES + this.#length + operations.length);
		this.#buffer.bytes.set(operations, this.#operation());
		this.#length += operations.length;
		this.#count += count;
		if (this.#length >= this.#batchBytes) this.#apply();
	}

	/** Each batch gets a memtable of its own: to merge them takes less than to find every entry's place in a large one. */
	#apply(): void {
		if (this.#count === 0) return;
		const buffer = this.#buffer;
		const memtable = this.#place.kernel.createMemtable(0);
		this.#memtables.push(memtable);
		this.#view.setUint32(buffer.at + RECORD_PAYLOAD_LENGTH, this.#length, true);
		buffer.apply(0, this.#count, memtable, this.#sequences.next);
		this.#sequences.next += this.#count;
		this.#entries += this.#count;
		this.#memtableBytes += memtable.bytes();
		this.#count = 0;
		this.#length = 0;
		// The memory may have grown.
		buffer.reserve(this.#room);
		this.#view = viewOf(buffer.bytes);
		if (this.#memtableBytes >= this.#runBytes - 2 * this.#batchBytes) this.#flush();
	}

	/** Runs are read once, soon: nothing is searched in them, and to compress them takes longer than to write them. */
	#flush(): void {
		const memtables = this.#memtables.map(({ handle }) => handle).reverse();
		this.#runs.push(this.#run({ memtables, runs: [] }, SHORT_LIVED, () => {}));
		this.#freeMemtables();
	}

	#run(inputs: Pick<JobDescription, "memtables" | "runs">, how: Partial<JobDescription>, look: () => void): Tables {
		const place = this.#place;
		const { memtableBytes } = place.options;
		const bytes = inputs.runs.flat().reduce((sum, { size }) => sum + size, this.#memtableBytes);
		// Numbers that are not used are not missed.
		const files = how.tableBytes === undefined ? Math.ceil(bytes / memtableBytes) + 1 : 1;
		const job = { ...jobDescription(place, files, { ...inputs, below: undefined }), ...how };
		return new JobRun(place.storage, place.kernel, job).run(look).outputs;
	}

	#freeMemtables(): void {
		for (const memtable of this.#memtables.splice(0)) memtable.free();
		this.#memtableBytes = 0;
	}

	finish(look: () => void): boolean {
		this.#apply();
		const memtables = this.#memtables.map(({ handle }) => handle).reverse();
		while (this.#runs.length > MAX_MERGED) {
			const oldest = this.#runs.slice(0, MAX_MERGED);
			const merged = this.#run({ memtables: [], runs: oldest.toReversed() }, SHORT_LIVED, look);
			this.#runs.splice(0, MAX_MERGED, merged);
			this.#abandon(oldest.flat());
		}
		this.tables = this.#run({ memtables, runs: this.#runs.toReversed() }, {}, look);
		this.#abandon(this.#runs.splice(0).flat());
		this.#freeMemtables();
		// Of several entries with one key only the newest is left.
		return this.tables.reduce((sum, { entries }) => sum + entries, 0) === this.#entries;
	}

	/** Frees what is in memory. */
	free(): void {
		this.#freeMemtables();
		this.#buffer.free();
	}

	/** Removes the tables, which no manifest names. */
	abandon(): void {
		this.#abandon([...this.#runs.splice(0).flat(), ...this.tables]);
	}
}

function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
	return new DataView(buffer, byteOffset, length);
}
