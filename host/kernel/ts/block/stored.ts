// A block as it is stored: its bytes, perhaps compressed, and behind them a trailer (host/FORMAT.md).

import {
	BLOCK_TRAILER_BYTES,
	BLOCK_TRAILER_CHECKSUM,
	BLOCK_TRAILER_COMPRESSION,
	BLOCK_TRAILER_TYPE,
	BLOCK_TYPE_DATA,
	COMPRESSION_LZ4,
	COMPRESSION_NONE,
} from "../../../../assembly/shared/format.js";
import { CORRUPT_BLOCK, CORRUPT_CHECKSUM, STATUS_DONE } from "../../../../assembly/shared/status.js";
import type { Answers } from "../answers.js";
import type { Xxh64 } from "../hash/xxh64.js";

/** Of a stored block with its trailer. */
export function storedLength(length: number): number {
	return length + BLOCK_TRAILER_BYTES;
}

/** Writes the trailer behind the `length` stored bytes of a block that will lie at `offset` of its file. */
export function sealStored(
	xxh64: Xxh64,
	view: DataView,
	at: number,
	length: number,
	decodedLength: number,
	type: number,
	compression: number,
	offset: number,
	seedLow: number,
	seedHigh: number,
): void {
	const trailer = at + length;
	view.setUint32(trailer, decodedLength, true);
	view.setUint32(trailer + BLOCK_TRAILER_TYPE, type | (compression << 8), true);
	hashStored(xxh64, view, at, length, offset, seedLow, seedHigh);
	view.setInt32(trailer + BLOCK_TRAILER_CHECKSUM, xxh64.low, true);
	view.setInt32(trailer + BLOCK_TRAILER_CHECKSUM + 4, xxh64.high, true);
}

/** DONE where the stored bytes are what was written at this place of this file, and of this type. */
export function checkStored(
	answers: Answers,
	xxh64: Xxh64,
	file: number,
	seedLow: number,
	seedHigh: number,
	view: DataView,
	at: number,
	length: number,
	offset: number,
	type: number,
) {
	const trailer = at + length;
	hashStored(xxh64, view, at, length, offset, seedLow, seedHigh);
	if (
		view.getInt32(trailer + BLOCK_TRAILER_CHECKSUM, true) !== xxh64.low ||
		view.getInt32(trailer + BLOCK_TRAILER_CHECKSUM + 4, true) !== xxh64.high
	) {
		return answers.corrupt(file, offset, CORRUPT_CHECKSUM);
	}
	const decoded = view.getUint32(trailer, true);
	const compression = view.getUint8(trailer + BLOCK_TRAILER_COMPRESSION);
	// No byte of LZ4's stands for more than 255: a claim beyond that would only cost memory.
	const sane =
		compression === COMPRESSION_NONE
			? decoded === length
			: compression === COMPRESSION_LZ4 && type === BLOCK_TYPE_DATA && decoded <= length * 255;
	if (view.getUint8(trailer + BLOCK_TRAILER_TYPE) !== type || view.getUint16(trailer + 6, true) !== 0 || !sane) {
		return answers.corrupt(file, offset, CORRUPT_BLOCK);
	}
	return STATUS_DONE;
}

const FACTOR_LOW = 0x85ebca87 | 0;
const FACTOR_HIGH = 0x9e3779b1 | 0;

/** XXH64 of the stored bytes; its seed is (the table's ^ the trailer's first eight bytes) + offset * a prime. */
function hashStored(
	xxh64: Xxh64,
	view: DataView,
	at: number,
	length: number,
	offset: number,
	seedLow: number,
	seedHigh: number,
): void {
	const offsetLow = (offset % 0x100000000) | 0;
	const offsetHigh = (offset / 0x100000000) | 0;
	const productLow = Math.imul(offsetLow, FACTOR_LOW);
	const productHigh =
		(highProduct(offsetLow, FACTOR_LOW) + Math.imul(offsetLow, FACTOR_HIGH) + Math.imul(offsetHigh, FACTOR_LOW)) | 0;
	const low = ((seedLow ^ view.getInt32(at + length, true)) >>> 0) + (productLow >>> 0);
	const high = (seedHigh ^ view.getInt32(at + length + 4, true)) + productHigh + (low >= 0x100000000 ? 1 : 0);
	xxh64.hash(view, at, length, low | 0, high | 0);
}

/** The upper 32 bits of the product of two unsigned 32-bit numbers. */
function highProduct(a: number, b: number): number {
	const aLow = a & 0xffff;
	const aHigh = a >>> 16;
	const bLow = b & 0xffff;
	const bHigh = b >>> 16;
	const lowest = aLow * bLow;
	const first = aHigh * bLow + (lowest >>> 16);
	const second = aLow * bHigh + (first & 0xffff);
	return (aHigh * bHigh + Math.floor(first / 0x10000) + Math.floor(second / 0x10000)) | 0;
}
