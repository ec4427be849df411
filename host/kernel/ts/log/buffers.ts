import type { Buffer } from "node:buffer";
import { RECORD_HEADER_BYTES } from "../../../../assembly/shared/format.js";
import { WlsmError } from "../../../errors.js";
import type {
	LogBuffer as KernelLogBuffer,
	Memtable as KernelMemtable,
	RecordBuffer as KernelRecordBuffer,
	Result,
	Word64,
} from "../../contract.js";
import type { Context } from "../context.js";
import { GrowingBytes } from "../memory/bytes.js";
import type { Memtable } from "../memtable/memtable.js";
import { countOperations, isSoundRecord, measureRecord, payloadLength, sealRecord } from "./record.js";

const FIRST_BYTES = 64 << 10;
/** The buffer shrinks back to this after a large commit. */
const KEEP_BYTES = 1 << 20;

export class RecordBuffer implements KernelRecordBuffer {
	bytes: Buffer;
	readonly at = RECORD_HEADER_BYTES;
	readonly #context: Context;
	readonly #memory = new GrowingBytes(FIRST_BYTES);

	constructor(context: Context) {
		this.#context = context;
		this.bytes = this.#memory.buffer;
	}

	reserve(length: number): void {
		// The header in front, up to seven bytes of padding behind.
		const capacity = this.#memory.buffer.length;
		this.#memory.reserve(capacity, RECORD_HEADER_BYTES + length + 8);
		this.bytes = this.#memory.buffer;
	}

	sealBatch(
		length: number,
		entries: number,
		memtable: KernelMemtable,
		sequence: number,
		durableBytes: number,
		seed: Word64,
	): Result {
		this.#context.batches.reserve(this.#memory.view, this.at, length, entries, memtable as Memtable);
		return this.seal(length, sequence, durableBytes, seed);
	}

	apply(length: number, memtable: KernelMemtable, sequence: number): void {
		this.#context.batches.apply(this.#memory.view, this.at, length, memtable as Memtable, sequence);
		this.#shrink();
		this.bytes = this.#memory.buffer;
	}

	/** Never fails: the commit is in the log already. */
	#shrink(): void {
		try {
			this.#memory.shrink(KEEP_BYTES);
		} catch (error) {
			if (!(error instanceof WlsmError)) throw error;
		}
	}

	seal(length: number, sequence: number, durableBytes: number, seed: Word64): Result {
		const { answers, xxh64 } = this.#context;
		const { result } = answers;
		result.length = sealRecord(xxh64, this.#memory.view, 0, length, sequence, durableBytes, seed);
		result.bytes = this.#memory.buffer;
		result.at = 0;
		return result;
	}
}

export class LogBuffer implements KernelLogBuffer {
	bytes: Buffer;
	readonly at = 0;
	readonly #context: Context;
	#memory = new GrowingBytes(0);

	constructor(context: Context) {
		this.#context = context;
		this.bytes = this.#memory.buffer;
	}

	reserve(length: number): void {
		this.#memory.reserve(this.#memory.buffer.length, length);
		this.bytes = this.#memory.buffer;
	}

	measure(offset: number, seed: Word64): number {
		return measureRecord(this.#context.xxh64, this.#memory.view, offset, seed);
	}

	sound(offset: number, seed: Word64): boolean {
		return isSoundRecord(this.#context.xxh64, this.#memory.view, offset, seed);
	}

	batchCount(offset: number): number {
		const { view } = this.#memory;
		return countOperations(view, offset + RECORD_HEADER_BYTES, payloadLength(view, offset));
	}

	apply(offset: number, entries: number, memtable: KernelMemtable, sequence: number): void {
		const { view } = this.#memory;
		const length = payloadLength(view, offset);
		const batch = offset + RECORD_HEADER_BYTES;
		this.#context.batches.reserve(view, batch, length, entries, memtable as Memtable);
		this.#context.batches.apply(view, batch, length, memtable as Memtable, sequence);
	}

	free(): void {
		this.#memory = new GrowingBytes(0);
		this.bytes = this.#memory.buffer;
	}
}
