import { Buffer } from "node:buffer";
import {
	FORMAT_VERSION,
	RECORD_DURABLE,
	RECORD_HEADER_BYTES,
	RECORD_PAYLOAD_LENGTH,
	RECORD_SEQUENCE,
} from "../../assembly/shared/format.js";
import { WlsmError } from "../errors.js";
import type { Kernel, LogBuffer, Word64 } from "../kernel/contract.js";
import type { ReadFile } from "../storage/storage.js";
import { copyOf, readWord64 } from "./bytes.js";

/*
 * A log file: a header of 40 bytes, then records (assembly/log/record.ts), each at a multiple of 8.
 *
 *    0  8 bytes "wlsm-log"
 *    8  u32 format version
 *   12  u32 kind: 1 WAL, 2 manifest
 *   16  u64 file number
 *   24  8 bytes database id; in a manifest, whose first edit says it, zeros
 *   32  u64 XXH64 of bytes 0..32, seed = the file's
 */
export const LOG_HEADER_BYTES = 40;
export const LOG_KIND = { wal: 1, manifest: 2 } as const;
export type LogKind = keyof typeof LOG_KIND;

/** Which log a file is, and what its checksums are seeded with. */
export interface LogIdentity {
	readonly kind: LogKind;
	readonly number: number;
	readonly seed: Word64;
	/** Eight bytes. */
	readonly databaseId: Uint8Array;
}

export function logHeader(kernel: Kernel, identity: LogIdentity): Buffer {
	const header = Buffer.alloc(LOG_HEADER_BYTES);
	header.write("wlsm-log", 0, "latin1");
	header.writeUInt32LE(FORMAT_VERSION, 8);
	header.writeUInt32LE(LOG_KIND[identity.kind], 12);
	header.writeUInt32LE(identity.number, 16);
	header.set(identity.databaseId, 24);
	const checksum = kernel.hash(header.subarray(0, 32), identity.seed);
	header.writeUInt32LE(checksum.low, 32);
	header.writeUInt32LE(checksum.high, 36);
	return header;
}

/** What the header of a log says of the log, undefined where it is not what was written. `header` has LOG_HEADER_BYTES. */
export function readLogHeader(
	header: Buffer,
	seedOf: (kind: LogKind, number: number, databaseId: Uint8Array) => Word64,
	kernel: Kernel,
):
	| { readonly kind: LogKind; readonly number: number; readonly databaseId: Uint8Array; readonly version: number }
	| undefined {
	const kind = (["wal", "manifest"] as const).find((name) => LOG_KIND[name] === header.readUInt32LE(12));
	if (kind === undefined || header.toString("latin1", 0, 8) !== "wlsm-log") return undefined;
	const number = header.readUInt32LE(16);
	const databaseId = copyOf(header, 24, 32);
	const checksum = kernel.hash(header.subarray(0, 32), seedOf(kind, number, databaseId));
	if (checksum.low !== header.readUInt32LE(32) || checksum.high !== header.readUInt32LE(36)) return undefined;
	return { kind, number, databaseId, version: header.readUInt32LE(8) };
}

/** A sound record: `buffer` holds it at `at` until the next one is read. */
export interface LogRecord {
	readonly buffer: LogBuffer;
	/** Offset of the record within the buffer's region. */
	readonly at: number;
	readonly payloadLength: number;
	readonly sequence: number;
	/** Bytes of the file that were known to be on stable storage, and all earlier logs with them, when this was written. */
	readonly durableBytes: number;
	/** Offset in the file. */
	readonly offset: number;
}

const WINDOW_BYTES = 1 << 20;
/** What disks write at once. */
const SECTOR_BYTES = 512;

function nextSector(offset: number): number {
	return (Math.floor(offset / SECTOR_BYTES) + 1) * SECTOR_BYTES;
}

/** No record is longer: a batch is bounded by the memory budget, which is below this. */
const RECORD_MAX_BYTES = 2 ** 31;

/**
 * Reads a log from its start. A damaged or cut record with nothing sound behind it is a torn tail, the trace of a write that
 * was under way when the power went; with a sound record behind it, it is corruption, unless it is a hole
 * that a power cut tore into what was not synced (`#isHole`).
 */
export class LogReader {
	readonly #file: ReadFile;
	readonly #kernel: Kernel;
	readonly identity: LogIdentity;
	readonly #buffer: LogBuffer;
	readonly #size: number;
	/** The window: bytes [#start, #end) of the file are in the buffer. */
	#start = 0;
	#end = 0;
	/** Where the next record starts: after the last one, the length of the log's sound part. */
	offset = 0;
	torn = false;
	/** Bytes that the records so far say were on stable storage when they were written. */
	durableBytes = 0;

	constructor(file: ReadFile, kernel: Kernel, identity: LogIdentity) {
		this.#file = file;
		this.#kernel = kernel;
		this.identity = identity;
		try {
			this.#size = file.size();
			this.#buffer = kernel.createLogBuffer();
		} catch (error) {
			file.close();
			throw error;
		}
	}

	get size(): number {
		return this.#size;
	}

	get path(): string {
		return this.#file.path;
	}

