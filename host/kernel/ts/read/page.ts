import { type Buffer, isAscii } from "node:buffer";
import type { Page as KernelPage } from "../../contract.js";
import { allocated, copyBytes, GrowingBytes } from "../memory/bytes.js";

/** A page in the making: a u32 array of bounds and the bytes that they index, keys and values one behind the other. */
export class Page {
	count = 0;
	used = 0;
	#bounds = new Uint32Array(0);
	#bytes = new GrowingBytes(0);

	/** Empties it, with room for `maxEntries`. What one huge entry made grow is given back. */
	reset(maxEntries: number, maxBytes: number): void {
		this.count = 0;
		this.used = 0;
		if (this.#bounds.length < 2 * maxEntries + 3) this.#bounds = allocated(() => new Uint32Array(2 * maxEntries + 3));
		if (this.#bytes.buffer.length > 4 * maxBytes) this.#bytes.shrink(maxBytes);
		this.#bytes.reserve(0, maxBytes);
	}

	/** Writes an entry behind the last one, without counting it. */
	append(view: DataView, key: number, keyLength: number, value: number, valueLength: number): void {
		const { used } = this;
		const middle = used + keyLength;
		const end = middle + valueLength;
		this.#bytes.reserve(used, end);
		this.#bounds[2 * this.count] = used;
		this.#bounds[2 * this.count + 1] = middle;
		const target = this.#bytes.view;
		if (key + keyLength === value) {
			copyBytes(view, key, target, used, end - used);
		} else {
			copyBytes(view, key, target, used, keyLength);
			copyBytes(view, value, target, middle, valueLength);
		}
		this.used = end;
	}

	/** Takes back what was appended and not counted. */
	retract(): void {
		this.used = this.#bounds[2 * this.count] as number;
	}

	show(page: KernelPage): void {
		const { count, used } = this;
		const bounds = this.#bounds;
		const bytes: Buffer = this.#bytes.buffer;
		bounds[2 * count] = used;
		page.bytes = bytes;
		page.at = 0;
		page.length = used;
		page.bounds = bounds;
		page.boundsAt = 0;
		page.count = count;
		page.ascii = isAscii(new Uint8Array(bytes.buffer, bytes.byteOffset, used));
	}
}
