/** The part of the kernel's contract that makes and reads records of logs. */

import type { Buffer } from "node:buffer";
import type { Memtable, Result, Word64 } from "./contract.js";

/**
 * A record under construction: payload bytes go to `bytes[at…]` after `reserve`. One at a time per kernel; it is reused by
 * the next commit.
 */
export interface RecordBuffer {
	/** Memory of the kernel; another object after `reserve`, where that made it grow. */
	bytes: Buffer;
	/** Where the payload starts. */
	at: number;
	/** Makes room for a payload of `length` bytes; what was written before is kept. */
	reserve(length: number): void;
	/** Completes the record of a batch and makes room for it in the memtable; answers the record. */
	sealBatch(
		payloadLength: number,
		entries: number,
		memtable: Memtable,
		sequence: number,
		durableBytes: number,
		seed: Word64,
	): Result;
	/** Shows the sealed batch to readers of the memtable. */
	apply(payloadLength: number, memtable: Memtable, sequence: number): void;
	/** Completes a record that is not a batch: an edit of the manifest. */
	seal(payloadLength: number, sequence: number, durableBytes: number, seed: Word64): Result;
}

/** Log records as they were read from a file: `bytes[at…]` has room for what `reserve` asked for. */
export interface LogBuffer {
	/** Memory of the kernel; another object after `reserve`, where that made it grow. */
	bytes: Buffer;
	/** Where the room begins. */
	at: number;
	/** Makes room for so many bytes; what was there is kept. */
	reserve(length: number): void;
	/** Whole length of the record at `offset` by its header, of which 32 bytes are there; 0 where no sound header stands. */
	measure(offset: number, seed: Word64): number;
	/** Whether the payload of the measured record at `offset`, which is there whole, is what was written. */
	sound(offset: number, seed: Word64): boolean;
	/** Number of operations of the batch in the record at `offset`, -1 where it is malformed. */
	batchCount(offset: number): number;
	/** Puts the batch of the record at `offset` into a memtable. */
	apply(offset: number, entries: number, memtable: Memtable, sequence: number): void;
	/** Gives the room back. */
	free(): void;
}
