import type { Buffer } from "node:buffer";
import {
	KIND_PUT,
	OPERATION_HEADER_BYTES,
	RECORD_HEADER_BYTES,
	RECORD_PAYLOAD_LENGTH,
} from "../../assembly/shared/format.js";
import type { LogBuffer, Memtable, TableDescription } from "../kernel/contract.js";
import { type JobDescription, JobRun } from "./job-run.js";
import { compareBytes } from "./range.js";
import { isInOrder, mergeOf } from "./sorted-runs.js";
import type { BulkEntries, Keyspace } from "./store.js";
import { jobDescription, type TablePlace } from "./table-sink.js";

/** What is put into the memtable at once, sorted before: the share of the memory that it may be, and the most. */
const SHARE_OF_BATCH = 8;
const MAX_BATCH_BYTES = 2 << 20;
/** However little memory there is. */
const MIN_RUN_BYTES = 64 << 10;
/** Runs that are merged at once. */
const MAX_MERGED = 64;

/** Gives out sequence numbers: each entry has one of its own. */
export interface SequenceNumbers {
	next: number;
}

/**
 * Entries in any order on their way into tables, in bounded memory: gathered in a memtable, which becomes a run of tables whenever
 * it is full; in the end runs are merged, unless they lie behind one another.
 */
export class EntryRuns implements BulkEntries {
	readonly #place: TablePlace;
	readonly #sequences: SequenceNumbers;
	readonly #runBytes: number;
	readonly #batchBytes: number;
	readonly #abandon: (tables: readonly TableDescription[]) => void;
	/** Of the batch: a record of a log that none is written to. */
	readonly #buffer: LogBuffer;
	#view: DataView;
	#count = 0;
	#length = 0;
	/** Bytes that there is room for. */
	#room = 0;
	/** Made for the first batch after a flush. */
	#memtable: Memtable | undefined;
	/** The oldest first. */
	readonly #runs: (readonly TableDescription[])[] = [];
	#entries = 0;

	/** `abandon`: removes tables that no manifest names. */
	constructor(
		place: TablePlace,
		sequences: SequenceNumbers,
		memoryBytes: number,
		abandon: (tables: readonly TableDescription[]) => void,
	) {
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

	#apply(): void {
		if (this.#count === 0) return;
		const buffer = this.#buffer;
		const { kernel } = this.#place;
		this.#memtable ??= kernel.createMemtable(0);
		this.#view.setUint32(buffer.at + RECORD_PAYLOAD_LENGTH, this.#length, true);
		buffer.apply(0, this.#count, this.#memtable, this.#sequences.next);
		this.#sequences.next += this.#count;
		this.#entries += this.#count;
		this.#count = 0;
		this.#length = 0;
		// The memory may have grown.
		buffer.reserve(this.#room);
		this.#view = viewOf(buffer.bytes);
		if (this.#memtable.bytes() >= this.#runBytes - 2 * this.#batchBytes) this.#flush(() => {});
	}

	#flush(look: () => void): void {
		const memtable = this.#memtable;
		if (memtable === undefined) return;
		const place = this.#place;
		const files = Math.ceil(memtable.bytes() / place.options.memtableBytes) + 1;
		const job = { memtables: [memtable.handle], runs: [], below: undefined };
		this.#runs.push(this.#run(jobDescription(place, files, job), look));
		this.#memtable = undefined;
		memtable.free();
	}

	#run(job: JobDescription, look: () => void): readonly TableDescription[] {
		const { storage, kernel } = this.#place;
		return new JobRun(storage, kernel, job).run(look).outputs;
	}

	finish(look: () => void): boolean {
		this.#apply();
		this.#flush(look);
		while (!isInOrder(this.tables())) {
			const oldest = this.#runs.splice(0, MAX_MERGED);
			try {
				this.#runs.push(this.#run(mergeOf(oldest.toReversed(), this.#place), look));
			} finally {
				this.#abandon(oldest.flat());
			}
		}
		// Of several entries with one key a run has only the newest.
		return this.tables().reduce((sum, { entries }) => sum + entries, 0) === this.#entries;
	}

	/** All that is finished, by key. */
	tables(): readonly TableDescription[] {
		return this.#runs.flat().sort((a, b) => compareBytes(a.smallest, b.smallest));
	}

	/** Frees what is in memory. */
	free(): void {
		this.#memtable?.free();
		this.#memtable = undefined;
		this.#buffer.free();
	}

	/** Removes the tables, which no manifest names. */
	abandon(): void {
		this.#abandon(this.#runs.splice(0).flat());
	}
}

function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
	return new DataView(buffer, byteOffset, length);
}
