import { Buffer } from "node:buffer";

/** A copy of bytes [start, end) in memory of its own: never shared, never a Buffer, whose `slice` answers views. */
export function copyOf(bytes: Uint8Array, start: number, end: number): Uint8Array {
	return new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start).slice();
}

/** Up to so many bytes, copies share the memory that they lie in. */
const SHARED_COPY_BYTES = 1 << 10;
const SLAB_BYTES = 32 << 10;

/** Makes small copies without asking for memory each time. They are never Buffers, and nothing is written to their memory again. */
export class Copies {
	#slab = new Uint8Array(0);
	#used = 0;

	/** A copy of bytes [start, end). */
	take(bytes: Buffer, start: number, end: number): Uint8Array {
		const length = end - start;
		if (length > SHARED_COPY_BYTES) return copyOf(bytes, start, end);
		if (this.#used + length > this.#slab.length) {
			this.#slab = new Uint8Array(SLAB_BYTES);
			this.#used = 0;
		}
		const at = this.#used;
		this.#used = at + length;
		bytes.copy(this.#slab, at, start, end);
		return new Uint8Array(this.#slab.buffer, at, length);
	}
}

/** Appends little-endian fields to a buffer that grows. */
export class ByteWriter {
	#bytes = Buffer.alloc(256);
	#length = 0;

	#room(bytes: number): number {
		const at = this.#length;
		if (at + bytes > this.#bytes.length) {
			const wider = Buffer.alloc(Math.max(2 * this.#bytes.length, at + bytes));
			wider.set(this.#bytes.subarray(0, at));
			this.#bytes = wider;
		}
		this.#length = at + bytes;
		return at;
	}

	u8(value: number): this {
		const at = this.#room(1);
		this.#bytes[at] = value;
		return this;
	}

	u32(value: number): this {
		// Before `#bytes` is looked at: room may replace it.
		const at = this.#room(4);
		this.#bytes.writeUInt32LE(value, at);
		return this;
	}

	/** A whole number below 2^53 as u64. */
	u64(value: number): this {
		const at = this.#room(8);
		this.#bytes.writeUInt32LE(value % 2 ** 32, at);
		this.#bytes.writeUInt32LE(Math.floor(value / 2 ** 32), at + 4);
		return this;
	}

	/** u32 length, then the bytes. */
	bytes(value: Uint8Array): this {
		this.u32(value.length);
		const at = this.#room(value.length);
		this.#bytes.set(value, at);
		return this;
	}

	finish(): Buffer {
		return this.#bytes.subarray(0, this.#length);
	}
}

/** Reads what a ByteWriter wrote; `RangeError` where the bytes end early. */
export class ByteReader {
	readonly #bytes: Buffer;
	#at = 0;

	constructor(bytes: Buffer) {
		this.#bytes = bytes;
	}

	get done(): boolean {
		return this.#at === this.#bytes.length;
	}

	#take(bytes: number): number {
		const at = this.#at;
		if (bytes > this.#bytes.length - at) throw new RangeError("the bytes end early");
		this.#at = at + bytes;
		return at;
	}

	u8(): number {
		return this.#bytes.readUInt8(this.#take(1));
	}

	u32(): number {
		return this.#bytes.readUInt32LE(this.#take(4));
	}

	u64(): number {
		const at = this.#take(8);
		const value = readWord64(this.#bytes, at);
		if (!Number.isSafeInteger(value)) throw new RangeError("a number beyond 2^53");
		return value;
	}

	bytes(): Uint8Array {
		const length = this.u32();
		const at = this.#take(length);
		return copyOf(this.#bytes, at, at + length);
	}
}

/** A u64 below 2^53; anything above is damage that no comparison lets pass. */
export function readWord64(bytes: Buffer, at: number): number {
	return bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 2 ** 32;
}
