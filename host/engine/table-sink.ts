import { OPERATION_HEADER_BYTES, RECORD_HEADER_BYTES, RECORD_PAYLOAD_LENGTH } from "../../assembly/shared/format.js";
import type { Kernel, LogBuffer, Memtable, TableDescription } from "../kernel/contract.js";
import type { ResolvedOptions } from "../options.js";
import type { Storage } from "../storage/storage.js";
import { type JobDescription, JobRun } from "./job-run.js";
import type { LogRecord } from "./log.js";

/** Where new tables go, and their numbers. */
export interface TablePlace {
	readonly storage: Storage;
	readonly kernel: Kernel;
	readonly directory: string;
	readonly databaseId: Uint8Array;
	readonly options: ResolvedOptions;
	nextFile: number;
}

/** A job of a repair or an ingestion. */
export function jobDescription(
	place: TablePlace,
	files: number,
	job: Pick<JobDescription, "memtables" | "runs" | "below">,
): JobDescription {
	const { directory, databaseId, options } = place;
	const firstFile = place.nextFile;
	place.nextFile += files;
	return {
		...job,
		directory,
		databaseId,
		snapshots: [],
		// Nothing is judged by the time of day.
		now: 0,
		blockBytes: options.blockBytes,
		bitsPerKey: options.bloomBitsPerKey,
		compression: options.compression,
		tableBytes: options.memtableBytes,
		firstFile,
		files,
	};
}

/** An entry as a table reader answers it. */
export interface SinkEntry {
	readonly sequence: number;
	readonly kind: number;
	readonly key: Uint8Array;
	readonly value: Uint8Array;
}

/** Turns entries with the sequence numbers they have into tables, by way of a memtable. */
export class TableSink {
	readonly outputs: TableDescription[] = [];
	readonly #place: TablePlace;
	/** Made for the first entry after a flush. */
	#memtable: Memtable | undefined;
	readonly #buffer: LogBuffer;

	constructor(place: TablePlace) {
		this.#place = place;
		this.#buffer = place.kernel.createLogBuffer();
	}

	addRecord(record: LogRecord, entries: number): void {
		record.buffer.apply(record.at, entries, this.#roomyMemtable(), record.sequence);
	}

	/** All entries of a key in one call: tables end between keys. */
	addVersions(versions: readonly SinkEntry[]): void {
		const memtable = this.#roomyMemtable();
		for (const entry of versions) this.#addEntry(memtable, entry);
	}

	/** A batch of the one operation. */
	#addEntry(memtable: Memtable, { sequence, kind, key, value }: SinkEntry): void {
		const buffer = this.#buffer;
		const payloadLength = OPERATION_HEADER_BYTES + key.length + value.length;
		buffer.reserve(RECORD_HEADER_BYTES + payloadLength);
		const { bytes, at } = buffer;
		bytes.writeUInt32LE(payloadLength, at + RECORD_PAYLOAD_LENGTH);
		const operation = at + RECORD_HEADER_BYTES;
		bytes.writeUInt32LE(((kind << 24) | key.length) >>> 0, operation);
		bytes.writeUInt32LE(value.length, operation + 4);
		bytes.set(key, operation + OPERATION_HEADER_BYTES);
		bytes.set(value, operation + OPERATION_HEADER_BYTES + key.length);
		buffer.apply(0, 1, memtable, sequence);
	}

	/** The memtable, after a flush where it was full. */
	#roomyMemtable(): Memtable {
		const { kernel, options } = this.#place;
		if (this.#memtable !== undefined && this.#memtable.bytes() >= options.memtableBytes) this.#flush();
		this.#memtable ??= kernel.createMemtable(0);
		return this.#memtable;
	}

	#flush(): void {
		const memtable = this.#memtable;
		if (memtable === undefined || memtable.entries() === 0) return;
		const { storage, kernel } = this.#place;
		const job = { memtables: [memtable.handle], runs: [], below: undefined };
		this.outputs.push(...new JobRun(storage, kernel, jobDescription(this.#place, 1, job)).run().outputs);
		this.#memtable = undefined;
		memtable.free();
	}

	/** Writes out what is left. */
	finish(): readonly TableDescription[] {
		this.#flush();
		return this.outputs;
	}

	free(): void {
		this.#memtable?.free();
		this.#buffer.free();
	}
}
