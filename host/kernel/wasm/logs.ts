import type { Buffer } from "node:buffer";
import { RECORD_HEADER_BYTES, RECORD_PAYLOAD_LENGTH } from "../../../assembly/shared/format.js";
import type { LogBuffer, Memtable, RecordBuffer, Result, Word64 } from "../contract.js";
import { outOfMemory } from "../out-of-memory.js";
import { address } from "./address.js";
import type { WasmMemtable } from "./handles.js";
import type { WasmKernel } from "./kernel.js";

/** The buffer shrinks back to this after a large commit. */
const RECORD_KEEP_BYTES = 1 << 20;

export class WasmRecordBuffer implements RecordBuffer {
	bytes: Buffer;
	at: number;
	readonly #kernel: WasmKernel;
	#address: number;
	#capacity: number;

	constructor(kernel: WasmKernel) {
		this.#kernel = kernel;
		this.#capacity = 64 << 10;
		this.#address = kernel.allocate(this.#capacity);
		this.at = this.#address + RECORD_HEADER_BYTES;
		this.bytes = kernel.memory.bytes;
	}

	reserve(length: number): void {
		// The header in front, up to seven bytes of padding behind.
		const wanted = RECORD_HEADER_BYTES + length + 8;
		if (wanted > this.#capacity) this.#resize(this.#capacity, Math.max(wanted, Math.min(2 * this.#capacity, 2 ** 28)));
		this.bytes = this.#kernel.memory.bytes;
	}

	#resize(keep: number, capacity: number): void {
		const { exports, memory } = this.#kernel;
		if (capacity >= 2 ** 32) throw outOfMemory();
		this.#address = address(exports.reallocate(this.#address, keep, capacity));
		this.#capacity = capacity;
		this.at = this.#address + RECORD_HEADER_BYTES;
		memory.reach(this.#address + capacity);
	}

	sealBatch(
		payloadLength: number,
		entries: number,
		memtable: Memtable,
		sequence: number,
		durableBytes: number,
		seed: Word64,
	): Result {
		const table = (memtable as WasmMemtable).address;
		const { exports, traps } = this.#kernel;
		traps.enter();
		const length = exports.batchSeal(
			this.#address,
			payloadLength,
			entries,
			table,
			sequence,
			durableBytes,
			seed.low,
			seed.high,
		);
		traps.leave();
		if (length === 0) throw outOfMemory();
		return this.#result(length >>> 0);
	}

	apply(payloadLength: number, memtable: Memtable, sequence: number): void {
		const { exports, traps } = this.#kernel;
		traps.enter();
		exports.batchApply(this.at, payloadLength, (memtable as WasmMemtable).address, sequence);
		traps.leave();
		if (this.#capacity > RECORD_KEEP_BYTES) this.#shrink();
	}

	/** Never fails: the commit is in the log already. */
	#shrink(): void {
		const { exports, memory } = this.#kernel;
		const smaller = exports.allocate(RECORD_KEEP_BYTES) >>> 0;
		if (smaller === 0) return;
		exports.free(this.#address);
		memory.reach(smaller + RECORD_KEEP_BYTES);
		this.#address = smaller;
		this.#capacity = RECORD_KEEP_BYTES;
		this.at = smaller + RECORD_HEADER_BYTES;
	}

	seal(payloadLength: number, sequence: number, durableBytes: number, seed: Word64): Result {
		const { exports } = this.#kernel;
		const length = exports.recordSeal(this.#address, payloadLength, sequence, durableBytes, seed.low, seed.high);
		return this.#result(length >>> 0);
	}

	#result(length: number): Result {
		const { result, memory } = this.#kernel;
		result.bytes = memory.bytes;
		result.at = this.#address;
		result.length = length;
		return result;
	}
}

export class WasmLogBuffer implements LogBuffer {
	bytes: Buffer;
	at = 0;
	readonly #kernel: WasmKernel;
	#capacity = 0;

	constructor(kernel: WasmKernel) {
		this.#kernel = kernel;
		this.bytes = kernel.memory.bytes;
	}

	reserve(length: number): void {
		const { exports, memory } = this.#kernel;
		if (length > this.#capacity) {
			if (length >= 2 ** 32) throw outOfMemory();
			this.at = address(this.at === 0 ? exports.allocate(length) : exports.reallocate(this.at, this.#capacity, length));
			this.#capacity = length;
			memory.reach(this.at + length);
		}
		this.bytes = memory.bytes;
	}

	measure(offset: number, seed: Word64): number {
		return this.#kernel.exports.recordMeasure(this.at + offset, seed.low, seed.high);
	}

	sound(offset: number, seed: Word64): boolean {
		return this.#kernel.exports.recordSound(this.at + offset, seed.low, seed.high) !== 0;
	}

	batchCount(offset: number): number {
		return this.#kernel.exports.batchCount(this.at + offset + RECORD_HEADER_BYTES, this.#payloadLength(offset));
	}

	apply(offset: number, entries: number, memtable: Memtable, sequence: number): void {
		const table = (memtable as WasmMemtable).address;
		const { exports, traps } = this.#kernel;
		const length = this.#payloadLength(offset);
		const batch = this.at + offset + RECORD_HEADER_BYTES;
		if (exports.batchReserve(batch, length, entries, table) === 0) throw outOfMemory();
		traps.enter();
		exports.batchApply(batch, length, table, sequence);
		traps.leave();
	}

	#payloadLength(offset: number): number {
		return this.bytes.readUInt32LE(this.at + offset + RECORD_PAYLOAD_LENGTH);
	}

	free(): void {
		this.#kernel.exports.free(this.at);
		this.at = 0;
		this.#capacity = 0;
	}
}
