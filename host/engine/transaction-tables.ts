import { RECORD_HEADER_BYTES, RECORD_PAYLOAD_LENGTH } from "../../assembly/shared/format.js";
import { WlsmError } from "../errors.js";
import type { TableDescription } from "../kernel/contract.js";
import { createKernel } from "../kernel/create.js";
import type { Engine } from "./engine.js";
import { EntryRuns, type SequenceNumbers } from "./entry-runs.js";
import type { Entrance } from "./ingestion.js";
import { JobRun } from "./job-run.js";
import { jobDescription, type TablePlace } from "./table-sink.js";
import type { WriteSet } from "./write-set.js";

/** For what runs are sorted and merged with, beside what they hold themselves. */
const KERNEL_BYTES = 64 << 20;

/**
 * Tables that a transaction makes beside its writes. Its commit makes one more of these, and all of them enter with one edit of
 * the manifest: nothing of it is in the log.
 */
export class TransactionTables {
	readonly #engine: Engine;
	readonly #entrance: Entrance;
	readonly #place: TablePlace;
	readonly #sequences: SequenceNumbers;
	readonly #runs: EntryRuns[] = [];
	/** Made by others, and theirs to remove where they have not entered. */
	readonly #taken: (readonly TableDescription[])[] = [];

	/** The memory of the database is not for this: it gets a kernel of its own. */
	constructor(engine: Engine) {
		const { memoryBytes, sqlMemoryBytes } = engine.options;
		const limits = { memoryBytes: Math.max(memoryBytes, 4 * sqlMemoryBytes + KERNEL_BYTES), blockCacheBytes: 0 };
		const kernel = createKernel(engine.kernel.name, limits);
		this.#engine = engine;
		this.#entrance = engine.ingestions.beginNow(kernel);
		this.#place = this.#entrance.place;
		this.#sequences = { next: this.#entrance.sequence };
	}

	/** Entries that are newer than all that is committed, and older than the transaction's writes. */
	open(memoryBytes: number): EntryRuns {
		const abandon = (tables: readonly TableDescription[]) => this.#entrance.abandon(tables);
		const runs = new EntryRuns(this.#place, this.#sequences, memoryBytes, abandon);
		this.#runs.push(runs);
		return runs;
	}

	/** In the order of their keys. */
	take(tables: readonly TableDescription[]): void {
		this.#taken.push(tables);
	}

	/** All of it becomes part of the database at once, on stable storage, or nothing does. */
	enter(writes: WriteSet): void {
		this.#checkFirst();
		const written = this.#tableOf(writes);
		try {
			this.#checkFirst();
			this.#entrance.enterNow([...this.#taken, ...this.#runs.map((runs) => runs.tables)], written);
		} catch (error) {
			this.#entrance.abandon(written);
			throw error;
		}
	}

	/** Sequence numbers stand in the tables: those in between must not have been given to others meanwhile. */
	#checkFirst(): void {
		if (this.#engine.lastSequence < this.#entrance.sequence) return;
		throw new WlsmError(
			"WLSM_CONFLICT",
			"Something was committed while the transaction made its tables. Run the transaction again.",
		);
	}

	#tableOf(writes: WriteSet): readonly TableDescription[] {
		const { storage, kernel } = this.#place;
		const buffer = kernel.createLogBuffer();
		const memtable = kernel.createMemtable(0);
		try {
			const { length, entries } = writes.encode({
				reserve: (length) => buffer.reserve(RECORD_HEADER_BYTES + length),
				get bytes() {
					return buffer.bytes;
				},
				get at() {
					return buffer.at + RECORD_HEADER_BYTES;
				},
			});
			if (entries === 0) return [];
			buffer.bytes.writeUInt32LE(length, buffer.at + RECORD_PAYLOAD_LENGTH);
			buffer.apply(0, entries, memtable, this.#sequences.next);
			this.#sequences.next += entries;
			const job = { memtables: [memtable.handle], runs: [], below: undefined };
			return new JobRun(storage, kernel, jobDescription(this.#place, 1, job)).run().outputs;
		} finally {
			memtable.free();
			buffer.free();
		}
	}

	/** At the end of the transaction: what has not entered is removed. */
	end(): void {
		for (const runs of this.#runs) {
			runs.abandon();
			runs.free();
		}
		this.#entrance.free();
	}
}