	/** False where the header is not whole and nothing sound follows: a file whose creation was interrupted. */
	readHeader(): boolean {
		const expected = logHeader(this.#kernel, this.identity);
		if (this.#size >= LOG_HEADER_BYTES) {
			this.#load(0, LOG_HEADER_BYTES);
			const header = this.#buffer.bytes.subarray(this.#buffer.at, this.#buffer.at + LOG_HEADER_BYTES);
			if (expected.equals(header)) {
				this.offset = LOG_HEADER_BYTES;
				return true;
			}
			const version = header.readUInt32LE(8);
			if (header.subarray(0, 8).equals(expected.subarray(0, 8)) && version > FORMAT_VERSION && version < 1000) {
				throw new WlsmError(
					"WLSM_UNSUPPORTED",
					`${this.#file.path} has format version ${version}; this version of wlsm reads up to ${FORMAT_VERSION}. Upgrade wlsm.`,
					{ file: this.#file.path, offset: 8 },
				);
			}
		}
		const sound = this.#soundRecordFrom(LOG_HEADER_BYTES);
		if (sound !== undefined && !this.#isHole(0, sound)) throw this.#corrupt(0, "The header of the log is damaged");
		this.torn = true;
		return false;
	}

	/** The next record, undefined at the end of the sound part. */
	next(): LogRecord | undefined {
		const offset = this.offset;
		if (offset === this.#size) return undefined;
		const length = this.#soundAt(offset);
		if (length === 0) {
			if (this.#onlyZeros(offset)) return undefined;
			const sound = this.#soundRecordFrom(offset + 8);
			if (sound !== undefined && !this.#isHole(offset, sound)) {
				throw this.#corrupt(offset, `The log is damaged here, and sound again at offset ${sound}`);
			}
			this.torn = true;
			return undefined;
		}
		this.offset = offset + length;
		const at = offset - this.#start;
		const { bytes, at: base } = this.#buffer;
		const durableBytes = this.#word64(offset + RECORD_DURABLE);
		this.durableBytes = Math.max(this.durableBytes, durableBytes);
		return {
			buffer: this.#buffer,
			at,
			payloadLength: bytes.readUInt32LE(base + at + RECORD_PAYLOAD_LENGTH),
			sequence: this.#word64(offset + RECORD_SEQUENCE),
			durableBytes,
			offset,
		};
	}

	/** As `next`, past damage: `skipped` hears of the bytes that are passed over. */
	nextSound(skipped: (from: number, to: number) => void): LogRecord | undefined {
		const from = this.offset;
		if (this.#onlyZeros(from)) return undefined;
		this.offset = this.#soundRecordFrom(from) ?? this.#size;
		if (this.offset !== from) skipped(from, this.offset);
		return this.next();
	}

	/** Length of the sound record at `offset`, which is then in the buffer whole; 0 where there is none. */
	#soundAt(offset: number): number {
		if (this.#size - offset < RECORD_HEADER_BYTES) return 0;
		this.#load(offset, RECORD_HEADER_BYTES);
		const length = this.#buffer.measure(offset - this.#start, this.identity.seed);
		if (length === 0 || length > RECORD_MAX_BYTES || length > this.#size - offset) return 0;
		this.#load(offset, length);
		return this.#buffer.sound(offset - this.#start, this.identity.seed) ? length : 0;
	}

	/** Offset of the first sound record at or after `from`. */
	#soundRecordFrom(from: number): number | undefined {
		for (let offset = from - (from % 8); offset + RECORD_HEADER_BYTES <= this.#size; offset += 8) {
			if (this.#soundAt(offset) !== 0) return offset;
		}
		return undefined;
	}

	/**
	 * Whether the bytes from `offset` to the sound record at `sound` are what a power cut lost out of an unsynced log while it
	 * kept later pages, or a sync that failed out of one that was written on: they read as zeros, and no record behind says that
	 * they were on stable storage.
	 */
	#isHole(offset: number, sound: number): boolean {
		for (let next: number | undefined = sound; next !== undefined; ) {
			const length = this.#soundAt(next);
			if (this.#word64(next + RECORD_DURABLE) > offset) return false;
			next = this.#soundRecordFrom(next + length);
		}
		// No record begins with eight zeros: its checksum or its length is another number. Records keep to multiples of eight.
		const first = nextSector(offset);
		if (this.#isZero(offset, Math.min(first, sound))) return true;
		for (let start = first; start + SECTOR_BYTES <= sound; start += SECTOR_BYTES) {
			if (this.#isZero(start, start + SECTOR_BYTES)) return true;
		}
		return false;
	}

	/** Whether nothing follows but room that was made for records (`WriteFile.reserve`). */
	#onlyZeros(offset: number): boolean {
		for (let start = offset; start < this.#size; start += WINDOW_BYTES) {
			if (!this.#isZero(start, Math.min(start + WINDOW_BYTES, this.#size))) return false;
		}
		return true;
	}

	#isZero(start: number, end: number): boolean {
		this.#load(start, end - start);
		const at = this.#buffer.at + start - this.#start;
		return this.#buffer.bytes.subarray(at, at + end - start).every((byte) => byte === 0);
	}

	/** A u64 of the file that is in the buffer. */
	#word64(offset: number): number {
		return readWord64(this.#buffer.bytes, this.#buffer.at + offset - this.#start);
	}

	/** Brings bytes [offset, offset + length) into the buffer. */
	#load(offset: number, length: number): void {
		if (offset >= this.#start && offset + length <= this.#end) return;
		const wanted = Math.min(Math.max(length, WINDOW_BYTES), this.#size - offset);
		this.#start = offset;
		this.#end = offset;
		this.#buffer.reserve(wanted + 8);
		const got = this.#file.readSync(this.#buffer.bytes, this.#buffer.at, wanted, offset);
		this.#end = offset + got;
		if (got < length) throw this.#corrupt(offset, "The log became shorter while it was read");
	}

	#corrupt(offset: number, what: string): WlsmError {
		return new WlsmError(
			"WLSM_CORRUPTION",
			`${what} (${this.#file.path}, offset ${offset}). Restore the file from a backup or a checkpoint, or repair the database.`,
			{ file: this.#file.path, offset },
		);
	}

	close(): void {
		this.#buffer.free();
		this.#file.close();
	}
}
