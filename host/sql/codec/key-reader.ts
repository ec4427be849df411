/** Values out of keys of indexes, where the key says all there is to say of them. */

import { Buffer } from "node:buffer";
import { WlsmError } from "../../errors.js";
import type { Collation } from "../value/compare.js";
import type { Affinity } from "../value/convert.js";
import { utf8Text } from "../value/text.js";
import type { Value } from "../value/value.js";
import { integer, MAX_INTEGER, MIN_INTEGER, real } from "../value/value.js";
import { EXACT_DOUBLES, TAG_BLOB, TAG_NULL, TAG_NUMBER, TAG_TEXT } from "./key.js";

/** What one value in a key was made of. */
export interface KeyPartShape {
	readonly affinity: Affinity;
	readonly collation: Collation;
	readonly descending: boolean;
}

/**
 * Whether keys with values of this shape can be read back. INTEGER and REAL of equal value are the same bytes, so a column
 * must convert one to the other; text under a collation other than BINARY has lost its case or its spaces.
 */
export function isReadable({ affinity, collation }: KeyPartShape): boolean {
	return affinity === "text" ? collation === "binary" : affinity !== "blob";
}

/** Has a buffer of its own, to turn bytes into doubles. */
export class KeyReader {
	readonly #scratch = new DataView(new ArrayBuffer(8));
	/** The bytes that were read last, and the same as a Buffer. */
	#bytes: Uint8Array | undefined;
	#buffer: Buffer = Buffer.alloc(0);

	/** Where the value that begins at `at` ends. */
	valueEnd(bytes: Uint8Array, at: number, descending: boolean): number {
		const flip = descending ? 0xff : 0;
		const tag = (bytes[at] as number) ^ flip; // callers stay within the key
		switch (tag) {
			case TAG_NULL:
				return at + 1;
			case TAG_NUMBER:
				return at + (Math.abs(this.#double(bytes, at + 1, flip)) >= EXACT_DOUBLES ? 11 : 9);
			case TAG_TEXT:
			case TAG_BLOB:
				return stringEnd(bytes, at + 1, flip) + 2;
			default:
				throw damaged();
		}
	}

	/** The value that begins at `at`, or undefined where only the row itself knows it. */
	value(bytes: Uint8Array, at: number, { affinity, collation, descending }: KeyPartShape): Value | undefined {
		const flip = descending ? 0xff : 0;
		switch ((bytes[at] as number) ^ flip) {
			case TAG_NULL:
				return null;
			case TAG_NUMBER:
				return this.#number(bytes, at + 1, flip, affinity);
			case TAG_TEXT: {
				if (collation !== "binary") return undefined;
				const end = stringEnd(bytes, at + 1, flip);
				// Nearly always the bytes are the text itself.
				if (flip === 0 && bytes.indexOf(0, at + 1) === end) return this.#bufferOf(bytes).toString("utf8", at + 1, end);
				return utf8Text(unescaped(bytes, at + 1, end, flip));
			}
			case TAG_BLOB:
				return unescaped(bytes, at + 1, stringEnd(bytes, at + 1, flip), flip);
			default:
				throw damaged();
		}
	}

	#bufferOf(bytes: Uint8Array): Buffer {
		if (bytes !== this.#bytes) {
			this.#bytes = bytes;
			this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
		}
		return this.#buffer;
	}

	#double(bytes: Uint8Array, at: number, flip: number): number {
		const view = this.#scratch;
		const high = word(bytes, at, flip);
		const low = word(bytes, at + 4, flip);
		const positive = (high & 0x80000000) !== 0;
		view.setUint32(0, positive ? high ^ 0x80000000 : ~high);
		view.setUint32(4, positive ? low : ~low);
		return view.getFloat64(0);
	}

	#number(bytes: Uint8Array, at: number, flip: number, affinity: Affinity): Value | undefined {
		const double = this.#double(bytes, at, flip);
		if (affinity === "real") return real(double);
		if (Math.abs(double) < EXACT_DOUBLES || !Number.isFinite(double)) return double;
		const missing = (((bytes[at + 8] as number) ^ flip) << 8) | ((bytes[at + 9] as number) ^ flip); // as in valueEnd
		const whole = BigInt(double) + BigInt(missing);
		// Both the least INTEGER and the REAL of its value are kept as they are.
		if (whole === MIN_INTEGER) return undefined;
		return whole > MIN_INTEGER && whole <= MAX_INTEGER ? integer(whole) : double;
	}
}

function damaged(): WlsmError {
	return new WlsmError("WLSM_CORRUPTION", "an entry of an index is damaged: it has a value of no known kind");
}

/** Four bytes, big-endian. */
function word(bytes: Uint8Array, at: number, flip: number): number {
	const byte = (i: number) => (bytes[at + i] as number) ^ flip; // within, or the key is damaged
	return (byte(0) << 24) | (byte(1) << 16) | (byte(2) << 8) | byte(3);
}

/** Where the zero bytes are that end a text or a blob. */
function stringEnd(bytes: Uint8Array, start: number, flip: number): number {
	for (let at = bytes.indexOf(flip, start); at !== -1; at = bytes.indexOf(flip, at + 2))
		if (bytes[at + 1] === flip) return at;
	throw damaged();
}

function unescaped(bytes: Uint8Array, start: number, end: number, flip: number): Uint8Array {
	const content = new Uint8Array(end - start);
	let length = 0;
	for (let at = start; at < end; at++) {
		const byte = (bytes[at] as number) ^ flip; // at is within
		content[length++] = byte;
		if (byte === 0) at++;
	}
	return content.subarray(0, length);
}
