import { Buffer } from "node:buffer";
import { outOfMemory } from "../../out-of-memory.js";

/**
 * Bytes in an ArrayBuffer of their own. The view is what the twin computes with: loads of four bytes through it are several
 * times as fast as four loads of one. The buffer is for native copies and for the host.
 */
export class Bytes {
	readonly buffer: Buffer;
	readonly view: DataView;

	/** Errors: WLSM_OUT_OF_MEMORY. */
	constructor(length: number) {
		this.buffer = allocate(length);
		this.view = new DataView(this.buffer.buffer, this.buffer.byteOffset, this.buffer.length);
	}

	get length(): number {
		return this.buffer.length;
	}

	static from(bytes: Uint8Array): Bytes {
		const copy = new Bytes(bytes.length);
		copy.buffer.set(bytes);
		return copy;
	}
}

export const NO_BYTES = new Bytes(0);

function allocate(length: number): Buffer {
	return allocated(() => Buffer.allocUnsafeSlow(length));
}

/** What `make` makes. Errors: WLSM_OUT_OF_MEMORY where the runtime has no room for it. */
export function allocated<T>(make: () => T): T {
	try {
		return make();
	} catch (cause) {
		throw outOfMemory(cause);
	}
}

/** Bytes that grow as they are written; what was written stays, at the same place. */
export class GrowingBytes {
	buffer: Buffer;
	view: DataView;

	constructor(length: number) {
		const { buffer, view } = new Bytes(length);
		this.buffer = buffer;
		this.view = view;
	}

	/** Makes room for `length` bytes, of which the first `keep` count. */
	reserve(keep: number, length: number): void {
		if (length <= this.buffer.length) return;
		const wider = new Bytes(Math.max(length, Math.min(2 * this.buffer.length, this.buffer.length + (4 << 20))));
		copyBytes(this.view, 0, wider.view, 0, keep);
		this.buffer = wider.buffer;
		this.view = wider.view;
	}

	/** Gives back what one large use took. */
	shrink(length: number): void {
		if (this.buffer.length <= length) return;
		const { buffer, view } = new Bytes(length);
		this.buffer = buffer;
		this.view = view;
	}
}

/** From here on a native copy is worth the call and the view that it takes. */
const NATIVE_COPY_BYTES = 112;

export function copyBytes(from: DataView, at: number, to: DataView, toAt: number, length: number): void {
	if (length >= NATIVE_COPY_BYTES) {
		const source = new Uint8Array(from.buffer, from.byteOffset + at, length);
		new Uint8Array(to.buffer, to.byteOffset + toAt, length).set(source);
		return;
	}
	const words = length & ~3;
	let done = 0;
	for (; done < words; done += 4) to.setInt32(toAt + done, from.getInt32(at + done, true), true);
	for (; done < length; done++) to.setUint8(toAt + done, from.getUint8(at + done));
}

/** A u64 below 2^53. */
export function getCount(view: DataView, at: number): number {
	return view.getUint32(at + 4, true) * 0x100000000 + view.getUint32(at, true);
}

export function setCount(view: DataView, at: number, count: number): void {
	view.setUint32(at, count, true);
	view.setUint32(at + 4, count / 0x100000000, true);
}
