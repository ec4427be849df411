import { Buffer } from "node:buffer";
import {
	BLOCK_COUNT,
	BLOCK_HEADS,
	ENTRY_KEY,
	ENTRY_KEY_LENGTH,
	ENTRY_TRAILER,
	KEY_MAX_BYTES,
	KIND_DELETE_RANGE,
} from "../../../assembly/shared/format.js";
import { WlsmError } from "../../errors.js";
import type { Operation } from "../contract.js";
import { outOfMemory } from "../out-of-memory.js";
import { address } from "../wasm/address.js";
import type { WasmKernel } from "../wasm/kernel.js";
import { checkOperation } from "./batch.js";
import { checkBytes, checkKey, checkSequence, invalid, NEWEST_SEQUENCE } from "./checks.js";
import { Held } from "./lifetime.js";

/** An entry of a block: an operation, and its sequence number. */
export interface BlockEntry extends Operation {
	/** What it was added with. */
	readonly sequence: number;
}

/** Builds blocks, one after the other: sorted entries, with an array of key heads in front for the search. */
export class BlockBuilder extends Held {
	#last: BlockEntry | undefined;

	/** Errors: `WLSM_OUT_OF_MEMORY`. */
	constructor(kernel: WasmKernel) {
		super(kernel, address(kernel.exports.blockBuilderCreate()));
	}

	/**
	 * Adds a put or a deletion behind what was added before: keys ascend, and of one key the highest sequence number comes first.
	 *
	 * Errors: `WLSM_INVALID_ARGUMENT` where they do not, or for a range deletion, which is for no such block; `WLSM_OUT_OF_MEMORY`.
	 */
	add(operation: Operation, sequence = 0): void {
		const { kernel } = this;
		const { kind, key, value } = operation;
		checkSequence(sequence);
		checkOperation(operation);
		if (kind === KIND_DELETE_RANGE)
			throw invalid("A range deletion is for a memtable. Add puts and deletions of keys.");
		if (this.#last !== undefined && !isBehind(this.#last, key, sequence))
			throw invalid(
				"The entry comes before the one added last. Sort by key, and newest first where keys are the same.",
			);
		const at = kernel.copyIn(key, value);
		const added = kernel.exports.blockBuilderAdd(
			this.address,
			at,
			key.length,
			sequence,
			kind,
			at + key.length,
			value.length,
		);
		kernel.exports.free(at);
		if (added === 0) throw outOfMemory();
		this.#last = { kind, key: Uint8Array.from(key), value, sequence };
	}

	/** Bytes that the block would have now. */
	get length(): number {
		return this.kernel.exports.blockBuilderLength(this.address) >>> 0;
	}

	/** The block, copied; the next one begins empty. Errors: `WLSM_INVALID_ARGUMENT` where nothing was added; `WLSM_OUT_OF_MEMORY`. */
	finish(): Uint8Array {
		if (this.#last === undefined) throw invalid("A block has at least one entry. Add one first.");
		const { kernel, length } = this;
		const target = kernel.allocate(length);
		kernel.exports.blockBuilderFinish(this.address, target);
		const block = new Uint8Array(kernel.memory.bytes.subarray(target, target + length));
		kernel.exports.free(target);
		this.reset();
		return block;
	}

	/** Forgets what was added. */
	reset(): void {
		this.kernel.exports.blockBuilderReset(this.address);
		this.#last = undefined;
	}

	protected override release(builder: number): void {
		this.kernel.exports.blockBuilderFree(builder);
	}
}

function isBehind(last: BlockEntry, key: Uint8Array, sequence: number): boolean {
	const order = Buffer.compare(last.key, key);
	return order < 0 || (order === 0 && sequence < last.sequence);
}

/** A block in linear memory, to be searched. Slots count its entries from 0 on. */
export class Block extends Held {
	/** How many entries it has: at least one. */
	readonly count: number;

	/** Takes a copy. Errors: `WLSM_CORRUPTION` where the bytes are no sound block; `WLSM_OUT_OF_MEMORY`. */
	constructor(kernel: WasmKernel, bytes: Uint8Array) {
		checkBytes("block", bytes, 0xe0000000);
		const at = kernel.copyIn(bytes);
		if (kernel.exports.blockIsSound(at, bytes.length, KEY_MAX_BYTES) === 0) {
			kernel.exports.free(at);
			throw new WlsmError(
				"WLSM_CORRUPTION",
				"The bytes are no sound block. Give those that BlockBuilder.finish answered.",
			);
		}
		super(kernel, at);
		this.count = kernel.memory.bytes.readUInt32LE(at + BLOCK_COUNT);
	}

	/** The first slot whose entry is the key's newest that a reader at `sequence` sees, or comes behind; `count` where none does. */
	seek(key: Uint8Array, sequence = NEWEST_SEQUENCE): number {
		checkKey(key);
		checkSequence(sequence);
		return this.kernel.exports.blockSeek(this.address, this.stageKey(key), key.length, sequence) >>> 0;
	}

	/** The newest entry of the key that a reader at `sequence` sees, be it a deletion; undefined where there is none. */
	find(key: Uint8Array, sequence = NEWEST_SEQUENCE): BlockEntry | undefined {
		const slot = this.seek(key, sequence);
		if (slot === this.count) return undefined;
		const entry = this.entry(slot);
		return Buffer.compare(entry.key, key) === 0 ? entry : undefined;
	}

	/** The entry in a slot, copied. Errors: `WLSM_INVALID_ARGUMENT` where there is no such slot. */
	entry(slot: number): BlockEntry {
		if (!Number.isInteger(slot) || slot < 0 || slot >= this.count)
			throw invalid(`There is no slot ${slot}. They go from 0 to ${this.count - 1}.`);
		const block = this.address;
		const { bytes } = this.kernel.memory;
		const offsets = block + BLOCK_HEADS + 8 * this.count + 4 * slot;
		const at = block + bytes.readUInt32LE(offsets);
		const end = block + bytes.readUInt32LE(offsets + 4);
		const valueAt = at + ENTRY_KEY + bytes.readUInt32LE(at + ENTRY_KEY_LENGTH);
		// sequence * 256 + kind
		const low = bytes.readUInt32LE(at + ENTRY_TRAILER);
		const high = bytes.readUInt32LE(at + ENTRY_TRAILER + 4);
		return {
			kind: low & 0xff,
			key: new Uint8Array(bytes.subarray(at + ENTRY_KEY, valueAt)),
			value: new Uint8Array(bytes.subarray(valueAt, end)),
			sequence: high * 0x1000000 + (low >>> 8),
		};
	}

	/** All entries in order, copied. */
	*entries(): Generator<BlockEntry, void> {
		for (let slot = 0; slot < this.count; slot++) yield this.entry(slot);
	}
}
